"""The server on a real socket: long bodies, slow bodies, pipelines, swaps under traffic, ports that are taken, and its end."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.events import Released
from assay.core.history import ReleaseState
from assay.core.ports import Predictions
from assay.core.problem import ServeError
from assay.core.release import Bill, CodeVersion, Environment
from assay.core.table import Field, Table
from assay.serve import LiveModel, Loaded, PredictService, Wanted
from assay.web import AppLimits, create_app, serve_app
from assay.web.port import open_port

HEADERS = {"content-type": "application/json"}
HANG_S = 120.0
"""Long enough for any machine: reached only where something hangs."""
ROW = json.dumps({"x": 1.5, "flight_id": "f"}).encode()


class Adder:
    """A model that adds the number of its release, and is never asked once it is closed."""

    def __init__(self, number: float) -> None:
        self.number = number
        self.is_closed = False

    def predict(self, columns: Table) -> Predictions:
        assert not self.is_closed
        return Predictions(np.asarray(columns["x"]) + self.number)

    def close(self) -> None:
        self.is_closed = True


class Running:
    """A server in a thread, with a live release that the test can change."""

    def __init__(self) -> None:
        self.wanted = Wanted("r1", 1, 0.0)
        self.kept: list[dict[str, Any]] = []
        self.models: list[Adder] = []
        self.live = LiveModel(lambda: self.wanted, self.load, self)
        self.live.refresh()
        self.stop, is_ready = threading.Event(), threading.Event()
        self.app = create_app(PredictService(self.live, self, self), AppLimits(body_bytes=1_000_000))
        self.port = 0

        def ready(host: str, port: int) -> None:
            self.port = port
            is_ready.set()

        self.thread = threading.Thread(target=serve_app, args=(self.app, "127.0.0.1", 0, ready, self.stop))
        self.thread.start()
        assert is_ready.wait(HANG_S)

    def load(self, release: str) -> Loaded:
        self.models.append(Adder(float(release[1:])))
        model = Artifact("models/m.json", digest_of(release.encode()), "file", 1)
        bill = Bill(
            "demo", CodeVersion("1.0.0"), model, (), model, Environment("3.11", "linux"), "predict.py:load",
            (Field("x", "float"),), (), {}, (),
        )  # fmt: skip
        state = ReleaseState(release, 1, 0.0, Released(release, 1, model.digest, model.digest, (), ()))
        return Loaded(state, bill, self.models[-1], "flight_id")

    def deploy(self, release: str) -> None:
        self.wanted = Wanted(release, self.wanted.seq + 1, 0.0)
        self.live.refresh()

    def append(self, records: Any) -> None:
        self.kept += records

    def records(self) -> Iterator[dict[str, Any]]:
        return iter(self.kept)

    def close(self) -> None:
        self.stop.set()
        self.thread.join()
        self.live.close()

    def now_s(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=HANG_S)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    running = Running()
    yield running
    running.close()


def post(connection: http.client.HTTPConnection, body: bytes) -> tuple[int, dict[str, Any]]:
    connection.request("POST", "/predict", body, HEADERS)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def ask(server: Running, body: bytes) -> tuple[int, dict[str, Any]]:
    """Post on a connection of its own."""
    with contextlib.closing(server.connect()) as connection:
        return post(connection, body)


def test_a_prediction_is_kept_and_answered(server: Running) -> None:
    status, answer = ask(server, ROW)
    assert (status, answer["predictions"][0]["id"]) == (200, "f")
    assert server.kept[-1]["release"] == answer["release"]


def test_a_body_of_ten_megabytes_gets_a_clear_answer(server: Running) -> None:
    connection = server.connect()
    status, answer = post(connection, b"[" + b" " * 10_000_000 + b"]")
    assert (status, answer["error"]["code"]) == (413, "body-too-large")
    assert connection.sock is None, "the connection was closed"
    assert ask(server, ROW)[0] == 200


def test_a_long_body_without_an_announced_length_gets_one_too(server: Running) -> None:
    connection = server.connect()
    connection.request("POST", "/predict", iter([b" " * 100_000] * 30), HEADERS, encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 413
    connection.close()


def test_a_body_that_comes_slowly_keeps_nobody_waiting(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_S) as slow:
        head = b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n"
        slow.sendall(head + b"content-length: %d\r\n\r\n" % len(ROW) + ROW[:5])
        assert ask(server, ROW)[0] == 200
        slow.sendall(ROW[5:])
        assert read_all(slow).startswith(b"HTTP/1.1 200")


def test_pipelined_requests_are_answered_in_order(server: Running) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_S) as connection:
        for number in range(20):
            body = json.dumps({"x": number, "flight_id": number}).encode()
            head = b"POST /predict HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            connection.sendall(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        connection.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        answers = [line for line in read_all(connection).splitlines() if line.startswith(b"{")]
    assert [json.loads(line)["predictions"][0]["id"] for line in answers[:20]] == list(range(20))
    assert json.loads(answers[20])["status"] == "ok"


@pytest.mark.parametrize(
    "junk", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"POST /predict HTTP/1.1\r\ncontent-length: -5\r\n\r\n"]
)
def test_what_is_no_http_is_refused_and_harms_nobody(server: Running, junk: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=HANG_S) as connection:
        connection.sendall(junk + b"\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 400")
    assert ask(server, ROW)[0] == 200


def test_a_swap_during_traffic_loses_no_request(server: Running) -> None:
    """Four clients, 200 requests each; releases change while they ask."""
    server.deploy("r1")
    before = len(server.kept)
    answers: list[tuple[int, str, float]] = []
    half, swapped = threading.Barrier(5), threading.Event()

    def client(name: int) -> None:
        connection = server.connect()
        for number in range(200):
            if number == 100:
                half.wait(HANG_S)
            if number == 190:
                assert swapped.wait(HANG_S)
            status, answer = post(connection, json.dumps({"x": 0, "flight_id": f"{name}-{number}"}).encode())
            answers.append((status, answer["release"], answer["predictions"][0]["prediction"]))
        connection.close()

    clients = [threading.Thread(target=client, args=(name,)) for name in range(4)]
    for thread in clients:
        thread.start()
    half.wait(HANG_S)
    server.deploy("r2")
    swapped.set()
    for thread in clients:
        thread.join()
    assert len(answers) == 800
    assert {(status, release, value) for status, release, value in answers} == {(200, "r1", 1.0), (200, "r2", 2.0)}
    assert [release for _, release, _ in answers[-40:]] == ["r2"] * 40
    assert len({record["id"] for record in server.kept[before:]}) == 800
    assert [model.is_closed for model in server.models[-2:]] == [True, False]


def test_a_port_that_is_taken_is_told_with_who_has_it(server: Running) -> None:
    with pytest.raises(ServeError) as caught:
        serve_app(server.app, port=server.port)
    problem = caught.value.problem
    assert (problem.code, problem.what) == ("port-in-use", f"port {server.port} is in use")
    assert problem.because[0].startswith(f"process {os.getpid()} has it: ")
    assert problem.fix.startswith("--port 0")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2"])
def test_the_listening_socket_names_its_protocol_so_that_answers_are_not_delayed(host: str) -> None:
    with open_port(host, 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", ""])
def test_a_host_beyond_loopback_is_refused(server: Running, host: str) -> None:
    with pytest.raises(ServeError) as caught:
        serve_app(server.app, host=host)
    assert caught.value.problem.code == "not-loopback"


def test_a_port_that_cannot_be_is_refused(server: Running) -> None:
    with pytest.raises(ServeError) as caught:
        serve_app(server.app, port=65536)
    assert caught.value.problem.code == "no-such-port"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_after_the_requests_in_flight_and_the_caller_goes_on(tmp_path: Path, number: int) -> None:
    program = tmp_path / "server.py"
    program.write_text(PROGRAM)
    with subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANG_S)
        connection.request("POST", "/predict", b"[]", HEADERS)
        assert process.stdout.readline() == "predicting\n"
        process.send_signal(number)
        until(lambda: is_refused(port))
        (tmp_path / "go").touch()
        assert connection.getresponse().read() == b'{"kept": true}'
        connection.close()
        assert process.stdout.read() == "cleaned up\n"
    assert process.returncode == 0


PROGRAM = """
import threading
from pathlib import Path
from assay.serve import Response
from assay.web import create_app, serve_app

class Slow:
    def predict(self, body, content_type):
        print("predicting", flush=True)
        while not Path(__file__).with_name("go").exists():
            threading.Event().wait(0.01)
        return Response(200, b'{"kept": true}')

serve_app(create_app(Slow()), ready=lambda host, port: print(port, flush=True))
print("cleaned up", flush=True)
"""


def read_all(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=HANG_S).close()
    except ConnectionRefusedError:
        return True
    return False


def until(look: Callable[[], bool]) -> None:
    """Returns once ``look`` is true; fails where it never is."""
    deadline_s = time.monotonic() + HANG_S
    while not look():
        assert time.monotonic() < deadline_s
        threading.Event().wait(0.01)

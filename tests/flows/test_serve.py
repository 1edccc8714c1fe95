"""The live release behind HTTP: says which release answered, keeps what it said, changes while it runs."""

import json
import signal
import time
from http.client import HTTPConnection

import pytest
from loop import write_loop

HANG_S = 120.0
"""Long enough for any machine: reached only where something hangs."""
ROW = {"id": 7, "day": "2024-02-01", "kind": "a", "x": 10.0}


class Server:
    """``assay serve`` in a process of its own."""

    def __init__(self, project) -> None:
        self.process = project.start("serve", "--port", "0", "--json")
        self.address = json.loads(self.process.stdout.readline())["url"].removeprefix("http://")

    def ask(self, method: str, path: str, body: bytes | str | None = None, kind: str = "application/json"):
        connection = HTTPConnection(self.address, timeout=HANG_S)
        try:
            connection.request(method, path, body, {"Content-Type": kind} if body is not None else {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def predict(self, *rows: dict):
        return self.ask("POST", "/predict", json.dumps({"rows": rows}))

    def wait_for(self, release: str) -> None:
        deadline = time.monotonic() + HANG_S
        while self.ask("GET", "/release")[1]["release"] != release:
            assert time.monotonic() < deadline, f"{release} was not taken up"
            time.sleep(0.05)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(HANG_S)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


@pytest.fixture
def released(project):
    assert write_loop(project, slope=2.5).assay("run").code == 0
    return project


@pytest.fixture
def server(released):
    server = Server(released)
    yield server
    if server.process.poll() is None:
        server.end()


def kept(project) -> list[dict]:
    lines = [
        line for file in sorted(project.root.glob(".assay/predictions/*")) for line in file.read_text().splitlines()
    ]
    return [json.loads(line) for line in lines]


def test_an_answer_names_its_release_and_is_kept_with_what_it_was_made_of(released, server):
    status, answer = server.predict(ROW)
    assert status == 200
    assert answer["release"] == "r1"
    assert answer["predictions"] == [{"id": 7, "prediction": 25.0}]
    (record,) = kept(released)
    assert (record["id"], record["release"], record["prediction"]) == (7, "r1", 25.0)
    assert record["features"]["x"] == 10.0
    assert record["at_s"] > 0


def test_a_deployment_and_a_rollback_change_the_release_while_it_runs(released, server):
    released.put("slope.txt", "2.0")
    assert released.assay("run").code == 0
    server.wait_for("r2")
    assert server.predict(ROW)[1]["predictions"][0]["prediction"] == 20.0
    assert released.assay("rollback").code == 0
    server.wait_for("r1")
    assert server.predict(ROW)[1]["predictions"][0]["prediction"] == 25.0
    assert [record["release"] for record in kept(released)] == ["r2", "r1"]


@pytest.mark.parametrize(
    "body, status, said",
    [
        ({"rows": [{"day": "2024-02-01", "kind": "a"}]}, 422, "x"),
        ({"rows": [{**ROW, "colour": "red"}]}, 422, "colour"),
        ({"rows": [{**ROW, "x": "ten"}]}, 422, "x"),
        ({"rows": [{**ROW, "x": None}]}, 422, "x"),
        ({"rows": []}, 422, "row"),
        ("not json", 400, "JSON"),
        ('{"rows": [{"id": 7, "day": "2024-02-01", "kind": "a", "x": NaN}]}', 400, "JSON"),
        ("[" * 100_000, 400, "nested"),
        (b"\xff\xfe", 400, "UTF-8"),
        (b'{"rows": [' + b" " * 10_000_000 + b"]}", 413, "bytes"),
    ],
    ids=["missing", "unknown", "type", "null", "empty", "text", "nan", "deep", "encoding", "10 MB"],
)
def test_what_cannot_be_predicted_is_refused_in_plain_words_and_nothing_is_kept(released, server, body, status, said):
    sent = json.dumps(body) if isinstance(body, dict) else body
    got, answer = server.ask("POST", "/predict", sent)
    assert got == status
    assert said in json.dumps(answer["error"])
    assert answer["error"]["fix"]
    assert kept(released) == []
    assert server.predict(ROW)[0] == 200


def test_health_says_that_it_answers(server):
    status, answer = server.ask("GET", "/health")
    assert (status, answer["status"], answer["release"]) == (200, "ok", "r1")


def test_what_was_answered_survives_kill_9(released, server):
    for number in range(50):
        assert server.predict({**ROW, "id": number})[0] == 200
    server.end(signal.SIGKILL)
    assert [record["id"] for record in kept(released)] == list(range(50))
    again = Server(released)
    assert again.predict(ROW)[0] == 200
    assert again.end() == 0


def test_a_port_in_use_is_named_with_its_holder(released, server):
    port = server.address.rpartition(":")[2]
    answer = released.assay("serve", "--port", port)
    assert answer.code == 1
    assert f"port {port} is in use" in answer.err
    assert "port-in-use" in answer.err


def test_without_a_release_there_is_nothing_to_serve(project):
    answer = write_loop(project).assay("serve", "--port", "0")
    assert answer.code == 1
    assert "nothing is released yet" in answer.err


def test_ctrl_c_ends_it_in_order(server):
    assert server.end(signal.SIGINT) == 0


def test_a_release_that_does_not_load_is_not_announced_as_answering(released):
    digest = released.assay("release", "show", "r1", "--json").json["bill"]["model"]["digest"].removeprefix("b3:")
    place = released.root / ".assay/store/objects" / digest[:2] / digest[2:]
    place.unlink()
    for file in (released.root / ".assay/placed").rglob("model.json"):
        file.unlink()
    answer = released.assay("serve", "--port", "0")
    assert answer.code == 1
    assert "answers" not in answer.out
    assert "internal-error" not in answer.err

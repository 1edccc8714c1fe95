"""The ASGI application, driven by hand: routes, hosts, bodies, and what each refusal looks like."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from assay.serve import Response
from assay.web import AppLimits, create_app
from assay.web.app import is_loopback_host

Message = dict[str, Any]
JSON = (b"content-type", b"application/json")
HOST = (b"host", b"127.0.0.1:8000")


class EchoService:
    """Answers with the length of what it got; waits first where told to."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.content_types: list[str | None] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()

    def predict(self, body: bytes, content_type: str | None) -> Response:
        self.entered.set()
        assert self.gate.wait(20)
        self.bodies.append(body)
        self.content_types.append(content_type)
        return Response(200, b'{"bytes": %d}' % len(body))

    def health(self) -> Response:
        return Response(200, b'{"status": "ok"}')

    def release(self) -> Response:
        return Response(503, b'{"error": {}}', retry_after_s=1)


class Answer(msgspec.Struct):
    status: int
    headers: dict[str, str]
    body: bytes
    pulled: int
    """Messages of the body that the application asked for."""

    @property
    def error(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["error"])


async def ask(
    app: Callable[..., Any],
    method: str,
    path: str,
    *headers: tuple[bytes, bytes],
    chunks: tuple[bytes, ...] = (b"",),
    host: tuple[bytes, bytes] | None = HOST,
    is_complete: bool = True,
) -> Answer:
    """One request; after its chunks the client leaves, unless the body was complete."""
    sent: list[Message] = []
    pulled = 0

    async def receive() -> Message:
        nonlocal pulled
        pulled += 1
        if pulled <= len(chunks):
            return {
                "type": "http.request",
                "body": chunks[pulled - 1],
                "more_body": not is_complete or pulled < len(chunks),
            }
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": [*([host] if host else []), *headers]}
    await app(scope, receive, send)
    if not sent:
        return Answer(0, {}, b"", pulled)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    assert not sent[-1].get("more_body", False)
    return Answer(sent[0]["status"], told, b"".join(message["body"] for message in sent[1:]), pulled)


def answer_to(
    method: str, path: str, *headers: tuple[bytes, bytes], limits: AppLimits | None = None, **more: Any
) -> Answer:
    return asyncio.run(ask(create_app(EchoService(), limits), method, path, *headers, **more))


class TestRoutes:
    def test_predict_carries_body_and_content_type_to_the_service(self) -> None:
        service = EchoService()
        answer = asyncio.run(ask(create_app(service), "POST", "/predict", JSON, chunks=(b"[1,", b"", b"2]")))
        assert (answer.status, answer.body) == (200, b'{"bytes": 5}')
        assert (service.bodies, service.content_types) == ([b"[1,2]"], ["application/json"])
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-length"] == "12"

    def test_health_and_release_are_the_services_answers(self) -> None:
        assert answer_to("GET", "/health").body == b'{"status": "ok"}'
        release = answer_to("GET", "/release")
        assert (release.status, release.headers["retry-after"]) == (503, "1")

    def test_the_index_names_every_route_as_plain_text(self) -> None:
        index = answer_to("GET", "/")
        assert index.headers["content-type"] == "text/plain; charset=utf-8"
        assert all(path in index.body for path in (b"/predict", b"/health", b"/release"))

    @pytest.mark.parametrize("path", ["/", "/health", "/release"])
    def test_head_is_get_without_the_body(self, path: str) -> None:
        get, head = answer_to("GET", path), answer_to("HEAD", path)
        assert (head.status, head.headers, head.body) == (get.status, get.headers, b"")

    def test_nothing_is_cached_or_sniffed(self) -> None:
        for path in ("/", "/health", "/no"):
            headers = answer_to("GET", path).headers
            assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")

    def test_an_unknown_path_names_the_near_miss(self) -> None:
        answer = answer_to("GET", "/<script>/helth")
        assert (answer.status, answer.error["code"]) == (404, "no-such-path")
        assert answer_to("GET", "/helth").error["because"] == ["did you mean /health?"]
        assert answer.headers["content-type"] == "application/json"

    @pytest.mark.parametrize(
        ("method", "path", "allow"),
        [
            ("GET", "/predict", "POST"),
            ("HEAD", "/predict", "POST"),
            ("POST", "/health", "GET, HEAD"),
            ("OPTIONS", "/predict", "POST"),
            ("DELETE", "/", "GET, HEAD"),
        ],
    )
    def test_a_wrong_method_is_told_which_are_allowed(self, method: str, path: str, allow: str) -> None:
        answer = answer_to(method, path)
        assert (answer.status, answer.headers["allow"]) == (405, allow)
        assert answer.body == b"" if method == "HEAD" else answer.error["code"] == "wrong-method"


class TestHosts:
    @pytest.mark.parametrize(
        "host", ["localhost", "LOCALHOST:8000", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8000", "127.9.9.9"]
    )
    def test_loopback_names_are_answered(self, host: str) -> None:
        assert is_loopback_host(host)

    @pytest.mark.parametrize(
        "host",
        ["", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "evil.example:8000", "10.0.0.1", "0.0.0.0", "localhost:x", "[::1", "::ffff:10.0.0.1", "2130706433"],
    )  # fmt: skip
    def test_other_names_are_not(self, host: str) -> None:
        assert not is_loopback_host(host)

    def test_a_page_that_reaches_us_under_its_own_name_gets_nothing(self) -> None:
        service = EchoService()
        answer = asyncio.run(ask(create_app(service), "POST", "/predict", JSON, host=(b"host", b"evil.example:8000")))
        assert (answer.status, answer.error["code"], service.bodies) == (421, "wrong-host", [])

    def test_a_request_that_names_no_host_is_refused(self) -> None:
        assert answer_to("GET", "/health", host=None).status == 421


class TestBodies:
    LIMITS = AppLimits(body_bytes=10)

    def test_one_of_exactly_the_limit_is_taken(self) -> None:
        assert answer_to("POST", "/predict", JSON, limits=self.LIMITS, chunks=(b"x" * 10,)).status == 200

    def test_one_that_announces_too_much_is_refused_before_it_is_read(self) -> None:
        service = EchoService()
        length = (b"content-length", b"10000000")
        answer = asyncio.run(
            ask(create_app(service, self.LIMITS), "POST", "/predict", JSON, length, chunks=(b"x" * 11,))
        )
        assert (answer.status, answer.error["code"], service.bodies) == (413, "body-too-large", [])
        assert answer.error["because"] == ["it announces 10,000,000 bytes"]
        assert answer.headers["connection"] == "close"

    def test_one_that_grows_too_long_is_refused_and_the_rest_is_passed_over(self) -> None:
        chunks = (b"x" * 6, b"x" * 6, b"x" * 6, b"x" * 6)
        answer = answer_to("POST", "/predict", JSON, limits=self.LIMITS, chunks=chunks)
        assert (answer.status, answer.error["because"], answer.pulled) == (413, ["more than 12 bytes came"], 4)

    def test_one_that_does_not_come_in_time_is_refused(self) -> None:
        limits = AppLimits(body_s=0.01)

        async def slow() -> Answer:
            sent: list[Message] = []
            arrived = asyncio.Event()

            async def receive() -> Message:
                if sent:
                    return {"type": "http.disconnect"}
                await arrived.wait()
                raise AssertionError

            async def send(message: Message) -> None:
                sent.append(message)

            scope = {"type": "http", "method": "POST", "path": "/predict", "headers": [HOST, JSON]}
            await create_app(EchoService(), limits)(scope, receive, send)
            return Answer(sent[0]["status"], {}, sent[1]["body"], 0)

        answer = asyncio.run(slow())
        assert (answer.status, answer.error["code"]) == (408, "body-too-slow")

    def test_a_client_that_leaves_in_the_middle_is_not_predicted_for(self) -> None:
        service = EchoService()
        answer = asyncio.run(ask(create_app(service), "POST", "/predict", JSON, chunks=(b"[1",), is_complete=False))
        assert (answer.status, service.bodies) == (0, [])

    def test_a_compressed_body_is_refused(self) -> None:
        answer = answer_to("POST", "/predict", JSON, (b"content-encoding", b"gzip"))
        assert (answer.status, answer.error["code"]) == (415, "body-compressed")


class TestAtOnce:
    def test_health_answers_while_a_model_works(self) -> None:
        service = EchoService()
        service.gate.clear()

        async def both() -> tuple[Answer, Answer]:
            app = create_app(service)
            predicting = asyncio.create_task(ask(app, "POST", "/predict", JSON))
            await asyncio.to_thread(service.entered.wait, 20)
            health = await ask(app, "GET", "/health")
            assert not predicting.done()
            service.gate.set()
            return health, await predicting

        health, predicted = asyncio.run(both())
        assert (health.status, predicted.status) == (200, 200)

    def test_more_requests_than_the_limit_are_told_to_come_back(self) -> None:
        service = EchoService()
        service.gate.clear()

        async def three() -> list[Answer]:
            app = create_app(service, AppLimits(requests=2))
            waiting = [asyncio.create_task(ask(app, "POST", "/predict", JSON)) for _ in range(2)]
            await asyncio.to_thread(service.entered.wait, 20)
            third = await ask(app, "POST", "/predict", JSON)
            service.gate.set()
            return [*await asyncio.gather(*waiting), third, await ask(app, "POST", "/predict", JSON)]

        answers = asyncio.run(three())
        assert [answer.status for answer in answers] == [200, 200, 503, 200]
        assert (answers[2].error["code"], answers[2].headers["retry-after"]) == ("busy", "1")

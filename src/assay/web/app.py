"""The ASGI application: parse HTTP, ask the service, send its answer. No framework, no state, no rooms.

    POST /predict   rows in JSON -> predictions, each kept before it is told
    GET  /health    whether requests are answered, and what is wrong
    GET  /release   which release answers, and what it is made of
    GET  /          this list

Every refusal is JSON, ``{"error": {"code", "what", "because", "fix"}}``. A body is refused as soon as it is known to be too
long, and is never held whole then. Only requests that name a loopback host are answered, so that a page in a browser cannot
reach the server under a name of its own (DNS rebinding). What may take long runs in threads: /health answers meanwhile.
"""

import asyncio
import difflib
import ipaddress
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import msgspec

from assay.core.problem import Problem
from assay.serve import Response, refuse
from assay.web.body import Body, BodyRefused, drain, read_body

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS = {"/": ("GET", "HEAD"), "/health": ("GET", "HEAD"), "/release": ("GET", "HEAD"), "/predict": ("POST",)}
INDEX = b"""Assay serves the live release of this project.

POST /predict   {"rows": [{...}, ...]} -> predictions; content-type: application/json
GET  /health    whether requests are answered, and what is wrong
GET  /release   which release answers, what it is made of, and which columns it reads
"""
COMMON_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
THREADS = 8
"""More than one, so that requests are parsed and written while a model works; the model itself takes one at a time."""


class Service(Protocol):
    """What the face carries requests to. Each method may block, but for ``health``, and is called from any thread."""

    def predict(self, body: bytes, content_type: str | None) -> Response:
        """The answer to a POST of these bytes."""

    def health(self) -> Response:
        """Whether requests are answered. Never blocks."""

    def release(self) -> Response:
        """Which release answers."""


class AppLimits(msgspec.Struct, frozen=True):
    """How much the face takes from one client, and from all."""

    body_bytes: int = 5_000_000
    body_s: float = 30.0
    """A body that has not come by then is refused."""
    requests: int = 64
    """So many predictions are worked on or waited for; one more is told to come back."""


def create_app(service: Service, limits: AppLimits | None = None) -> App:
    """The application, to be run by any ASGI server without lifespan."""
    face = _Face(service, limits or AppLimits())

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await face.handle(scope, receive, send)

    return app


class _Face:
    def __init__(self, service: Service, limits: AppLimits) -> None:
        self._service = service
        self._limits = limits
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="assay-predict")
        self._requests = 0

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        refused = _refuse_host(scope) or _refuse_route(path, method)
        if refused is not None:
            await _send(send, refused, method, allow=METHODS.get(path, ()))
        elif path == "/predict":
            await self._predict(scope, receive, send)
        elif path == "/":
            await _send_bytes(send, 200, b"text/plain; charset=utf-8", INDEX, method)
        else:
            await _send(send, self._service.health() if path == "/health" else await self._release(), method)

    async def _release(self) -> Response:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._service.release)

    async def _predict(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._requests >= self._limits.requests:
            await _send(send, refuse(503, _busy(self._requests)), "POST")
            return
        self._requests += 1
        try:
            await self._read_and_predict(scope, receive, send)
        finally:
            self._requests -= 1

    async def _read_and_predict(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await read_body(scope, receive, self._limits.body_bytes, self._limits.body_s)
        except BodyRefused as refused:
            await _send_and_drain(send, receive, refuse(refused.status, refused.problem))
            return
        if body is not None:  # else nobody is there to be answered
            await _send(send, await self._ask(scope, body), "POST")

    async def _ask(self, scope: Scope, body: Body) -> Response:
        content_type = header(scope, b"content-type")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._service.predict, bytes(body), content_type)


def header(scope: Scope, name: bytes) -> str | None:
    """The value of a header that came once; None where it did not come."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), None)


def is_loopback_host(host: str) -> bool:
    """A Host header names this machine's loopback, with any port: ``localhost``, ``127.0.0.1:8000``, ``[::1]``."""
    name, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "")
    if port and not port.isdigit():
        return False
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def _refuse_host(scope: Scope) -> Response | None:
    host = header(scope, b"host")
    if host is not None and is_loopback_host(host):
        return None
    seen = f"the request is for host {host[:100]!r}" if host else "the request names no host"
    problem = Problem("wrong-host", "only requests to localhost are answered", (seen,), "use http://127.0.0.1:PORT")
    return refuse(421, problem)


def _refuse_route(path: str, method: str) -> Response | None:
    allowed = METHODS.get(path)
    if allowed is None:
        close = difflib.get_close_matches(path[:50], METHODS, n=1)
        because = (f"did you mean {close[0]}?",) if close else ()
        problem = Problem("no-such-path", f"there is nothing at {path[:50]!r}", because, f"one of {', '.join(METHODS)}")
        return refuse(404, problem)
    if method not in allowed:
        what = f"{path} does not answer {method[:20]}"
        return refuse(405, Problem("wrong-method", what, (), f"{allowed[0]} {path}"))
    return None


def _busy(requests: int) -> Problem:
    return Problem(
        "busy", "too many predictions are asked for at once", (f"{requests} are waited for",), "send it again"
    )


async def _send(send: Send, response: Response, method: str, allow: tuple[str, ...] = ()) -> None:
    headers = []
    if response.retry_after_s is not None:
        headers.append((b"retry-after", str(response.retry_after_s).encode()))
    if response.status == 405:
        headers.append((b"allow", ", ".join(allow).encode()))
    await _send_bytes(send, response.status, b"application/json", response.body, method, headers)


async def _send_bytes(
    send: Send, status: int, media: bytes, body: bytes, method: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    sized = [(b"content-type", media), (b"content-length", str(len(body)).encode())]
    await send(
        {"type": "http.response.start", "status": status, "headers": [*sized, *COMMON_HEADERS, *(headers or [])]}
    )
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


async def _send_and_drain(send: Send, receive: Receive, response: Response) -> None:
    """Refuse at once, then take in what is still coming: closing earlier would reset the connection, and a client that
    sends all before it reads would never see the answer."""
    sized = [(b"content-type", b"application/json"), (b"content-length", str(len(response.body)).encode())]
    headers = [*sized, *COMMON_HEADERS, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await drain(receive)
    await send({"type": "http.response.body", "body": b""})

"""Run an application on loopback until a signal or the caller ends it."""

import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from assay.web.app import App
from assay.web.port import BACKLOG, open_port

GRACE_S = 10
"""So long requests in flight may take when the server ends."""


def serve_app(
    app: App,
    host: str = "127.0.0.1",
    port: int = 0,
    ready: Callable[[str, int], None] = lambda host, port: None,
    stop: threading.Event | None = None,
) -> None:
    """Answer at ``host`` and ``port`` (0: a free one) until SIGINT, SIGTERM or ``stop``; then requests in flight are answered
    first. ``ready`` is told the address as soon as connections are taken. ``ServeError`` where the port cannot be had, or
    the host is not loopback. Signals are heeded only in the main thread."""
    with open_port(host, port) as listener:
        server = uvicorn.Server(_config(app))
        server.config.callback_notify = _stopper(server, stop or threading.Event())
        with _signals_end(server):
            bound_host, bound_port = listener.getsockname()[:2]
            ready(bound_host, bound_port)
            server.run(sockets=[listener])


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        loop="asyncio",
        backlog=BACKLOG,
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_notify=0,
        timeout_graceful_shutdown=GRACE_S,
    )


def _stopper(server: uvicorn.Server, stop: threading.Event) -> Callable[[], Awaitable[None]]:
    async def look() -> None:
        if stop.is_set():
            server.should_exit = True

    return look


@contextmanager
def _signals_end(server: uvicorn.Server) -> Iterator[None]:
    """Uvicorn handles signals while it runs and raises them once more at its end, which would skip the caller's own
    clean-up; before it runs nobody does. Both come here."""

    def end(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

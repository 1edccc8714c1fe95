"""The body of a request: whole and short enough, or refused while it still comes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from assay.core.problem import Problem

Body = bytearray

DRAINED_BYTES = 64_000_000
DRAINED_S = 10.0


class BodyRefused(Exception):
    """The body will not be read. ``status`` is HTTP's, ``problem`` says why."""

    def __init__(self, status: int, problem: Problem) -> None:
        super().__init__(problem.what)
        self.status = status
        self.problem = problem


async def read_body(
    scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], most_bytes: int, most_s: float
) -> Body | None:
    """The body; None where the client left before its end. ``BodyRefused`` with 413 as soon as it is known to be longer than
    ``most_bytes``, with 408 where it has not come within ``most_s``, with 415 where it is compressed."""
    headers = dict(scope["headers"])
    encoding = headers.get(b"content-encoding", b"identity").decode("latin-1")
    if encoding.lower() != "identity":
        raise BodyRefused(415, _compressed(encoding))
    announced = headers.get(b"content-length", b"")
    if announced.isdigit() and int(announced) > most_bytes:
        raise BodyRefused(413, _too_long(f"it announces {int(announced):,} bytes", most_bytes))
    try:
        async with asyncio.timeout(most_s):
            return await _collect(receive, most_bytes)
    except TimeoutError as error:
        what = f"the body did not come within {most_s:g} s"
        raise BodyRefused(408, Problem("body-too-slow", what, (), "send it without pauses")) from error


async def drain(receive: Callable[[], Awaitable[dict[str, Any]]]) -> None:
    """Take in and forget what a client still sends, within bounds."""
    taken = 0
    try:
        async with asyncio.timeout(DRAINED_S):
            while taken < DRAINED_BYTES:
                message = await receive()
                taken += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        return


async def _collect(receive: Callable[[], Awaitable[dict[str, Any]]], most_bytes: int) -> Body | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > most_bytes:
            raise BodyRefused(413, _too_long(f"more than {len(body):,} bytes came", most_bytes))
        if not message.get("more_body", False):
            return body


def _too_long(seen: str, most_bytes: int) -> Problem:
    return Problem(
        "body-too-large", f"the body is longer than {most_bytes:,} bytes", (seen,), "send the rows in several requests"
    )


def _compressed(encoding: str) -> Problem:
    seen = f"its content-encoding is {encoding[:50]!r}"
    return Problem("body-compressed", "the body is compressed", (seen,), "send it as it is")

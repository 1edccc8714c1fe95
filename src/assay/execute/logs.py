"""Following the output of a running step, so that it is seen live, and reading it again when the step has ended."""

from collections.abc import Callable, Iterator
from typing import TypeAlias

Fetch: TypeAlias = Callable[[int], bytes]
"""Bytes of a log from an offset on, as many as is handy; empty where there is nothing more yet."""

MAX_PENDING_BYTES = 64 * 1024
"""A line longer than this comes in pieces: an endless line must not cost memory."""


class LogTail:
    """What a log has gained since it was last asked, in whole lines."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self.offset = 0
        """How many bytes there have been."""
        self._pending = b""

    def read(self) -> tuple[bytes, ...]:
        """The lines that have come, without their ends; one fetch."""
        chunk = self._fetch(self.offset)
        self.offset += len(chunk)
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        if len(self._pending) > MAX_PENDING_BYTES:
            lines.append(self._pending)
            self._pending = b""
        return tuple(lines)

    def rest(self) -> Iterator[bytes]:
        """Every line that is left, the last one even if it has no end."""
        before = -1
        while before != self.offset:
            before = self.offset
            yield from self.read()
        if self._pending:
            yield self._pending
            self._pending = b""


def shown(line: bytes) -> str:
    """A line as a terminal may show it: what was overwritten after a carriage return is left out."""
    return line.rstrip(b"\r").rsplit(b"\r", 1)[-1].decode("utf-8", "backslashreplace")

"""Following the output of a running step, so that it is seen live, and reading it again when the step has ended.

A step may print far more than anyone can read. Where a person looks on, so many lines a second are shown and the others are
counted, without a look at each: they are in the log.
"""

from collections.abc import Callable, Iterator
from typing import TypeAlias

import msgspec

Fetch: TypeAlias = Callable[[int], bytes]
"""Bytes of a log from an offset on, as many as is handy; empty where there is nothing more yet."""

MAX_PENDING_BYTES = 64 * 1024
"""A line longer than this comes in pieces: an endless line must not cost memory."""
MAX_SHOWN_BYTES = 4096
"""Of a line, where lines are counted."""
LAST_LINES = 20
"""So many of the last lines of a step are shown in any case."""


class Gained(msgspec.Struct, frozen=True):
    """What a log has gained."""

    more: int = 0
    """Lines that are left out, before the others."""
    lines: tuple[bytes, ...] = ()
    """Without their ends."""
    current: bytes = b""
    """What stands on a line that has no end yet, where lines are counted: a progress bar, a question."""


class LogTail:
    """What a log has gained since it was last asked, in whole lines."""

    def __init__(self, fetch: Fetch, lines_a_second: int | None = None) -> None:
        """``lines_a_second``: so many are shown, the last ones that have come; None: all."""
        self._fetch = fetch
        self._lines_a_second = lines_a_second
        self._second = 0
        self._shown_in_second = 0
        self._left_out = 0
        self._pending = b""
        self.offset = 0
        """How many bytes there have been."""

    def read(self, now_s: float) -> Iterator[Gained]:
        """The lines that have come; one fetch. Lines that are left out are told of with the next that are shown."""
        if self._lines_a_second is None:
            yield from self._all()
            return
        more, lines = self._last(self._room(now_s))
        self._shown_in_second += len(lines)
        self._left_out += more
        told, self._left_out = (self._left_out, 0) if lines else (0, self._left_out)
        yield Gained(told, tuple(lines), _excerpt(self._pending))

    def rest(self) -> Iterator[Gained]:
        """Every line that is left, the last one even if it has no end. Where lines are counted it is told at once."""
        last: list[bytes] = []
        before = -1
        while before != self.offset:
            before = self.offset
            if self._lines_a_second is None:
                yield from self._all()
            else:
                more, lines = self._last(LAST_LINES)
                last += lines
                self._left_out += more + max(0, len(last) - LAST_LINES)
                last = last[-LAST_LINES:]
        if self._pending:
            last.append(self._pending if self._lines_a_second is None else _excerpt(self._pending))
            self._pending = b""
        yield Gained(self._left_out, tuple(last))
        self._left_out = 0

    def _room(self, now_s: float) -> int:
        assert self._lines_a_second is not None
        if int(now_s) != self._second:
            self._second, self._shown_in_second = int(now_s), 0
        return self._lines_a_second - self._shown_in_second

    def _fetched(self) -> bytes:
        chunk = self._fetch(self.offset)
        self.offset += len(chunk)
        return chunk

    def _all(self) -> Iterator[Gained]:
        """Every line of one fetch, some at a time: what is made of them is many times as large."""
        chunk = self._fetched()
        for begin in range(0, len(chunk), MAX_PENDING_BYTES):
            *lines, self._pending = (self._pending + chunk[begin : begin + MAX_PENDING_BYTES]).split(b"\n")
            yield Gained(0, (*lines, *self._too_long()))

    def _last(self, most: int) -> tuple[int, list[bytes]]:
        """The last lines of one fetch, and how many came before them."""
        whole, end, self._pending = (self._pending + self._fetched()).rpartition(b"\n")
        lines = whole.rsplit(b"\n", most) if end else []
        more = 0
        if len(lines) > most:
            more, lines = 1 + lines[0].count(b"\n"), lines[1:]
        lines += self._too_long()
        over = max(0, len(lines) - most)
        return more + over, [_excerpt(line) for line in lines[over:]]

    def _too_long(self) -> tuple[bytes, ...]:
        """What is pending, where it is too much to wait for its end."""
        if len(self._pending) <= MAX_PENDING_BYTES:
            return ()
        piece, self._pending = self._pending, b""
        return (piece,)


def shown(line: bytes) -> str:
    """A line as a terminal may show it: what was overwritten after a carriage return is left out."""
    return _last_state(line).decode("utf-8", "backslashreplace")


def _excerpt(line: bytes) -> bytes:
    return _last_state(line)[:MAX_SHOWN_BYTES]


def _last_state(line: bytes) -> bytes:
    return line.rstrip(b"\r").rsplit(b"\r", 1)[-1]

"""Run a command and pass on what it prints with secrets as stars.

    python -I -S -E masker.py NAME,NAME... PROGRAM WORD...

The names are of environment variables whose values nobody may see. It stands between a step that names secrets and its log, and
nothing else does: other steps write into their logs themselves. What it cannot yet tell from the beginning of a secret waits, the
rest goes on at once. It ends as the command does, by the same code or signal; where the command leaves something behind that still
prints, a process of this stays behind for it. Interrupts are the command's business, and are not heeded here.
"""

import os
import select
import signal
import sys

STARS = b"*****"
LEAST_CHARACTERS = 4
"""As ``execute.masks`` has it: a shorter value is no secret."""
PIECE_BYTES = 1 << 16
IGNORED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class Stream:
    """Bytes in, bytes without the values out."""

    def __init__(self, values: list[bytes]) -> None:
        lines = {line for value in values for line in (value, *value.splitlines())}
        self._values = sorted((line for line in lines if len(line) >= LEAST_CHARACTERS), key=len, reverse=True)
        self._held = b""

    def take(self, piece: bytes) -> bytes:
        """What can be passed on now."""
        self._held += piece
        return self._pass(len(self._held) - self._undecided())

    def whole(self, data: bytes) -> bytes:
        """These bytes, after which nothing comes."""
        return self.take(data) + self.rest()

    def rest(self) -> bytes:
        """What was held back, when nothing more comes."""
        return self._pass(len(self._held))

    def _pass(self, decided: int) -> bytes:
        """All up to there, and to the end of a value that begins before."""
        out, at = [], 0
        while found := self._first(at, decided):
            begin, end = found
            out += [self._held[at:begin], STARS]
            at = end
        decided = max(at, decided)
        out.append(self._held[at:decided])
        self._held = self._held[decided:]
        return b"".join(out)

    def _first(self, at: int, before: int) -> tuple[int, int] | None:
        """Where the first value stands that begins between these; of several that begin there, the longest."""
        found = ((self._held.find(value, at), -len(value)) for value in self._values)
        first = min(((begin, length) for begin, length in found if 0 <= begin < before), default=None)
        return None if first is None else (first[0], first[0] - first[1])

    def _undecided(self) -> int:
        """How many bytes at the end may be the beginning of a value."""
        longest = min(len(self._held), max((len(value) for value in self._values), default=1) - 1)
        for length in range(longest, 0, -1):
            tail = self._held[-length:]
            if any(value.startswith(tail) for value in self._values):
                return length
        return 0


def main(names: str, *words: str) -> None:
    """Run the words. Does not return."""
    stream = Stream([os.fsencode(os.environ.get(name, "")) for name in names.split(",")])
    come, go = os.pipe()
    for number in IGNORED:
        signal.signal(number, signal.SIG_IGN)
    pid = os.posix_spawnp(
        words[0],
        words,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, go, 1), (os.POSIX_SPAWN_DUP2, go, 2), (os.POSIX_SPAWN_CLOSE, come)],
        setsigdef=IGNORED,
    )
    os.close(go)
    status = _pass_on_until_it_ends(come, stream, pid)
    if status is None:  # nothing can print any more
        _write(stream.rest())
        _, status = os.waitpid(pid, 0)
    elif os.fork() == 0:
        _pass_on(come, stream)
        os._exit(0)
    _end_like(os.waitstatus_to_exitcode(status))


def _pass_on_until_it_ends(come: int, stream: Stream, pid: int) -> int | None:
    """Its status where it has ended and something else still holds the pipe; None when the pipe is at its end."""
    ended = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    poll = select.poll()
    poll.register(come, select.POLLIN)
    if ended is not None:
        poll.register(ended, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _ in poll.poll(None if ended is not None else 100)}
        if come in ready:
            piece = os.read(come, PIECE_BYTES)
            if not piece:
                return None
            _write(stream.take(piece))
        else:
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                _write(stream.rest())
                return status


def _pass_on(come: int, stream: Stream) -> None:
    while piece := os.read(come, PIECE_BYTES):
        _write(stream.take(piece))
    _write(stream.rest())


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def _end_like(code: int) -> None:
    if code < 0:
        signal.signal(-code, signal.SIG_DFL) if -code not in (signal.SIGKILL, signal.SIGSTOP) else None
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(*sys.argv[1:])

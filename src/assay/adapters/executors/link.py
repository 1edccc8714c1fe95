"""The engine's end of the guard: start it, send it tasks, hear of their ends.

What is kept here survives a Ctrl-C at any moment: a frame is neither lost nor heard or said twice.
"""

import fcntl
import marshal
import os
import select
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PROGRAM = "import sys; sys.path.append(sys.argv[1]); from guard.main import main; main(int(sys.argv[2]), adopts=sys.argv[3] == '1')"
_PIECE_BYTES = 1 << 16
LEAVE_PATIENCE_S = 15.0


class Link:
    """A guard of one's own. ``adopts``: it takes in the orphans of its tasks (Linux)."""

    def __init__(self, *, adopts: bool) -> None:
        theirs_in, self._requests = _pipe()
        self._answers, theirs_out = _pipe()
        words = [sys.executable, "-I", "-S", "-E", "-c", _PROGRAM, str(Path(__file__).parent), str(os.getpid())]
        actions = [(os.POSIX_SPAWN_DUP2, theirs_in, 0), (os.POSIX_SPAWN_DUP2, theirs_out, 1)]
        quiet = (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)
        own_group = {"setsid": True} if sys.platform == "linux" else {"setpgroup": 0}
        try:
            self._pid = os.posix_spawn(
                sys.executable,
                [*words, "1" if adopts else "0"],
                os.environ,
                file_actions=[*actions, quiet],
                **own_group,
            )
        finally:
            os.close(theirs_in)
            os.close(theirs_out)
        self._engine = os.getpid()
        self._poll = select.poll()
        self._poll.register(self._answers, select.POLLIN)
        self._pieces: list[bytes] = []
        self._outgoing: tuple[bytes, list[int]] = (b"", [])
        """What is to be written, and how much of it was, piece by piece."""
        self.is_open = True
        """Not let go by this side."""

    def send(self, *fields: Any) -> bool:
        """Put a frame to the guard; False where it is gone, as ``frames`` will tell too. What an interrupt has kept from being
        written is written by the next call."""
        if not self.is_open:
            return False
        frame = marshal.dumps(fields)
        data, written = self._outgoing
        self._outgoing = (data[sum(written) :] + len(frame).to_bytes(4, "little") + frame, [])
        try:
            self._flush()
        except BrokenPipeError:
            return False
        return True

    def _flush(self) -> None:
        data, written = self._outgoing
        while rest := memoryview(data)[sum(written) :]:
            written.extend(map(os.write, (self._requests,), (rest,)))  # as in ``frames``

    def frames(self, timeout_s: float) -> Iterator[tuple[Any, ...]]:
        """What the guard says, waiting for the first of it. Ends with ``("gone",)`` where it has died, and all tasks with it.

        A frame counts as heard when the next one, or the end, is asked for: until then it is said again.
        """
        if self._poll.poll(timeout_s * 1000):
            # One call of C: between a read and what keeps it no signal can come.
            self._pieces.extend(map(os.read, (self._answers,), (_PIECE_BYTES,)))
        is_gone = bool(self._pieces) and not self._pieces[-1]
        data = b"".join(self._pieces)
        while len(data) >= 4 and len(data) >= (end := 4 + int.from_bytes(data[:4], "little")):
            yield marshal.loads(data[4:end])  # noqa: S302 -- from a process that this one started
            data = data[end:]
            self._pieces[:] = [data] if data else []
        if is_gone:
            yield ("gone",)

    def leave(self) -> None:
        """Tell the guard that the engine ends in good order, and wait until nothing runs that should not."""
        if os.getpid() != self._engine:  # a fork of the engine ends, not the engine
            return
        self.send("leave")
        self.desert()

    def desert(self) -> None:
        """Go without a word, as an engine that was killed: the guard ends everything. Wait until it has, or has given up."""
        self._let_go()
        while self._poll.poll(LEAVE_PATIENCE_S * 1000) and os.read(self._answers, _PIECE_BYTES):
            pass
        self.close()

    def close(self) -> None:
        """Let go of a guard that is gone."""
        self._let_go()
        os.close(self._answers)
        try:
            os.waitpid(self._pid, 0)
        except ChildProcessError:
            pass

    def _let_go(self) -> None:
        if self.is_open:
            self.is_open = False
            os.close(self._requests)


def _pipe() -> tuple[int, int]:
    """Its descriptors are none of the three that a program is started with, even where this one has closed those."""
    ends = os.pipe()
    if min(ends) > 2:
        return ends
    higher = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 3) for end in ends)
    for end in ends:
        os.close(end)
    return higher[0], higher[1]

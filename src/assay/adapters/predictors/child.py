"""A child process that answers frames: asked with a time limit, drained of whatever else it prints, ended with its group.

One thread at a time asks; ``end`` may come from any thread. What the child prints is read only while it is asked, and only
its last lines are kept: however much it prints, it neither blocks for good nor costs memory.
"""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from assay.adapters.predictors.frames import Garbled, frame_size

GREETING = b"\x00assay-predict-1\n"
"""Whatever the child writes before this (a shim, a sitecustomize that prints) is talk, and no frame."""
CHUNK_BYTES = 1 << 18
TALK_BYTES = 1 << 14
LARGEST_FRAME_BYTES = 1 << 32
GLANCE_S = 0.2
"""How often a silent child is looked at: a grandchild may hold its pipes open after its death."""


class Gone(Exception):
    """The child ended before it answered. ``exit_code`` is as of ``subprocess``; None: it only closed its side."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(exit_code)
        self.exit_code = exit_code


class Silent(Exception):
    """The child did not answer in time."""


class Child:
    """A running process. Raises ``OSError`` where it cannot be started."""

    def __init__(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._requests = self._process.stdin.fileno()
        self._answers = self._process.stdout.fileno()
        self._talk = self._process.stderr.fileno()
        for descriptor in (self._requests, self._answers, self._talk):
            os.set_blocking(descriptor, False)
        self._greeted = False
        self._received = bytearray()
        self._said = bytearray()
        self._talk_is_open = True
        self._asking = threading.Lock()
        self._ending = threading.Lock()
        self._is_killed = False

    def ask(self, frame: bytes, timeout_s: float) -> bytes:
        """The frame that answers this one. ``Silent``, ``Gone`` or ``Garbled`` where none comes; the child is of no use
        after that."""
        with self._asking:
            if self._is_killed:
                raise Gone(self._process.returncode)
            return self._exchange(memoryview(frame), time.monotonic() + timeout_s)

    def end(self) -> None:
        """Kill the process with all of its group, and wait for it. May be called twice, and while another thread asks."""
        self._kill()
        with self._asking:
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
                if pipe is not None:
                    pipe.close()

    def last_lines(self, count: int) -> tuple[str, ...]:
        """The last lines that it printed."""
        lines = self._said.decode("utf-8", "replace").splitlines()
        return tuple(line.rstrip() for line in lines if line.strip())[-count:]

    def _exchange(self, unsent: memoryview, deadline_s: float) -> bytes:
        while True:
            if not unsent:
                answer = self._answer()
                if answer is not None:
                    return answer
            left_s = deadline_s - time.monotonic()
            if left_s <= 0:
                raise Silent
            ready = self._wait(has_unsent=bool(unsent), timeout_s=min(left_s, GLANCE_S))
            if self._talk in ready:
                self._hear()
            if self._requests in ready:
                unsent = unsent[self._write(unsent) :]
            if self._answers in ready:
                self._receive()
            elif self._process.poll() is not None and self._answers not in self._wait(has_unsent=False, timeout_s=0):
                self._give_up()

    def _wait(self, *, has_unsent: bool, timeout_s: float) -> set[int]:
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        if self._talk_is_open:
            poll.register(self._talk, select.POLLIN)
        if has_unsent:
            poll.register(self._requests, select.POLLOUT)
        return {descriptor for descriptor, _ in poll.poll(timeout_s * 1000)}

    def _write(self, unsent: memoryview) -> int:
        try:
            return os.write(self._requests, unsent[:CHUNK_BYTES])
        except BlockingIOError:
            return 0
        except BrokenPipeError:
            return len(unsent)  # it is dying: what it said before can still be read

    def _receive(self) -> None:
        data = os.read(self._answers, CHUNK_BYTES)
        if not data:
            self._give_up()
        self._received += data
        if not self._greeted:
            before, greeting, after = self._received.partition(GREETING)
            if greeting:
                self._greeted = True
                self._received = after
                self._keep(before)

    def _answer(self) -> bytes | None:
        if not self._greeted:
            self._keep(self._received[: -len(GREETING)])
            del self._received[: -len(GREETING)]
            return None
        size = frame_size(self._received)
        if size is None or len(self._received) < size:
            if size is not None and size > LARGEST_FRAME_BYTES:
                raise Garbled(f"a frame of {size} bytes was announced")
            return None
        answer = bytes(self._received[:size])
        del self._received[:size]
        return answer

    def _hear(self) -> bool:
        try:
            data = os.read(self._talk, CHUNK_BYTES)
        except BlockingIOError:
            return False
        self._talk_is_open = bool(data)
        self._keep(data)
        return self._talk_is_open

    def _keep(self, data: bytes | bytearray) -> None:
        self._said += data
        del self._said[:-TALK_BYTES]

    def _give_up(self) -> NoReturn:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        exit_code = self._process.returncode
        for _ in range(64):  # bounded: a child of the child may go on printing
            if not self._hear():
                break
        self._kill()
        raise Gone(exit_code)

    def _kill(self) -> None:
        # Under a lock and once: after the process was waited for, its number may one day be another's.
        with self._ending:
            if not self._is_killed:
                self._is_killed = True
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

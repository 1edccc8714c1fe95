"""One run at a time in a project: a kernel lock on a file, free at once when its holder dies, however it dies."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.core.problem import Problem, StateError

LOOK_S = 0.2
"""How long a look at the lock may last."""


class FileLock:
    """A lock that a person can see: the file holds the holder's process id and what it does."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def held(self, purpose: str) -> Iterator[None]:
        """Hold the lock for the block; ``StateError`` at once, naming the holder, where another process has it."""
        descriptor = self._open()
        try:
            self._take(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()} {purpose}\n".encode(), 0)
            yield
        finally:
            os.close(descriptor)

    def holder(self) -> str | None:
        """``PID PURPOSE`` of whoever holds the lock now; None where nobody does."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(descriptor) or "unknown"
        else:
            return None
        finally:
            os.close(descriptor)

    def _take(self, descriptor: int) -> None:
        """Take the lock. Whoever only looks at it has it for a moment: that is waited out."""
        patience_s = time.monotonic() + LOOK_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > patience_s:
                    raise _busy(self._path, _read(descriptor), os.fstat(descriptor).st_mtime) from error
                time.sleep(0.01)
            else:
                return

    def _open(self) -> int:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise StateError(
                Problem(
                    "state-not-writable",
                    f"cannot write {self._path}",
                    (f"{error.strerror}",),
                    f"make {self._path.parent} writable for you, or free space on its disk",
                )
            ) from error


def _read(descriptor: int) -> str:
    return os.pread(descriptor, 200, 0).decode("utf-8", "replace").strip()


def _busy(path: Path, holder: str, since_s: float) -> StateError:
    process, _, purpose = holder.partition(" ")
    since = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(since_s))
    return StateError(
        Problem(
            "run-in-progress",
            f"{purpose or 'another command'} is going on in this project already",
            (f"process {process or 'unknown'} holds {path} since {since}",),
            "wait for it (`assay run --wait` does), or stop it with Ctrl-C where it runs",
        )
    )

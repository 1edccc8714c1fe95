"""The folder that a session spills into. It goes with the session; what a killed process left goes with the next one."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

PREFIX = "assay-spill-"
"""Of the names of all such folders."""


@contextmanager
def spill_folder() -> Iterator[Path]:
    """A new folder in the system's temporary one, locked while it is in use, which the kernel undoes however a process ends."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    folder, descriptor = _locked_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _locked_folder() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            if _is_taken(descriptor) and folder.exists():
                return folder, descriptor
            os.close(descriptor)  # another process took it for an abandoned one before it was locked


@cache
def _remove_abandoned(parent: Path) -> None:
    """Once in a process: whatever is abandoned later is left to a later one."""
    for folder in parent.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # of another user, or gone since
            descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY | os.O_NOFOLLOW)
            if _is_taken(descriptor):
                shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def _is_taken(descriptor: int) -> bool:
    """Nobody else holds it, and we do now, until the descriptor is closed."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

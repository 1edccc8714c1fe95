"""Writing to disk so that it lasts, and saying what is wrong where it does not.

A file is whole under its name or not there at all: written under another name, fsynced, renamed, its folder fsynced.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assay.core.problem import Problem, StateError
from assay.core.text import recordable_text

_FULL = (errno.ENOSPC, errno.EDQUOT)
_REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)


@contextmanager
def disk_errors(doing: str, path: Path, needed_bytes: int | None = None) -> Iterator[None]:
    """Turn the ``OSError`` of a block into a ``StateError``. ``doing`` reads as ``cannot keep data/x.csv``."""
    try:
        yield
    except OSError as error:
        raise state_error(doing, path, error, needed_bytes) from error


def state_error(doing: str, path: Path, error: OSError, needed_bytes: int | None = None) -> StateError:
    """What an ``OSError`` means to a person. The file that it names itself is told instead of ``path``."""
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else path
    named, doing = Path(recordable_text(str(named))), recordable_text(doing)
    if error.errno in _FULL:
        return StateError(disk_full(doing, named, needed_bytes))
    if error.errno in _REFUSED:
        return StateError(not_permitted(doing, named, error.strerror or str(error)))
    return StateError(
        Problem(
            "disk-failed",
            f"{doing}: {error.strerror or error}",
            (f"it happened at {named}",),
            f"look at that place and its disk: ls -ld {named}; df -h {_standing(named)}",
        )
    )


def disk_full(doing: str, path: Path, needed_bytes: int | None = None) -> Problem:
    """No room: how much there is, and how much is wanted where that is known."""
    standing = _standing(path)
    space = os.statvfs(standing)
    facts = f"{space.f_bavail * space.f_frsize} bytes are free at {standing}"
    wanted = "" if needed_bytes is None else f", {needed_bytes} are needed"
    return Problem(
        "disk-full",
        f"{doing}: the disk is full",
        (facts + wanted,),
        f"free some space there, then run the command again: df -h {standing}",
    )


def not_permitted(doing: str, path: Path, reason: str) -> Problem:
    """The system does not let this user read or write there."""
    return Problem(
        "state-not-writable",
        f"{doing}: {reason[:1].lower()}{reason[1:]}",
        (f"it happened at {path}",),
        f"give yourself the rights (chmod -R u+rwX {_standing(path)}), or name another place in assay.yaml",
    )


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte: a single ``os.write`` may write fewer."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def make_folder(folder: Path) -> None:
    """Make a folder and what is missing above it, all of it durable."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True)
        sync_folder(made.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Wait until a file's bytes are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _standing(path: Path) -> Path:
    """The nearest place at or above ``path`` that exists."""
    return next((place for place in (path, *path.parents) if place.exists()), Path("/"))

"""Files that people named, written so that they are whole: what is new is written beside, and takes the old one's place at once.

Wherever the writer is killed or the disk is full, the old file stays as it was. What a killed writer left beside it is taken over by
the next one. Several writers of one file wait for one another.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path


def write_whole(path: Path, text: str) -> Path:
    """Write the file, in UTF-8. ``OSError`` names it where that cannot be. What no other file can take the place of (a pipe, a link, a
    file that is mounted, or in a folder that is closed) is written as it stands."""
    if _is_replaceable(path):
        with replaced_whole(path) as put:
            put(text.encode())
    else:
        with _named(path):
            path.write_text(text, encoding="utf-8")
    return path


@contextmanager
def replaced_whole(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Alone with a file among those who write it this way: what is put takes its place, with its mode; if nothing is, it stays."""
    beside = path.with_name(f".{path.name}.new")
    with _alone(beside, path) as file:

        def put(data: bytes) -> None:
            with _named(path):
                file.truncate(0)
                if path.exists():
                    os.fchmod(file.fileno(), stat.S_IMODE(path.stat().st_mode))
                rest = memoryview(data)
                while rest:
                    rest = rest[file.write(rest) :]
                os.fsync(file.fileno())
                beside.replace(path)

        yield put


@contextmanager
def _alone(beside: Path, path: Path) -> Iterator[FileIO]:
    """The file ``beside``, made if it is not there, and locked: the kernel undoes that however a process ends."""
    with _named(path):
        file = _locked(beside)
    try:
        yield file
    finally:
        if _stands_at(file, beside):
            beside.unlink()
        file.close()


def _locked(beside: Path) -> FileIO:
    while True:
        file = FileIO(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666), "r+")
        with suppress(OSError):  # some network disks know no locks: there the last writer wins
            fcntl.flock(file, fcntl.LOCK_EX)
        if _stands_at(file, beside):
            return file
        file.close()  # it has become the file meanwhile


def _stands_at(file: FileIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.lstat())
    except FileNotFoundError:
        return False


def _is_replaceable(path: Path) -> bool:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return True
    folder = path.parent
    return stat.S_ISREG(status.st_mode) and status.st_dev == folder.stat().st_dev and os.access(folder, os.W_OK)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """A full disk names no file, and the one beside is of no interest."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error

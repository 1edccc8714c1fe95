"""Objects in a folder: bytes under the name of their digest, written once, moved aside when they are found damaged."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from assay.adapters.disk import disk_errors, make_folder, sync_file, sync_folder, write_all
from assay.adapters.folders import FileRead, read_file, read_small_file
from assay.core.digest import Digest, hex_of, short
from assay.core.problem import IntegrityError, NotFound, Problem

SMALL_BYTES = 1 << 20
"""What is no larger is read whole before anything is written: most of it is there already."""


class Objects:
    """The objects of one kind below the store ``root``. ``digest_bytes`` says how bytes of this kind are named."""

    def __init__(self, root: Path, kind: str, digest_bytes: Callable[[bytes], Digest]) -> None:
        self._root = root
        self._kind = kind
        self._digest_bytes = digest_bytes

    def keep_file(self, path: Path, *, follow_links: bool, durable: bool) -> FileRead:
        """Keep a file's bytes, read once. Only for the kind whose names are the digests of plain files."""
        size_bytes = os.stat(path).st_size  # noqa: PTH116 - for every step, and a Path costs ten times as much
        if size_bytes <= SMALL_BYTES:
            file, data = read_small_file(path, follow_links=follow_links)
            self.keep_bytes(file.digest, data, durable=durable)
            return file
        with disk_errors(f"cannot keep {path}", self._root, size_bytes), new_file(self._root) as (temp, target):
            file = read_file(path, copy_to=target, follow_links=follow_links)
            place = self.place(file.digest)
            if not self._is_sound(place, lambda: read_file(place).digest == file.digest, durable=durable):
                name_file(temp, target, place, durable=durable)
        return file

    def keep_bytes(self, digest: Digest, data: bytes, *, durable: bool) -> None:
        """Keep ``data`` under its digest."""
        place = self.place(digest)
        with disk_errors(f"cannot keep {len(data)} bytes in {self._root}", self._root, len(data)):
            if self._is_sound(place, lambda: place.read_bytes() == data, durable=durable):
                return
            with new_file(self._root) as (temp, target):
                write_all(target, data)
                name_file(temp, target, place, durable=durable)

    def size_of(self, digest: Digest) -> int | None:
        """The object's size in bytes; None where there is none. Reads no content."""
        place = self.place(digest)
        with disk_errors(f"cannot look for {digest}", place):
            try:
                return place.stat().st_size
            except FileNotFoundError:
                return None

    def read(self, digest: Digest) -> bytes:
        """The object's bytes, checked."""
        place = self.place(digest)
        with disk_errors(f"cannot read {digest}", place):
            try:
                data = place.read_bytes()
            except FileNotFoundError as error:
                raise self._missing(digest) from error
            if self._digest_bytes(data) != digest:
                raise self._damaged(digest)
            return data

    def copy(self, digest: Digest, target: int | None = None) -> None:
        """Read a file's bytes through, checking them, and write them to the descriptor ``target`` where one is given."""
        try:
            file = read_file(self.place(digest), copy_to=target)
        except FileNotFoundError as error:
            raise self._missing(digest) from error
        if file.digest != digest:
            raise self._damaged(digest)

    def place(self, digest: Digest) -> Path:
        """Where the object of that name stands, or would."""
        name = hex_of(digest)
        return self._root / self._kind / name[:2] / name[2:]

    def _is_sound(self, place: Path, agrees: Callable[[], bool], *, durable: bool) -> bool:
        """A good object has this name already. One that is damaged makes way for good bytes."""
        if not place.exists():
            return False
        if agrees():
            if durable:  # whoever wrote it may not have waited for the disk, or not have come so far
                sync_file(place)
                _sync_names(place)
            return True
        self._quarantine(place)
        return False

    def _quarantine(self, place: Path) -> Path:
        """Where a damaged object stands afterwards: aside, or still in its place where the store cannot be written."""
        aside = self._root / "quarantine" / f"{self._kind}-{place.parent.name}{place.name}-{os.urandom(4).hex()}"
        try:
            make_folder(aside.parent)
            place.rename(aside)
        except OSError:
            return place
        return aside

    def _damaged(self, digest: Digest) -> IntegrityError:
        moved = self._quarantine(self.place(digest))
        return IntegrityError(
            Problem(
                "object-damaged",
                f"the store's copy of {short(digest)} is damaged",
                (f"its bytes are not what its name says; what is left of it: {moved}",),
                "run the step that made it again, or add the data again: the store then keeps the sound bytes",
            )
        )

    def _missing(self, digest: Digest) -> NotFound:
        return NotFound(
            Problem(
                "not-in-store",
                f"the store has no {short(digest)}",
                (f"looked in {self._root}",),
                "run the step that made it again, or add the data again",
            )
        )


@contextmanager
def new_file(root: Path) -> Iterator[tuple[Path, int]]:
    """A new file in the store's tmp/ with its descriptor; gone afterwards unless it was given a name."""
    temp = root / "tmp" / f"{os.getpid()}-{os.urandom(8).hex()}"
    target = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        yield temp, target
    finally:
        os.close(target)
        with suppress(FileNotFoundError):
            os.unlink(temp)  # noqa: PTH108 - what pathlib adds to it costs more than the call


def name_file(temp: Path, target: int, place: Path, *, durable: bool) -> None:
    """Give a new file its name, read-only. With ``durable`` its bytes are on disk before, and its name when this returns."""
    os.fchmod(target, 0o444)
    if durable:
        os.fsync(target)
    try:
        temp.replace(place)
    except FileNotFoundError:
        place.parent.mkdir(parents=True, exist_ok=True)
        temp.replace(place)
    if durable:
        _sync_names(place)


def _sync_names(place: Path) -> None:
    """Wait for the file's name, and for that of its folder, which somebody may have made without waiting."""
    sync_folder(place.parent)
    sync_folder(place.parent.parent)

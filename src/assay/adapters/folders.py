"""Reading files and folders as artifacts: one walk for the store and for the stat cache, so that both give one digest.

Symbolic links are followed where they are what was asked for, and refused below a folder, whose digest would otherwise
depend on bytes elsewhere. Anything that is neither file nor folder is refused.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
from blake3 import blake3

from assay.adapters.disk import write_all
from assay.core.artifact import Artifact
from assay.core.digest import PREFIX, Digest, digest_of
from assay.core.problem import NotFound, Problem, StateError
from assay.core.text import recordable_text
from assay.core.tree import EntryMode, TreeEntry, encode_tree, tree_digest

_CHUNK_BYTES = 1 << 20
_ATTEMPTS = 3

Found = TypeVar("Found")


class FileRead(msgspec.Struct, frozen=True):
    """A file that stood still while it was read from end to end."""

    digest: Digest
    size_bytes: int
    status: os.stat_result

    @property
    def mode(self) -> EntryMode:
        """How a folder's node lists it; executable is what its owner may execute."""
        return "executable" if self.status.st_mode & stat.S_IXUSR else "file"

    def artifact(self, path: str) -> Artifact:
        """The file as an artifact of that path."""
        mode: Literal["executable"] | msgspec.UnsetType = (
            "executable" if self.status.st_mode & stat.S_IXUSR else msgspec.UNSET
        )
        return Artifact(path, self.digest, "file", self.size_bytes, mode=mode)


class FolderRead(msgspec.Struct, frozen=True):
    """A folder that was read from end to end."""

    digest: Digest
    size_bytes: int
    files: int


def kind_at(path: Path) -> Literal["file", "folder"] | None:
    """What stands at ``path``, links followed; None where nothing does. ``StateError`` for what holds no bytes of its own."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    raise no_bytes(path)


def no_bytes(path: Path | str) -> StateError:
    """The error for what holds no bytes of its own."""
    return _refused(path, "a device, pipe or socket")


def read_file(path: Path | str, copy_to: int | None = None, *, follow_links: bool = True) -> FileRead:
    """Digest a file, and write the same bytes to the descriptor ``copy_to`` where one is given.

    A file that changes meanwhile is read again, in the end refused with ``StateError``.
    """
    (digest, size_bytes), status = _read_still(
        path, lambda source: _pump(source, copy_to), lambda found: found[1], follow_links=follow_links
    )
    return FileRead(digest, size_bytes, status)


def read_small_file(path: Path | str, *, follow_links: bool = True) -> tuple[FileRead, bytes]:
    """The same with the bytes themselves, which must fit into memory."""

    def read(source: int) -> bytes:
        chunks = []
        while chunk := os.read(source, _CHUNK_BYTES):
            chunks.append(chunk)
        return b"".join(chunks)

    data, status = _read_still(path, read, len, follow_links=follow_links)
    return FileRead(digest_of(data), len(data), status), data


def _read_still(
    path: Path | str, read: Callable[[int], Found], size_of: Callable[[Found], int], *, follow_links: bool
) -> tuple[Found, os.stat_result]:
    """What ``read`` found in the file, which stood still meanwhile; tried again where it did not."""
    for _ in range(_ATTEMPTS):
        source = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (0 if follow_links else os.O_NOFOLLOW))
        try:
            before = os.fstat(source)
            if not stat.S_ISREG(before.st_mode):
                raise no_bytes(path)
            found = read(source)
            after = os.fstat(source)
        finally:
            os.close(source)
        if signature(before) == signature(after) and size_of(found) == after.st_size:
            return found, after
    raise _changing(path)


def read_folder(
    path: Path, read: Callable[[Path], FileRead], keep: Callable[[Digest, bytes], object] | None = None
) -> FolderRead:
    """Digest a folder. ``read`` reads each file in it; ``keep`` gets the digest and bytes of every node, inner ones first."""
    entries = []
    files = 0
    with os.scandir(path) as listed:
        items = list(listed)
    for item in items:
        place = path / item.name
        if item.is_symlink():
            raise _refused(place, "a symbolic link within a folder")
        if item.is_dir(follow_symlinks=False):
            below = read_folder(place, read, keep)
            entries.append(TreeEntry(item.name, "folder", below.size_bytes, below.digest))
            files += below.files
        elif item.is_file(follow_symlinks=False):
            entries.append(_read_entry(item.name, place, read))
            files += 1
        else:
            raise _refused(place, "a device, pipe or socket")
    encoded = encode_tree(tuple(entries))
    digest = tree_digest(encoded)
    if keep is not None:
        keep(digest, encoded)
    return FolderRead(digest, sum(entry.size_bytes for entry in entries), files)


def signature(status: os.stat_result) -> tuple[int, int, int, int]:
    """What changes whenever a file's bytes do: size, times of modification and change (ns), inode."""
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)


def nothing_at(path: Path | str) -> NotFound:
    """The error for a path at which nothing stands."""
    return NotFound(Problem("no-such-file", f"there is no file or folder {path}", (), f"look above it: ls {path}*"))


def _read_entry(name: str, place: Path, read: Callable[[Path], FileRead]) -> TreeEntry:
    try:
        found = read(place)
    except FileNotFoundError as error:
        raise _changing(place) from error
    return TreeEntry(name, found.mode, found.size_bytes, found.digest)


def _pump(source: int, copy_to: int | None) -> tuple[Digest, int]:
    if copy_to is not None:
        os.ftruncate(copy_to, 0)
        os.lseek(copy_to, 0, os.SEEK_SET)
    hashed = blake3()
    size_bytes = 0
    while chunk := os.read(source, _CHUNK_BYTES):
        hashed.update(chunk)
        size_bytes += len(chunk)
        if copy_to is not None:
            write_all(copy_to, chunk)
    return Digest(PREFIX + hashed.hexdigest()), size_bytes


def _refused(path: Path | str, found: str) -> StateError:
    path = recordable_text(str(path))
    return StateError(
        Problem(
            "not-a-file-or-folder",
            f"{path} is {found}: its bytes cannot be kept",
            ("an artifact is a file, or a folder of files and folders",),
            f"put the file itself there, or leave it out: ls -l {path}",
        )
    )


def _changing(path: Path | str) -> StateError:
    path = recordable_text(str(path))
    return StateError(
        Problem(
            "changed-while-read",
            f"{path} changed while it was read",
            (f"tried {_ATTEMPTS} times; its bytes would be a mixture",),
            "wait until whatever writes it has ended, then run the command again",
        )
    )

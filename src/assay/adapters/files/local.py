"""The project's folder on this machine's disk."""

import glob
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from assay.adapters.disk import disk_errors
from assay.adapters.files.stat_cache import KnownFile, StatCache
from assay.adapters.folders import FileRead, kind_at, read_file, read_folder, signature
from assay.core.artifact import Artifact
from assay.core.ports import FileState

PASSED_OVER = frozenset(
    {".git", ".assay", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    | {".hypothesis", ".tox", ".nox", ".ipynb_checkpoints"}
)
"""Folders in which a scan finds nothing; so does any folder that holds a pyvenv.cfg."""


class LocalFiles:
    """``ProjectFiles`` of the folder ``root``, with its stat cache in the file ``cache``."""

    def __init__(self, root: Path, cache: Path, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._root = Path(os.path.abspath(root))  # noqa: PTH100 - links in the project's own path stay
        self._roots = (self._root, self._root.resolve())
        self._cache = StatCache(cache)
        self._now_ns = now_ns

    def artifact(self, path: str) -> Artifact | None:
        """The artifact at ``path``; links are followed there, and refused below a folder. ``StateError`` for pipes and such."""
        place = self.locate(path)
        name = self._named(place)
        with disk_errors(f"cannot read {path}", place):
            match kind_at(place):
                case None:
                    return None
                case "file":
                    file = self._read(place, follow_links=True)
                    found = Artifact(name, file.digest, "file", file.size_bytes)
                case "folder":
                    folder = read_folder(place, lambda below: self._read(below, follow_links=False))
                    found = Artifact(name, folder.digest, "folder", folder.size_bytes, folder.files)
        self._cache.save()
        return found

    def state(self, path: str) -> FileState | None:
        """The file's state; links are followed."""
        try:
            status = self.locate(path).stat()
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

    def remove(self, path: str) -> None:
        """Remove what stands at ``path``; a link goes, not what it leads to."""
        place = self.locate(path)
        with disk_errors(f"cannot remove {path}", place):
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            else:
                place.unlink(missing_ok=True)

    def scan(self) -> Mapping[str, FileState]:
        """Every file, also hidden ones and those that links lead to; folders behind links are not entered."""
        return dict(_files_below(self._root))

    def locate(self, path: str) -> Path:
        """Where ``path`` stands: as it is where absolute, else below the project; ``..`` is resolved by its letters."""
        return Path(os.path.normpath(self._root / path))

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None where no file stands at ``path``."""
        place = self.locate(path)
        with disk_errors(f"cannot read {path}", place):
            try:
                return place.read_bytes()
            except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
                return None

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Files only: a folder's own path names none. ``**`` is any number of folders; hidden names only where spelled out."""
        if self.locate(pattern).is_file():
            return (self._named(self.locate(pattern)),)
        matches = glob.iglob(pattern, root_dir=self._root, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        found = map(self.locate, matches)
        return tuple(sorted({self._named(place) for place in found if place.is_file()}))

    def _read(self, place: Path, *, follow_links: bool) -> FileRead:
        known = self._cache.recall(place)
        status = place.stat(follow_symlinks=follow_links)
        if known is not None and stat.S_ISREG(status.st_mode) and known.still_holds(status):
            return FileRead(known.digest, status.st_size, status)
        begun_ns = self._now_ns()
        file = read_file(place, follow_links=follow_links)
        self._cache.learn(place, KnownFile(signature(file.status), begun_ns, file.digest))
        return file

    def _named(self, place: Path) -> str:
        for root in self._roots:
            if place.is_relative_to(root):
                return place.relative_to(root).as_posix()
        return place.as_posix()


def _files_below(root: Path) -> Iterator[tuple[str, FileState]]:
    """What vanishes or cannot be looked into while we walk is passed over: a scan is a glance."""
    pending = [""]
    while pending:
        folder = pending.pop()
        entries = _listed(root / folder)
        if folder and any(entry.name == "pyvenv.cfg" for entry in entries):
            continue
        for entry in entries:
            name = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in PASSED_OVER:
                    pending.append(name)
            elif (state := _state(entry)) is not None:
                yield _spelled(name), state


def _spelled(name: str) -> str:
    """A name as text: bytes of it that are no UTF-8 as ``\\xNN``. Such a file is named, but cannot be found again by it."""
    return name if name.isascii() else name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _state(entry: os.DirEntry[str]) -> FileState | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

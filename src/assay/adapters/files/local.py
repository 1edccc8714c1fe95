"""The project's folder on this machine's disk."""

# Strings and not Paths: a run looks at each of its files, and a Path costs as much as the look.
# ruff: noqa: PTH112, PTH113, PTH114, PTH116, PTH123

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import msgspec

from assay.adapters.disk import disk_errors, state_error
from assay.adapters.files.stat_cache import KnownFile, StatCache
from assay.adapters.folders import FileRead, no_bytes, read_file, read_folder, signature
from assay.core.artifact import Artifact
from assay.core.ports import FileState, Seen
from assay.core.text import as_named, recordable_text

PASSED_OVER = frozenset(
    {".git", ".assay", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}
    | {".hypothesis", ".tox", ".nox", ".ipynb_checkpoints"}
)
"""Folders in which a scan finds nothing; so does any folder that holds a pyvenv.cfg."""

_LONGEST_LINE_BYTES = 1 << 20


class LocalFiles:
    """``ProjectFiles`` of the folder ``root``, with its stat cache in the file ``cache``; None: nothing is kept."""

    def __init__(self, root: Path, cache: Path | None, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._root = os.path.abspath(root)  # noqa: PTH100 - links in the project's own path stay
        self._below = self._root.rstrip("/") + "/"
        self._roots = (self._below, os.path.realpath(root).rstrip("/") + "/")
        self._cache = StatCache(cache)
        self._now_ns = now_ns

    def artifact(self, path: str) -> Artifact | None:
        """The artifact at ``path``; links are followed there, and refused below a folder. ``StateError`` for pipes and such."""
        place = self._place(path)
        try:
            status = os.stat(place)
            if stat.S_ISREG(status.st_mode):
                return self._read(place, status, follow_links=True).artifact(self._named(place))
            if not stat.S_ISDIR(status.st_mode):
                raise no_bytes(place)
            folder = read_folder(Path(place), self._read_below)
            return Artifact(self._named(place), folder.digest, "folder", folder.size_bytes, folder.files)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise state_error(f"cannot read {path}", Path(place), error) from error

    def state(self, path: str) -> FileState | None:
        """The file's state; links are followed."""
        try:
            status = os.stat(self._place(path))
        except OSError:
            return None
        return _state(status) if stat.S_ISREG(status.st_mode) else None

    def seen(self, path: str) -> Seen | None:
        """By the stat cache, so that nothing is read twice."""
        artifact = self.artifact(path)
        known = self._cache.recall(self._place(path))
        state = self.state(path)
        if artifact is None or artifact.kind != "file" or known is None or state is None or not known.holds_for(state):
            return None
        return Seen(path, known.digest, state, artifact.is_executable)

    def look_again(self, seen: Seen) -> Seen | None:
        """One call of ``stat`` where the file has not been touched."""
        path, before = seen.path, seen.state
        try:
            status = os.stat(path if path[:1] == "/" else self._below + path)
        except OSError:
            return None
        if (
            status.st_mtime_ns == before.modified_ns
            and status.st_ctime_ns == before.changed_ns
            and status.st_size == before.size_bytes
            and status.st_ino == before.inode
        ):
            return seen
        now = self.artifact(path)
        if now is None or now.digest != seen.digest or (seen.is_executable and not now.is_executable):
            return None
        return self.seen(path) or msgspec.structs.replace(seen)

    def is_there(self, path: str) -> bool:
        """Also a broken link is something."""
        return os.path.lexists(self._place(path))

    def remove(self, path: str) -> None:
        """``ValueError`` for a place outside the project, and for the project itself."""
        place = self._place(path)
        if not place.startswith(self._below):
            raise ValueError(f"{path} is not below the project")
        with disk_errors(f"cannot remove {path}", Path(place)):
            if os.path.isdir(place) and not os.path.islink(place):
                import shutil  # which knows of archives, and takes as long to import as a small run

                shutil.rmtree(place)
            else:
                Path(place).unlink(missing_ok=True)

    def move(self, path: str, to: str) -> None:
        """A rename, and a copy where that is on another disk."""
        import shutil  # as above

        place, target = self._place(path), self._place(to)
        with disk_errors(f"cannot move {path} to {to}", Path(place)):
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(place, target)

    def scan(self) -> Mapping[str, FileState]:
        """Every file, also hidden ones and those that links lead to; folders behind links are not entered."""
        return dict(_files_below(Path(self._root)))

    def locate(self, path: str) -> Path:
        """Where ``path`` stands: as it is where absolute, else below the project; ``..`` is resolved by its letters."""
        return Path(self._place(path))

    def read(self, path: str) -> bytes | None:
        """The file's bytes; None where no file stands at ``path``."""
        place = self._place(path)
        try:
            with open(place, "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise state_error(f"cannot read {path}", Path(place), error) from error

    def lines(self, path: str) -> Iterator[bytes]:
        """Line by line, or a piece of a longer one."""
        place = self._place(path)
        try:
            with open(place, "rb") as file:
                while line := file.readline(_LONGEST_LINE_BYTES):
                    yield line
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return
        except OSError as error:
            raise state_error(f"cannot read {path}", Path(place), error) from error

    def expand(self, pattern: str) -> tuple[str, ...]:
        """Files only: a folder's own path names none. ``**`` is any number of folders; hidden names only where spelled out."""
        if os.path.isfile(self._place(pattern)):
            return (self._named(self._place(pattern)),)
        import glob  # only where a pattern is declared

        matches = glob.iglob(pattern, root_dir=self._root, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        found = (self._place(recordable_text(match)) for match in matches)
        return tuple(sorted({self._named(place) for place in found if os.path.isfile(place)}))

    def _read_below(self, place: Path) -> FileRead:
        return self._read(str(place), place.lstat(), follow_links=False)

    def _read(self, place: str, status: os.stat_result, *, follow_links: bool) -> FileRead:
        known = self._cache.recall(place)
        if known is not None and stat.S_ISREG(status.st_mode) and known.still_holds(status):
            return FileRead(known.digest, status.st_size, status)
        begun_ns = self._now_ns()
        file = read_file(place, follow_links=follow_links)
        self._cache.learn(place, KnownFile(signature(file.status), begun_ns, file.digest))
        return file

    def _place(self, path: str) -> str:
        place = os.path.normpath(path if path[:1] == "/" else self._below + path)
        if "\\x" in path and not os.path.lexists(place):
            named = as_named(place)
            return named if os.path.lexists(named) else place
        return place

    def _named(self, place: str) -> str:
        for root in self._roots:
            if place.startswith(root):
                return recordable_text(place.removeprefix(root))
            if place + "/" == root:
                return "."
        return recordable_text(place)


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
            elif (state := _state_of(entry)) is not None:
                yield recordable_text(name), state


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []


def _state_of(entry: os.DirEntry[str]) -> FileState | None:
    try:
        status = entry.stat()
    except OSError:
        return None
    return _state(status) if stat.S_ISREG(status.st_mode) else None


def _state(status: os.stat_result) -> FileState:
    return FileState(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)

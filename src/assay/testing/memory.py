"""Ports in memory: small, real, and kept to the same contracts as those on disk."""

import fnmatch
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from assay.core import door
from assay.core.artifact import Artifact, ArtifactKind
from assay.core.chain import GENESIS, broken_link, chained, event_bytes
from assay.core.digest import Digest, digest_of, short
from assay.core.events import Entry, Event, subject_of
from assay.core.history import History
from assay.core.ports import FileState, Seen
from assay.core.problem import Conflict, IntegrityError, NotFound, Problem, StateError
from assay.core.tree import EntryMode, TreeEntry, decode_tree, encode_tree, tree_digest


class ManualClock:
    """A clock that stands still until it is told otherwise; sleeping moves it."""

    def __init__(self, now_s: float = 1_700_000_000.0) -> None:
        self._now_s = now_s

    def now_s(self) -> float:
        """What it was set to."""
        return self._now_s

    def sleep(self, seconds: float) -> None:
        """Be so much later at once."""
        self._now_s += seconds


class MemoryLedger:
    """A ledger in a list, with the same door. Threads may share it."""

    def __init__(self, now_s: Callable[[], float] = time.time, actor: str = "test@memory") -> None:
        self._now_s = now_s
        self._actor = actor
        self._entries: list[Entry] = []
        self._lock = threading.RLock()

    def append(
        self, pipeline: str, *events: Event, after: int | None = None, durable: bool = True
    ) -> tuple[Entry, ...]:
        """Append all or none."""
        with self._lock:
            head, previous = self.head()
            if after is not None and after != head:
                raise Conflict(Problem("ledger-moved", f"the last event is {head}, not {after}"))
            history = History.fold(entry for entry in self._entries if entry.pipeline == pipeline)
            appended: list[Entry] = []
            for event in events:
                door.admit(event, history)
                entry = chained(head + 1, float(self._now_s()), self._actor, pipeline, event, previous)
                history = History.fold((entry,), onto=history)
                appended.append(entry)
                head, previous = entry.seq, entry.digest
            self._entries += appended
            return tuple(appended)

    def entries(
        self, pipeline: str | None, *kinds: type[Event], after: int = 0, subject: str | None = None
    ) -> Iterator[Entry]:
        """Those that are there now."""
        return iter(
            [
                entry
                for entry in self._entries[after:]
                if pipeline in (None, entry.pipeline)
                and (not kinds or isinstance(entry.event, kinds))
                and (subject is None or subject_of(entry.event) == subject)
            ]
        )

    def head(self) -> tuple[int, Digest]:
        """The last entry's number and digest."""
        return (self._entries[-1].seq, self._entries[-1].digest) if self._entries else (0, GENESIS)

    def verify(self) -> str | None:
        """The chain."""
        return broken_link(
            (entry.seq, entry.at_s, entry.actor, entry.pipeline, event_bytes(entry.event), entry.previous, entry.digest)
            for entry in self._entries
        )


class MemoryStore:
    """A store in two dicts. ``files`` and ``nodes`` are public, so that a test can damage them."""

    def __init__(self) -> None:
        self.files: dict[Digest, bytes] = {}
        self.nodes: dict[Digest, bytes] = {}

    def add(self, path: Path, name: str, *, durable: bool = True) -> Artifact:
        """Keep a file's or folder's bytes."""
        if not path.exists():
            raise NotFound(Problem("no-such-file", f"there is no file or folder {path}"))
        if path.is_dir():
            digest, size_bytes, files = self._add_folder(path)
            return Artifact(name, digest, "folder", size_bytes, files)
        if not path.is_file():
            raise _refused(path)
        data = path.read_bytes()
        artifact = Artifact(name, self.add_bytes(data), "file", len(data))
        is_executable = path.stat().st_mode & 0o100
        return msgspec.structs.replace(artifact, mode="executable") if is_executable else artifact

    def add_bytes(self, data: bytes, *, durable: bool = True) -> Digest:
        """Keep these bytes."""
        digest = digest_of(data)
        self.files[digest] = data
        return digest

    def has(self, artifact: Artifact) -> bool:
        """Every name is there."""
        if artifact.kind == "file":
            return artifact.digest in self.files
        entries = decode_tree(self.nodes[artifact.digest]) if artifact.digest in self.nodes else None
        return entries is not None and all(self.has(_below(artifact, entry)) for entry in entries)

    def read(self, digest: Digest) -> bytes:
        """The bytes, checked; damaged ones are dropped."""
        return _checked(self.files, digest, digest_of)

    def restore(self, artifact: Artifact, to: Path) -> None:
        """Write beside ``to``, then take its place."""
        beside = to.parent / f".assay-restore-{os.getpid()}-{os.urandom(4).hex()}"
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._write(artifact, beside, 0o755 if artifact.is_executable else 0o644)
            _remove(to)
            beside.rename(to)
        finally:
            _remove(beside)

    def verify(self, artifact: Artifact) -> tuple[str, ...]:
        """One line for each file or folder that is missing or damaged."""
        return tuple(self._faults(artifact))

    def _add_folder(self, folder: Path) -> tuple[Digest, int, int]:
        entries, files = [], 0
        for place in folder.iterdir():
            if place.is_symlink():
                raise _refused(place)
            if place.is_dir():
                digest, size_bytes, below = self._add_folder(place)
                entries.append(TreeEntry(place.name, "folder", size_bytes, digest))
                files += below
            elif place.is_file():
                data = place.read_bytes()
                mode: EntryMode = "executable" if place.stat().st_mode & 0o100 else "file"
                entries.append(TreeEntry(place.name, mode, len(data), self.add_bytes(data)))
                files += 1
            else:
                raise _refused(place)
        encoded = encode_tree(tuple(entries))
        self.nodes[tree_digest(encoded)] = encoded
        return tree_digest(encoded), sum(entry.size_bytes for entry in entries), files

    def _write(self, artifact: Artifact, to: Path, mode: int = 0o644) -> None:
        if artifact.kind == "file":
            to.write_bytes(self.read(artifact.digest))
            to.chmod(mode)
            return
        to.mkdir()
        for entry in decode_tree(_checked(self.nodes, artifact.digest, tree_digest)):
            self._write(_below(artifact, entry), to / entry.name, 0o755 if entry.mode == "executable" else 0o644)

    def _faults(self, artifact: Artifact) -> Iterator[str]:
        entries: tuple[TreeEntry, ...] = ()
        try:
            if artifact.kind == "file":
                self.read(artifact.digest)
            else:
                entries = decode_tree(_checked(self.nodes, artifact.digest, tree_digest))
        except NotFound:
            yield f"{artifact.path}: missing ({artifact.digest})"
        except IntegrityError:
            yield f"{artifact.path}: damaged ({artifact.digest})"
        for entry in entries:
            yield from self._faults(_below(artifact, entry))


class MemoryFiles:
    """A project whose files are a dict of bytes by relative path; change ``contents`` at will. Nothing is executable."""

    def __init__(self, contents: Mapping[str, bytes] | None = None) -> None:
        self.contents: dict[str, bytes] = dict(contents or {})

    def artifact(self, path: str) -> Artifact | None:
        """The file of that path, or the folder of all files below it."""
        name = _plain(path)
        if name in self.contents:
            data = self.contents[name]
            return Artifact(name, digest_of(data), "file", len(data))
        below = {
            file.removeprefix(f"{name}/"): data for file, data in self.contents.items() if file.startswith(f"{name}/")
        }
        if not below:
            return None
        digest, size_bytes = _folder_digest(below)
        return Artifact(name, digest, "folder", size_bytes, len(below))

    def state(self, path: str) -> FileState | None:
        """Of a file; its inode is derived from its bytes, so that a change of them shows."""
        return self.scan().get(_plain(path))

    def seen(self, path: str) -> Seen | None:
        """A file of which there is one."""
        artifact, state = self.artifact(path), self.state(path)
        return None if artifact is None or state is None else Seen(path, artifact.digest, state)

    def look_again(self, seen: Seen) -> Seen | None:
        """The same, or none."""
        return seen if self.seen(seen.path) == seen else None

    def is_there(self, path: str) -> bool:
        """A file, or a folder of files."""
        return self.artifact(path) is not None

    def remove(self, path: str) -> None:
        """It and all below it."""
        name = _plain(path)
        if name == "." or name.startswith(("/", "..")):
            raise ValueError(f"{path} is not below the project")
        for file in [file for file in self.contents if file == name or file.startswith(f"{name}/")]:
            del self.contents[file]

    def move(self, path: str, to: str) -> None:
        """It and all below it, under other names."""
        name, target = _plain(path), _plain(to)
        for file in [file for file in self.contents if file == name or file.startswith(f"{name}/")]:
            self.contents[target + file[len(name) :]] = self.contents.pop(file)

    def scan(self) -> Mapping[str, FileState]:
        """Every file; its inode is derived from its bytes, so that a change of them shows."""
        return {path: FileState(len(data), 0, 0, hash(data)) for path, data in self.contents.items()}

    def locate(self, path: str) -> Path:
        """A place that does not exist."""
        return Path("/memory") / path

    def read(self, path: str) -> bytes | None:
        """The file's bytes."""
        return self.contents.get(_plain(path))

    def lines(self, path: str) -> Iterator[bytes]:
        """The file's lines."""
        return iter(BytesIO(self.contents.get(_plain(path), b"")))

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The files whose path matches, part by part; ``**`` is any number of folders."""
        if _plain(pattern) in self.contents:
            return (_plain(pattern),)
        wanted = PurePosixPath(pattern).parts
        return tuple(sorted(file for file in self.contents if _matches(PurePosixPath(file).parts, wanted)))


class MemoryPredictions:
    """A prediction log in a list."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Keep them as JSON, so that later changes to the dicts do not matter."""
        self._lines += [msgspec.json.encode(record) for record in records]

    def records(self) -> Iterator[dict[str, Any]]:
        """All of them."""
        return (msgspec.json.decode(line, type=dict[str, Any]) for line in list(self._lines))

    def close(self) -> None:
        """There is no disk to wait for."""


def _checked(kept: dict[Digest, bytes], digest: Digest, digest_bytes: Callable[[bytes], Digest]) -> bytes:
    if digest not in kept:
        raise NotFound(Problem("not-in-store", f"the store has no {short(digest)}"))
    if digest_bytes(kept[digest]) != digest:
        del kept[digest]
        raise IntegrityError(Problem("object-damaged", f"the store's copy of {digest} is damaged"))
    return kept[digest]


def _below(folder: Artifact, entry: TreeEntry) -> Artifact:
    kind: ArtifactKind = "folder" if entry.mode == "folder" else "file"
    return Artifact(f"{folder.path}/{entry.name}", entry.digest, kind, entry.size_bytes)


def _refused(path: Path) -> StateError:
    return StateError(
        Problem("not-a-file-or-folder", f"{path} is neither a file nor a folder: its bytes cannot be kept")
    )


def _remove(place: Path) -> None:
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)


def _plain(path: str) -> str:
    return PurePosixPath(os.path.normpath(path)).as_posix()


def _folder_digest(files: Mapping[str, bytes]) -> tuple[Digest, int]:
    entries = []
    for name in {path.split("/", 1)[0] for path in files}:
        if name in files:
            entries.append(TreeEntry(name, "file", len(files[name]), digest_of(files[name])))
        else:
            below = {path.removeprefix(f"{name}/"): data for path, data in files.items() if path.startswith(f"{name}/")}
            digest, size_bytes = _folder_digest(below)
            entries.append(TreeEntry(name, "folder", size_bytes, digest))
    return tree_digest(encode_tree(tuple(entries))), sum(entry.size_bytes for entry in entries)


def _matches(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    if not wanted:
        return not parts
    is_hidden = bool(parts) and parts[0].startswith(".") and not wanted[0].startswith(".")
    if wanted[0] == "**":
        return _matches(parts, wanted[1:]) or (bool(parts) and not is_hidden and _matches(parts[1:], wanted))
    fits = bool(parts) and not is_hidden and fnmatch.fnmatchcase(parts[0], wanted[0])
    return fits and _matches(parts[1:], wanted[1:])

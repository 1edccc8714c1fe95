"""The cache of DVC as a store that is read and never written.

    files/md5/ab/<30 hex>        bytes under their MD5 (DVC 3)
    files/md5/ab/<30 hex>.dir    a folder: JSON, a list of {"md5": ..., "relpath": ...}
    ab/<30 hex>[.dir]            the same as DVC 2 left it: line ends of text count as one in its MD5

Names are ``md5:HEX`` and ``md5-dos2unix:HEX``; those of folders end in ``.dir``. Nothing is put anywhere before its bytes were
held against its name. Which name stands for which of our digests is kept in the cache of the project, and may be lost.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from assay.adapters.disk import disk_errors
from assay.adapters.folders import kind_at, read_file
from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.ports import Cache, Md5Store, Store
from assay.core.problem import IntegrityError, NotFound, Problem
from assay.core.tree import TreeEntry, encode_tree, tree_digest

_CHUNK_BYTES = 1 << 20
_LOOKED_AT_BYTES = 512
"""So much of a chunk DVC 2 looked at to tell text from other bytes."""
_TEXT = bytes(range(32, 127)) + b"\n\r\t\f\b"
_MOST_OTHERS = 0.3
_FOLDER = ".dir"
_NAME = re.compile(r"md5(?:-dos2unix)?:[0-9a-f]{32}\Z")
"""Of a file; other names in a listing are passed over."""
_PASSED_OVER = frozenset({".git", ".hg", ".dvc"})


class DvcCache:
    """An ``Md5Store`` in the folder ``root``, which need not be there."""

    def __init__(self, root: Path, index: Cache) -> None:
        self._root = root
        self._index = index

    def agrees(self, place: Path, name: str) -> bool:
        """Its MD5, taken now, is that of the name. A link within a folder is followed, as DVC does."""
        with disk_errors(f"cannot read {place}", place):
            return _name_of(place, _hash_of(name)) == name

    def link(self, digest: Digest, name: str) -> None:
        """Remember that both name the same bytes."""
        self._index.remember(f"dvc/{digest}", name.encode())

    def find(self, digest: Digest) -> str | None:
        """The name that was linked to the digest, where all that it names is here."""
        name = (self._index.recall(f"dvc/{digest}") or b"").decode("utf-8", "replace")
        return name if name and self.has(name) else None

    def has(self, name: str) -> bool:
        """Every byte is there, as far as names tell."""
        if not self._place(name).is_file():
            return False
        return not name.endswith(_FOLDER) or all(self._place(entry).is_file() for _, entry in self._entries(name))

    def kept(self, name: str, path: str) -> Artifact | None:
        """What would stand at ``path`` if it were restored there; its bytes are read. None where not all is here, and sound."""
        if not self.has(name) or not all(self.agrees(self._place(each), each) for each in self._files(name)):
            return None
        with disk_errors(f"cannot read {path} in DVC's cache", self._root):
            found = self._folder(name, path) if name.endswith(_FOLDER) else self._file(name, path)
        self.link(found.digest, name)
        return found

    def within(self, name: str, below: str) -> str | None:
        """The name of what lies at ``below`` in a folder."""
        return next((entry for path, entry in self._entries(name) if path == below), None)

    def restore(self, name: str, to: Path) -> None:
        """Put it at ``to``, checked, all or nothing; what stands there is replaced."""
        from assay.adapters.stores.swap import put_in_place, remove

        beside = to.parent / f".assay-restore-{os.getpid()}-{os.urandom(4).hex()}"
        with disk_errors(f"cannot write {to}", to):
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                if name.endswith(_FOLDER):
                    beside.mkdir()
                    for below, entry in self._entries(name):
                        self._write(entry, beside / below)
                else:
                    self._write(name, beside)
                put_in_place(beside, to)
            finally:
                remove(beside)

    def _place(self, name: str) -> Path:
        kind, _, digits = name.partition(":")
        folder = self._root / "files" / "md5" if kind == "md5" else self._root
        return folder / digits[:2] / digits[2:]

    def _entries(self, name: str) -> tuple[tuple[str, str], ...]:
        """(path below, name) of each file of a folder; none where it is not here or is no listing."""
        try:
            data = self._place(name).read_bytes()
        except OSError:
            return ()
        if f"{_hash_of(name)}:{_md5(data)}{_FOLDER}" != name:
            raise _damaged(name, self._place(name))
        return tuple(_listed(data, _hash_of(name)))

    def _files(self, name: str) -> tuple[str, ...]:
        """The names of the files that it is or holds."""
        return tuple(entry for _, entry in self._entries(name)) if name.endswith(_FOLDER) else (name,)

    def _file(self, name: str, path: str) -> Artifact:
        file = read_file(self._place(name))
        return Artifact(path, file.digest, "file", file.size_bytes)

    def _folder(self, name: str, path: str) -> Artifact:
        tree: dict[str, Any] = {}
        for below, entry in self._entries(name):
            *folders, last = below.split("/")
            here = tree
            for folder in folders:
                here = here.setdefault(folder, {})
            here[last] = self._file(entry, last)
        node = _node(path, tree)
        return Artifact(path, node.digest, "folder", node.size_bytes, len(self._entries(name)))

    def _write(self, name: str, to: Path) -> None:
        source = self._place(name)
        if not source.is_file():
            fix = "dvc pull, then run again"
            raise NotFound(Problem("not-in-store", f"DVC's cache has no {name}", (f"looked in {self._root}",), fix))
        to.parent.mkdir(parents=True, exist_ok=True)
        target = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        try:
            read_file(source, copy_to=target)
        finally:
            os.close(target)
        if not self.agrees(to, name):
            raise _damaged(name, source)


class DvcBackedStore:
    """A ``Store`` that also finds what DVC's cache keeps; it keeps everything new in ``store``."""

    def __init__(self, store: Store, open_cache: Callable[[], Md5Store]) -> None:
        self._store = store
        self._open_cache = open_cache

    def has(self, artifact: Artifact) -> bool:
        """It is in one of the two."""
        return self._store.has(artifact) or self._open_cache().find(artifact.digest) is not None

    def restore(self, artifact: Artifact, to: Path) -> None:
        """From the store where it has it, else from DVC's cache."""
        name = None if self._store.has(artifact) else self._open_cache().find(artifact.digest)
        if name is None:
            self._store.restore(artifact, to)
        else:
            self._open_cache().restore(name, to)
            if artifact.is_executable:
                to.chmod(0o755)

    def __getattr__(self, method: str) -> Any:
        """Everything else is the store's own affair, whatever it takes."""
        return getattr(self._store, method)


def _name_of(place: Path, kind: str) -> str | None:
    match kind_at(place):
        case "file":
            return f"{kind}:{_md5_of(place, kind)}"
        case "folder":
            files = sorted((path.relative_to(place).as_posix(), path) for path in _files_below(place))
            listing = [{"md5": _md5_of(path, kind), "relpath": below} for below, path in files]
            return f"{kind}:{_md5(json.dumps(listing, sort_keys=True).encode())}{_FOLDER}"
        case None:
            return None


def _files_below(folder: Path) -> Iterator[Path]:
    for above, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if name not in _PASSED_OVER]
        yield from (Path(above, name) for name in files)


def _md5_of(place: Path, kind: str) -> str:
    hashed = hashlib.md5(usedforsecurity=False)
    with place.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            is_text = kind != "md5" and _reads_as_text(chunk[:_LOOKED_AT_BYTES])
            hashed.update(chunk.replace(b"\r\n", b"\n") if is_text else chunk)
    return hashed.hexdigest()


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def _reads_as_text(block: bytes) -> bool:
    return b"\0" not in block and len(block.translate(None, _TEXT)) <= _MOST_OTHERS * len(block)


def _hash_of(name: str) -> str:
    return name.partition(":")[0]


def _listed(data: bytes, kind: str) -> Iterator[tuple[str, str]]:
    """A listing is not trusted: a path in it never leaves the folder."""
    try:
        items = json.loads(data)
        pairs = [(item["relpath"], f"{kind}:{item['md5']}") for item in items]
    except (ValueError, TypeError, KeyError):
        return
    for path, name in pairs:
        plain = PurePosixPath(path)
        if (
            _NAME.match(name)
            and isinstance(path, str)
            and not plain.is_absolute()
            and ".." not in plain.parts
            and plain.parts
        ):
            yield path, name


def _node(name: str, tree: "Artifact | dict[str, Any]") -> TreeEntry:
    if isinstance(tree, Artifact):
        return TreeEntry(name, "file", tree.size_bytes, tree.digest)
    entries = tuple(_node(below, each) for below, each in tree.items())
    size_bytes = sum(entry.size_bytes for entry in entries)
    return TreeEntry(name, "folder", size_bytes, tree_digest(encode_tree(entries)))


def _damaged(name: str, place: Path) -> IntegrityError:
    because = f"its bytes are not what its name says: {place}"
    fix = "remove that file, then: dvc pull"
    return IntegrityError(Problem("dvc-cache-damaged", f"{name} in DVC's cache is damaged", (because,), fix))

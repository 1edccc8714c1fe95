"""The store in a folder.

    format               assay-store 1
    objects/ab/<62 hex>  a file's bytes
    trees/ab/<62 hex>    a folder's node (core/tree.py)
    tmp/                 what is being written; what a kill left there is harmless
    quarantine/          what was found damaged; never deleted here

Nothing appears under its name before its bytes are written; where it is to be durable, before they are on disk. Damaged objects are moved aside as soon as they are seen, so
that adding the same bytes again heals the store. A store is made at the first write; opening one touches nothing.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from assay.adapters.disk import disk_errors, make_folder, write_all
from assay.adapters.folders import kind_at, nothing_at, read_folder
from assay.adapters.stores.objects import Objects, name_file, new_file
from assay.core.artifact import Artifact, ArtifactKind
from assay.core.digest import Digest, digest_of
from assay.core.problem import IntegrityError, NotFound, Problem, StateError
from assay.core.tree import TreeEntry, decode_tree, tree_digest

_MODES = {False: 0o644, True: 0o755}
"""Of a file that is put back: may it be executed."""
_WORD, _FORMAT = "assay-store", 1


class LocalStore:
    """A ``Store`` in the folder ``root``, for any number of processes on this machine."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._objects = Objects(root, "objects", digest_of)
        self._trees = Objects(root, "trees", tree_digest)
        self._is_known = False

    def add(self, path: Path, name: str, *, durable: bool = True) -> Artifact:
        """Keep a file or folder; ``NotFound`` where nothing stands at ``path``."""
        with disk_errors(f"cannot keep {name}", path):
            kind = kind_at(path)
            if kind is None:
                raise nothing_at(path)
            self._prepare()
            if kind == "file":
                return self._objects.keep_file(path, follow_links=True, durable=durable).artifact(name)
            folder = read_folder(
                path,
                lambda place: self._objects.keep_file(place, follow_links=False, durable=durable),
                lambda digest, node: self._trees.keep_bytes(digest, node, durable=durable),
            )
            return Artifact(name, folder.digest, "folder", folder.size_bytes, folder.files)

    def add_bytes(self, data: bytes, *, durable: bool = True) -> Digest:
        """Keep these bytes as a file's."""
        self._prepare()
        digest = digest_of(data)
        self._objects.keep_bytes(digest, data, durable=durable)
        return digest

    def has(self, artifact: Artifact) -> bool:
        """Every file is there in its size, every folder's node is whole."""
        self._check_format()
        return self._has(artifact.kind, artifact.digest, artifact.size_bytes)

    def read(self, digest: Digest) -> bytes:
        """The bytes of a file, checked."""
        self._check_format()
        return self._objects.read(digest)

    def entries(self, digest: Digest) -> tuple[TreeEntry, ...]:
        """What a folder holds, checked."""
        self._check_format()
        return self._node(digest)

    def restore(self, artifact: Artifact, to: Path) -> None:
        """Put the artifact at ``to``. The disk is not waited for: what a power cut takes is restored again."""
        from assay.adapters.stores.swap import put_in_place, remove  # ctypes and shutil: not needed to start up

        self._check_format()
        beside = to.parent / f".assay-restore-{os.getpid()}-{os.urandom(4).hex()}"
        with disk_errors(f"cannot write {artifact.path} to {to}", to, artifact.size_bytes):
            to.parent.mkdir(parents=True, exist_ok=True)
            try:
                if artifact.kind == "file":
                    self._write_file(artifact.digest, beside, _MODES[artifact.is_executable])
                else:
                    self._write_folder(artifact.digest, beside)
                put_in_place(beside, to)
            finally:
                remove(beside)

    def verify(self, artifact: Artifact) -> tuple[str, ...]:
        """What is missing or damaged, one line each; damaged objects are put in quarantine."""
        self._check_format()
        with disk_errors(f"cannot verify {artifact.path}", self._root):
            return tuple(self._faults(artifact.path, artifact.kind, artifact.digest))

    def _has(self, kind: ArtifactKind, digest: Digest, size_bytes: int) -> bool:
        if kind == "file":
            return self._objects.size_of(digest) == size_bytes
        try:
            entries = self._node(digest)
        except (NotFound, IntegrityError):
            return False
        return all(self._has(_kind(entry), entry.digest, entry.size_bytes) for entry in entries)

    def _node(self, digest: Digest) -> tuple[TreeEntry, ...]:
        encoded = self._trees.read(digest)
        try:
            return decode_tree(encoded)
        except ValueError as error:
            raise IntegrityError(
                Problem(
                    "not-a-folder", f"{digest} does not name a folder", (str(error),), "do not trust where it came from"
                )
            ) from error

    def _write_file(self, digest: Digest, to: Path, mode: int) -> None:
        target = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            self._objects.copy(digest, target)
            os.fchmod(target, mode)
        finally:
            os.close(target)

    def _write_folder(self, digest: Digest, to: Path) -> None:
        to.mkdir()
        for entry in self._node(digest):
            if entry.mode == "folder":
                self._write_folder(entry.digest, to / entry.name)
            else:
                self._write_file(entry.digest, to / entry.name, _MODES[entry.mode == "executable"])

    def _faults(self, name: str, kind: ArtifactKind, digest: Digest) -> Iterator[str]:
        entries: tuple[TreeEntry, ...] = ()
        try:
            if kind == "file":
                self._objects.copy(digest)
            else:
                entries = self._node(digest)
        except NotFound:
            yield f"{name}: missing ({digest})"
        except IntegrityError:
            yield f"{name}: damaged ({digest})"
        for entry in entries:
            yield from self._faults(f"{name}/{entry.name}", _kind(entry), entry.digest)

    def _prepare(self) -> None:
        """Make the store where there is none."""
        self._check_format()
        if self._is_known:
            return
        with disk_errors(f"cannot make a store at {self._root}", self._root):
            make_folder(self._root / "tmp")
            make_folder(self._root / "objects")
            make_folder(self._root / "trees")
            with new_file(self._root) as (temp, target):
                write_all(target, f"{_WORD} {_FORMAT}\n".encode())
                name_file(temp, target, self._root / "format", durable=True)
        self._is_known = True

    def _check_format(self) -> None:
        """Refuse a store of another format. One that is not there yet is looked for again each time."""
        if self._is_known:
            return
        place = self._root / "format"
        with disk_errors(f"cannot read {place}", place):
            try:
                text = place.read_text("utf-8", "replace")
            except FileNotFoundError:
                return
        _demand_known(text, self._root)
        self._is_known = True


def _demand_known(text: str, root: Path) -> None:
    word, _, number = text.strip().partition(" ")
    if word != _WORD or not number.isdecimal():
        raise StateError(
            Problem(
                "state-damaged",
                f"{root} is not a store",
                (f"its file format says {text[:40]!r}, not '{_WORD} {_FORMAT}'",),
                f"move it away and run again (mv {root} {root}.damaged), or name another store in assay.yaml",
            )
        )
    if int(number) != _FORMAT:
        raise StateError(
            Problem(
                "state-newer",
                f"{root} was written by a newer Assay (format {number}; this one knows {_FORMAT})",
                (),
                "upgrade Assay: pip install --upgrade assay",
            )
        )


def _kind(entry: TreeEntry) -> ArtifactKind:
    return "folder" if entry.mode == "folder" else "file"

"""The project as it will be when the steps that are reused have put their outputs back."""

from collections.abc import Iterator
from posixpath import normpath

from msgspec import UNSET

from assay.core.artifact import Artifact, ArtifactKind
from assay.core.order import overlaps, touches
from assay.core.ports import ProjectFiles, Store
from assay.core.tree import EntryMode, TreeEntry, encode_tree, tree_digest


class Coming:
    """What stands, and what will come back from the store to stand over it."""

    def __init__(self, files: ProjectFiles, store: Store, back: dict[str, Artifact]) -> None:
        self._files = files
        self._store = store
        self._back = back
        self._folders = {above for path in back for above in _above(path)}
        """Those in which something comes back."""

    @property
    def is_empty(self) -> bool:
        """Nothing comes back."""
        return not self._back

    def add(self, artifacts: tuple[Artifact, ...]) -> None:
        """These will be put back too."""
        self._back |= {artifact.path: artifact for artifact in artifacts}
        self._folders |= {above for artifact in artifacts for above in _above(artifact.path)}

    def standing(self, path: str) -> Artifact | None:
        """What will stand at ``path``."""
        if path in self._back or not self._back:
            return self._back.get(path) or self._files.artifact(path)
        plain = normpath(path)
        above = next((each for each in _above(plain) if each in self._back), None)
        if above is not None:
            return self._within(self._back[above], plain)
        stands = self._files.artifact(path)
        return self._folder(plain) if plain in self._folders else stands

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The files that a glob will name."""
        back = (path for path in self._back if touches(pattern, path))
        return tuple(sorted({*self._files.expand(pattern), *back}))

    def _within(self, folder: Artifact, path: str) -> Artifact | None:
        """What a folder that comes back whole has at ``path``."""
        found = TreeEntry(folder.path, "folder", folder.size_bytes, folder.digest)
        for name in path.removeprefix(f"{folder.path}/").split("/"):
            inside = self._store.entries(found.digest) if found.mode == "folder" else ()
            entry = next((each for each in inside if each.name == name), None)
            if entry is None:
                return None
            found = entry
        kind: ArtifactKind = "folder" if found.mode == "folder" else "file"
        may_be_run = found.mode if found.mode == "executable" else UNSET
        return Artifact(path, found.digest, kind, found.size_bytes, mode=may_be_run)

    def _folder(self, path: str) -> Artifact:
        """A folder in which some things come back, beside those that are there."""
        below = "" if path == "." else f"{path}/"
        place = self._files.locate(path)
        there = {each.name for each in place.iterdir()} if place.is_dir() else set()
        names = there | {each.removeprefix(below).split("/")[0] for each in self._back if overlaps(each, path)}
        found = tuple(self._entries(below, names))
        digest = tree_digest(encode_tree(found))
        return Artifact(path, digest, "folder", sum(entry.size_bytes for entry in found))

    def _entries(self, below: str, names: set[str]) -> Iterator[TreeEntry]:
        for name in names:
            artifact = self.standing(f"{below}{name}")
            if artifact is not None:
                mode: EntryMode = (
                    "folder" if artifact.kind == "folder" else "executable" if artifact.is_executable else "file"
                )
                yield TreeEntry(name, mode, artifact.size_bytes, artifact.digest)


def _above(path: str) -> Iterator[str]:
    """``a/b`` and ``a`` and ``.`` for ``a/b/c``; outside the project none is ``.``."""
    is_inside = not path.startswith(("/", ".."))
    while (at := path.rfind("/")) > 0:
        path = path[:at]
        yield path
    if is_inside and path != ".":
        yield "."

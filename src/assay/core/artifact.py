"""Artifacts: bytes with a path and a digest. Datasets and models are artifacts in a role."""

from pathlib import PurePosixPath
from typing import Literal

import msgspec

from assay.core.digest import Digest, short

ArtifactKind = Literal["file", "folder", "table"]
"""``table``: of a database's server. It has no bytes of its own, and its digest names only the place."""


class Artifact(msgspec.Struct, frozen=True):
    """A file, or a folder as a tree, as it was when its bytes were read."""

    path: str
    """Where it stood: relative to the project with ``/``, or absolute when outside it."""
    digest: Digest
    kind: ArtifactKind
    size_bytes: int
    """Bytes of the file, or of all files below the folder."""
    files: int = 1
    """1 for a file; for a folder the number of files below it, which may be 0."""
    mode: Literal["executable"] | msgspec.UnsetType = msgspec.UNSET
    """Of a file that its owner may execute. Elsewhere it is no part of what is written down, as it was none before it was known:
    digests of records in which nothing is executable stay as they are. A folder's tree says it of each file."""

    @property
    def is_executable(self) -> bool:
        """It is a file that may be executed."""
        return self.mode == "executable"

    @property
    def name(self) -> str:
        """The path's stem: ``flights`` for ``data/flights.parquet``; of a glob that names no more than endings its folder."""
        path = PurePosixPath(self.path)
        while path.name.startswith("*") and not path.name.split(".")[0].strip("*") and path.parent.name:
            path = path.parent
        return path.name.split(".")[0] or path.name

    @property
    def label(self) -> str:
        """The name with the short digest: ``flights@9c41e0d2``; of a table its name alone."""
        if self.kind == "table":
            return self.path.rpartition("#")[2]
        return f"{self.name}@{short(self.digest)}"

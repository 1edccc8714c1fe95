"""What drift asks of a dataset: which columns as what, by which batches, at which edges, and against what. Plain values; no numpy and
no SQL."""

import msgspec

from assay.core.dataset import DataColumn, Source
from assay.core.digest import Digest
from assay.core.drift import ColumnKind
from assay.core.reference_profile import ReferenceProfile
from assay.core.rules import ColumnType


class Batching(msgspec.Struct, frozen=True):
    """How rows fall into batches."""

    time: DataColumn | None = None
    """None: all rows are one batch."""
    batch_s: float = 0.0
    """The length of a batch."""
    until_s: float | None = None
    """Seconds since the epoch: what is dated later has not happened, and is in no batch. None: nothing is."""


class Tallied(msgspec.Struct, frozen=True):
    """A column that is counted, as an instance of a type."""

    column: DataColumn
    type: ColumnType

    @property
    def kind(self) -> ColumnKind:
        return "number" if self.type in ("int", "float") else "category"


class Valued(msgspec.Struct, frozen=True):
    """A column whose values are asked for."""

    tallied: Tallied
    stride: int = 1
    """Of so many values one is told."""


class Binned(msgspec.Struct, frozen=True):
    """A column, and where it is counted."""

    tallied: Tallied
    edges: tuple[float, ...] | None = None
    """Of a number, increasing and finite."""
    kept: tuple[str, ...] = ()
    """Of a category, each once."""

    @property
    def bins(self) -> int:
        """NULL aside."""
        return len(self.kept if self.edges is None else self.edges) + 1


class Since(msgspec.Struct, frozen=True):
    """What the newest rows are held against."""

    told: str
    """``champion (flights@9c41e0d2)``."""
    digest: Digest | None = None
    """Of its data."""
    profile: ReferenceProfile | None = None
    source: Source | None = None
    """Its rows, where they are at hand."""
    missing: str = ""
    """Why there is nothing: ``there is no champion yet``."""

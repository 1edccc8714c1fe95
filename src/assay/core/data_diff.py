"""What differs between two versions of a dataset."""

from typing import Any, Literal

import msgspec

from assay.core.rules.nouns import ColumnType


class DiffSide(msgspec.Struct, frozen=True):
    """One of the two."""

    name: str
    rows: int
    columns: int
    size_bytes: int = 0


class Retyped(msgspec.Struct, frozen=True):
    """A column that both have, of another type in each; None: nested or of no single type."""

    name: str
    before: ColumnType | None
    after: ColumnType | None


class ColumnDifference(msgspec.Struct, frozen=True, kw_only=True):
    """How differently the values of a column are distributed."""

    name: str
    type: ColumnType | None
    """As what both were read; None: it was compared as text."""
    null_share_before: float
    null_share_after: float
    measure: Literal["ks", "tv"] | None = None
    """``ks``: the largest difference between the shares of values up to some point (Kolmogorov-Smirnov); ``tv``: the share
    of values that would have to be others (total variation). None: one side has no values, or they cannot be compared."""
    distance: float | None = None
    """0 to 1."""
    is_exact: bool = False
    """Otherwise it is at least so large: it was looked at between some hundred edges, or values."""
    middle_before: Any = None
    """The median of numbers, days and times; the most frequent value of others."""
    middle_after: Any = None

    @property
    def is_nothing(self) -> bool:
        """Nothing differs, as far as was seen."""
        return not self.distance and self.null_share_before == self.null_share_after


class ChangedColumn(msgspec.Struct, frozen=True):
    """A column, and in how many of the rows that both have it differs."""

    name: str
    rows: int


class ChangedRow(msgspec.Struct, frozen=True):
    """A row that both have, and what of it differs."""

    key: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]


class KeyDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The rows of both, joined by a key that names a row. NULL is equal to NULL."""

    key: tuple[str, ...]
    added: int
    removed: int
    changed: int
    same: int
    columns: tuple[ChangedColumn, ...] = ()
    """Those that changed, the most changed first."""
    first_added: tuple[dict[str, Any], ...] = ()
    """At most ten, in the order of the key, as below."""
    first_removed: tuple[dict[str, Any], ...] = ()
    first_changed: tuple[ChangedRow, ...] = ()


class NearlyKey(msgspec.Struct, frozen=True):
    """A column that would be a key, but for few rows of the version before."""

    column: str
    repeats: int
    """Rows that repeat an earlier value."""


class DataDiff(msgspec.Struct, frozen=True, kw_only=True):
    """All that differs. Values are compared under the type that both sides have in common: 1, 1.0 and "1" are equal."""

    before: DiffSide
    after: DiffSide
    added_columns: tuple[str, ...] = ()
    removed_columns: tuple[str, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    columns: tuple[ColumnDifference, ...] = ()
    by_key: KeyDifference | None = None
    nearly_key: NearlyKey | None = None
    """Where a key was looked for."""
    has_same_rows: bool
    """Both hold the same rows, each as often, in whatever order; of the columns that both have."""

    @property
    def is_equal(self) -> bool:
        """The same columns with the same rows."""
        return self.has_same_rows and not self.added_columns and not self.removed_columns

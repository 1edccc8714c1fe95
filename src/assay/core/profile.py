"""What a dataset looks like: numbers and pictures of its columns, for people to read. Values are numbers, booleans and texts;
days and times are texts of ISO 8601."""

from typing import Any

import msgspec

from assay.core.rules.nouns import ColumnType


class Frequent(msgspec.Struct, frozen=True):
    """A value, and how many rows have it. Texts are cut at 100 characters, and those that begin alike count as one."""

    value: Any
    rows: int


class Quantile(msgspec.Struct, frozen=True):
    """The least value that so large a share of the values does not exceed."""

    share: float
    """.95 for p95."""
    value: Any
    is_exact: bool
    """Otherwise it lies between two values that it is known to lie between."""


class Histogram(msgspec.Struct, frozen=True):
    """How many values lie where: ``counts[i]`` are above ``edges[i]`` and not above ``edges[i + 1]``; the first also counts
    what equals its lower edge. The first and the last bin reach to the least and the greatest value and may be wider than the
    others."""

    edges: tuple[Any, ...]
    counts: tuple[int, ...]


NEARLY_ALL = 0.9


class Mostly(msgspec.Struct, frozen=True, kw_only=True):
    """What most values of a column are, whose values are of no narrow type that they share."""

    rows: int
    """Values of the type."""
    profile: "ColumnProfile"
    """Of these values alone."""
    others: int
    """Values that are neither of the type nor NULL."""
    frequent_others: tuple[Frequent, ...]
    """At most five, the most frequent first."""

    @property
    def is_nearly_all(self) -> bool:
        """So many values are of the type that the others look like mistakes."""
        return self.rows >= NEARLY_ALL * (self.rows + self.others)


class ColumnProfile(msgspec.Struct, frozen=True, kw_only=True):
    """One column."""

    name: str
    type: ColumnType | None
    """What all its values are; None: nested, binary or of no single type."""
    stored: str
    """The engine's own word."""
    nulls: int
    distinct: int | None
    """Different values, NULL aside; None: not counted."""
    is_distinct_exact: bool = False
    """Otherwise it is off by some per cent."""
    least: Any = None
    greatest: Any = None
    mean: float | None = None
    stddev: float | None = None
    """Of the sample: divided by n - 1."""
    quantiles: tuple[Quantile, ...] = ()
    frequent: tuple[Frequent, ...] = ()
    """The most frequent values that a sample has shown, the most frequent first; the counts are of all rows."""
    are_all: bool = False
    """``frequent`` holds every value that there is."""
    histogram: Histogram | None = None
    lengths: tuple[int, int] | None = None
    """Of texts, the least and the greatest number of characters, where that was asked."""
    mostly: Mostly | None = None
    """Where that was asked: of texts, what nearly all spell beyond text; of JSON of several types, what most are."""

    @property
    def is_wide(self) -> bool:
        """The values are whole numbers, some of them beyond 64 bits: ``least`` and ``greatest`` have all their digits, and all else
        was computed from doubles."""
        return self.type == "float" and isinstance(self.least, int)


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """A whole dataset."""

    name: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    sampled_rows: int
    """So many rows say which values are counted as frequent, and where quantiles are looked for."""
    size_bytes: int = 0
    """Of its files; 0 for a table of a server."""
    files: int = 0

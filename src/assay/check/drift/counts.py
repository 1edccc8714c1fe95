"""Counts: all that drift asks of data. An engine makes them in one scan, and they add up.

Nothing here holds a row. Counts of two parts of a dataset at the same edges are added, in any order, to those of the whole; so
a reference of a year is 365 small arrays, whatever its size.
"""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from assay.core.drift import ColumnKind

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]


class Counts(msgspec.Struct, frozen=True, eq=False):
    """Rows of one column, counted batch by batch, the oldest first. ``ValueError`` where the arrays do not belong together."""

    bins: Ints
    """Batches x bins: rows that are not NULL."""
    nulls: Ints
    """Batches: rows that are NULL, NaN among them."""

    def __post_init__(self) -> None:
        if self.bins.ndim != 2 or self.nulls.shape != self.bins.shape[:1]:
            raise ValueError(f"counts of batches x bins and of batches, not {self.bins.shape} and {self.nulls.shape}")

    @property
    def batches(self) -> int:
        return len(self.nulls)

    @property
    def values(self) -> Ints:
        """Of each batch: rows that are not NULL."""
        counted: Ints = self.bins.sum(axis=1)
        return counted

    @property
    def rows(self) -> Ints:
        return self.values + self.nulls

    def total(self) -> "Counts":
        """All batches as one; of no batches one without rows."""
        return Counts(self.bins.sum(axis=0, keepdims=True), self.nulls.sum(keepdims=True))

    def windows(self, width: int) -> "Counts":
        """Every run of ``width`` batches that follow each other, as one each: as many as there are batches, less ``width`` - 1, and
        none where there are fewer batches than that. ``ValueError`` for a width below 1."""
        if width < 1:
            raise ValueError(f"a window of {width} batches")
        if width == 1:
            return self
        bins = np.concatenate((np.zeros_like(self.bins[:1]), np.cumsum(self.bins, axis=0)))
        nulls = np.concatenate((np.zeros_like(self.nulls[:1]), np.cumsum(self.nulls)))
        if self.batches < width:
            return Counts(self.bins[:0], self.nulls[:0])
        return Counts(bins[width:] - bins[:-width], nulls[width:] - nulls[:-width])


class NumberColumn(msgspec.Struct, frozen=True, eq=False):
    """A column of numbers on both sides, counted at the same edges: the last batch or batches, ``window``, against ``reference``.

    Bin i holds the values over edge i - 1 and up to edge i, that one included; the first bin has no lower end and the last no
    upper one. So the counts up to an edge are exactly the values that do not exceed it. Infinities belong to the outer bins.
    Days and times are numbers too (such as seconds), for those who ask for them.
    """

    name: str
    edges: Floats
    """Strictly increasing, made of the reference alone (``edges_of``); one fewer than there are bins."""
    reference: Counts
    window: Counts

    def __post_init__(self) -> None:
        _fits(self.name, len(self.edges) + 1, self.reference, self.window)
        if (np.diff(self.edges) <= 0).any():
            raise ValueError(f"{self.name}: edges must increase")

    @property
    def kind(self) -> ColumnKind:
        return "number"


class CategoryColumn(msgspec.Struct, frozen=True, eq=False):
    """A column of text or truth values on both sides: a bin for each of ``kept``, and a last one for all other values."""

    name: str
    kept: tuple[str, ...]
    """Chosen by the pooled counts of both sides (``kept_values``)."""
    reference: Counts
    window: Counts

    def __post_init__(self) -> None:
        _fits(self.name, len(self.kept) + 1, self.reference, self.window)

    @property
    def kind(self) -> ColumnKind:
        return "category"


Column: TypeAlias = NumberColumn | CategoryColumn


def _fits(name: str, bins: int, *sides: Counts) -> None:
    for side in sides:
        if side.bins.shape[1] != bins:
            raise ValueError(f"{name}: {bins} bins, not {side.bins.shape[1]}")

"""Distances between distributions that are counted in the same bins: 0 where they are equal, 1 where they share no bin.

They work along the last axis and broadcast over the others, so that all windows of a reference are held against their rests in one
go. A side without values has shares of NaN, and every distance from it is NaN: there is nothing to be told.
"""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from assay.check.drift.counts import Floats, Ints

Distance: TypeAlias = Callable[[Floats, Floats], Floats]
"""From the shares of both sides (... x bins) to a distance (...)."""


def shares_of(counts: Ints) -> Floats:
    """The share of each bin in its row (... x bins); NaN where a row is empty."""
    return portion(counts, counts.sum(axis=-1, keepdims=True))


def portion(part: Ints, whole: Ints) -> Floats:
    """Part of whole, NaN where the whole is 0."""
    return part / np.where(whole > 0, whole, np.nan)


def kolmogorov_smirnov(one: Floats, other: Floats) -> Floats:
    """The greatest difference between two distribution functions at the edges of the bins. It is at most that of the rows
    themselves, and falls short by no more than the greatest share that both sides have in a bin."""
    apart: Floats = np.abs(np.cumsum(one - other, axis=-1)).max(axis=-1)
    return np.minimum(apart, 1)


def total_variation(one: Floats, other: Floats) -> Floats:
    """Half of the summed differences: the share of rows that would have to change their value for the sides to be equal."""
    apart: Floats = np.abs(one - other).sum(axis=-1) / 2
    return np.minimum(apart, 1)

"""What moved, and by how much: quantiles of numbers and shares of categories, from counts."""

import math

import numpy as np

from assay.check.drift.counts import CategoryColumn, Floats, Ints, NumberColumn
from assay.check.drift.distances import portion, shares_of
from assay.core.drift import Farthest, NumberSide, ValueShift

MOST_SHIFTS = 5


def quantile(edges: Floats, counts: Ints, share: float) -> float:
    """The least edge that at least ``share`` of the values do not exceed; infinite where that lies above the greatest edge, NaN
    without values. So it is a quantile of the values rounded up to an edge: never too low."""
    total = int(counts.sum())
    if not total:
        return math.nan
    at = int(np.searchsorted(np.cumsum(counts), math.ceil(share * total - 1e-9)))
    return float(edges[at]) if at < len(edges) else math.inf


def number_side(edges: Floats, counts: Ints) -> NumberSide:
    """Of a side that has values."""
    found = (quantile(edges, counts, share) for share in (0.05, 0.5, 0.95))
    return NumberSide(*(each if math.isfinite(each) else None for each in found))


def sides(column: NumberColumn) -> tuple[NumberSide, NumberSide]:
    """The reference, and the window."""
    before, now = column.reference.total().bins[0], column.window.total().bins[0]
    return number_side(column.edges, before), number_side(column.edges, now)


def farthest(column: NumberColumn) -> Farthest | None:
    """Where the distribution functions differ most; None where they do nowhere, or a side has no values."""
    before, now = (_shares_above(side.total().bins[0]) for side in (column.reference, column.window))
    apart = np.abs(before - now)
    if not len(apart) or np.isnan(apart).any() or not apart.max():
        return None
    at = int(np.argmax(apart))
    return Farthest(float(column.edges[at]), float(before[at]), float(now[at]))


def _shares_above(counts: Ints) -> Floats:
    """The share of values above each edge."""
    return portion(counts.sum() - np.cumsum(counts)[:-1], counts.sum())


def shifts(column: CategoryColumn) -> tuple[ValueShift, ...]:
    """The values whose shares moved most, the greatest move first and of equal ones the gain, at most ``MOST_SHIFTS``; those that did
    not move are left out, and without values on both sides there are none."""
    before, now = (shares_of(side.total().bins[0]) for side in (column.reference, column.window))
    names: tuple[str | None, ...] = (*column.kept, None)
    moved = [ValueShift(*each) for each in zip(names, before.tolist(), now.tolist(), strict=True)]
    told = [each for each in moved if abs(each.now - each.before) > _NOISE]
    return tuple(sorted(told, key=_greatest_first)[:MOST_SHIFTS])


_NOISE = 1e-12


def _greatest_first(shift: ValueShift) -> tuple[float, bool]:
    move = shift.now - shift.before
    return -round(abs(move), 9), move < 0

"""Numbers that other tools alarm on, over ten bins: told in the report, and never an alarm.

Their usual limits ignore how much a column varies by itself. PSI > .1 in any of 17 columns was "drift" in half of all pairs of
1,000 rows of one distribution, and over days of real flights in three quarters of undrifted ones.
"""

import math

import numpy as np

from assay.check.drift.counts import Column, Floats, Ints, NumberColumn
from assay.check.drift.distances import shares_of

PARTS = 10
FLOOR = 1e-4
"""Added to every share, so that an empty bin does not make the index infinite."""


def population_stability(before: Floats, now: Floats) -> float:
    """PSI: the sum of (now - before) * ln(now / before), of shares to which ``FLOOR`` is added; 0 where they are equal, no upper end."""
    one, other = before + FLOOR, now + FLOOR
    return float(np.sum((other - one) * np.log(other / one)))


def jensen_shannon(before: Floats, now: Floats) -> float:
    """The root of Jensen and Shannon's divergence to base 2 (J. Lin 1991): a distance, 0..1."""
    middle = (before + now) / 2
    divergence = (_relative_entropy(before, middle) + _relative_entropy(now, middle)) / 2
    return math.sqrt(min(max(divergence, 0.0), 1.0))


def ten_bins(column: Column) -> tuple[Floats, Floats]:
    """The shares of both sides in at most ten bins: about tenths of the reference for a number, the nine values that are most
    frequent in it and the rest for a category. Both sides must have values."""
    before, now = column.reference.total().bins[0], column.window.total().bins[0]
    part = _tenths(before) if isinstance(column, NumberColumn) else _commonest(before)
    return _grouped(before, part), _grouped(now, part)


def _tenths(counts: Ints) -> Ints:
    """The tenth of the reference in which the middle of each bin lies; a frequent value is never split."""
    shares = shares_of(counts)
    middles = np.cumsum(shares) - shares / 2
    return np.minimum((middles * PARTS).astype(np.int64), PARTS - 1)


def _commonest(counts: Ints) -> Ints:
    part = np.full(len(counts), PARTS - 1)
    named = np.argsort(-counts[:-1], kind="stable")[: PARTS - 1]
    part[named] = np.arange(len(named))
    return part


def _grouped(counts: Ints, part: Ints) -> Floats:
    return shares_of(np.bincount(part, counts, PARTS).astype(np.int64))


def _relative_entropy(one: Floats, other: Floats) -> float:
    has = one > 0
    return float(np.sum(one[has] * np.log2(one[has] / other[has])))

"""Columns that say when a row happened, and not what it is: dates and their parts, counters, ids.

They differ from batch to batch by their nature. Left in, they are blamed for drift first and most (the number of a flight, the day),
or make a limit that nothing exceeds, and "ok" of such a limit would be a lie. So they are named, with the reason.
"""

import numpy as np

from assay.check.drift.calibration import FACTOR, MARGIN, LeftOut
from assay.check.drift.counts import Column, Counts, Floats, Ints, NumberColumn
from assay.check.drift.distances import shares_of, total_variation

DISJOINT = (1 - MARGIN) / FACTOR
"""Where the worst distance is .792 or more, the limit is 1 or more."""
_LOW, _HIGH = 0.05, 0.95


def context_reason(column: Column, windows: LeftOut) -> str:
    """Why a column is context; empty where the reference, whose windows are given, gives no sign of it."""
    if isinstance(column, NumberColumn) and moves_with_time(column.reference):
        return "it moves with time: each batch of the reference lies beyond the one before"
    if are_disjoint(windows):
        return "every window of the reference has values of its own, so that no limit could be passed"
    return ""


def moves_with_time(counts: Counts) -> bool:
    """Batch after batch lies at or beyond the one before, always in one direction, and the last is all beyond the first.

    "Lies" is said of the bins from the 5 % to the 95 % quantile of a batch. Batches without values are passed over.
    """
    shares = _known(shares_of(counts.bins))
    if len(shares) < 2:
        return False
    low, high = _first_bin(shares, _LOW), _first_bin(shares, _HIGH)
    rises = low[-1] > high[0] and (low[1:] >= high[:-1]).all()
    falls = high[-1] < low[0] and (high[1:] <= low[:-1]).all()
    return bool(rises or falls)


def are_disjoint(windows: LeftOut) -> bool:
    """Every window has hardly a bin in common with the rest: the total variation between them is at least ``DISJOINT``.

    Kolmogorov and Smirnov's distance would not tell: of a counter it is 1 for the first batch and the last, and .5 for the middle one.
    """
    apart = windows.distances(total_variation)
    known: Floats = apart[~np.isnan(apart)]
    return len(known) > 1 and bool((known >= DISJOINT).all())


def _known(shares: Floats) -> Floats:
    return shares[~np.isnan(shares[:, 0])]


def _first_bin(shares: Floats, share: float) -> Ints:
    """The first bin of each row up to which at least so much of it lies."""
    first: Ints = np.argmax(np.cumsum(shares, axis=1) >= share, axis=1)
    return first

"""Limits made of the reference itself: how far do its own windows lie from the rest of it?

Rows of one day are alike (weather, a campaign, a broken sensor), so that tests which take rows as independent call nearly every day
drifted, with any correction for many columns (docs/explanation/drift.md has the figures). What a window may differ by is therefore
read off batches: each window of the reference is left out and held against the rest, and

    limit = FACTOR x the worst of these distances + MARGIN

for each column, and for its share of NULLs likewise. The windows are as many batches long as the one that will be tested, because
the distance of a week is not that of a day.

**Contiguous.** They are runs of batches that follow each other, as the tested window is. Weeks put together from random days would be
more alike than real ones, as a week has one weather, and their limit would be too low. Two things follow. Contiguous
windows overlap: 60 days have 54 weeks, but 8 side by side, and those 8 are the evidence. And every window lies inside the reference
with neighbours on both sides, while the tested one comes after it: what wanders slowly differs more there than here.

Left out, not held against a whole that includes it: a window is part of its own reference otherwise, which makes limits too low.
Source of the rule, and of what it cannot do: docs/explanation/drift.md.
"""

import msgspec
import numpy as np

from assay.check.drift.counts import Bools, Counts, Floats
from assay.check.drift.distances import Distance, portion, shares_of
from assay.core.drift import Gap

FACTOR = 1.25
MARGIN = 0.01
LEAST_WINDOWS = 20
LEAST_PARTS = 3
"""The reference holds at least so many windows side by side: one left out, and a rest that is larger than it."""


def batches_needed(width: int) -> int:
    """The batches without which a reference is not enough for windows of ``width``: for ``LEAST_WINDOWS`` overlapping windows, and
    ``LEAST_PARTS`` that do not overlap. 20 for a window of one batch, 26 for one of seven."""
    return max(LEAST_WINDOWS + width - 1, LEAST_PARTS * width)


class Calibration(msgspec.Struct, frozen=True, eq=False):
    """What the windows of a reference say of a limit: one distance each, NaN where the window or the rest has nothing to compare."""

    distances: Floats
    width: int
    """Of the windows, in batches."""
    factor: float = FACTOR
    margin: float = MARGIN

    @property
    def usable(self) -> int:
        """Windows with a distance."""
        return int(np.count_nonzero(~np.isnan(self.distances)))

    @property
    def worst(self) -> float | None:
        """The greatest distance; None where fewer than ``LEAST_WINDOWS`` windows have one."""
        return float(np.nanmax(self.distances)) if self.usable >= LEAST_WINDOWS else None

    @property
    def limit(self) -> float | None:
        return None if self.worst is None else self.factor * self.worst + self.margin

    def gap(self, distance: float) -> Gap:
        """A distance of the tested window beside them."""
        return Gap(distance, self.worst, self.limit)

    def alarms(self) -> Bools:
        """Which windows would have been called drifted, under a limit made of those that share no batch with them.

        The rests that those were held against still hold the window itself; with as many batches as are asked for, that moves
        them by little.
        """
        known = np.where(np.isnan(self.distances), -np.inf, self.distances)
        return known > self.factor * _greatest_apart(known, self.width) + self.margin


class LeftOut(msgspec.Struct, frozen=True, eq=False):
    """Each window of a reference, and all batches outside of it together; as many rows of both as there are windows."""

    inside: Counts
    outside: Counts
    shares: tuple[Floats, Floats]
    """Of the bins, inside and outside; NaN where there are no values."""

    def distances(self, distance: Distance) -> Floats:
        """One a window; NaN where either side has no values."""
        return distance(*self.shares)

    def null_gaps(self) -> Floats:
        """The differences between the shares of NULL; NaN where either side has no rows."""
        inside, outside = (portion(side.nulls, side.rows) for side in (self.inside, self.outside))
        return np.abs(inside - outside)


def leave_out(counts: Counts, width: int) -> LeftOut:
    """Every window of ``width`` batches beside the rest; none where there are fewer batches."""
    inside, total = counts.windows(width), counts.total()
    outside = Counts(total.bins - inside.bins, total.nulls - inside.nulls)
    return LeftOut(inside, outside, (shares_of(inside.bins), shares_of(outside.bins)))


def _greatest_apart(values: Floats, width: int) -> Floats:
    """For each window the greatest value of those that begin at least ``width`` before or after it; infinite where there are none."""
    none = np.full(min(width, len(values)), -np.inf)
    before = np.concatenate((none, np.maximum.accumulate(values)))[: len(values)]
    after = np.concatenate((none, np.maximum.accumulate(values[::-1])))[: len(values)][::-1]
    greatest: Floats = np.maximum(before, after)
    return np.where(np.isneginf(greatest), np.inf, greatest)

"""Decay of what was well: an alarm for a rise above a known baseline that began at an unknown time.

Shiryaev and Roberts' statistic as an e-detector (J. Shin, A. Ramdas and A. Rinaldo, E-detectors, 2022): with each batch it becomes
(itself + 1) * the batch's e-value against "at most the baseline". Without a rise it grows by at most 1 a batch on average, so an alarm
where it first reaches N comes after at least N batches on average: N is the average run length, in updates, to a false alarm. It is
kept for several sizes of rise at once; their weighted mean has the same property.

The order of rows in a batch does not matter. Where batches begin and end does, and their order: run lengths are counted in them, so
update once a day where a run length is meant in days. Rows are assumed independent. Where days differ by more than chance (weather,
weekends), rows of one day are not: give ``MeanRise`` one value a day, the day's mean.
"""

import math

import msgspec
import numpy as np

from assay.judge.observe import Floats
from assay.judge.sequential.mean import STAKES, STARTS, log_growth

ODDS = (1.05, 1.1, 1.2, 1.5, 2.0, 4.0)
"""Sizes of rise that ``RateRise`` looks for: by how much the odds grow."""


class RateRise(msgspec.Struct, frozen=True, tag=True):
    """Whether a rate has risen above ``baseline``, which lies between 0 and 1. For a fall, count the complement.

    After an alarm, begin anew with a new baseline: the alarm stays on.
    """

    baseline: float
    batches: int = 0
    rows: int = 0
    log_sums: tuple[float, ...] = (0.0,) * len(ODDS)
    """For each size of rise, log(1 + the statistic)."""
    peak: float = 0.0
    """The greatest log(1 + the mean statistic) so far."""

    def __post_init__(self) -> None:
        if not 0 < self.baseline < 1:
            raise ValueError(f"a baseline must lie between 0 and 1, not be {self.baseline!r}")

    def update(self, count: int, rows: int = 1) -> "RateRise":
        """After one batch of ``rows`` more, of which ``count`` count; a batch without rows is none."""
        if not 0 <= count <= rows:
            raise ValueError(f"{count} of {rows} rows cannot be")
        if not rows:
            return self
        steps = [_log_likelihood_ratio(self.baseline, odds, count, rows - count) for odds in ODDS]
        sums = _advance(self.log_sums, steps)
        peak = max(self.peak, _log_mean(sums, _EQUAL))
        return msgspec.structs.replace(self, batches=self.batches + 1, rows=self.rows + rows, log_sums=sums, peak=peak)

    @property
    def log_e(self) -> float:
        """The log of the statistic as it stands; minus infinity before the first batch."""
        return _log_statistic(self.log_sums, _EQUAL)

    def is_alarmed(self, run_length: float) -> bool:
        """There was an alarm, of the kind that first comes after ``run_length`` updates or more on average where nothing has risen."""
        return self.peak >= math.log1p(run_length)


class MeanRise(msgspec.Struct, frozen=True, tag=True):
    """Whether the mean of values in ``low`` to ``high`` has risen above ``baseline``, which lies between. For a fall, negate all.

    After an alarm, begin anew with a new baseline: the alarm stays on.
    """

    baseline: float
    low: float = 0.0
    high: float = 1.0
    batches: int = 0
    rows: int = 0
    log_sums: tuple[float, ...] = (0.0,) * len(STAKES)
    """For each bettor, log(1 + the statistic)."""
    peak: float = 0.0
    """The greatest log(1 + the mean statistic) so far."""

    def __post_init__(self) -> None:
        if not self.low < self.baseline < self.high:
            raise ValueError(f"a baseline must lie between {self.low:g} and {self.high:g}, not be {self.baseline!r}")

    def update(self, values: Floats | float) -> "MeanRise":
        """After one batch more; ``ValueError`` where a value lies outside. A batch without values is none."""
        came = np.atleast_1d(np.asarray(values, np.float64))
        if not len(came):
            return self
        steps = log_growth(came, self.baseline, self.low, self.high).sum(axis=1).tolist()
        sums = _advance(self.log_sums, steps)
        peak = max(self.peak, _log_mean(sums, STARTS))
        return msgspec.structs.replace(
            self, batches=self.batches + 1, rows=self.rows + len(came), log_sums=sums, peak=peak
        )

    @property
    def log_e(self) -> float:
        """The log of the statistic as it stands; minus infinity before the first batch."""
        return _log_statistic(self.log_sums, STARTS)

    def is_alarmed(self, run_length: float) -> bool:
        """There was an alarm, of the kind that first comes after ``run_length`` updates or more on average where nothing has risen."""
        return self.peak >= math.log1p(run_length)


_EQUAL = (1 / len(ODDS),) * len(ODDS)


def _log_likelihood_ratio(baseline: float, odds: float, count: int, rest: int) -> float:
    """Of a rate with ``odds`` times the odds of the baseline, against the baseline; its mean is at most 1 below the baseline too."""
    return count * math.log(odds) - (count + rest) * math.log1p(baseline * (odds - 1))


def _advance(log_sums: tuple[float, ...], steps: list[float]) -> tuple[float, ...]:
    """1 + (itself + 1) * e, in logs."""
    return tuple(_log1p_exp(before + step) for before, step in zip(log_sums, steps, strict=True))


def _log1p_exp(x: float) -> float:
    return x + math.log1p(math.exp(-x)) if x > 0 else math.log1p(math.exp(x))


def _log_mean(log_sums: tuple[float, ...], weights: tuple[float, ...]) -> float:
    top = max(log_sums)
    return top + math.log(sum(weight * math.exp(log - top) for log, weight in zip(log_sums, weights, strict=True)))


def _log_statistic(log_sums: tuple[float, ...], weights: tuple[float, ...]) -> float:
    log_mean = _log_mean(log_sums, weights)
    return log_mean + math.log(-math.expm1(-log_mean)) if log_mean > 0 else -math.inf

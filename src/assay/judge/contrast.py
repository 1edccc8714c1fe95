"""From two observations to row values whose mean is compared with a target: what every test of a mean is given.

Where a statement about the metric is a statement about one mean, that mean is taken, and nothing is linearised:

- a mean against a number or a (scaled) champion's: the values, or new - factor * old.
- rmse < x: squared errors against x^2; rmse < factor * champion.rmse: new^2 - factor^2 * old^2 against 0.
- a ratio (f1, r2) > c: above - c * below against 0.
- ratios by the same (r2, whose labels are both models'): new.above - factor * old.above - margin * below against 0. Linearised, an
  r2 .07 below the champion's would pass as less than that below in .05 instead of .01 of cases with 60 rows.

All other comparisons are of linearised observations (delta method).
"""

import math
from collections.abc import Callable

import msgspec
import numpy as np

from assay.judge.observe import Averaged, Counted, Floats, Observed, Ratio, Rooted, linearised, value_of
from assay.judge.question import Question


class Contrast(msgspec.Struct, frozen=True, eq=False):
    """Row values whose mean is compared with a target, and how that mean translates to the metric's unit."""

    values: Floats
    target: float
    what: str
    """What is averaged, in words."""
    to_unit: Callable[[float], float] = float
    slope: float = 1.0
    """By how much the mean grows with the metric, near what was seen; over 0."""
    low: float = -math.inf
    """No value can lie below."""
    high: float = math.inf


def contrast_of(question: Question, new: Observed, old: Observed | None) -> Contrast:
    """The contrast that answers the question. ``UndefinedMetric`` where a metric has no value on these rows."""
    if old is None or question.factor is None:
        return _against_number(question.target, new)
    return _against_champion(question.factor, question.target, new, old)


def linear_contrast(question: Question, new: Observed, old: Observed | None) -> Contrast:
    """The same question by each row's influence, also where one mean would answer it: it goes by how rows differ about what was seen, and
    not about the bar."""
    values = linearised(new).row_values
    if old is not None and question.factor is not None:
        values = values - question.factor * linearised(old).row_values
    return Contrast(values, question.target, "t test of each row's influence (delta method)")


def value_contrast(observed: Observed) -> Contrast:
    """Row values whose mean is the metric's own value, whatever it is compared with."""
    if isinstance(observed, Averaged | Rooted):
        return _against_number(0.0, observed)
    return Contrast(linearised(observed).row_values, 0.0, "each row's influence (delta method)")


def _against_number(target: float, new: Observed) -> Contrast:
    match new:
        case Averaged():
            return Contrast(new.values, target, "t test of the mean", low=new.low, high=new.high)
        case Rooted():
            square = math.copysign(target**2, target)
            return Contrast(new.squares, square, "t test of squared errors", _root, 2 * abs(target) or 1.0)
        case Counted(among=None):
            return Contrast(new.counts.astype(np.float64), target, "t test of counts", low=0, high=1)
        case Counted(among=among):
            assert among is not None
            return _of_ratio(
                target, Ratio(new.counts.astype(np.float64), among.astype(np.float64), ((1, 1), (0, 1), (0, 0)))
            )
        case Ratio():
            return _of_ratio(target, new)
        case _:
            return Contrast(linearised(new).row_values, target, "t test of each row's influence (delta method)")


def _of_ratio(target: float, ratio: Ratio) -> Contrast:
    value_of(ratio)
    slope = float(ratio.below.mean())
    low, high = ratio.range_of(target)
    values = ratio.above - target * ratio.below
    return Contrast(values, 0.0, "t test of a ratio of means", lambda mean: target + mean / slope, slope, low, high)


def _against_champion(factor: float, target: float, new: Observed, old: Observed) -> Contrast:
    match new, old:
        case Averaged(), Averaged():
            low, high = new.low - factor * old.high, new.high - factor * old.low
            return Contrast(new.values - factor * old.values, target, "paired t test of row values", low=low, high=high)
        case Counted(among=None), Counted(among=None):
            values = new.counts.astype(np.float64) - factor * old.counts
            return Contrast(values, target, "paired t test of counts", low=-factor, high=1)
        case Rooted(), Rooted() if target == 0:
            total = value_of(new) + factor * value_of(old) or 1.0
            values = new.squares - factor**2 * old.squares
            return Contrast(values, 0.0, "paired t test of squared errors", lambda mean: mean / total, total)
        case Ratio(), Ratio() if np.array_equal(new.below, old.below):
            slope = float(new.below.mean())
            values = new.above - factor * old.above - target * new.below
            return Contrast(values, 0.0, "paired t test of a ratio of means", lambda mean: target + mean / slope, slope)
        case _:
            values = linearised(new).row_values - factor * linearised(old).row_values
            return Contrast(values, target, "paired t test of each row's influence (delta method)")


def _root(mean_square: float) -> float:
    return math.sqrt(max(0.0, mean_square))

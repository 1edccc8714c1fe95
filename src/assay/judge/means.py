"""Approximate tests of mean errors: MAE and RMSE, against a number and against the champion on the same rows.

What is averaged, row by row:

- mae: |error|; against the champion, the difference |error| - factor * |champion's error|.
- rmse: the squared error, for "rmse < x" says the same as "mean squared error < x^2"; against the champion, error^2 - factor^2 *
  champion's error^2, which says the same as "rmse < factor * champion.rmse".
- rmse with a margin: no mean says the same, so each squared error is linearised about its mean (delta method).

The test is Student's t, once plain and once corrected for skewness (P. Hall, On the Removal of Skewness by Transformation,
1992); the more cautious of the two counts. Plain t alone would pass a bound on the mean of skewed errors up to twice as often
as allowed (exponential errors at .05: .099 with 30 rows, .075 with 100; both together .064 and .051), and Hall's correction alone
differences with heavy tails (.09).
"""

import math
from collections.abc import Callable

import msgspec
import numpy as np

from assay.judge.metrics import Floats, value_of
from assay.judge.question import Question, Tested
from assay.judge.tails import t_quantile, t_sf

LEAST_ROWS = 30
LEAST_DELTA = 1e-4


def unmet_condition(rows: int, delta: float) -> str | None:
    """Why the t test is not to be trusted here, in words, or None."""
    if rows < LEAST_ROWS:
        return f"a t test needs at least {LEAST_ROWS} labelled rows, and there are {rows}"
    if delta < LEAST_DELTA:
        return f"a t test is not precise enough for an error probability below {LEAST_DELTA:g}; 99.99% is its highest level"
    return None


def compare_error(question: Question, new: Floats, old: Floats | None) -> Tested:
    """The test of mae or rmse on at least two rows; ``new`` and ``old`` are each model's absolute errors."""
    averaged = _averaged(question, new, old)
    low, high = mean_interval(averaged.values, question.delta)
    challenger = value_of(question.metric, new)
    champion = None if old is None else value_of(question.metric, old)
    factor = question.factor or 0.0
    return Tested(
        challenger,
        champion,
        challenger - factor * (champion or 0.0),
        (averaged.to_unit(low), averaged.to_unit(high)),
        mean_p(question.sign * averaged.values, question.sign * averaged.target),
        f"{averaged.what}, corrected for skewness (approximate: {LEAST_ROWS} or more independent rows)",
        float(averaged.values.std(ddof=1)) / averaged.slope,
    )


def mean_p(values: Floats, target: float) -> float:
    """The p-value of "the mean is at most ``target``", from at least two values."""
    n, mean, deviation, skewness = _moments(values)
    if deviation <= _ROUNDING * max(abs(mean), abs(target)):
        return 0.0 if mean - target > _ROUNDING * max(abs(mean), abs(target)) else 1.0
    plain = (mean - target) / deviation
    corrected = plain + skewness * plain**2 / 3 + skewness**2 * plain**3 / 27 + skewness / (6 * n)
    return t_sf(math.sqrt(n) * min(plain, corrected), n - 1)


def mean_interval(values: Floats, delta: float) -> tuple[float, float]:
    """Bounds of the mean, from at least two values, each wrong with probability of about ``delta``."""
    n, mean, deviation, skewness = _moments(values)
    reach = t_quantile(delta, n - 1) / math.sqrt(n)
    down = max(reach, _undo_correction(reach, skewness, n))
    up = max(reach, -_undo_correction(-reach, skewness, n))
    return mean - deviation * down, mean + deviation * up


def error_interval(metric: str, errors: Floats, delta: float) -> tuple[float, float]:
    """Bounds of mae or rmse itself, from at least two absolute errors."""
    low, high = mean_interval(errors**2 if metric == "rmse" else errors, delta)
    return (_root(low), _root(high)) if metric == "rmse" else (max(0.0, low), high)


_ROUNDING = 1e-12


class _Averaged(msgspec.Struct, frozen=True):
    """Values whose mean is compared with a target, and how that mean translates to the metric's unit."""

    values: Floats
    target: float
    what: str
    to_unit: Callable[[float], float] = float
    slope: float = 1.0
    """By how much the mean grows with the metric, near what was seen; over 0."""


def _averaged(question: Question, new: Floats, old: Floats | None) -> _Averaged:
    factor = question.factor
    if question.metric == "mae":
        if old is None or factor is None:
            return _Averaged(new, question.target, "t test of absolute errors")
        return _Averaged(new - factor * old, question.target, "paired t test of absolute errors")
    if old is None or factor is None:
        square = math.copysign(question.target**2, question.target)
        return _Averaged(new**2, square, "t test of squared errors", _root, 2 * abs(question.target) or 1.0)
    if question.target != 0:
        return _Averaged(
            _linearised(new) - _linearised(old),
            question.target,
            "paired t test of squared errors, linearised (delta method)",
        )
    total = value_of("rmse", new) + factor * value_of("rmse", old) or 1.0
    values = new**2 - factor**2 * old**2
    return _Averaged(values, 0.0, "paired t test of squared errors", lambda mean: mean / total, total)


def _linearised(errors: Floats) -> Floats:
    rmse = value_of("rmse", errors)
    return errors if rmse == 0 else rmse / 2 + errors**2 / (2 * rmse)


def _moments(values: Floats) -> tuple[int, float, float, float]:
    """Number, mean, standard deviation and skewness."""
    mean = float(values.mean())
    deviation = float(values.std(ddof=1))
    skewness = float(np.mean(((values - mean) / deviation) ** 3)) if deviation > 0 else 0.0
    return len(values), mean, deviation, skewness


def _undo_correction(corrected: float, skewness: float, n: int) -> float:
    """The plain statistic whose corrected value this is."""
    if abs(skewness) < 1e-9:
        return corrected
    return 3 / skewness * (math.cbrt(1 + skewness * (corrected - skewness / (6 * n))) - 1)


def _root(mean_square: float) -> float:
    return math.sqrt(max(0.0, mean_square))

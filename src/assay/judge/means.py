"""Tests of means: Student's t, approximate, corrected for skewness; per cluster where rows belong together; and by betting, exact,
where the values have bounds and t is not to be trusted.

The t test is taken once plain and once corrected for skewness (P. Hall, On the Removal of Skewness by Transformation, 1992); the
more cautious of the two counts. Plain t alone would pass a bound on the mean of skewed errors up to twice as often as allowed
(exponential errors at .05: .099 with 30 rows, .075 with 100; both together .064 and .051), and Hall's correction alone
differences with heavy tails (.09).

Of clusters the sums are tested: independent where rows are not. Their number takes the place of the number of rows.

What a t test would show, or refute, counts only if it rests on enough rows (``conditions.pulling_rows_needed``). Where all answers are right, or
two models differ on three rows, the rows that would show by how much are missing, and what spread is left is too small.
"""

import math

import msgspec
import numpy as np

from assay.core.metrics import METRICS
from assay.judge.betting import betting_test
from assay.judge.conditions import LEAST_DELTA, LEAST_ROWS, POWER, Unmet, pulling_rows_needed, rows_to_move
from assay.judge.contrast import Contrast, contrast_of, linear_contrast, value_contrast
from assay.judge.observe import Floats, Linearised, Observed, Ratio, linearised, pulling_rows, value_of
from assay.judge.question import Question, Tested
from assay.judge.tails import t_quantile, t_sf


def compare_means(
    question: Question, new: Observed, old: Observed | None, clusters: np.ndarray | None = None
) -> Tested | Unmet:
    """The test of a mean: t, else betting where the values have bounds. ``UndefinedMetric`` where a metric has no value on these
    rows. What t would show and may not is ``Unmet``; what it would refute and may not is told with ``Tested.unmet``, because a
    ``no`` sentence does not need it."""
    contrast = contrast_of(question, new, old)
    units = len(contrast.values) if clusters is None else int(clusters.max()) + 1
    is_bounded = clusters is None and math.isfinite(contrast.low) and math.isfinite(contrast.high)
    unmet = unmet_of_mean(units, question.delta, is_clustered=clusters is not None, metric=question.metric)
    if unmet is not None:
        return _bet(question, contrast, new, old) if is_bounded and units > 1 else unmet
    pulling = _pulling_of(contrast, new, old, clusters)
    tested = _t_test(question, contrast, new, old, clusters)
    if pulling:
        tested = msgspec.structs.replace(tested, moving_share=pulling / units)
    is_shown = tested.p_value <= question.delta
    if not is_shown and not question.is_refuted_by(tested.interval):
        return tested
    unmet = _too_few_pull(pulling, question.delta, units, clusters, question.metric)
    if unmet is None:
        return tested
    if is_shown and isinstance(new, Ratio):
        far = _shown_from_afar(question, tested, new, old, clusters)
        if far is not None:
            return far
    bet = _bet(question, contrast, new, old) if is_bounded else None
    if bet is not None and (bet.p_value <= question.delta or question.is_refuted_by(bet.interval)):
        return bet
    return unmet if is_shown else msgspec.structs.replace(tested, unmet=unmet)


def unmet_of_mean(units: int, delta: float, *, is_clustered: bool = False, metric: str = "") -> Unmet | None:
    """Why a t test is not to be trusted, or None."""
    what = "clusters" if is_clustered else "labelled rows"
    if units < LEAST_ROWS:
        return Unmet(f"a t test needs at least {LEAST_ROWS} {what}, and there are {units}", LEAST_ROWS)
    if delta < LEAST_DELTA:
        otherwise = _tested_otherwise(metric, is_clustered=is_clustered)
        return Unmet(
            f"a t test is not precise enough for an error probability below {LEAST_DELTA:g} (here {delta:.2g})"
            f"{f'; {otherwise}' if otherwise else ''}"
        )
    return None


def _tested_otherwise(metric: str, *, is_clustered: bool) -> str:
    """What can be required in its place, that needs no t test; empty where nothing is."""
    if is_clustered:
        return ""
    if metric in METRICS and METRICS[metric].kind == "amount":
        return "a score of each row with `score_range` is tested by betting, at any level"
    return (
        "require accuracy, error_rate or recall, which are tested exactly, or brier or a score with score_range, "
        "which are tested by betting"
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


def value_interval(observed: Observed, delta: float, clusters: np.ndarray | None = None) -> tuple[float, float] | Unmet:
    """Bounds of a metric's value, each wrong with probability of about ``delta``."""
    contrast = value_contrast(observed)
    units = len(contrast.values) if clusters is None else int(clusters.max()) + 1
    unmet = unmet_of_mean(units, delta, is_clustered=clusters is not None)
    if unmet is not None:
        return unmet
    values = _clustered(contrast.values, 0.0, clusters)
    low, high = mean_interval(values, delta)
    return _too_few_pull(_pulling(values), delta, units, clusters) or (contrast.to_unit(low), contrast.to_unit(high))


_ROUNDING = 1e-12


def _t_test(
    question: Question, contrast: Contrast, new: Observed, old: Observed | None, clusters: np.ndarray | None
) -> Tested:
    values = _clustered(contrast.values, contrast.target, clusters)
    spread = float(values.std(ddof=1)) / contrast.slope
    p_value = mean_p(question.sign * values, question.sign * contrast.target)
    bounds = mean_interval(values, question.delta)
    if old is None and isinstance(new, Linearised):
        error = spread / math.sqrt(len(values))
        p_value = max(p_value, _logit_p(question, new, error))
        bounds = _outermost(bounds, _logit_interval(new, error, question.delta))
    what = contrast.what if clusters is None else f"{contrast.what}, by cluster"
    unit = "rows" if clusters is None else "clusters"
    method = f"{what}, corrected for skewness (approximate: {LEAST_ROWS} or more independent {unit})"
    return _tested(question, contrast, new, old, p_value, bounds, method, spread)


def _pulling_of(contrast: Contrast, new: Observed, old: Observed | None, clusters: np.ndarray | None) -> float:
    """The rows that pull at what was seen must be enough too. What is contrasted with a margin, a factor or a number has spread
    beside theirs: where all answers are right, f1 - .9 has that of the classes; where two models agree, .9 of one that of its errors."""
    influence = linearised(new).influence - (0.0 if old is None else linearised(old).influence)
    return min(_pulling(_clustered(each, 0.0, clusters)) for each in (contrast.values - contrast.target, influence))


def _pulling(values: Floats) -> float:
    mean = float(values.mean())
    is_even = float(values.std()) <= _ROUNDING * max(abs(mean), float(np.abs(values).max()))
    return 0.0 if is_even else pulling_rows(values - mean)


def _too_few_pull(
    pulling: float, delta: float, units: int, clusters: np.ndarray | None, metric: str = ""
) -> Unmet | None:
    needed = pulling_rows_needed(delta)
    if pulling >= needed:
        return None
    what = "rows" if clusters is None else "clusters"
    if pulling == 0:
        otherwise = _tested_otherwise(metric, is_clustered=clusters is not None)
        return Unmet(
            f"its test is approximate and goes by how {what} differ, and here every one is alike; no number of such {what} tells how far "
            f"others may lie from them{f': {otherwise}' if otherwise else ''}"
        )
    return Unmet(
        f"its test is approximate, and what moves the value here weighs as much as {int(pulling)} {what} "
        f"where {needed} are needed at an error probability of {delta:.2g}",
        rows_to_move(pulling / units, delta, POWER) if pulling >= 1 else None,
    )


def _clustered(values: Floats, target: float, clusters: np.ndarray | None) -> Floats:
    """One value a cluster, whose mean is that of all rows and whose spread is that of independent pieces."""
    if clusters is None:
        return values
    sums = np.bincount(clusters, values - target).astype(np.float64)
    return target + sums * (len(sums) / len(values))


def _logit_p(question: Question, observed: Linearised, error: float) -> float:
    """The test on the logit scale, for auc and average precision: near 1 the plain one errs more often than it says (an auc of
    .98 with 30 and 30 rows, at .01: .07; both together .011)."""
    value, target = observed.value - observed.bias, question.target
    if not (0 < value < 1 and 0 < target < 1) or error == 0:
        return 0.0
    distance = math.log(value / (1 - value)) - math.log(target / (1 - target))
    return t_sf(question.sign * distance * value * (1 - value) / error, len(observed.influence) - 1)


def _logit_interval(observed: Linearised, error: float, delta: float) -> tuple[float, float]:
    """The targets that ``_logit_p`` leaves standing, at ``delta`` on each side; all, where it says nothing."""
    value = observed.value - observed.bias
    if not 0 < value < 1 or error == 0:
        return value, value
    middle = math.log(value / (1 - value))
    reach = t_quantile(delta, len(observed.influence) - 1) * error / (value * (1 - value))
    low, high = (1 / (1 + math.exp(-end)) for end in (middle - reach, middle + reach))
    return low, high


def _outermost(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def _shown_from_afar(
    question: Question, tested: Tested, new: Observed, old: Observed | None, clusters: np.ndarray | None
) -> Tested | None:
    """Where the bar lies far from what was seen, rows that pull hard at the denominator alone decide how a ratio is held against it: an r2
    of .92 could pass as .9 and not as 0. Then what is seen by the delta method must show it too, and rest on enough rows by itself. Where
    the bar is the truth, both see the same, and nothing passes by this that would not pass without it."""
    contrast = linear_contrast(question, new, old)
    values = _clustered(contrast.values, contrast.target, clusters)
    pulling = _pulling_of(contrast, new, old, clusters)
    if pulling < pulling_rows_needed(question.delta):
        return None
    p_value = max(tested.p_value, mean_p(question.sign * values, question.sign * contrast.target))
    if p_value > question.delta:
        return None
    return msgspec.structs.replace(
        tested,
        p_value=p_value,
        interval=_outermost(mean_interval(values, question.delta), tested.interval),
        method=f"{tested.method}; and each row's influence (delta method), as the bar is far from what was seen",
        moving_share=pulling / len(values),
    )


def _bet(question: Question, contrast: Contrast, new: Observed, old: Observed | None) -> Tested:
    p_value, bounds = betting_test(
        contrast.values, contrast.target, question.sign, question.delta, contrast.low, contrast.high
    )
    method = f"betting test of {contrast.what.removeprefix('t test of ').removeprefix('paired t test of ')} (exact)"
    spread = float(contrast.values.std(ddof=1)) / contrast.slope
    found = _tested(question, contrast, new, old, p_value, bounds, method, spread)
    pulling = _pulling(contrast.values)
    return msgspec.structs.replace(
        found,
        bounds=(contrast.to_unit(contrast.low), contrast.to_unit(contrast.high)),
        moving_share=pulling / len(contrast.values) if pulling else None,
    )


def _tested(
    question: Question,
    contrast: Contrast,
    new: Observed,
    old: Observed | None,
    p_value: float,
    bounds: tuple[float, float],
    method: str,
    spread: float,
) -> Tested:
    """In the metric's unit."""
    challenger, champion = value_of(new), None if old is None else value_of(old)
    estimate = challenger - (question.factor or 0.0) * (champion or 0.0)
    interval = contrast.to_unit(bounds[0]), contrast.to_unit(bounds[1])
    return Tested(challenger, champion, estimate, interval, p_value, method, spread)


def _moments(values: Floats) -> tuple[int, float, float, float]:
    """Number, mean, standard deviation and skewness."""
    mean = float(values.mean())
    deviation = float(values.std(ddof=1))
    if deviation == 0:
        return len(values), mean, deviation, 0.0
    scaled = (values - mean) / deviation
    skewness = float((scaled * scaled * scaled).mean())  # numpy's ** 3 takes 20 times as long
    return len(values), mean, deviation, skewness


def _undo_correction(corrected: float, skewness: float, n: int) -> float:
    """The plain statistic whose corrected value this is."""
    if abs(skewness) < 1e-9:
        return corrected
    return 3 / skewness * (math.cbrt(1 + skewness * (corrected - skewness / (6 * n))) - 1)

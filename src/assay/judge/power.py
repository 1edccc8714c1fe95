"""How many labelled rows would decide: the smallest number with which a sentence passes with 90 % probability (``POWER``, or
another that is asked for) if it is true by what is worth detecting. And the other way round: what so many rows would show.

For metrics that count rows the power is that of the exact test itself, summed over how many rows the two models might differ on.
For means of row values it is the t test's, from the noncentral t distribution with the spread that was seen, times the probability
that what it shows may count: that it rests on enough rows (``conditions.moving_power``).
"""

import math
from collections.abc import Callable
from functools import lru_cache

import msgspec
import numpy as np

from assay.core.metrics import METRICS, MetricKind
from assay.judge.array_tails import (
    Floats,
    binomial_pmfs,
    binomial_sfs,
    critical_counts,
    quadrature,
    share_lowers,
    share_uppers,
)
from assay.judge.betting_power import Shape, betting_power, shape_of
from assay.judge.conditions import LEAST_DELTA, LEAST_ROWS, NORMAL_MOVING_SHARE, POWER, moving_power, rows_to_move
from assay.judge.question import Question
from assay.judge.shares import GAMMA_SHARE
from assay.judge.tails import MOST_KEPT, normal_quantile, normal_sf, t_quantile

DEFAULT_DETECT: dict[MetricKind, float] = {"share": 0.02, "index": 0.02, "amount": 0.05}
"""What is worth detecting if nobody says so: two points of a share, .02 of an index, and of an amount this part of the value that
it is compared with (the champion's, or the number in the sentence); where that is 0, this part of the spread of the row values."""

MOST_ROWS = 100_000_000


class LabelPlan(msgspec.Struct, frozen=True):
    """What it takes to decide a sentence."""

    rows: int | None
    """Labelled rows in all; None where no number of rows within reason would do."""
    shown: float
    """What they would show: a gain in the direction asked for (relative), or the challenger's value (absolute)."""


def plan_labels(
    question: Question,
    champion: float,
    spread: float,
    *,
    is_counted: bool,
    power: float = POWER,
    moving_share: float | None = None,
    bounds: tuple[float, float] | None = None,
    shown: float | None = None,
) -> LabelPlan:
    """The plan for a question, from the champion's value (0 for an absolute question) and ``Tested.spread``.

    ``is_counted`` says that the metric counts rows and is tested exactly; then ``spread`` is the share of rows on which exactly
    one of the two models counts. Else a t test is planned, and ``spread`` is the standard deviation of
    the row values, and ``moving_share`` the share of rows that it rests on; None: as of normal values. Below
    what a t test keeps it is the betting test that is planned where the values lie between ``bounds``. A margin below 0 asks that nothing much is lost: then the plan is for equal models, else for margin + detect;
    ``shown`` plans for another truth (see ``LabelPlan.shown``).
    """
    detect = worth_detecting(question, champion, spread)
    if not question.is_relative:
        level = question.target + question.sign * detect if shown is None else shown
        if is_counted:
            return _plan_share(question, level, power)
        distance = detect if shown is None else question.sign * (shown - question.target)
        if bounds is not None and question.delta < LEAST_DELTA:
            shape = shape_of(spread, bounds, moving_share, level, question.sign)
            return LabelPlan(rows_for_bet(distance / (bounds[1] - bounds[0]), shape, question.delta, power), level)
        return LabelPlan(rows_for_mean(distance, spread, question.delta, power, moving_share), level)
    margin = question.margin(champion)
    usual = margin + detect if margin >= 0 else 0.0
    gain = usual if shown is None else shown
    if not is_counted:
        if bounds is not None and question.delta < LEAST_DELTA:
            shape = shape_of(spread, bounds, moving_share)
            return LabelPlan(
                rows_for_bet((gain - margin) / (bounds[1] - bounds[0]), shape, question.delta, power), gain
            )
        return LabelPlan(rows_for_mean(gain - margin, spread, question.delta, power, moving_share), gain)
    # models that never differed yet may still do so as often as the gain to be shown needs
    differ = max(spread, margin + detect if shown is None else abs(shown))
    return LabelPlan(rows_for_gain(gain, margin, differ, paired_delta(question), power), gain)


def paired_delta(question: Question) -> float:
    """What is left of a relative share's error probability for the paired test: a scaled champion takes some (``shares.py``)."""
    return question.delta if question.factor == 1 else question.delta * (1 - GAMMA_SHARE)


@lru_cache(MOST_KEPT)
def rows_for_share(bar: float, level: float, delta: float, power: float = POWER) -> int | None:
    """Rows for the binomial test to show "share > bar" at a true share of ``level``; a ``power`` below 1."""
    if level <= bar or bar >= 1:
        return None
    spreads = math.sqrt(max(0.0, bar * (1 - bar))), math.sqrt(max(0.0, level * (1 - level)))
    reach = _Reach(delta, power)
    return _smallest(lambda rows: share_power(rows, bar, level, delta), reach, reach.guess(level - bar, spreads))


@lru_cache(MOST_KEPT)
def rows_for_gain(gain: float, margin: float, disagreement: float, delta: float, power: float = POWER) -> int | None:
    """Rows for the paired test to show "more than ``margin`` better" at a true ``gain``, if exactly one of the two models
    counts on a share of ``disagreement`` of the rows, or of ``gain`` where that is more; a ``power`` below 1."""
    if gain <= margin or gain > 1:
        return None
    differ = max(disagreement, gain)
    if differ == 0 and margin > -1:
        return _rows_without_difference(margin, delta)
    spreads = math.sqrt(max(0.0, differ - margin**2)), math.sqrt(max(0.0, differ - gain**2))
    reach = _Reach(delta, power)
    return _smallest(
        lambda rows: paired_power(rows, gain, margin, differ, delta, 1e-4 * (1 - power)),
        reach,
        reach.guess(gain - margin, spreads),
    )


@lru_cache(MOST_KEPT)
def rows_for_mean(
    distance: float,
    spread: float,
    delta: float,
    power: float = POWER,
    moving_share: float | None = None,
) -> int | None:
    """Rows for a t test to show a mean that lies ``distance`` beyond its bar, with values of that standard deviation, and for that
    to rest on enough of them; ``moving_share`` as for ``plan_labels``."""
    if distance <= 0 or not math.isfinite(spread):
        return None
    share = NORMAL_MOVING_SHARE if moving_share is None else moving_share
    least, ratio = max(LEAST_ROWS, rows_to_move(share, delta, power)), spread / distance
    if ratio == 0 or approximate_power(least, 1 / ratio, delta, share) >= power:
        return least
    reach = _Reach(delta, power)
    return _smallest(
        lambda rows: approximate_power(rows, 1 / ratio, delta, share), reach, reach.guess(1.0, (ratio, ratio)), least
    )


def rows_for_bet(distance: float, shape: Shape, delta: float, power: float = POWER) -> int | None:
    """Rows for the betting test to show a mean that lies ``distance`` beyond its bar, as a share of the values' range."""
    if distance <= 0:
        return None
    if shape.spread == 0:
        shape = msgspec.structs.replace(shape, spread=distance)
    ratio, reach = shape.spread / distance, _Reach(delta, power)
    return _smallest(
        lambda rows: betting_power(rows, distance, shape, delta), reach, reach.guess(1.0, (ratio, ratio)), 2
    )


def smallest_share_shown(rows: int, bar: float, delta: float, power: float = POWER) -> float | None:
    """The share that so many rows would show to be over ``bar`` (``rows_for_share``, turned round); None where they show none."""

    def is_shown(level: float) -> bool:
        return share_power(rows, bar, level, delta) >= power

    if rows < 1 or bar >= 1 or not is_shown(1.0):
        return None
    return _first(is_shown, bar, 1.0)


def smallest_gain_shown(
    rows: int, disagreement: float, delta: float, power: float = POWER, margin: float = 0.0
) -> float | None:
    """The gain that so many rows would show to be over ``margin`` (``rows_for_gain``, turned round); None where they show none
    at all. With a margin below 0 it may be a loss.

    Models that gain more than ``disagreement`` differ on as many rows as they gain.
    """

    def is_shown(gain: float) -> bool:
        return paired_power(rows, gain, margin, max(disagreement, abs(gain)), delta, 1e-4 * (1 - power)) >= power

    if rows < 1 or not is_shown(1.0):
        return None
    return _first(is_shown, margin, 1.0)


def smallest_mean_gain_shown(
    rows: int,
    spread: float,
    delta: float,
    power: float = POWER,
    moving_share: float | None = None,
) -> float | None:
    """How far beyond its bar a mean must lie for a t test on so many rows to show it (``rows_for_mean``, turned round); None where
    they show none at all."""
    share = NORMAL_MOVING_SHARE if moving_share is None else moving_share
    if rows < LEAST_ROWS or not math.isfinite(spread) or moving_power(rows, share, delta) < power + 1e-6:
        return None

    def is_shown(effect: float) -> bool:
        return approximate_power(rows, effect, delta, share) >= power

    high = 1.0
    while not is_shown(high):
        high *= 2
    return spread * _first(is_shown, 0.0, high)


def smallest_bet_shown(rows: int, shape: Shape, delta: float, power: float = POWER) -> float | None:
    """How far beyond its bar, as a share of the values' range, a mean must lie for the betting test on so many rows to show it
    (``rows_for_bet``, turned round); None where they show none at all."""

    def is_shown(distance: float) -> bool:
        return betting_power(rows, distance, shape, delta) >= power

    if rows < 2 or shape.spread == 0 or not is_shown(1.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(17):
        middle = (low + high) / 2
        low, high = (low, middle) if is_shown(middle) else (middle, high)
    return high


def share_power(rows: int, bar: float, level: float, delta: float) -> float:
    """The probability that the binomial test shows "share > bar" at a true share of ``level``."""
    return float(binomial_sfs(critical_count(rows, bar, delta) - 1, rows, level)[0])


def paired_power(
    rows: int, gain: float, margin: float, disagreement: float, delta: float, ignored: float = 1e-7
) -> float:
    """The probability that ``shares.paired_p`` is at most ``delta``, for a true ``gain``.

    Summed over all numbers of discordant rows but the least likely, which together have a probability of at most ``ignored``;
    where they are many, over one from each of several hundred strata.
    """
    gamma = GAMMA_SHARE * delta if margin else 0.0
    share = min(1.0, disagreement)
    win_share = min(1.0, (1 + gain / disagreement) / 2) if disagreement else 0.5
    discordant = _likely_counts(rows, share, ignored)
    weights = binomial_pmfs(discordant, rows, share)
    nulls = _null_win_shares(discordant, rows, margin, gamma) if margin else 0.5
    needed = critical_counts(discordant, nulls, delta - gamma)
    return float(weights @ binomial_sfs(needed - 1, discordant, win_share) / weights.sum())


def approximate_power(rows: int, effect: float, delta: float, moving_share: float) -> float:
    """The probability that a t test shows a mean, as ``mean_power``, and that this rests on enough rows to count. Little less than it
    is: where a sample has few rows that move its value, its spread is seldom small."""
    return mean_power(rows, effect, delta) * moving_power(rows, moving_share, delta)


def mean_power(rows: int, effect: float, delta: float) -> float:
    """The probability that a t test on ``rows`` normal values shows a mean that lies ``effect`` standard deviations beyond
    its bar: that of the noncentral t distribution, integrated over the standard deviation that the sample may have."""
    freedom = rows - 1
    critical, shift = t_quantile(delta, freedom), effect * math.sqrt(rows)
    seen, widths = _deviations_seen(freedom, (shift - 9) / critical, (shift + 9) / critical)
    density = widths * np.exp((freedom - 1) * np.log(seen) - freedom * (seen**2 - 1) / 2)
    passed = np.array([normal_sf(critical * deviation - shift) for deviation in seen.tolist()])
    return float(density @ passed / density.sum())


def critical_count(tries: int, share: float, delta: float) -> int:
    """The smallest k for which at least k successes have a probability of at most ``delta``; ``tries`` + 1 if none has."""
    return int(critical_counts(tries, share, delta)[0])


def worth_detecting(question: Question, champion: float, spread: float) -> float:
    """``Question.detect``, else the default (``DEFAULT_DETECT``)."""
    if question.detect is not None:
        return question.detect
    kind = METRICS[question.metric].kind
    if kind != "amount":
        return DEFAULT_DETECT[kind]
    return DEFAULT_DETECT[kind] * (abs(champion if question.is_relative else question.target) or spread)


def _plan_share(question: Question, shown: float, power: float) -> LabelPlan:
    bar, level = (question.target, shown) if question.sign > 0 else (1 - question.target, 1 - shown)
    return LabelPlan(rows_for_share(bar, min(1.0, level), question.delta, power), min(1.0, max(0.0, shown)))


def _rows_without_difference(margin: float, delta: float) -> int | None:
    """The first number of rows that rules out a loss of -``margin`` if the models answer alike on all of them."""
    rows = math.floor(math.log(GAMMA_SHARE * delta) / math.log1p(margin)) + 1
    return rows if rows <= MOST_ROWS else None


_TERMS = 500
_GOLDEN = (math.sqrt(5) - 1) / 2


def _likely_counts(tries: int, share: float, ignored: float) -> Floats:
    """The counts that a binomial takes but with probability ``ignored`` (Bernstein's bound).

    Where they are too many, one from each of as many strata as there may be terms, at a place that walks through the strata by
    the golden ratio: evenly spaced counts would fall into step with the saw-tooth of a critical count.
    """
    depth = -math.log(ignored / 2)
    reach = depth / 3 + math.sqrt(depth**2 / 9 + 2 * depth * tries * share * (1 - share))
    low, high = max(0, math.floor(tries * share - reach)), min(tries, math.ceil(tries * share + reach))
    if high - low < _TERMS:
        return np.arange(low, high + 1, dtype=float)
    strata = np.arange(_TERMS)
    return np.floor(low + (strata + strata * _GOLDEN % 1) * ((high - low + 1) / _TERMS))


def _null_win_shares(discordant: Floats, rows: int, margin: float, gamma: float) -> Floats:
    """As ``shares.null_win_share``, for several numbers of discordant rows."""
    if margin > 0:
        return (1 + margin / np.maximum(share_lowers(discordant, rows, gamma), margin)) / 2
    return (1 + margin / share_uppers(discordant, rows, gamma)) / 2


def _deviations_seen(freedom: int, *turns: float) -> tuple[Floats, Floats]:
    """Places and weights of a quadrature over a sample's standard deviation, as a multiple of the true one; the function of it
    that is integrated changes between the ``turns``."""
    reach = 9 / math.sqrt(2 * freedom)
    low, high = max(0.0, 1 - reach), 1 + reach
    ends = np.unique(np.clip((low, 1.0, high, *turns), low, high))
    widths = np.diff(ends)[:, None]
    places, weights = quadrature()
    return (ends[:-1, None] + widths * places).ravel(), (widths * weights).ravel()


class _Reach(msgspec.Struct, frozen=True):
    """How many standard errors lie between a bar and what is shown, by the normal approximation, which guides the search."""

    delta: float
    power: float

    def guess(self, distance: float, spreads: tuple[float, float]) -> int:
        """The rows to begin with, from the standard deviations of a row at the bar and at the truth."""
        errors = normal_quantile(self.delta) * spreads[0] + normal_quantile(1 - self.power) * spreads[1]
        return max(1, math.ceil(min((max(0.0, errors) / distance) ** 2, MOST_ROWS)))

    def of(self, power: float) -> float:
        """The standard errors that a power speaks of."""
        return normal_quantile(self.delta) + normal_quantile(1 - min(max(power, 1e-12), 1 - 1e-12))


class _Probe(msgspec.Struct, frozen=True):
    rows: int
    power: float

    @property
    def is_telling(self) -> bool:
        """Its power is neither 0 nor 1, so that it says how far away the power looked for is."""
        return 1e-9 < self.power < 1 - 1e-9


def _smallest(power: Callable[[int], float], reach: _Reach, guess: int, least: int = 1) -> int | None:
    """The smallest number of rows, from ``least`` on, with enough power; to half a thousandth where it is over 10,000.

    Power climbs in a saw-tooth, so a number counts only if the next two that are looked at have enough power too.
    """
    low, high, rows = _Probe(least - 1, 0.0), _Probe(MOST_ROWS + 1, 1.0), max(least, guess)
    for attempt in range(100):
        probe = _Probe(rows, power(rows))
        if probe.power < reach.power:
            low = probe
        else:
            high = probe
        if high.rows - low.rows <= _slack(high.rows):
            break
        rows = _next_rows(reach, low, high, probe) if attempt < 8 else math.isqrt(max(1, low.rows) * high.rows)
        rows = min(max(rows, low.rows + 1), high.rows - 1)
    return None if high.rows > MOST_ROWS else _steady(power, reach.power, high.rows)


def _slack(rows: int) -> int:
    return 1 if rows <= 10_000 else rows // 2_000


def _next_rows(reach: _Reach, low: _Probe, high: _Probe, probe: _Probe) -> int:
    """Where to look next: standard errors grow with the root of the rows, about as a straight line.

    A little beyond where that points to, seen from the last probe, so that both ends close in.
    """
    wanted, reached = reach.of(reach.power), reach.of(probe.power)
    if low.is_telling and high.is_telling:
        start, end = reach.of(low.power), reach.of(high.power)
        root = math.sqrt(low.rows) + (wanted - start) / (end - start) * (math.sqrt(high.rows) - math.sqrt(low.rows))
    elif low.rows > 0 and high.rows <= MOST_ROWS:
        root = (low.rows * high.rows) ** 0.25
    elif probe.is_telling and min(wanted, reached) > 0:
        root = math.sqrt(probe.rows) * min(max(wanted / reached, 1 / 3), 3)
    else:
        root = math.sqrt(probe.rows) * (1 / 3 if probe is high else 3)
    beyond = _slack(probe.rows) / 3
    return math.ceil(root**2 + beyond) if probe is low else math.floor(root**2 - beyond)


def _steady(power: Callable[[int], float], enough: float, rows: int) -> int:
    """The first of three rows in succession with enough power, where ``rows`` have it."""
    stride, successes = _slack(rows), 1
    while successes < 3:
        rows += stride
        if power(rows) >= enough:
            successes += 1
        else:
            successes, stride = 0, stride * 3 // 2
    return rows - 2 * stride


def _first(is_enough: Callable[[float], bool], low: float, high: float) -> float:
    """Where between ``low`` and ``high`` something begins to be enough."""
    while high - low > 1e-6 * abs(high) + 1e-12:
        middle = (low + high) / 2
        if is_enough(middle):
            high = middle
        else:
            low = middle
    return high

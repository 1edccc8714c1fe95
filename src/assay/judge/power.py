"""How many labelled rows would decide: the smallest number with which a sentence passes with 90 % probability if it is true
by what is worth detecting.

For shares the power is that of the exact test itself, summed over how many rows the two models might differ on; for errors it is
the t test's, with the spread that was seen.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import msgspec

from assay.core.metrics import METRICS, MetricKind
from assay.judge.means import LEAST_ROWS
from assay.judge.question import Question
from assay.judge.shares import GAMMA_SHARE, null_win_share
from assay.judge.tails import binomial_pmf, binomial_sf, normal_quantile, t_quantile

POWER = 0.9
DEFAULT_DETECT: dict[MetricKind, float] = {"share": 0.02, "error": 0.05}
"""What is worth detecting if nobody says so: two points of a share; for errors this part of the reference value."""

MOST_ROWS = 100_000_000


class LabelPlan(msgspec.Struct, frozen=True):
    """What it takes to decide a sentence."""

    rows: int | None
    """Labelled rows in all; None where no number of rows within reason would do."""
    shown: float
    """What they would show: a gain in the direction asked for (relative), or the challenger's value (absolute)."""


def plan_labels(question: Question, champion: float, spread: float) -> LabelPlan:
    """The plan for a question, from the champion's value (0 for an absolute question) and ``Tested.spread``.

    A margin below 0 asks that nothing much is lost: then the plan is for equal models, else for margin + detect.
    """
    kind = METRICS[question.metric].kind
    detect = _detect(question, kind, champion)
    if not question.is_relative:
        shown = question.target + question.sign * detect
        if kind == "share":
            bar, level = (question.target, shown) if question.sign > 0 else (1 - question.target, 1 - shown)
            return LabelPlan(rows_for_share(bar, min(1.0, level), question.delta), min(1.0, max(0.0, shown)))
        return LabelPlan(rows_for_mean(detect, spread, question.delta), shown)
    margin = question.margin(champion)
    gain = margin + detect if margin >= 0 else 0.0
    if kind == "error":
        return LabelPlan(rows_for_mean(gain - margin, spread, question.delta), gain)
    delta = question.delta if question.factor == 1 else question.delta * (1 - GAMMA_SHARE)
    return LabelPlan(rows_for_gain(gain, margin, max(spread, gain), delta), gain)


def rows_for_share(bar: float, level: float, delta: float) -> int | None:
    """Rows for the binomial test to show "share > bar" at a true share of ``level``."""
    if level <= bar or bar >= 1:
        return None

    def power(rows: int) -> float:
        return binomial_sf(critical_count(rows, bar, delta) - 1, rows, level)

    spreads = math.sqrt(bar * (1 - bar)), math.sqrt(level * (1 - level))
    return _smallest(power, _guess(level - bar, spreads, delta))


def rows_for_gain(gain: float, margin: float, disagreement: float, delta: float) -> int | None:
    """Rows for the paired test to show "more than ``margin`` better" at a true ``gain``, if exactly one of the two models
    counts on a share of ``disagreement`` of the rows; that share is at least ``gain``."""
    if gain <= margin or gain > 1:
        return None
    spreads = math.sqrt(max(0.0, disagreement - margin**2)), math.sqrt(max(0.0, disagreement - gain**2))
    return _smallest(
        lambda rows: paired_power(rows, gain, margin, disagreement, delta), _guess(gain - margin, spreads, delta)
    )


def paired_power(rows: int, gain: float, margin: float, disagreement: float, delta: float) -> float:
    """The probability that ``shares.paired_p`` is at most ``delta``."""
    gamma = GAMMA_SHARE * delta if margin else 0.0
    win_share = (1 + gain / disagreement) / 2 if disagreement else 0.5
    total = passed = 0.0
    for discordant in _likely_counts(rows, min(1.0, disagreement), _TERMS_WITH_MARGIN if margin else _TERMS):
        weight = binomial_pmf(discordant, rows, min(1.0, disagreement))
        null = null_win_share(discordant, rows, margin, gamma) if margin else 0.5
        total += weight
        passed += weight * _pass_probability(discordant, null, delta - gamma, min(1.0, win_share))
    return passed / total


def critical_count(tries: int, share: float, delta: float) -> int:
    """The smallest k for which at least k successes have a probability of at most ``delta``; ``tries`` + 1 if none has."""
    if share < 0:
        return 0
    if share >= 1:
        return tries + 1
    guess = tries * share + normal_quantile(delta) * math.sqrt(tries * share * (1 - share)) + 0.5
    k = min(tries + 1, max(0, math.ceil(guess)))
    while k <= tries and binomial_sf(k - 1, tries, share) > delta:
        k += 1
    while k > 0 and binomial_sf(k - 2, tries, share) <= delta:
        k -= 1
    return k


def rows_for_mean(distance: float, spread: float, delta: float) -> int | None:
    """Rows for a t test to show a mean that lies ``distance`` beyond its bar, with values of that standard deviation."""
    if distance <= 0 or not math.isfinite(spread):
        return None
    ratio = spread / distance
    rows = _guess(1.0, (ratio, ratio), delta)
    for _ in range(5):
        freedom = max(rows, LEAST_ROWS) - 1
        rows = math.ceil((ratio * (t_quantile(delta, freedom) + t_quantile(1 - POWER, freedom))) ** 2)
    return max(rows, LEAST_ROWS) if rows <= MOST_ROWS else None


def _detect(question: Question, kind: MetricKind, champion: float) -> float:
    if question.detect is not None:
        return question.detect
    reference = champion if question.is_relative else abs(question.target)
    return DEFAULT_DETECT[kind] * (1.0 if kind == "share" else reference)


def _guess(distance: float, spreads: tuple[float, float], delta: float) -> int:
    """The normal approximation, where the search begins."""
    reach = normal_quantile(delta) * spreads[0] + normal_quantile(1 - POWER) * spreads[1]
    return math.ceil(min((reach / distance) ** 2, MOST_ROWS)) or 1


_TERMS, _TERMS_WITH_MARGIN = 1000, 100


@lru_cache(maxsize=10_000)
def _pass_probability(tries: int, null: float, delta: float, share: float) -> float:
    """The power for so many discordant rows. Without a margin it does not depend on all rows, so a search meets it often."""
    return binomial_sf(critical_count(tries, null, delta) - 1, tries, share)


def _likely_counts(tries: int, share: float, terms: int) -> range | list[int]:
    """The counts that a binomial almost surely takes; evenly thinned where they are many."""
    reach = 6 * math.sqrt(tries * share * (1 - share)) + 6
    low, high = max(0, math.floor(tries * share - reach)), min(tries, math.ceil(tries * share + reach))
    if high - low < terms:
        return range(low, high + 1)
    return [low + (high - low) * i // (terms - 1) for i in range(terms)]


def _smallest(power: Callable[[int], float], guess: int) -> int | None:
    """The smallest number of rows with enough power, to a thousandth where it is large.

    Power climbs in a saw-tooth, so a number counts only if the two after it have enough power too.
    """
    low, high, factor = 0, guess, 1.1
    while power(high) < POWER:
        low, high, factor = high, math.ceil(high * factor) + 1, factor**2
        if high > MOST_ROWS:
            return None
    factor = 1.1
    while low == 0 and high > 1:
        below = int(high / factor) if high > 2 else 1
        if power(below) < POWER:
            low = below
        elif below == 1:
            return 1
        else:
            high, factor = below, factor**2
    while high - low > max(1, high // 1000):
        middle = (low + high) // 2
        if power(middle) < POWER:
            low = middle
        else:
            high = middle
    while not all(power(high + more) >= POWER for more in (1, 2)):
        high += 1
    return high

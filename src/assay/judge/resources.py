"""Sentences about what a model costs to run: latencies, tested on calls that were timed, and sizes, compared as they are.

``latency_p99_ms <= 20`` says that at most 1 call in 100 takes longer than 20 ms. So calls that take longer are counted, and their
share is tested by the exact binomial test; nothing is assumed of how latencies are distributed. The interval of the percentile
lies between two order statistics (H. A. David and H. N. Nagaraja, Order Statistics, 2003, section 7.1), and its upper end is
within the limit exactly where the test shows it. Against the champion each percentile is bounded at half the error probability.

Calls are taken as independent. Those of a busy machine are not quite: what slows one slows the next.
"""

import math

import msgspec
import numpy as np

from assay.core.sentence import Sentence, latency_share
from assay.core.verdict import SentenceOutcome, SentenceVerdict
from assay.judge.array_tails import critical_counts
from assay.judge.observe import Floats
from assay.judge.power import rows_for_share
from assay.judge.tails import binomial_cdf

EXCEEDANCES = "exact binomial test on exceedances; calls are taken as independent"
ORDER_STATISTICS = "exact bounds of both percentiles by order statistics, each at half; calls are taken as independent"
AS_IT_IS = "compared as it is"
ALLOWED = 0.1
"""Calls are enough where they would show a model, 9 times in 10, that exceeds the limit a tenth as often as it may."""
BESIDE = 3
"""Two percentiles are compared with so many times the calls that one of them takes."""


def plan_calls(share: float, delta: float, *, is_relative: bool = False) -> int:
    """Timed calls that are enough to judge the percentile of ``share`` at ``delta``: .99 for p99."""
    calls = rows_for_share(share, 1 - (1 - share) * ALLOWED, delta / 2 if is_relative else delta)
    assert calls is not None  # a tenth as often is always less
    return BESIDE * calls if is_relative else calls


def least_calls(share: float, delta: float, *, is_relative: bool = False) -> int:
    """The fewest calls that can show anything: all of them within the limit."""
    return math.ceil(math.log(delta / 2 if is_relative else delta) / math.log(share))


def judge_latency(
    sentence: Sentence, ours_ms: np.ndarray, theirs_ms: np.ndarray | None, delta: float, champion: str
) -> SentenceVerdict:
    """The verdict on a latency at ``delta``, from calls that were timed one by one; ``theirs_ms`` of a relative sentence."""
    share = latency_share(sentence.metric)
    assert share is not None
    if not len(ours_ms) or (sentence.is_relative and (theirs_ms is None or not len(theirs_ms))):
        return SentenceVerdict(
            sentence.text, "undecided", "no call was timed: the gate's data has no rows", delta=delta
        )
    ours = np.sort(ours_ms.astype(np.float64))
    if sentence.is_relative:
        assert theirs_ms is not None
        return _judge_against(sentence, share, ours, np.sort(theirs_ms.astype(np.float64)), delta, champion)
    return _judge_limit(sentence, share, ours, delta)


def judge_size(sentence: Sentence, ours_mb: float, theirs_mb: float | None, champion: str) -> SentenceVerdict:
    """The verdict on the model's size, in 10^6 bytes: an exact number, at no level."""
    bar = _Bar.of(sentence)
    theirs = theirs_mb if sentence.is_relative else None
    limit = bar.shift if theirs is None else bar.of_champion(theirs)
    beside = "" if theirs is None else f", beside {_amount(theirs)} MB of {champion}"
    is_within = ours_mb < limit or (ours_mb == limit and sentence.comparison == "<=")
    return SentenceVerdict(
        sentence.text,
        "pass" if is_within else "fail",
        f"{_amount(ours_mb)} MB{beside}; the limit is {_amount(limit)} MB",
        AS_IT_IS,
        challenger=ours_mb,
        champion=theirs,
        estimate=round(ours_mb - bar.factor * (theirs or 0.0), 9),
    )


class _Bar(msgspec.Struct, frozen=True):
    """What is allowed: ``factor`` times the champion's value, and ``shift``."""

    factor: float
    shift: float

    @staticmethod
    def of(sentence: Sentence) -> "_Bar":
        right = sentence.right
        if right.metric is None:
            return _Bar(0.0, right.number)
        if right.operator == "*":
            return _Bar(right.number, 0.0)
        return _Bar(1.0, -right.number if right.operator == "-" else right.number)

    def of_champion(self, value: float) -> float:
        """Twelve digits, so that 1.1 x 3 is 3.3."""
        return float(f"{self.factor * value + self.shift:.12g}")


def _judge_limit(sentence: Sentence, share: float, ours: Floats, delta: float) -> SentenceVerdict:
    limit, calls = sentence.right.number, len(ours)
    slow = int(np.count_nonzero(ours > limit if sentence.comparison == "<=" else ours >= limit))
    p_value = binomial_cdf(slow, calls, 1 - share)
    low, high = percentile_bounds(ours, share, delta)
    value = percentile(ours, share)
    seen = f"{sentence.metric} {_amount(value)}, {slow:,} of {calls:,} calls beyond {_amount(limit)} ms"
    most = f"at most {_amount(high)} ms with {_confidence(delta)}" if math.isfinite(high) else _NO_BOUND
    outcome: SentenceOutcome
    if p_value <= delta:
        outcome, reason = "pass", f"{seen}; {most}"
    elif low > limit or (low == limit and sentence.comparison == "<"):
        outcome, reason = "fail", f"shown to be false: {seen}; at least {_amount(low)} ms with {_confidence(delta)}"
    else:
        outcome, outlook = _outlook(calls, plan_calls(share, delta))
        reason = f"not shown: {seen}; {most}; {outlook}"
    return SentenceVerdict(
        sentence.text, outcome, reason, EXCEEDANCES, p_value, delta, value, None, value, _finite(low, high), calls
    )


def _judge_against(
    sentence: Sentence, share: float, ours: Floats, theirs: Floats, delta: float, champion: str
) -> SentenceVerdict:
    bar, calls = _Bar.of(sentence), min(len(ours), len(theirs))
    new, old = percentile(ours, share), percentile(theirs, share)
    low, high = _difference(bar, share, ours, theirs, delta)
    p_value = _p_of_difference(sentence, bar, share, ours, theirs, delta)
    seen = f"{sentence.metric} {_amount(new)}, of {champion} {_amount(old)}"
    opponent = champion if bar.factor == 1 else f"{bar.factor:g} x {champion}"
    allowed = f"; {_apart(bar.shift)} is allowed" if bar.shift else ""
    outcome: SentenceOutcome
    if p_value <= delta:
        outcome, reason = "pass", f"{seen}; {_most(high, opponent, delta)}{allowed}"
    elif low > bar.shift:
        outcome, reason = "fail", f"shown to be false: {seen}; {_least(low, opponent, delta)}{allowed}"
    else:
        outcome, outlook = _outlook(calls, plan_calls(share, delta, is_relative=True))
        reason = f"not shown: {seen}; {_most(high, opponent, delta)}{allowed}; {outlook}"
    return SentenceVerdict(
        sentence.text,
        outcome,
        reason,
        ORDER_STATISTICS,
        p_value,
        delta,
        new,
        old,
        new - bar.factor * old,
        _finite(low, high),
        calls,
    )


def _difference(bar: _Bar, share: float, ours: Floats, theirs: Floats, delta: float) -> tuple[float, float]:
    """Bounds of challenger - factor * champion, each wrong with probability ``delta`` at most."""
    (low, high), (low_old, high_old) = (percentile_bounds(each, share, delta / 2) for each in (ours, theirs))
    return low - bar.factor * high_old, high - bar.factor * low_old


def _p_of_difference(sentence: Sentence, bar: _Bar, share: float, ours: Floats, theirs: Floats, delta: float) -> float:
    """The smallest error probability at which the sentence is shown, by bisection, beginning at ``delta``."""

    def is_shown(level: float) -> bool:
        high = _difference(bar, share, ours, theirs, level)[1]
        return high <= bar.shift if sentence.comparison == "<=" else high < bar.shift

    low, high = (_LEAST_P, delta) if is_shown(delta) else (delta, 1.0)
    if not is_shown(high):
        return 1.0
    if is_shown(low):
        return low
    while high > 1.001 * low:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if is_shown(middle) else (middle, high)
    return high


_LEAST_P = 1e-12


def percentile(ordered: Floats, share: float) -> float:
    """The smallest of the values that so many of them do not exceed."""
    return float(ordered[max(0, math.ceil(round(share * len(ordered), 9)) - 1)])


def percentile_bounds(ordered: Floats, share: float, delta: float) -> tuple[float, float]:
    """Bounds of the percentile, each wrong with probability ``delta`` at most; 0 and infinity where so few calls give none."""
    calls = len(ordered)
    above = int(critical_counts(calls, share, delta)[0])
    below = calls - int(critical_counts(calls, 1 - share, delta)[0])
    high = float(ordered[above - 1]) if above <= calls else math.inf
    return (float(ordered[below]) if below >= 0 else 0.0), high


def _outlook(calls: int, enough: int) -> tuple[SentenceOutcome, str]:
    if calls >= enough:
        return "fail", f"{enough:,} calls are enough to show it of a model that is quick enough with room to spare"
    return "undecided", f"{enough:,} calls are needed to tell, and a lower percentile or level needs fewer"


def _finite(low: float, high: float) -> tuple[float, float] | None:
    """An interval with two ends: what is recorded holds no infinite number."""
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


_NO_BOUND = "so few calls give no upper bound"


def _most(high: float, opponent: str, delta: float) -> str:
    if not math.isfinite(high):
        return _NO_BOUND
    return f"at {'most' if high >= 0 else 'least'} {_apart(high)} than {opponent} with {_confidence(delta)}"


def _least(low: float, opponent: str, delta: float) -> str:
    return f"at {'least' if low >= 0 else 'most'} {_apart(low)} than {opponent} with {_confidence(delta)}"


def _apart(value: float) -> str:
    return f"{_amount(abs(value))} ms {'more' if value >= 0 else 'less'}"


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _confidence(delta: float) -> str:
    return f"{100 * (1 - delta):.6g} % confidence"

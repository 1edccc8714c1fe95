"""Sentences about behaviour: ``violations(...) <= 1%``, judged by the cases that were tried and how many of them were broken.

A share is tested like any other (``shares.py``), by the exact binomial test of the cases, which are independent where rows are.
Where no case may be broken, and of a file of cases, the cases are counted as they are: that many of these were broken, and no
number of cases shows that none ever will be. The bounds at the sentence's level are told there too, unless the cases are a file's.
No label is needed, so what is missing is rows.
"""

import msgspec
import numpy as np

from assay.core.sentence import Behaviour, Sentence
from assay.core.verdict import SentenceOutcome, SentenceVerdict
from assay.judge.clustered_cases import Clusters, together
from assay.judge.power import rows_for_share
from assay.judge.shares import share_interval
from assay.judge.tails import binomial_cdf

BY_CLUSTER = "betting test of each cluster's broken cases, exact where no cluster is larger than the largest here"
EXACT = "exact binomial test of the cases, taken as independent"
COUNTED = "counted as they are"
_MOST_NAMED = 5
DETECTED = 0.5
"""Of the share that is allowed: cases are enough where they would show one that is so much smaller, 9 times in 10."""


class _Seen(msgspec.Struct, frozen=True):
    """What was found, before it is judged."""

    sentence: Sentence
    behaviour: Behaviour
    broken: int
    cases: int
    delta: float
    clusters: Clusters | None = None
    """None: the cases are independent."""
    first_broken: tuple[int, ...] = ()
    """Which of the cases, from 1."""

    @property
    def share(self) -> float:
        return self.broken / self.cases

    @property
    def limit(self) -> float:
        return self.sentence.right.number

    @property
    def is_within(self) -> bool:
        """The cases that were tried keep the limit."""
        return self.share < self.limit or (self.share == self.limit and self.sentence.comparison == "<=")

    @property
    def is_of_file(self) -> bool:
        return self.behaviour.kind == "cases"

    @property
    def rows_a_case(self) -> int:
        """Of an invariance, one row gives its values to another."""
        return 2 if self.behaviour.kind == "invariant" else 1

    @property
    def bounds(self) -> tuple[float, float]:
        if self.clusters is not None:
            return self.clusters.bounds(self.delta)
        return share_interval(self.broken, self.cases, self.delta)

    @property
    def method(self) -> str:
        return EXACT if self.clusters is None else BY_CLUSTER


def judge_violations(
    sentence: Sentence, violated: np.ndarray, delta: float, detect: float | None, clusters: np.ndarray | None = None
) -> SentenceVerdict:
    """The verdict on a sentence about behaviour, at ``delta``; ``violated`` says of each case that was tried whether it was
    broken. ``detect`` is by how much less than the limit is worth showing, at most half of it; None: half. ``clusters`` says of each case which others it belongs to."""
    assert sentence.behaviour is not None
    if not len(violated):
        return SentenceVerdict(sentence.text, "undecided", _say_no_case(sentence.behaviour), delta=delta)
    seen = _Seen(
        sentence,
        sentence.behaviour,
        int(np.count_nonzero(violated)),
        len(violated),
        delta,
        together(violated, clusters),
        tuple((np.flatnonzero(violated)[:_MOST_NAMED] + 1).tolist()),
    )
    if seen.is_of_file or seen.limit in (0.0, 1.0):
        return _count(seen)
    return _test(seen, detect)


def _count(seen: _Seen) -> SentenceVerdict:
    outcome: SentenceOutcome = "pass" if seen.is_within else "fail"
    bounds = _say_which(seen) if seen.is_of_file else f"; {_say_most(seen)}"
    never = "; no share is below 0: write <= 0" if not seen.limit and seen.sentence.comparison == "<" else ""
    interval = None if seen.is_of_file else seen.bounds
    judged = _verdict(seen, outcome, f"{_say_count(seen)}{bounds}{never}", COUNTED, interval)
    return msgspec.structs.replace(judged, delta=None) if seen.is_of_file else judged


def _say_which(seen: _Seen) -> str:
    """``: cases 2, 7 of tests/cases.csv`` by their rows; the model of a case that is broken can be asked about it."""
    if not seen.broken:
        return ""
    more = f" and {seen.broken - len(seen.first_broken):,} more" if seen.broken > len(seen.first_broken) else ""
    noun = "case" if seen.broken == 1 else "cases"
    return f": {noun} {', '.join(map(str, seen.first_broken))}{more} of {seen.behaviour.path}"


def _test(seen: _Seen, detect: float | None) -> SentenceVerdict:
    if seen.clusters is None:
        p_value = binomial_cdf(seen.broken, seen.cases, seen.limit)
    else:
        p_value = seen.clusters.p_below(seen.limit)
    if p_value <= seen.delta:
        judged = _verdict(seen, "pass", f"{_say_count(seen)}; {_say_most(seen)}", seen.method, seen.bounds)
    elif seen.bounds[0] > seen.limit:
        least = f"at least {_percent(seen.bounds[0])} with {_confidence(seen)}"
        judged = _verdict(seen, "fail", f"shown to be false: {_say_count(seen)}; {least}", seen.method, seen.bounds)
    else:
        judged = _not_shown(seen, detect)
    return msgspec.structs.replace(judged, p_value=p_value)


def _not_shown(seen: _Seen, detect: float | None) -> SentenceVerdict:
    room = seen.limit * DETECTED
    level = seen.limit - (room if detect is None else min(detect, room))
    if seen.clusters is None:
        cases = rows_for_share(1 - seen.limit, 1 - level, seen.delta)
    else:
        cases = seen.clusters.cases_needed(seen.limit, level, seen.delta)
    outlook, needed, more = "no number of rows would show it", None, None
    if cases is not None:
        needed = cases * seen.rows_a_case
        more = max(0, cases - seen.cases) * seen.rows_a_case
        rows = f"{more:,} more rows would" if more else f"{needed:,} rows are enough to"
        outlook = f"{rows} show a share of {_percent(level)}"
    outcome: SentenceOutcome = "fail" if more == 0 else "undecided"
    reason = f"not shown: {_say_count(seen)}; {_say_most(seen)}; {outlook}"
    judged = _verdict(seen, outcome, reason, seen.method, seen.bounds)
    return msgspec.structs.replace(judged, labels_needed_total=needed, labels_more=more)


def _verdict(
    seen: _Seen, outcome: SentenceOutcome, reason: str, method: str, interval: tuple[float, float] | None
) -> SentenceVerdict:
    return SentenceVerdict(
        seen.sentence.text,
        outcome,
        reason,
        method,
        delta=seen.delta,
        challenger=seen.share,
        estimate=seen.share,
        interval=interval,
        rows=seen.cases,
    )


def _say_no_case(behaviour: Behaviour) -> str:
    names = ", ".join(behaviour.columns)
    match behaviour.kind:
        case "invariant":
            return f"no case could be tried: no two rows differ in {names}"
        case "missing":
            return f"no case could be tried: no row has a value of {names}"
        case "direction":
            return f"no case could be tried: {names} has fewer than two different values"
        case "cases":
            return f"no case could be tried: {behaviour.path} holds none"


def _say_count(seen: _Seen) -> str:
    """``12 of 4,000 cases broken (0.30 %)``"""
    broken = f"{seen.broken:,}" if seen.broken else "none"
    share = f" ({_percent(seen.share)})" if seen.broken else ""
    cases = "case" if seen.cases == 1 else "cases"
    is_all_missing = seen.behaviour.kind == "missing" and seen.broken == seen.cases
    why = ", as of a model that fails on such rows" if is_all_missing else ""
    return f"{broken} of {seen.cases:,} {cases} broken{share}{why}"


def _say_most(seen: _Seen) -> str:
    return f"at most {_percent(seen.bounds[1])} with {_confidence(seen)}"


def _percent(share: float) -> str:
    """Two digits behind the point, or two that count where it would be less than a tenth of a percent."""
    return f"{100 * share:.2f} %" if not 0 < share < 0.001 else f"{100 * share:.2g} %"


def _confidence(seen: _Seen) -> str:
    return f"{100 * (1 - seen.delta):.6g} % confidence"

"""``gap(column).metric < x``: the greatest difference between any two slices.

Every slice's value is bounded on both sides at delta / 2. If the true gap between two slices is x or more, one of two bounds must
have missed for all upper and lower bounds to lie within x: so P(pass) is at most delta, exactly where the bounds are exact. No
correction for the number of slices is owed. The price beside a test of one pair is about two to three times the labels.
"""

import math

import msgspec

from assay.core.metrics import MetricSettings
from assay.core.sentence import Sentence
from assay.core.verdict import SentenceOutcome, SentenceVerdict, SliceVerdict
from assay.judge.conditions import POWER, Unmet
from assay.judge.evidence import LabelledRows
from assay.judge.means import value_interval
from assay.judge.observe import Counted, Observed, UndefinedMetric, observe, unmet_of_classes, value_of
from assay.judge.power import DEFAULT_DETECT
from assay.judge.ranges import range_of, within
from assay.judge.reason import say_gap
from assay.judge.require import too_many
from assay.judge.shares import share_interval
from assay.judge.slices import MOST_SLICES, Slice, slices_of
from assay.judge.tails import normal_quantile

_METHOD = "bounds of each slice at half the error probability (Clopper-Pearson for shares, else approximate)"


class _Bounded(msgspec.Struct, frozen=True):
    """A slice's value, and bounds that are each wrong with probability delta / 2 at most."""

    part: Slice
    value: float
    low: float
    high: float


class _Gap(msgspec.Struct, frozen=True):
    """The greatest difference between any two slices."""

    slices: tuple[_Bounded, ...]
    """The lowest value first."""

    @property
    def seen(self) -> float:
        return self.slices[-1].value - self.slices[0].value

    @property
    def low(self) -> float:
        return max(0.0, max(each.low for each in self.slices) - min(each.high for each in self.slices))

    @property
    def high(self) -> float:
        return max(each.high for each in self.slices) - min(each.low for each in self.slices)


def judge_gap(
    sentence: Sentence, rows: LabelledRows, delta: float, detect: float | None, settings: MetricSettings, min_rows: int
) -> SentenceVerdict:
    """The verdict on a ``gap`` sentence."""
    assert sentence.slice is not None
    total = len(rows.labels)
    if not total:
        return SentenceVerdict(sentence.text, "undecided", "no row has a label", delta=delta)
    parts = slices_of(sentence.slice.column, *rows.values_of(sentence.slice.column), min_rows)
    if len(parts) > MOST_SLICES:
        return too_many(sentence, delta, len(parts))
    gap = _gap_between(parts, sentence, rows, settings, delta)
    if isinstance(gap, str):
        return SentenceVerdict(sentence.text, "undecided", gap, delta=delta, rows=total)
    outcome, needed = _decide(gap, sentence, total, delta, detect)
    return SentenceVerdict(
        sentence=sentence.text,
        verdict=outcome,
        reason=_say(gap, sentence, delta),
        method=_METHOD,
        delta=delta,
        challenger=gap.seen,
        estimate=gap.seen,
        interval=(gap.low, gap.high),
        rows=total,
        labels_needed_total=needed,
        labels_more=None if needed is None else max(0, needed - total),
        slices=tuple(_slice_verdict(each, outcome) for each in gap.slices),
    )


def _gap_between(
    parts: list[Slice], sentence: Sentence, rows: LabelledRows, settings: MetricSettings, delta: float
) -> _Gap | str:
    """In words why there is none to measure."""
    assert sentence.slice is not None
    untold = "" if rows.rest is None else rows.rest.why_no_sample
    if untold:
        return untold
    if len(parts) < 2:
        return f"{sentence.slice.column} has one slice alone: there is no gap to measure"
    seen: list[_Bounded] = []
    for part, each in zip(parts, rows.in_slices(parts), strict=True):
        found = _bounded(part, sentence, each, settings, delta)
        if isinstance(found, str):
            return f"{part.name} cannot be measured: {found}"
        seen.append(found)
    return _Gap(tuple(sorted(seen, key=lambda each: each.value)))


def _bounded(
    part: Slice, sentence: Sentence, rows: LabelledRows, settings: MetricSettings, delta: float
) -> _Bounded | str:
    """In words why there are no bounds."""
    try:
        seen = observe(sentence.metric, rows.labels, rows.challenger, rows.columns, settings, "the challenger")
        value = value_of(seen)
    except UndefinedMetric as cause:
        return str(cause)
    bounds = _bounds(sentence, seen, rows, settings, delta / 2)
    if isinstance(bounds, Unmet):
        return bounds.because
    return _Bounded(part, value, *within(bounds, range_of(sentence.metric, settings)))


def _bounds(
    sentence: Sentence, seen: Observed, rows: LabelledRows, settings: MetricSettings, delta: float
) -> tuple[float, float] | Unmet:
    if rows.clusters is not None:
        return value_interval(seen, delta, rows.clusters)
    if isinstance(seen, Counted):
        counts = seen.counts if seen.among is None else seen.counts[seen.among]
        return share_interval(int(counts.sum()), len(counts), delta)
    return unmet_of_classes(sentence.metric, rows.labels, settings) or value_interval(seen, delta)


def _decide(
    gap: _Gap, sentence: Sentence, rows: int, delta: float, detect: float | None
) -> tuple[SentenceOutcome, int | None]:
    """The verdict; and the rows that would show a gap worth showing, where neither the sentence nor its opposite is shown."""
    limit = sentence.right.number
    if gap.high < limit:
        return "pass", None
    if gap.seen >= limit and gap.low > limit:
        return "fail", None
    needed = _rows_needed(sentence, rows, delta, detect, gap.high - gap.seen)
    return "fail" if needed is not None and rows >= needed else "undecided", needed


def _say(gap: _Gap, sentence: Sentence, delta: float) -> str:
    names = gap.slices[-1].part.name, gap.slices[0].part.name
    return say_gap(sentence.metric, gap.seen, gap.high, names, delta)


def _slice_verdict(seen: _Bounded, outcome: SentenceOutcome) -> SliceVerdict:
    return SliceVerdict(
        slice=seen.part.name,
        verdict=outcome,
        rows=len(seen.part.rows),
        challenger=seen.value,
        estimate=seen.value,
        interval=(seen.low, seen.high),
        pooled=seen.part.pooled,
    )


def _rows_needed(sentence: Sentence, rows: int, delta: float, detect: float | None, width: float) -> int | None:
    """About so many rows would show a gap that lies below the limit by what is worth detecting, 9 times in 10."""
    room = min(sentence.right.number, detect if detect is not None else DEFAULT_DETECT["share"])
    if room <= 0:
        return None
    reach = normal_quantile(delta / 2)
    wanted = width * (reach + normal_quantile(1 - POWER) / math.sqrt(2)) / reach
    return math.ceil(rows * (wanted / room) ** 2)

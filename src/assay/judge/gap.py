"""``gap(column).metric < x``: the greatest difference between any two slices.

Every slice's value is bounded on both sides at delta / 2. If the true gap between two slices is x or more, one of two bounds must
have missed for all upper and lower bounds to lie within x: so P(pass) is at most delta, exactly where the bounds are exact. No
correction for the number of slices is owed. The price beside a test of one pair is about two to three times the labels.
"""

import math

from assay.core.metrics import MetricSettings
from assay.core.sentence import Sentence
from assay.core.verdict import SentenceOutcome, SentenceVerdict, SliceVerdict
from assay.judge.evidence import LabelledRows, column_of
from assay.judge.means import Unmet, value_interval
from assay.judge.observe import Counted, Observed, UndefinedMetric, observe, unmet_of, value_of
from assay.judge.power import DEFAULT_DETECT, POWER
from assay.judge.reason import say_gap
from assay.judge.require import too_many
from assay.judge.shares import share_interval
from assay.judge.slices import MOST_SLICES, Slice, slices_of
from assay.judge.tails import normal_quantile


def judge_gap(
    sentence: Sentence, rows: LabelledRows, delta: float, detect: float | None, settings: MetricSettings, min_rows: int
) -> SentenceVerdict:
    """The verdict on a ``gap`` sentence."""
    assert sentence.slice is not None
    if not len(rows.labels):
        return SentenceVerdict(sentence.text, "undecided", "no row has a label", delta=delta)
    parts = slices_of(sentence.slice.column, column_of(rows.columns, sentence.slice.column), min_rows)
    if len(parts) > MOST_SLICES:
        return too_many(sentence, delta, len(parts))
    if len(parts) < 2:
        reason = f"{sentence.slice.column} has one slice alone: there is no gap to measure"
        return SentenceVerdict(sentence.text, "undecided", reason, delta=delta, rows=len(rows.labels))
    seen = []
    for part in parts:
        found = _observed(sentence, rows.at(part.rows), settings, delta)
        if isinstance(found, str):
            reason = f"{part.name} cannot be measured: {found}"
            return SentenceVerdict(sentence.text, "undecided", reason, delta=delta, rows=len(rows.labels))
        seen.append((part, *found))
    return _judge(sentence, len(rows.labels), delta, detect, seen)


def _observed(
    sentence: Sentence, rows: LabelledRows, settings: MetricSettings, delta: float
) -> tuple[float, tuple[float, float]] | str:
    """A slice's value and its bounds, each at delta / 2; in words why there are none."""
    try:
        seen = observe(sentence.metric, rows.labels, rows.challenger, rows.columns, settings, "the challenger")
        value = value_of(seen)
    except UndefinedMetric as cause:
        return str(cause)
    if rows.clusters is not None:
        clustered = value_interval(seen, delta / 2, rows.clusters)
        return clustered.because if isinstance(clustered, Unmet) else (value, clustered)
    return _bounded(sentence, seen, value, rows, settings, delta)


def _bounded(
    sentence: Sentence, seen: Observed, value: float, rows: LabelledRows, settings: MetricSettings, delta: float
) -> tuple[float, tuple[float, float]] | str:
    if isinstance(seen, Counted):
        counts = seen.counts if seen.among is None else seen.counts[seen.among]
        return value, share_interval(int(counts.sum()), len(counts), delta / 2)
    unmet = unmet_of(sentence.metric, rows.labels, seen, settings)
    bounds = Unmet(unmet) if unmet else value_interval(seen, delta / 2)
    return bounds.because if isinstance(bounds, Unmet) else (value, bounds)


def _judge(
    sentence: Sentence,
    rows: int,
    delta: float,
    detect: float | None,
    seen: list[tuple[Slice, float, tuple[float, float]]],
) -> SentenceVerdict:
    limit = sentence.right.number
    gap = max(value for _, value, _ in seen) - min(value for _, value, _ in seen)
    widest = max(seen, key=lambda one: one[2][1]), min(seen, key=lambda one: one[2][0])
    upper = widest[0][2][1] - widest[1][2][0]
    lower = max(0.0, max(bounds[0] for *_, bounds in seen) - min(bounds[1] for *_, bounds in seen))
    needed = None
    if upper < limit:
        outcome: SentenceOutcome = "pass"
    elif gap >= limit and lower > limit:
        outcome = "fail"
    else:
        needed = _rows_needed(sentence, rows, delta, detect, upper - gap)
        outcome = "fail" if needed is not None and rows >= needed else "undecided"
    names = max(seen, key=lambda one: one[1])[0].name, min(seen, key=lambda one: one[1])[0].name
    return SentenceVerdict(
        sentence.text,
        outcome,
        say_gap(sentence.metric, gap, upper, names, delta),
        "bounds of each slice at half the error probability (Clopper-Pearson for shares, else approximate)",
        None,
        delta,
        gap,
        None,
        gap,
        (lower, upper),
        rows,
        needed,
        None if needed is None else max(0, needed - rows),
        slices=tuple(
            SliceVerdict(part.name, outcome, len(part.rows), "", None, value, None, value, bounds, None, part.pooled)
            for part, value, bounds in sorted(seen, key=lambda one: one[1])
        ),
    )


def _rows_needed(sentence: Sentence, rows: int, delta: float, detect: float | None, width: float) -> int | None:
    """About so many rows would show a gap that lies below the limit by what is worth detecting, 9 times in 10."""
    room = min(sentence.right.number, detect if detect is not None else DEFAULT_DETECT["share"])
    if room <= 0:
        return None
    reach = normal_quantile(delta / 2)
    wanted = width * (reach + normal_quantile(1 - POWER) / math.sqrt(2)) / reach
    return math.ceil(rows * (wanted / room) ** 2)

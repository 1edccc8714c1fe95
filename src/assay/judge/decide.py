"""The gate's decision: sentences and evidence in, a verdict out. Pure.

A sentence passes if and only if its opposite is rejected at its error probability. What is not shown is ``fail`` where there
were rows enough to show what is worth detecting (``power.py``), else ``undecided`` with the labels that are still needed. A ``no``
sentence is the other way round: it fails if what it forbids is shown, and else passes.
The gate passes if every sentence that applies passes, and at least one applies: all together are wrong no more often
than the weakest of them, so their levels need no correction (intersection-union test). A gate of nothing but ``no`` sentences
passes only where the rows would have shown the harm. Rows are independent, or clusters are where ``group`` or ``time`` names them.
"""

from collections.abc import Iterable
from math import isfinite

from assay.core.metrics import REQUIRABLE, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import Sentence
from assay.core.verdict import Outcome, SentenceOutcome, SentenceVerdict, Verdict
from assay.judge.budget import Wear
from assay.judge.evidence import Evidence, LabelledRows, column_of, labelled_rows
from assay.judge.forbid import judge_forbidden
from assay.judge.gap import judge_gap
from assay.judge.observe import UndefinedMetric, observe, value_of
from assay.judge.require import judge_required
from assay.judge.slices import slice_of

NOTHING_SET = MetricSettings()


def decide(gate: GateAction, evidence: Evidence, wear: Wear | None = None) -> Verdict:
    """The gate's verdict, at the levels that ``wear`` leaves; without it, as written. ``EvidenceError`` where the question cannot be asked: other rows, labels of another type, a column
    that is not there."""
    clustered_by = gate.group or gate.time
    rows = labelled_rows(evidence, clustered_by, by_day=gate.time is not None)
    has_absolute = any(not sentence.is_relative for sentence in gate.require)
    sentences = tuple(
        _not_applicable(sentence, has_absolute=has_absolute)
        if sentence.is_relative and rows.champion is None
        else judge_sentence(sentence, rows, delta_of(sentence, gate, wear), gate.detect, gate.settings, gate.min_rows)
        for sentence in gate.require
    )
    outcome = _outcome(gate, sentences)
    open_ones = [sentence for sentence in sentences if sentence.verdict == "undecided"] or list(sentences)
    needed = [sentence.labels_needed_total for sentence in open_ones if sentence.labels_needed_total is not None]
    more = [sentence.labels_more for sentence in open_ones if sentence.labels_more is not None]
    return Verdict(
        outcome=outcome,
        sentences=sentences,
        gate=evidence.gate_digest,
        test_set=evidence.test_set_digest,
        challenger=evidence.challenger_digest,
        champion=evidence.champion_digest,
        champion_release=evidence.champion_release,
        rows=len(evidence.labels),
        unlabelled=rows.unlabelled,
        measured=_measured(gate, rows),
        clustered_by=clustered_by,
        labels_needed_total=max(needed, default=None) if outcome == "undecided" else None,
        labels_more=max(more, default=None) if outcome == "undecided" else None,
    )


def delta_of(sentence: Sentence, gate: GateAction, wear: Wear | None = None) -> float:
    """The error probability that the sentence allows. A ``no`` keeps its level on a worn test set: harm must not get harder
    to see."""
    confidence = gate.confidence if sentence.confidence is None else sentence.confidence
    written = float(f"{1 - confidence:.12g}")
    return written if wear is None or sentence.is_forbidding else wear.left(written)


def outcome_of(verdicts: Iterable[SentenceOutcome]) -> Outcome:
    """The gate's outcome: fail before undecided before pass; undecided where nothing applied."""
    seen = set(verdicts)
    if "fail" in seen:
        return "fail"
    return "pass" if "pass" in seen and "undecided" not in seen else "undecided"


def judge_sentence(
    sentence: Sentence,
    rows: LabelledRows,
    delta: float,
    detect: float | None = None,
    settings: MetricSettings = NOTHING_SET,
    min_rows: int = 100,
) -> SentenceVerdict:
    """The verdict on one sentence that applies, at ``delta``: where it is false, P(pass) is at most that; of a ``no``, P(fail)
    where nothing is wrong."""
    where = sentence.slice
    if where is not None and len(rows.labels):
        column = column_of(rows.columns, where.column)
        if where.value is not None:
            part = slice_of(where, column)
            if isinstance(part, str):
                return SentenceVerdict(sentence.text, "undecided", part, delta=delta)
            rows = rows.at(part.rows)
    if sentence.quantifier == "gap":
        return judge_gap(sentence, rows, delta, detect, settings, min_rows)
    if sentence.is_forbidding:
        return judge_forbidden(sentence, rows, delta, detect, settings, min_rows)
    return judge_required(sentence, rows, delta, detect, settings, min_rows)


def _outcome(gate: GateAction, sentences: tuple[SentenceVerdict, ...]) -> Outcome:
    """A gate that only forbids has shown nothing unless it would have seen the harm."""
    outcome = outcome_of(sentence.verdict for sentence in sentences)
    applied = [
        (said, judged)
        for said, judged in zip(gate.require, sentences, strict=True)
        if judged.verdict != "not applicable"
    ]
    only_forbids = all(said.is_forbidding for said, _ in applied)
    is_blind = any(judged.labels_more is None or judged.labels_more > 0 for _, judged in applied)
    return "undecided" if outcome == "pass" and only_forbids and is_blind else outcome


def _measured(gate: GateAction, rows: LabelledRows) -> dict[str, float]:
    """What a watch later counts decay from."""
    names = dict.fromkeys(sentence.metric for sentence in gate.require if sentence.metric in REQUIRABLE)
    values: dict[str, float] = {}
    for metric in names if len(rows.labels) else ():
        try:
            value = value_of(
                observe(metric, rows.labels, rows.challenger, rows.columns, gate.settings, "the challenger")
            )
        except UndefinedMetric:
            continue
        if isfinite(value):
            values[metric] = value
    return values


def _not_applicable(sentence: Sentence, *, has_absolute: bool) -> SentenceVerdict:
    reason = "nothing to compare: there is no champion yet"
    if not has_absolute:
        reason += (
            f"; add a sentence against a number, such as {sentence.metric} {sentence.comparison} NUMBER, "
            "so that a first release can pass"
        )
    return SentenceVerdict(sentence.text, "not applicable", reason)

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
from typing import Literal

import msgspec
import numpy as np

from assay.core.metrics import REQUIRABLE, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import MODEL_SIZE, Sentence, is_resource
from assay.core.verdict import Outcome, SentenceOutcome, SentenceVerdict, Verdict
from assay.core.wear import Wear
from assay.judge.answered import demand_answers
from assay.judge.archive import with_archived
from assay.judge.beside import report_beside
from assay.judge.conditions import LEAST_DELTA
from assay.judge.copies import without_copies
from assay.judge.evidence import Evidence, LabelledRows, labelled_rows
from assay.judge.forbid import judge_forbidden
from assay.judge.gap import judge_gap
from assay.judge.levels import delta_of, is_spent, say_spent
from assay.judge.observe import UndefinedMetric, observe, value_of
from assay.judge.require import judge_required, needed_for_neediest
from assay.judge.resources import judge_latency, judge_size
from assay.judge.seal import EXHAUSTED, sealed
from assay.judge.slices import slice_of
from assay.judge.violations import judge_violations

NOTHING_SET = MetricSettings()


@np.errstate(over="ignore", invalid="ignore", divide="ignore")  # what is not finite is told in words
def decide(gate: GateAction, evidence: Evidence, wear: Wear | None = None, whole: Evidence | None = None) -> Verdict:
    """The gate's verdict, at the levels that ``wear`` leaves; without it, as written. Sealed where the gate says so.
    ``whole`` is the evidence with the rows that were set aside: a ``no`` looks at these too, as harm must not get harder to see.
    ``EvidenceError`` where the question cannot be asked: other rows, labels of another type, a column that is not there, a model
    that answers nothing."""
    rows = _rows(gate, evidence)
    every = rows if whole is None else _rows(gate, whole)
    demand_answers(gate, every)
    verdict = _decide(gate, evidence, rows, wear, every)
    if "archived" in gate.against and verdict.outcome != "pass":
        verdict = with_archived(verdict, gate, evidence, wear, whole or evidence, _decide_anew)
    return report_beside(gate, evidence, rows, verdict)


def _rows(gate: GateAction, evidence: Evidence) -> LabelledRows:
    sliced_by = {sentence.slice.column for sentence in gate.require if sentence.slice is not None}
    return labelled_rows(evidence, gate.group or gate.time, by_day=gate.time is not None, sliced_by=sliced_by)


def _decide_anew(gate: GateAction, evidence: Evidence, wear: Wear | None, whole: Evidence) -> Verdict:
    return _decide(gate, evidence, _rows(gate, evidence), wear, _rows(gate, whole))


def _decide(
    gate: GateAction, evidence: Evidence, rows: LabelledRows, wear: Wear | None, whole: LabelledRows
) -> Verdict:
    sentences = tuple(
        _judge(sentence, gate, evidence, whole if sentence.is_forbidding else rows, wear) for sentence in gate.require
    )
    outcome = _outcome(gate, sentences)
    open_ones = [sentence for sentence in sentences if sentence.verdict == "undecided"] or list(sentences)
    verdict = Verdict(
        outcome=outcome,
        sentences=sentences,
        gate=evidence.gate_digest,
        test_set=evidence.test_set_digest,
        challenger=evidence.challenger_digest,
        champion=evidence.champion_digest,
        champion_release=evidence.champion_release,
        rows=len(evidence.labels),
        unlabelled=rows.unlabelled,
        code=evidence.code_digest,
        reveal=gate.reveal,
        clustered_by=gate.group or gate.time,
        is_by_day=gate.time is not None,
        clusters=rows.cluster_count,
        has_cases=any(said.behaviour is not None and said.behaviour.kind == "cases" for said in gate.require),
        labels_needed_total=_most(open_ones, "labels_needed_total") if outcome == "undecided" else None,
        labels_more=_most(open_ones, "labels_more") if outcome == "undecided" else None,
        confidence=gate.confidence,
        detect=gate.detect,
    )
    if gate.reveal == "verdict":
        return without_copies(sealed(verdict, gate, evidence, rows, wear), gate, evidence, rows)
    fresh_needed = _fresh_needed(gate, evidence, rows, sentences, wear)
    verdict = msgspec.structs.replace(verdict, measured=_measured(gate, rows), fresh_needed=fresh_needed)
    return without_copies(verdict, gate, evidence, rows)


def outcome_of(verdicts: Iterable[SentenceOutcome]) -> Outcome:
    """The gate's outcome: fail before undecided before pass; undecided where nothing applied."""
    seen = set(verdicts)
    if "fail" in seen:
        return "fail"
    return "pass" if "pass" in seen and "undecided" not in seen else "undecided"


def not_applicable(sentence: Sentence, *, has_absolute: bool) -> SentenceVerdict:
    """A sentence about a champion that is not there. ``has_absolute``: another sentence is about a number."""
    reason = "nothing to compare: there is no champion yet"
    if not has_absolute:
        reason += (
            f"; add a sentence against a number, such as {sentence.metric} {sentence.comparison} NUMBER, "
            "so that a first release can pass"
        )
    return SentenceVerdict(sentence.text, "not applicable", reason)


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
    if where is not None and where.value is not None and len(rows.labels):
        part = slice_of(where, *rows.values_of(where.column))
        if isinstance(part, str):
            return SentenceVerdict(sentence.text, "undecided", part, delta=delta)
        rows = rows.at(part.rows, part.rest)
    if sentence.quantifier == "gap":
        return judge_gap(sentence, rows, delta, detect, settings, min_rows)
    if sentence.is_forbidding:
        return judge_forbidden(sentence, rows, delta, detect, settings, min_rows)
    return judge_required(sentence, rows, delta, detect, settings, min_rows)


def _judge(
    sentence: Sentence, gate: GateAction, evidence: Evidence, rows: LabelledRows, wear: Wear | None
) -> SentenceVerdict:
    """The verdict on one sentence of a gate, by what it speaks of."""
    if sentence.is_relative and evidence.champion is None:
        return not_applicable(sentence, has_absolute=any(not said.is_relative for said in gate.require))
    delta = delta_of(sentence, gate, wear)
    if wear is not None and is_spent(delta):
        anew = _judge(sentence, gate, evidence, rows, Wear())
        fresh = anew.labels_needed_total or len(rows.labels)
        return SentenceVerdict(sentence.text, "undecided", say_spent(wear, fresh), delta=0.0, rows=len(rows.labels))
    if sentence.behaviour is not None:
        return judge_violations(
            sentence,
            evidence.violations[sentence.text],
            delta,
            gate.detect,
            evidence.clusters_of_cases.get(sentence.text),
        )
    if sentence.metric == MODEL_SIZE:
        assert evidence.sizes_mb is not None
        return judge_size(sentence, *evidence.sizes_mb, rows.champion_name)
    if is_resource(sentence.metric):
        assert evidence.latencies_ms is not None
        return judge_latency(sentence, *evidence.latencies_ms, delta, rows.champion_name)
    return judge_sentence(sentence, rows, delta, gate.detect, gate.settings, gate.min_rows)


def _most(sentences: Iterable[SentenceVerdict], count: Literal["labels_needed_total", "labels_more"]) -> int | None:
    return max((each for sentence in sentences if (each := getattr(sentence, count)) is not None), default=None)


def _fresh_needed(
    gate: GateAction, evidence: Evidence, rows: LabelledRows, judged: tuple[SentenceVerdict, ...], wear: Wear | None
) -> int | None:
    """Where the rows are worn out for a sentence, how many fresh ones would decide it: as many as there are where these would
    have shown it at the full level. Where fresh ones would save few, there never were enough."""
    if wear is None or not wear.decisions:
        return None
    there = len(rows.labels)
    worn = [
        (said, each)
        for said, each in zip(gate.require, judged, strict=True)
        if each.verdict in ("fail", "undecided") and _is_exhausted(said, each, there)
    ]
    needed = ((each, _needed_anew(gate, evidence, rows, said, each) or there) for said, each in worn)
    return max((anew for each, anew in needed if _is_worn_out(each, anew)), default=None)


def _needed_anew(
    gate: GateAction, evidence: Evidence, rows: LabelledRows, said: Sentence, judged: SentenceVerdict
) -> int | None:
    """Labelled rows that the sentence would need at the full level; None where these would do."""
    if said.quantifier == "every":
        delta = delta_of(said, gate, Wear())
        needed = needed_for_neediest(said, judged, rows, delta, gate.detect, gate.settings, gate.min_rows)
        if needed is not None:
            return needed
    return _judge(said, gate, evidence, rows, Wear()).labels_needed_total


def _is_exhausted(said: Sentence, judged: SentenceVerdict, rows: int) -> bool:
    """It would need over three times the rows, or what is left is below what an approximate test keeps."""
    if not said.is_of_rows or said.is_forbidding or judged.delta is None:
        return False
    if judged.labels_needed_total is None:
        return judged.verdict == "undecided" and judged.delta < LEAST_DELTA
    return judged.labels_needed_total > EXHAUSTED * rows


def _is_worn_out(judged: SentenceVerdict, anew: int) -> bool:
    """The rows would have to be over three times as many as fresh ones."""
    return judged.labels_needed_total is None or judged.labels_needed_total > EXHAUSTED * anew


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
    """What a watch later counts decay from; nothing where the labels are no sample of all rows."""
    if rows.rest is not None and rows.rest.chosen:
        return {}
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

"""The gate's decision: sentences and evidence in, a verdict out. Pure.

A sentence passes if and only if its opposite is rejected at its error probability. What is not shown is ``fail`` where there
were rows enough to show what is worth detecting (``power.py``), else ``undecided`` with the labels that are still needed.
The gate passes if every sentence that applies passes, and at least one applies: all together are wrong no more often
than the weakest of them, so their levels need no correction (intersection-union test). Rows are assumed independent.
"""

from collections.abc import Iterable
from math import isfinite

import numpy as np

from assay.core.metrics import METRICS
from assay.core.pipeline import GateAction
from assay.core.sentence import Sentence
from assay.core.verdict import Outcome, SentenceOutcome, SentenceVerdict, Verdict
from assay.judge.evidence import Evidence, LabelledRows, labelled_rows
from assay.judge.means import LEAST_ROWS, compare_error, unmet_condition
from assay.judge.measure import measure
from assay.judge.metrics import UndefinedMetric, absolute_errors, counts, has_value
from assay.judge.power import LabelPlan, plan_labels
from assay.judge.question import Question, Tested, question_of
from assay.judge.reason import say_not_shown, say_refuted, say_shown
from assay.judge.shares import compare_share


def decide(gate: GateAction, evidence: Evidence) -> Verdict:
    """The gate's verdict. ``EvidenceError`` where the question cannot be asked: other rows, labels of another type."""
    rows = labelled_rows(evidence)
    has_absolute = any(not sentence.is_relative for sentence in gate.require)
    sentences = tuple(
        _not_applicable(sentence, has_absolute=has_absolute)
        if sentence.is_relative and rows.champion is None
        else judge_sentence(sentence, rows, delta_of(sentence, gate), gate.detect)
        for sentence in gate.require
    )
    return Verdict(
        outcome=outcome_of(sentence.verdict for sentence in sentences),
        sentences=sentences,
        gate=evidence.gate_digest,
        test_set=evidence.test_set_digest,
        challenger=evidence.challenger_digest,
        champion=evidence.champion_digest,
        champion_release=evidence.champion_release,
        rows=len(evidence.labels),
        unlabelled=rows.unlabelled,
        measured=_measured(gate, rows),
    )


def delta_of(sentence: Sentence, gate: GateAction) -> float:
    """The error probability that the sentence allows."""
    confidence = gate.confidence if sentence.confidence is None else sentence.confidence
    return float(f"{1 - confidence:.12g}")


def outcome_of(verdicts: Iterable[SentenceOutcome]) -> Outcome:
    """The gate's outcome: fail before undecided before pass; undecided where nothing applied."""
    seen = set(verdicts)
    if "fail" in seen:
        return "fail"
    return "pass" if "pass" in seen and "undecided" not in seen else "undecided"


def judge_sentence(
    sentence: Sentence, rows: LabelledRows, delta: float, detect: float | None = None
) -> SentenceVerdict:
    """The verdict on one sentence that applies, at ``delta``: P(pass) is at most that where the sentence is false."""
    question = question_of(sentence, delta, detect)
    if not len(rows.labels):
        return _undecided(sentence, question, 0, "no row has a label", _needed_unseen(question))
    try:
        new, old = _compared(question, rows)
    except UndefinedMetric as cause:
        return _undecided(sentence, question, len(rows.labels), f"{sentence.metric} is undefined: {cause}")
    if METRICS[sentence.metric].kind == "share":
        tested = compare_share(question, new, old)
    elif (unmet := unmet_condition(len(new), delta)) is not None:
        return _undecided(sentence, question, len(new), unmet, LEAST_ROWS if len(new) < LEAST_ROWS else None)
    else:
        tested = compare_error(question, new, old)
    if tested.p_value <= delta:
        reason = say_shown(question, tested, rows.champion_name)
        return _verdict(sentence, question, rows, tested, "pass", reason, None)
    if is_refuted(question, tested):
        reason = say_refuted(question, tested, rows.champion_name)
        return _verdict(sentence, question, rows, tested, "fail", reason, None)
    plan = plan_labels(question, tested.champion or 0.0, tested.spread)
    reason = say_not_shown(question, tested, plan, len(new), rows.champion_name)
    is_enough = plan.rows is not None and len(new) >= plan.rows
    return _verdict(sentence, question, rows, tested, "fail" if is_enough else "undecided", reason, plan)


def is_refuted(question: Question, tested: Tested) -> bool:
    """The opposite is shown, at the sentence's own level: more labels would not make it pass."""
    most_favourable = tested.interval[1 if question.sign > 0 else 0]
    return question.sign * (most_favourable - question.target) < 0


def _compared(question: Question, rows: LabelledRows) -> tuple[np.ndarray, np.ndarray | None]:
    """For each labelled row, how the challenger fared on it, and the champion where the question is relative."""
    champion = rows.champion if question.is_relative else None
    if METRICS[question.metric].kind == "share":
        new = counts(question.metric, rows.labels, rows.challenger)
        return new, None if champion is None else counts(question.metric, rows.labels, champion)
    errors = absolute_errors(rows.labels, rows.challenger, "the challenger")
    return errors, None if champion is None else absolute_errors(rows.labels, champion, rows.champion_name)


def _needed_unseen(question: Question) -> int | None:
    """The rows to plan for before any label is there; None where that depends on what they will show."""
    is_plain_share = METRICS[question.metric].kind == "share" and question.factor in (None, 1)
    return plan_labels(question, 0.0, 0.0).rows if is_plain_share else None


def _verdict(
    sentence: Sentence,
    question: Question,
    rows: LabelledRows,
    tested: Tested,
    outcome: SentenceOutcome,
    reason: str,
    plan: LabelPlan | None,
) -> SentenceVerdict:
    needed = None if plan is None else plan.rows
    return SentenceVerdict(
        sentence=sentence.text,
        verdict=outcome,
        reason=reason + _missing_predictions(question, rows),
        method=tested.method,
        p_value=tested.p_value,
        delta=question.delta,
        challenger=tested.challenger,
        champion=tested.champion,
        estimate=tested.estimate,
        interval=tested.interval,
        rows=len(rows.labels),
        labels_needed_total=needed,
        labels_more=None if needed is None else max(0, needed - len(rows.labels)),
    )


def _undecided(
    sentence: Sentence, question: Question, rows: int, reason: str, needed: int | None = None
) -> SentenceVerdict:
    return SentenceVerdict(
        sentence=sentence.text,
        verdict="undecided",
        reason=reason,
        delta=question.delta,
        rows=rows,
        labels_needed_total=needed,
        labels_more=None if needed is None else needed - rows,
    )


def _measured(gate: GateAction, rows: LabelledRows) -> dict[str, float]:
    """What a watch later counts decay from."""
    metrics = dict.fromkeys(sentence.metric for sentence in gate.require if sentence.metric in METRICS)
    values = {metric: measure(metric, rows.labels, rows.challenger).value for metric in metrics}
    return {metric: value for metric, value in values.items() if value is not None and isfinite(value)}


def _not_applicable(sentence: Sentence, *, has_absolute: bool) -> SentenceVerdict:
    reason = "nothing to compare: there is no champion yet"
    if not has_absolute:
        reason += (
            f"; add a sentence against a number, such as {sentence.metric} {sentence.comparison} NUMBER, "
            "so that a first release can pass"
        )
    return SentenceVerdict(sentence.text, "not applicable", reason)


def _missing_predictions(question: Question, rows: LabelledRows) -> str:
    """A note for shares, where a prediction that is None or NaN counts as wrong."""
    missing = len(rows.challenger) - int(np.sum(has_value(rows.challenger)))
    if not missing or METRICS[question.metric].kind != "share":
        return ""
    return f" ({missing:,} predictions of the challenger are missing and count as wrong)"

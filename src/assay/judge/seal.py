"""The seal of ``reveal: verdict``: nothing that depends on the labels leaves the gate but its one verdict.

What is not a pass is ``fail`` or ``undecided`` by the number of labelled rows against a number that no label had a part in: the plan
for what is worth detecting, with the share of rows on which the two models *predict* otherwise in place of the share on which
one of them is right. A model's errors differ no more than its predictions do, so the number is on the safe side. Where a metric has no
such bound, what does not pass is undecided, without a number.
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from assay.core.pipeline import GateAction
from assay.core.problem import Problem
from assay.core.sentence import Sentence
from assay.core.verdict import Outcome, SentenceVerdict, Verdict
from assay.core.wear import Wear
from assay.judge.conditions import NORMAL_MOVING_SHARE
from assay.judge.disagreement import answer_differently
from assay.judge.evidence import Evidence, LabelledRows
from assay.judge.labelling import is_of_pairs
from assay.judge.levels import delta_of, is_spent
from assay.judge.observe import pulling_rows
from assay.judge.observe.probabilities import LEAST
from assay.judge.parts import is_label
from assay.judge.power import plan_labels
from assay.judge.question import Question, question_of
from assay.judge.slices import by_value, slices_of

EXHAUSTED = 3
"""A worn test set is exhausted where it would need more than so many times its rows."""
_OF_ALL_ROWS = ("accuracy", "error_rate")
"""Shares of all rows; of which rows others are, as recall, depends on labels or on what is predicted."""
_COVERED = "sealed: only the gate's verdict is told"


def sealed(verdict: Verdict, gate: GateAction, evidence: Evidence, rows: LabelledRows, wear: Wear | None) -> Verdict:
    """The verdict as it may leave the gate."""
    sentences = tuple(
        judged if _is_free_of_labels(said, judged) else SentenceVerdict(judged.sentence, "sealed", _COVERED)
        for said, judged in zip(gate.require, verdict.sentences, strict=True)
    )
    told = zip(gate.require, sentences, strict=True)
    hidden = [said for said, judged in told if judged.verdict == "sealed" and said.is_of_rows]
    labelled = _rows_that_count(hidden, rows)
    spent = any(is_spent(delta_of(said, gate, wear)) for said in hidden)
    needed = None if spent else _rows_for_all(hidden, gate, evidence, rows, wear)
    is_sample = rows.rest is None or not rows.rest.chosen
    is_enough = is_sample and needed is not None and labelled >= needed
    outcome = _outcome(verdict.outcome, sentences, is_enough=is_enough)
    is_worn = spent or bool(wear and wear.decisions and needed is not None and needed > EXHAUSTED * labelled)
    return msgspec.structs.replace(
        verdict,
        outcome=outcome,
        sentences=sentences,
        measured={},
        labels_needed_total=needed if outcome == "undecided" else None,
        labels_more=max(0, needed - labelled) if outcome == "undecided" and needed is not None else None,
        fresh_needed=_rows_for_all(hidden, gate, evidence, rows, Wear()) if is_worn and outcome != "pass" else None,
        weakest=(),
        calibration_error=None,
    )


def sealed_problem(problem: Problem) -> Problem:
    """The problem as it may leave the gate: without the first of the labels, where it names that."""
    if problem.code != "labels-of-another-type":
        return problem
    return msgspec.structs.replace(problem, because=("sealed: no label is told",))


def _is_free_of_labels(said: Sentence, judged: SentenceVerdict) -> bool:
    """No label of the test set, and none of a file of cases, had a part in it."""
    has_cases = said.behaviour is not None and said.behaviour.kind == "cases"
    return judged.verdict == "not applicable" or (not said.is_of_rows and not has_cases)


def _outcome(found: Outcome, told: Sequence[SentenceVerdict], *, is_enough: bool) -> Outcome:
    if found == "pass":
        return "pass"
    return "fail" if is_enough or any(judged.verdict == "fail" for judged in told) else "undecided"


def _rows_that_count(hidden: Sequence[Sentence], rows: LabelledRows) -> int:
    """The labelled rows; and those on which both models answer alike, where only the others are asked about and all have labels."""
    rest = rows.rest
    is_complete = rest is not None and not rest.missing
    is_of_ties = all(said.is_relative and is_of_pairs(question_of(said, 0.05)) for said in hidden)
    return len(rows.labels) + (rows.unlabelled if is_complete and is_of_ties else 0)


def _rows_for_all(
    hidden: Sequence[Sentence], gate: GateAction, evidence: Evidence, rows: LabelledRows, wear: Wear | None
) -> int | None:
    """Labelled rows with which every sentence is decided 9 times in 10; None where one has no number."""
    plans = [_rows_for(sentence, delta_of(sentence, gate, wear), gate, evidence, rows) for sentence in hidden]
    known = [plan for plan in plans if plan is not None]
    return max(known) if known and len(known) == len(plans) else None


def _rows_for(sentence: Sentence, delta: float, gate: GateAction, evidence: Evidence, rows: LabelledRows) -> int | None:
    """Labelled rows with which the sentence would be decided, from predictions and columns alone."""
    if sentence.quantifier == "gap" or _is_sliced_by_label(sentence, evidence):
        return None
    question = question_of(sentence, delta, gate.detect)
    units = _units_for(question, gate, evidence)
    if units is None:
        return None
    clusters = 1 if rows.clusters is None or not len(rows.clusters) else int(rows.clusters.max()) + 1
    together = 1.0 if rows.clusters is None else len(rows.labels) / clusters
    return math.ceil(units * together / _smallest_share(sentence, gate, evidence))


def _is_sliced_by_label(sentence: Sentence, evidence: Evidence) -> bool:
    """How many rows its slices have is what the labels say."""
    where = sentence.slice
    return (
        where is not None
        and where.column in evidence.columns
        and is_label(evidence.columns[where.column], evidence.labels)
    )


def _units_for(question: Question, gate: GateAction, evidence: Evidence) -> int | None:
    if question.metric in _OF_ALL_ROWS:
        spread = _disagreement(evidence)
        plans = [plan_labels(question, champion, spread, is_counted=True).rows for champion in _possible(question)]
        known = [plan for plan in plans if plan is not None]
        return max(known) if len(known) == len(plans) else None
    is_planned = question.factor == 1 and (gate.detect is not None or question.margin(0.0) < 0)
    bound = _greatest_differences(question.metric, evidence, gate) if is_planned else None
    if bound is None:
        return None
    spread, moving_share = float(np.sqrt(np.mean(bound**2))), pulling_rows(bound) / len(bound)
    share = min(NORMAL_MOVING_SHARE, moving_share) or None
    return plan_labels(question, 0.0, spread, is_counted=False, moving_share=share).rows


def _possible(question: Question) -> tuple[float, ...]:
    """Values of the champion that a factor may be of: the extremes, as its own depends on labels."""
    return (0.0,) if question.factor in (None, 1) else (0.0, 1.0)


def _disagreement(evidence: Evidence) -> float:
    if evidence.champion is None or not len(evidence.labels):
        return 0.0
    return float(np.mean(answer_differently(evidence.challenger, evidence.champion)))


def _greatest_differences(metric: str, evidence: Evidence, gate: GateAction) -> np.ndarray | None:
    """For each row, by how much the two models' values can differ whatever its label is; None where there is no bound."""
    if metric in ("mae", "quantile_loss") and evidence.champion is not None:
        apart = np.abs(evidence.challenger.astype(float) - evidence.champion.astype(float))
        quantile = gate.settings.quantile or 0.5
        return np.asarray(apart if metric == "mae" else max(quantile, 1 - quantile) * apart)
    ours, theirs = evidence.challenger_score, evidence.champion_score
    if metric not in ("brier", "log_loss") or ours is None or theirs is None or ours.ndim > 1 or theirs.ndim > 1:
        return None
    first, second = (np.clip(scores.astype(float), LEAST, 1 - LEAST) for scores in (ours, theirs))
    if metric == "brier":
        return np.asarray(np.abs(first - second) * np.maximum(first + second, 2 - first - second), float)
    return np.asarray(np.maximum(np.abs(np.log(first / second)), np.abs(np.log((1 - first) / (1 - second)))), float)


def _smallest_share(sentence: Sentence, gate: GateAction, evidence: Evidence) -> float:
    """The share of all rows that the smallest slice has which the sentence speaks of; 1 without a slice."""
    where = sentence.slice
    if where is None or where.column not in evidence.columns or not len(evidence.labels):
        return 1.0
    least = gate.min_rows if where.value is None else 1
    parts = slices_of(where.column, by_value(evidence.columns[where.column]), None, least)
    if where.value is not None:
        parts = [part for part in parts if part.name == f"{where.column}={where.value}"] or parts
    return min(len(part.rows) for part in parts) / len(evidence.labels)

"""Sentences that have no answer on the rows, whatever is tested: their metric has no value there. Pure.

Nothing is wrong with the challenger that a verdict could tell of, and no label more would help. So a project's gate refuses the
question before its ledger counts it; on a table without a ledger the sentence is undecided. In a slice it is undecided anywhere:
other slices have answers. Only what no part of the rows has a value for refuses a sentence about slices too.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np

from assay.core.metrics import METRICS
from assay.core.pipeline import GateAction
from assay.core.problem import Problem
from assay.core.sentence import Sentence
from assay.core.table import Table
from assay.judge.answered import OF_CLASSES, answers_nothing
from assay.judge.evidence import Evidence, SomeRows, labelled_rows
from assay.judge.observe import Answers, UndefinedMetric, classes_of, has_value, observe, quickened, value_of
from assay.judge.parts import is_label

Models = Sequence[tuple[str, Answers]]
"""By what they are called, the challenger first."""


class Unanswerable(msgspec.Struct, frozen=True):
    """A sentence that cannot be asked."""

    at: int
    """Its position in the gate's ``require``."""
    problem: Problem


def unanswerable_by_labels(
    gate: GateAction, labels: np.ndarray, columns: Table, *, has_champion: bool
) -> Unanswerable | None:
    """The first sentence that the labels leave without an answer, whatever the models say; None where there is none, or no label.

    That is found with a model that is always right. ``EvidenceError`` where labels are not of the type that a metric reads.
    """
    sliced = next(_sliced_by_label(gate, labels, columns), None) if gate.reveal == "verdict" else None
    if sliced is not None:
        return sliced
    known = np.flatnonzero(has_value(labels))
    truth = quickened(labels[known])
    asked = [
        (at, sentence)
        for at, sentence in _asked(gate, has_champion=has_champion)
        if METRICS[sentence.metric].needs == "prediction" or METRICS[sentence.metric].is_of_positives
    ]
    if not len(truth) or not asked:
        return None
    right = Answers(truth, np.zeros(len(truth)), classes_of(truth))
    return _first(gate, asked, truth, SomeRows(columns, known), [("the challenger", right)])


def unanswerable(gate: GateAction, evidence: Evidence) -> Unanswerable | None:
    """The first sentence to which labels and models leave no answer; None where there is none, or no label."""
    rows = labelled_rows(evidence)
    if not len(rows.labels):
        return None
    models = [("the challenger", rows.challenger)]
    models += [] if rows.champion is None else [(rows.champion_name, rows.champion)]
    asked = _asked(gate, has_champion=rows.champion is not None)
    return _first(gate, asked, rows.labels, rows.columns, models)


def _sliced_by_label(gate: GateAction, labels: np.ndarray, columns: Table) -> Iterator[Unanswerable]:
    """What such a slice says is what the labels say, so a seal has no place for it."""
    for at, sentence in enumerate(gate.require):
        name = "" if sentence.slice is None else sentence.slice.column
        if name in columns and is_label(columns[name], labels):
            yield Unanswerable(
                at,
                Problem(
                    "sealed-gate",
                    f"the gate is sealed by `reveal: verdict`, and {name} holds the labels",
                    (f"in the sentence {sentence.text!r}", "which rows are of such a slice only labels tell"),
                    "require recall with `positive: CLASS`, slice by another column, or write `reveal: metrics`",
                ),
            )


def _asked(gate: GateAction, *, has_champion: bool) -> Iterator[tuple[int, Sentence]]:
    """The sentences about metrics that apply."""
    for at, sentence in enumerate(gate.require):
        if sentence.is_of_rows and (has_champion or not sentence.is_relative):
            yield at, sentence


def _first(
    gate: GateAction, asked: Iterable[tuple[int, Sentence]], labels: np.ndarray, columns: Table, models: Models
) -> Unanswerable | None:
    found: dict[tuple[str, str], UndefinedMetric | None] = {}
    for at, sentence in asked:
        for whose, answers in models if sentence.is_relative else models[:1]:
            key = sentence.metric, whose
            if key not in found:
                found[key] = _cause(gate, sentence.metric, labels, answers, columns, whose)
            cause = found[key]
            if cause is not None and (sentence.slice is None or cause.is_of_every_part):
                return Unanswerable(at, _problem(gate, sentence, cause))
    return None


def _cause(
    gate: GateAction, metric: str, labels: np.ndarray, answers: Answers, columns: Table, whose: str
) -> UndefinedMetric | None:
    """Why the metric has no value on the rows, or none that tells of the model."""
    try:
        value_of(observe(metric, labels, answers, columns, gate.settings, whose))
    except UndefinedMetric as cause:
        return (answers_nothing(metric, labels, answers, whose) or cause) if metric in OF_CLASSES else cause
    return answers_nothing(metric, labels, answers, whose)


def _problem(gate: GateAction, sentence: Sentence, cause: UndefinedMetric) -> Problem:
    said = cause.under_seal if gate.reveal == "verdict" else str(cause)
    because = (f"in the sentence {sentence.text!r}", "no verdict was given, and the rows were charged nothing")
    return Problem(cause.code, f"{sentence.metric} is undefined: {said}", because, cause.fix)

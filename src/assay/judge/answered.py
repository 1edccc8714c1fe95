"""Whether a model answers what it is asked: where it says nothing at all, or nothing that is a class of the labels, every row would
count as wrong, and any other model be better. That is a slip of columns or spelling, and no verdict."""

import numpy as np

from assay.core.metrics import METRICS
from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError, Problem
from assay.judge.evidence import LabelledRows
from assay.judge.observe import Answers, UndefinedMetric, classes_of, has_value
from assay.judge.observe.classes import is_right
from assay.judge.observe.undefined import listed
from assay.judge.observe.values import first_of, spelled

OF_CLASSES = frozenset({"accuracy", "error_rate", "precision", "recall", "f1"})
"""Metrics that hold a prediction against the label as it is spelled."""
LEAST_TO_TELL = 10
"""Of fewer answers none may be a class of the labels by chance."""
_MOST_NAMED = 6


def demand_answers(gate: GateAction, rows: LabelledRows) -> None:
    """``EvidenceError`` where a model that a sentence of the gate is about says nothing that could be right. Other metrics have no value
    there, so that their sentences are undecided."""
    for sentence in gate.require:
        models = [("the challenger", rows.challenger)]
        if sentence.is_relative and rows.champion is not None:
            models.append((rows.champion_name, rows.champion))
        for whose, answers in models if sentence.metric in OF_CLASSES else ():
            found = answers_nothing(sentence.metric, rows.labels, answers, whose)
            if found is not None:
                because = (f"in the sentence {sentence.text!r}", "no verdict was given")
                said = found.under_seal if gate.reveal == "verdict" else str(found)
                raise EvidenceError(Problem(found.code, said, because, found.fix))


def answers_nothing(metric: str, labels: np.ndarray, answers: Answers, whose: str) -> UndefinedMetric | None:
    """Why the metric's value would tell of no model, or None; ``labels`` are all that there are, and no slice of them."""
    if METRICS[metric].needs != "prediction" or not len(labels):
        return None
    given = has_value(answers.prediction)
    if not given.any():
        return UndefinedMetric(
            f"all {len(labels):,} predictions of {whose} are missing",
            "answers-missing",
            "let predict answer a value for every row that it can",
            is_of_every_part=True,
        )
    if metric not in OF_CLASSES or np.count_nonzero(given) < LEAST_TO_TELL:
        return None
    if _are_amounts(labels):
        return UndefinedMetric(
            f"the labels are amounts ({len(np.unique(labels)):,} values in {len(labels):,} rows) and no classes",
            "labels-of-another-type",
            "require mae, rmse, r2 or quantile_loss, or another metric of amounts; or put the labels into classes",
            under_seal="the labels are amounts and no classes",
            is_of_every_part=True,
        )
    if is_right(labels, answers.prediction).any():
        return None
    return _of_no_class(labels, answers.prediction[given], whose)


def _are_amounts(labels: np.ndarray) -> bool:
    """Numbers with decimals, most of which stand at no other row: that a prediction is one of them exactly is chance."""
    if labels.dtype.kind != "f" or len(labels) < LEAST_TO_TELL:
        return False
    return bool(np.any(labels != np.rint(labels))) and 2 * len(np.unique(labels)) > len(labels)


def _of_no_class(labels: np.ndarray, predictions: np.ndarray, whose: str) -> UndefinedMetric | None:
    classes, answered = classes_of(labels), classes_of(predictions)
    if len(classes) == 1 or not set(classes.tolist()).isdisjoint(answered.tolist()):
        return None
    seen = f"none of the {len(predictions):,} predictions of {whose} is one of the labels"
    return UndefinedMetric(
        f"{seen}: it answers {_named(answered, predictions)}, and the labels are {_named(classes, labels)}",
        "labels-of-another-type",
        "let the model predict values as they stand in the label column: probabilities belong in the scores, and classes are "
        "spelled as the labels are",
        under_seal=seen,
        is_of_every_part=True,
    )


def _named(distinct: np.ndarray, values: np.ndarray) -> str:
    if len(distinct) > _MOST_NAMED:
        return f"{first_of(values)} and {len(distinct) - 1:,} other values"
    return listed([repr(value) if isinstance(value, str) else spelled(value) for value in distinct.tolist()])

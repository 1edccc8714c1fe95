"""Scores as a metric reads them: of the positive class, one a row; or of every class, one a column.

A model that answers no scores is read by its predictions, where they are numbers.
"""

import numpy as np
import numpy.typing as npt

from assay.core.problem import EvidenceError, Problem
from assay.judge.observe.answers import Asked
from assay.judge.observe.classes import positives_and_negatives
from assay.judge.observe.undefined import FINITE, UndefinedMetric, listed
from assay.judge.observe.values import Bools, Floats, classes_of, kind_of, numbers_of, spelled, written_as

_EACH_CLASS = (
    "let predict answer one score for each class of the labels, in sorted order, or the positive class's alone"
)


def scores_of(asked: Asked) -> Floats:
    """The scores: one a row, or n rows x k classes with k over 1.

    ``EvidenceError`` where they are not numbers or not of these rows; ``UndefinedMetric`` where there are none, or one is NaN.
    """
    given = asked.answers.score
    if given is None:
        given = _predictions_as_scores(asked)
    if given.ndim not in {1, 2} or len(given) != len(asked.labels) or given.size < len(given):
        raise _of_other_rows(asked, given)
    scores = numbers_of(given, asked.metric, f"scores of {asked.whose}")
    if np.isnan(scores).any():
        missing = np.isnan(scores.reshape(len(scores), -1)).any(axis=1)
        raise UndefinedMetric(
            f"{np.count_nonzero(missing):,} of {len(scores):,} scores of {asked.whose} are missing "
            f"(the first in labelled row {np.argmax(missing) + 1})",
            "answers-missing",
            FINITE,
        )
    return scores.ravel() if scores.size == len(scores) else scores


def scores_and_positives(asked: Asked) -> tuple[Floats, Bools]:
    """For each row, the score of the positive class, and whether it is of that class; there are rows of both kinds."""
    positive = positives_and_negatives(asked)
    return of_positive_class(scores_of(asked), asked), positive


def of_positive_class(scores: Floats, asked: Asked) -> Floats:
    """The column of the positive class; scores that are one a row are of that class already."""
    if scores.ndim == 1:
        return scores
    classes = classes_of_columns(scores, asked)
    positive = 1 if asked.settings.positive is None else asked.settings.positive
    column = np.flatnonzero(written_as(classes, positive))
    if not len(column):
        absent = f"{asked.whose} scores no class that is {spelled(positive)}"
        raise UndefinedMetric(absent, "scores-of-other-classes", _EACH_CLASS, is_of_every_part=True)
    column_of_positive: Floats = scores[:, column[0]]
    return column_of_positive


def of_labels(scores: Floats, asked: Asked) -> Floats:
    """For each row of n x k scores, the score of the class that is its label."""
    columns = _columns_of(asked.labels, classes_of_columns(scores, asked))
    unknown = np.flatnonzero(columns < 0)
    if len(unknown):
        raise UndefinedMetric(
            f"label {spelled(asked.labels[unknown[0]])} in labelled row {unknown[0] + 1} is none of the classes that "
            f"{asked.whose} scores",
            "scores-of-other-classes",
            _EACH_CLASS,
            under_seal=f"a label is none of the classes that {asked.whose} scores",
        )
    scores_of_labels: Floats = scores[np.arange(len(scores)), columns]
    return scores_of_labels


def classes_of_columns(scores: Floats, asked: Asked) -> np.ndarray:
    """What the columns stand for. ``UndefinedMetric`` where there are more columns than classes, or fewer."""
    classes = asked.answers.classes
    if classes is None:
        classes = _classes_seen(asked.labels, scores.shape[1])
    if len(classes) != scores.shape[1]:
        names = listed([spelled(value) for value in classes.tolist()])
        scored = f"{asked.whose} scores {scores.shape[1]} classes, and the labels are of"
        raise UndefinedMetric(
            f"{scored} {len(classes)}: {names}",
            "scores-of-other-classes",
            _EACH_CLASS,
            under_seal=f"{scored} another number",
        )
    return classes


def _classes_seen(labels: np.ndarray, columns: int) -> np.ndarray:
    classes = classes_of(labels)
    is_half_of_two = columns == 2 and len(classes) == 1 and classes.tolist()[0] in {0, 1}
    return np.array([0, 1]) if is_half_of_two else classes


def _columns_of(labels: np.ndarray, classes: np.ndarray) -> npt.NDArray[np.intp]:
    """For each label, the position of its class; -1 where it is none of them."""
    if labels.dtype.kind == "O":
        at = {value: position for position, value in enumerate(classes.tolist())}
        return np.fromiter((at.get(label, -1) for label in labels.tolist()), np.intp, len(labels))
    nearest = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    return np.where(classes[nearest] == labels, nearest, -1)


def _predictions_as_scores(asked: Asked) -> np.ndarray:
    kind = kind_of(asked.answers.prediction)
    if kind in {"numbers", "nothing"}:
        return asked.answers.prediction
    raise UndefinedMetric(
        f"{asked.metric} needs scores, and {asked.whose} answers none; its predictions are {kind}",
        "no-scores",
        'let predict answer {"prediction": ..., "score": ...}, or require a metric of predictions',
        is_of_every_part=True,
    )


def _of_other_rows(asked: Asked, given: np.ndarray) -> EvidenceError:
    return EvidenceError(
        Problem(
            "rows-do-not-match",
            f"the labels and the scores of {asked.whose} are not of the same rows",
            (f"labels: {len(asked.labels)} values", f"scores: {' x '.join(map(str, given.shape))} values"),
            "answer one score for each row, or one for each row and class",
        )
    )

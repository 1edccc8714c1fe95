"""Right and wrong, and one class against the rest: accuracy, error_rate, precision, recall, f1.

A prediction that is None or NaN is wrong: it is of no class, so it misses a positive row and is not predicted positive.
"""

import numpy as np

from assay.core.metrics import METRICS, MetricSettings
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.judge.observe.answers import Asked
from assay.judge.observe.observed import Counted, Ratio
from assay.judge.observe.undefined import UndefinedMetric, listed
from assay.judge.observe.values import Bools, classes_of, first_of, kind_of, spelled, written_as


def accuracy_or_error_rate(asked: Asked) -> Counted:
    """The share of rows predicted right, or wrong."""
    right = is_right(asked.labels, asked.answers.prediction)
    return Counted(right if METRICS[asked.metric].higher_is_better else ~right)


def precision(asked: Asked) -> Counted:
    """The share of rows predicted positive that are positive."""
    positive = positives_and_negatives(asked)
    predicted = _predicted_positive(asked)
    return Counted(positive & predicted, predicted, is_among_fixed=False)


def recall(asked: Asked) -> Counted:
    """The share of positive rows that are predicted positive."""
    positive = positives_and_negatives(asked)
    return Counted(positive & _predicted_positive(asked), positive)


def f1(asked: Asked) -> Ratio:
    """Twice the rows rightly predicted positive, by these and the wrongly predicted ones: 2 TP / (2 TP + FP + FN)."""
    positive = positives_and_negatives(asked)
    predicted = _predicted_positive(asked)
    above = 2 * (positive & predicted).astype(np.float64)
    below = positive.astype(np.float64) + predicted
    return Ratio(above, below, pairs=((2, 2), (0, 1), (0, 0)))


def is_right(labels: np.ndarray, predictions: np.ndarray) -> Bools:
    """For each row, whether the prediction is the label.

    ``EvidenceError`` where labels are numbers and predictions text, or the other way round: then every row would be wrong.
    """
    _demand_one_type(labels, predictions)
    if labels.dtype.kind != predictions.dtype.kind and not _is_number(labels.dtype, predictions.dtype):
        labels, predictions = labels.astype(object), predictions.astype(object)
    return np.asarray(labels == predictions, bool)


def positives(
    labels: np.ndarray, settings: MetricSettings, classes: np.ndarray | None = None, metric: str = "the metric"
) -> Bools:
    """For each row, whether its label is the positive class: ``settings.positive``, else 1 of labels that are 0 and 1.

    ``UndefinedMetric`` where no class is known to be the positive one, or no label has it. ``classes`` are all that there are,
    where the rows are a slice that may lack some.
    """
    if settings.positive is None:
        if not _are_0_and_1(labels if classes is None else classes):
            raise _no_positive_class(labels, classes, metric)
        return written_as(labels, 1)
    found = written_as(labels, settings.positive)
    if not found.any() and (classes is None or not written_as(classes, settings.positive).any()):
        raise _no_such_class(labels, classes, settings.positive, metric)
    return found


def positives_and_negatives(asked: Asked) -> Bools:
    """``positives`` of rows that have both. ``UndefinedMetric`` where all are of one class alone."""
    positive = positives(asked.labels, asked.settings, asked.answers.classes, asked.metric)
    if not 0 < np.count_nonzero(positive) < len(positive):
        raise _one_class(asked.labels)
    return positive


def _predicted_positive(asked: Asked) -> Bools:
    predictions = asked.answers.prediction
    _demand_one_type(asked.labels, predictions)
    return written_as(predictions, 1 if asked.settings.positive is None else asked.settings.positive)


def _demand_one_type(labels: np.ndarray, predictions: np.ndarray) -> None:
    if _is_number(labels.dtype, predictions.dtype):
        return
    seen = kind_of(labels), kind_of(predictions)
    if set(seen) == {"numbers", "text"}:
        raise EvidenceError(
            Problem(
                "labels-of-another-type",
                f"the labels are {seen[0]} and the predictions are {seen[1]}",
                (f"first label: {first_of(labels)}", f"first prediction: {first_of(predictions)}"),
                "let the model predict values of the label column's type",
            )
        )


def _is_number(*dtypes: np.dtype) -> bool:
    return all(dtype.kind in "biuf" for dtype in dtypes)


def _are_0_and_1(labels: np.ndarray) -> bool:
    if labels.dtype.kind == "b":
        return True
    if kind_of(labels) != "numbers":
        return False
    return bool(np.all((labels == 0) | (labels == 1)))


def _no_positive_class(labels: np.ndarray, classes: np.ndarray | None, metric: str) -> UndefinedMetric:
    known = classes_of(labels) if classes is None else classes
    if len(known) == 1:
        return _one_class(labels)
    names = [spelled(value) for value in known.tolist()]
    likely = names[-1] if len(names) == 2 else names[0]
    needs = f"{metric} needs to know which class it speaks of: labels are"
    return UndefinedMetric(
        f"{needs} {listed(names)}; write `positive: {likely}`",
        "no-positive-class",
        "write `positive: CLASS` in the gate",
        under_seal=f"{needs} not 0 and 1",
        is_of_every_part=True,
    )


def _no_such_class(labels: np.ndarray, classes: np.ndarray | None, positive: object, metric: str) -> UndefinedMetric:
    known = classes_of(labels) if classes is None else classes
    names = [spelled(value) for value in known.tolist()]
    near = near_miss(spelled(positive), names)
    asked = f"{metric} speaks of `positive: {spelled(positive)}`, which no label is"
    meant = f" (did you mean {near}?)" if near is not None and len(names) > 1 else ""
    return UndefinedMetric(
        f"{asked}{meant}: {_one_class(labels) if len(names) == 1 else f'labels are {listed(names)}'}",
        "no-such-class",
        "correct `positive:` of the gate, or give it labelled rows of that class",
        under_seal=asked,
        is_of_every_part=True,
    )


def _one_class(labels: np.ndarray) -> UndefinedMetric:
    known = [spelled(value) for value in classes_of(labels).tolist()]
    which = known[0] if len(known) == 1 else "negative"
    return UndefinedMetric(
        f"all {len(labels):,} labels are {which}: one class alone",
        "one-class",
        "give the gate labelled rows of the other class too",
        under_seal="all labels are of one class alone",
        is_of_every_part=True,
    )

"""What each metric sees in a row: whether a share's row counts, and by how much an error's row is off.

Labels and predictions are one-dimensional arrays of numbers, booleans, text, or objects of these. None and NaN are no value:
such a label makes the row unlabelled; such a prediction is wrong for a share, and leaves an error undefined.
"""

from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from assay.core.metrics import METRICS
from assay.core.problem import EvidenceError, Problem

Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Kind = Literal["numbers", "text", "nothing", "mixed"]


class UndefinedMetric(ValueError):
    """The metric has no value on these rows. The message is a sentence that names the cause."""


def has_value(values: np.ndarray) -> Bools:
    """For each row, whether there is a value: neither None nor NaN."""
    if values.dtype.kind == "f":
        return np.asarray(~np.isnan(values), bool)
    if values.dtype.kind == "O":
        return np.fromiter((value is not None and value == value for value in values), bool, len(values))  # noqa: PLR0124
    return np.ones(len(values), bool)


def counts(metric: str, labels: np.ndarray, predictions: np.ndarray) -> Bools:
    """For each labelled row, whether it counts towards a share: predicted right for accuracy, wrong for error_rate.

    ``EvidenceError`` where labels are numbers and predictions text, or the other way round: then every row would be wrong.
    """
    seen = kind_of(labels), kind_of(predictions)
    if set(seen) == {"numbers", "text"}:
        raise _of_another_type(labels, predictions, seen)
    if "O" in (labels.dtype.kind, predictions.dtype.kind):
        labels, predictions = labels.astype(object), predictions.astype(object)
    right = np.asarray(labels == predictions, bool)
    return right if METRICS[metric].higher_is_better else ~right


def absolute_errors(labels: np.ndarray, predictions: np.ndarray, whose: str) -> Floats:
    """For each labelled row, the distance between prediction and label.

    ``EvidenceError`` where one of the two is text; ``UndefinedMetric`` where a prediction of ``whose`` is no finite number.
    """
    for values, what in ((labels, "labels"), (predictions, f"predictions of {whose}")):
        if kind_of(values) not in ("numbers", "nothing"):
            raise _not_numbers(what, values)
    errors: Floats = np.abs(predictions.astype(np.float64) - labels.astype(np.float64))
    broken = np.flatnonzero(~np.isfinite(errors))
    if len(broken):
        raise UndefinedMetric(
            f"{len(broken):,} of {len(errors):,} predictions of {whose} are no finite number "
            f"(the first in labelled row {broken[0] + 1})"
        )
    return errors


def value_of(metric: str, rows: np.ndarray) -> float:
    """The metric's value, from ``counts`` or ``absolute_errors`` of at least one row."""
    return float(np.sqrt(np.mean(rows**2)) if metric == "rmse" else np.mean(rows))


def kind_of(values: np.ndarray) -> Kind:
    """What the values are, apart from None and NaN; booleans are numbers."""
    if values.dtype.kind in "biuf":
        return "numbers"
    if values.dtype.kind == "U":
        return "text"
    if values.dtype.kind != "O":
        return "mixed"
    types = {type(value) for value in values[has_value(values)]}
    if all(issubclass(kind, str) for kind in types):
        return "text" if types else "nothing"
    return "numbers" if all(issubclass(kind, int | float | np.number | np.bool_) for kind in types) else "mixed"


def _of_another_type(labels: np.ndarray, predictions: np.ndarray, seen: tuple[Kind, Kind]) -> EvidenceError:
    return EvidenceError(
        Problem(
            "labels-of-another-type",
            f"the labels are {seen[0]} and the predictions are {seen[1]}",
            (f"first label: {_first(labels)}", f"first prediction: {_first(predictions)}"),
            "let the model predict values of the label column's type",
        )
    )


def _not_numbers(what: str, values: np.ndarray) -> EvidenceError:
    return EvidenceError(
        Problem(
            "labels-of-another-type",
            f"mae and rmse need numbers, and the {what} are not",
            (f"first value: {_first(values)}",),
            "require accuracy or error_rate, or give the column as numbers",
        )
    )


def _first(values: np.ndarray) -> str:
    return repr(values[has_value(values)][:1].tolist()[0])

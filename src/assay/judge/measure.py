"""A metric measured on rows, with its interval: what ``watch`` reads."""

import msgspec
import numpy as np

from assay.core.metrics import METRICS
from assay.judge.means import error_interval, unmet_condition
from assay.judge.metrics import UndefinedMetric, absolute_errors, counts, has_value, value_of
from assay.judge.shares import share_interval


class Measurement(msgspec.Struct, frozen=True):
    """A metric's value on some rows."""

    value: float | None
    """None where no row has a label, or the metric is undefined."""
    interval: tuple[float, float] | None
    """Each end is a one-sided bound at the confidence asked for; None where the rows do not allow one."""
    rows: int
    labelled: int
    because: str = ""
    """Why there is no value or no interval; empty where there are both."""


def measure(metric: str, labels: np.ndarray, predictions: np.ndarray, confidence: float = 0.95) -> Measurement:
    """The metric on the labelled rows. The interval is two-sided at 1 - 2 * (1 - confidence): 90 % for .95.

    ``EvidenceError`` where labels and predictions are of another type.
    """
    known = has_value(labels)
    rows, labelled = len(labels), int(known.sum())
    delta = 1 - confidence
    if not labelled:
        return Measurement(None, None, rows, 0, "no row has a label")
    labels, predictions = labels[known], predictions[known]
    if METRICS[metric].kind == "share":
        counted = counts(metric, labels, predictions)
        interval = share_interval(int(counted.sum()), labelled, delta)
        return Measurement(value_of(metric, counted), interval, rows, labelled)
    try:
        errors = absolute_errors(labels, predictions, "the model")
    except UndefinedMetric as cause:
        return Measurement(None, None, rows, labelled, f"{metric} is undefined: {cause}")
    unmet = unmet_condition(labelled, delta)
    bounds = error_interval(metric, errors, delta) if unmet is None else None
    return Measurement(value_of(metric, errors), bounds, rows, labelled, unmet or "")

"""A metric measured on rows, with its interval: what ``watch`` reads."""

import msgspec
import numpy as np

from assay.core.metrics import MetricSettings
from assay.judge.conditions import Unmet
from assay.judge.means import value_interval
from assay.judge.observe import Answers, Counted, UndefinedMetric, has_value, observe, value_of
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
    if not labelled:
        return Measurement(None, None, rows, 0, "no row has a label")
    answers = Answers(predictions[known])
    try:
        seen = observe(metric, labels[known], answers, {}, MetricSettings(), "the model")
        value = value_of(seen)
    except UndefinedMetric as cause:
        return Measurement(None, None, rows, labelled, f"{metric} is undefined: {cause}")
    if isinstance(seen, Counted):
        counts = seen.counts if seen.among is None else seen.counts[seen.among]
        return Measurement(value, share_interval(int(counts.sum()), len(counts), 1 - confidence), rows, labelled)
    bounds = value_interval(seen, 1 - confidence)
    if isinstance(bounds, Unmet):
        return Measurement(value, None, rows, labelled, bounds.because)
    return Measurement(value, _not_below(0.0, bounds) if metric != "r2" else bounds, rows, labelled)


def _not_below(least: float, bounds: tuple[float, float]) -> tuple[float, float]:
    return max(least, bounds[0]), bounds[1]

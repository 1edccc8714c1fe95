"""From a metric's name to what it sees."""

from collections.abc import Callable

import numpy as np

from assay.core.metrics import METRICS, MetricSettings
from assay.core.table import Table
from assay.judge.observe import classes, costs, errors, probabilities, ranks
from assay.judge.observe.answers import Answers, Asked
from assay.judge.observe.observed import Observed
from assay.judge.observe.undefined import UndefinedMetric

OBSERVERS: dict[str, Callable[[Asked], Observed]] = {
    "accuracy": classes.accuracy_or_error_rate,
    "error_rate": classes.accuracy_or_error_rate,
    "precision": classes.precision,
    "recall": classes.recall,
    "f1": classes.f1,
    "auc": ranks.auc,
    "average_precision": ranks.average_precision,
    "log_loss": probabilities.log_loss,
    "brier": probabilities.brier,
    "mae": errors.mae,
    "rmse": errors.rmse,
    "r2": errors.r2,
    "quantile_loss": errors.quantile_loss,
    "cost": costs.cost,
    "score": costs.score,
}
"""Every metric that a sentence may require."""


def observe(
    metric: str, labels: np.ndarray, answers: Answers, columns: Table, settings: MetricSettings, whose: str
) -> Observed:
    """What ``metric`` sees in labelled rows; ``labels``, ``answers`` and ``columns`` are of the same rows, in one order.

    ``UndefinedMetric`` where it has no value on them, for a cause that is named; ``EvidenceError`` where the question cannot be
    asked: labels of another type, probabilities that are none, a column that is missing.
    """
    if METRICS[metric].test == "none":
        raise UndefinedMetric(f"{metric} is biased, so it is only reported", "undefined-metric")
    if not len(labels):
        raise UndefinedMetric("there are no labelled rows", "undefined-metric")
    return OBSERVERS[metric](Asked(metric, labels, answers, columns, settings, whose))

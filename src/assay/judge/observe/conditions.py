"""When the approximate tests of classes and rankings are to be trusted, and on how many rows a value rests."""

import numpy as np

from assay.core.metrics import MetricSettings
from assay.judge.conditions import LEAST_OF_EACH_CLASS, Unmet
from assay.judge.observe.classes import positives
from assay.judge.observe.values import Floats


def unmet_of_classes(metric: str, labels: np.ndarray, settings: MetricSettings) -> Unmet | None:
    """Why the metric's approximate test is not to be trusted on rows with these labels, or None.

    That of auc, average_precision, f1 and precision (whose test against a number is exact, and not asked about here) needs 30
    positives and 30 negatives; other metrics need nothing. What all approximate tests need stands in ``judge/conditions.py``.
    """
    if metric not in {"auc", "average_precision", "f1", "precision"}:
        return None
    positive = int(np.count_nonzero(positives(labels, settings, metric=metric)))
    for rows, what in ((positive, "positive"), (len(labels) - positive, "negative")):
        if rows < LEAST_OF_EACH_CLASS:
            return Unmet(
                f"its test is approximate and needs at least {LEAST_OF_EACH_CLASS} {what} rows, and there are {rows}"
            )
    return None


def pulling_rows(influence: Floats) -> float:
    """How many rows the spread of a value rests on: (sum u^2)^2 / sum u^4 of the influences; 0 where there is no spread.

    A third of the rows where influences are normal, and the number of the rarer outcome where nearly all rows are alike.
    """
    squares = influence**2
    total = float(squares.sum())
    return total**2 / float((squares * squares).sum()) if total > 0 else 0.0

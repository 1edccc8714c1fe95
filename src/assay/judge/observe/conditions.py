"""When the approximate tests of classes and rankings are to be trusted."""

import numpy as np

from assay.core.metrics import MetricSettings
from assay.judge.conditions import LEAST_OF_EACH_CLASS
from assay.judge.observe.classes import positives
from assay.judge.observe.observed import Observed, linearised
from assay.judge.observe.values import Floats

LEAST_PULLING_ROWS = 10


def unmet_of(
    metric: str, labels: np.ndarray, observed: Observed, settings: MetricSettings, *, is_without_margin: bool = False
) -> str | None:
    """Why the metric's approximate test is not to be trusted on these rows, in words, or None.

    ``observed`` is what is tested: the challenger's own observation against a number, and against the champion the difference,
    ``Linearised(new - old, new's influence - old's)``. The test of auc, average_precision, f1 and precision (whose test against a
    number is exact, and not asked about here) needs 30 positives and 30 negatives; other metrics always return None.

    It also needs 10 ``pulling_rows``, unless the champion is to be beaten without a margin. Near 1, where hardly a row errs, the
    rows that would show by how much are missing, and what spread is left is too small. Simulated with 30 and 30 rows at an error
    probability of .01: an auc of .98 passes as greater than it is in .07, an f1 of .98 in .24; an auc .017 below the champion's
    passes as less than .017 below in .07. Two equal models err alike: there it stayed below .016 in every design tried.
    """
    if metric not in {"auc", "average_precision", "f1", "precision"}:
        return None
    positive = int(np.count_nonzero(positives(labels, settings, metric=metric)))
    for rows, what in ((positive, "positive"), (len(labels) - positive, "negative")):
        if rows < LEAST_OF_EACH_CLASS:
            return f"its test is approximate and needs at least {LEAST_OF_EACH_CLASS} {what} rows, and there are {rows}"
    pulling = LEAST_PULLING_ROWS if is_without_margin else pulling_rows(linearised(observed).influence)
    if pulling < LEAST_PULLING_ROWS:
        return (
            f"its test is approximate, and what moves the value here weighs as much as {int(pulling)} rows "
            f"where {LEAST_PULLING_ROWS} are needed"
        )
    return None


def pulling_rows(influence: Floats) -> float:
    """How many rows the spread of a value rests on: (sum u^2)^2 / sum u^4 of the influences; 0 where there is no spread.

    A third of the rows where influences are normal, and the number of the rarer outcome where nearly all rows are alike.
    """
    squares = influence**2
    total = float(squares.sum())
    return total**2 / float(squares @ squares) if total > 0 else 0.0

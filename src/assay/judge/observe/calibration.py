"""Whether probabilities mean what they say: rows by predicted probability, and how often they came true.

The error is only reported: it is biased upwards, the more so the fewer rows a bin has (even true probabilities have one), so no
sentence can require it. ``brier`` and ``log_loss`` can be required, and they worsen with bad calibration.
"""

import msgspec
import numpy as np

from assay.core.metrics import MetricSettings
from assay.judge.observe.answers import Answers, Asked
from assay.judge.observe.classes import positives
from assay.judge.observe.probabilities import probabilities_of
from assay.judge.observe.scores import of_positive_class
from assay.judge.observe.undefined import UndefinedMetric

BINS = 10


class CalibrationBin(msgspec.Struct, frozen=True):
    """The rows whose probability lies from ``low`` to just under ``high``; the last bin takes 1 too."""

    low: float
    high: float
    rows: int
    mean_probability: float
    share_of_positives: float


def calibration(
    labels: np.ndarray, answers: Answers, settings: MetricSettings, whose: str = "the model"
) -> tuple[tuple[CalibrationBin, ...], float]:
    """The bins that hold rows, from the lowest, and the expected calibration error: their mean distance, weighted by rows.

    Ten bins of equal width (M. Naeini, G. Cooper and M. Hauskrecht, AAAI 2015). Raises as ``observe`` does for ``brier``.
    """
    asked = Asked("calibration_error", labels, answers, {}, settings, whose)
    if not len(labels):
        raise UndefinedMetric("there are no labelled rows", "undefined-metric")
    positive = positives(labels, settings, answers.classes, asked.metric)
    probabilities = of_positive_class(probabilities_of(asked), asked)
    of_row = np.minimum((probabilities * BINS).astype(np.intp), BINS - 1)
    rows = np.bincount(of_row, minlength=BINS)
    predicted = np.bincount(of_row, weights=probabilities, minlength=BINS)
    seen = np.bincount(of_row, weights=positive, minlength=BINS)
    bins = tuple(
        CalibrationBin(at / BINS, (at + 1) / BINS, int(n), float(predicted[at] / n), float(seen[at] / n))
        for at, n in enumerate(rows)
        if n
    )
    return bins, float(np.abs(predicted - seen).sum()) / len(labels)

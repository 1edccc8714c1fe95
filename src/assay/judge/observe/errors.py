"""Distances between predictions and labels that are numbers: mae, rmse, r2, quantile_loss."""

import numpy as np

from assay.judge.observe.answers import Asked
from assay.judge.observe.observed import Averaged, Ratio, Rooted
from assay.judge.observe.undefined import FINITE, UndefinedMetric
from assay.judge.observe.values import Floats, numbers_of


def mae(asked: Asked) -> Averaged:
    """The mean of |prediction - label|."""
    return Averaged(np.abs(shortfalls(asked)), low=0.0)


def rmse(asked: Asked) -> Rooted:
    """The root of the mean of (prediction - label)^2."""
    return Rooted(_squares(asked))


def r2(asked: Asked) -> Ratio:
    """1 - the mean squared error by the labels' variance.

    That the labels' mean is estimated too has no part in the error: the variance is flat where it is taken about the mean.
    """
    squares = _squares(asked)
    labels = _labels(asked)
    if labels.min() == labels.max():
        raise UndefinedMetric(
            f"all {len(labels):,} labels are {labels[0]:g}: there is no variance to explain",
            "constant-labels",
            "give the gate rows whose labels differ, or require mae or rmse",
            under_seal="all labels are equal: there is no variance to explain",
            is_of_every_part=True,
        )
    spread = (labels - labels.mean()) ** 2
    return Ratio(spread - squares, spread)


def quantile_loss(asked: Asked) -> Averaged:
    """The mean of max(q (label - prediction), (q - 1) (label - prediction)): the pinball loss (Koenker and Bassett, 1978)."""
    quantile = asked.settings.quantile
    if quantile is None or not 0 < quantile < 1:
        raise UndefinedMetric(
            "quantile_loss needs to know which quantile is predicted: write `quantile:` with a number between 0 and 1",
            "no-quantile",
            is_of_every_part=True,
        )
    short = shortfalls(asked)
    return Averaged(np.maximum(quantile * short, (quantile - 1) * short), low=0.0)


def shortfalls(asked: Asked) -> Floats:
    """For each row, label - prediction.

    ``EvidenceError`` where one of the two is text; ``UndefinedMetric`` where a prediction is no finite number.
    """
    labels = _labels(asked)
    predictions = numbers_of(asked.answers.prediction, asked.metric, f"predictions of {asked.whose}")
    with np.errstate(invalid="ignore", over="ignore"):
        short: Floats = labels - predictions
    demand_finite(predictions, f"predictions of {asked.whose}")
    if not np.isfinite(short).all():
        raise UndefinedMetric(
            f"labels and predictions of {asked.whose} are too large to be subtracted; give them in another unit",
            "undefined-metric",
        )
    return short


def demand_finite(values: Floats, what: str) -> None:
    """Return if every value is a finite number, else ``UndefinedMetric`` with how many are not and where the first stands."""
    finite = np.isfinite(values)
    if not finite.all():
        broken = np.flatnonzero(~finite)
        raise UndefinedMetric(
            f"{len(broken):,} of {len(values):,} {what} are no finite number (the first in labelled row {broken[0] + 1})",
            "answers-missing",
            FINITE,
        )


def _squares(asked: Asked) -> Floats:
    short = shortfalls(asked)
    with np.errstate(over="ignore"):
        squares: Floats = short**2
    demand_finite(squares, f"squared errors of {asked.whose}")
    return squares


def _labels(asked: Asked) -> Floats:
    labels = numbers_of(asked.labels, asked.metric, "labels")
    endless = np.flatnonzero(np.isinf(labels))
    if len(endless):
        count = f"{len(endless):,} of {len(labels):,} labels"
        raise UndefinedMetric(
            f"{count} are no finite number (the first in labelled row {endless[0] + 1}: {labels[endless[0]]:g})",
            "labels-not-finite",
            "correct the label, or leave the row out of the gate's data",
            under_seal="a label is no finite number",
        )
    return labels

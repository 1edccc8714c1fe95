"""The metrics that gates and watches know: what each is, its unit and range, which direction is better, and how it is tested.

How one is computed and tested stands in ``judge``; this table is what the file is checked against and what the docs print.
"""

from typing import Literal

import msgspec

MetricKind = Literal["share", "index", "amount"]
"""``share``: a share of rows, 0..1, told in points. ``index``: a number without unit, at most 1. ``amount``: in a unit of the
user's own."""

MetricTest = Literal["exact", "approximate", "exact alone, approximate against the champion", "none"]


class MetricSpec(msgspec.Struct, frozen=True):
    """One metric, as people write it."""

    name: str
    kind: MetricKind
    higher_is_better: bool
    meaning: str
    """One line for help and reports."""
    formula: str
    range: str
    test: MetricTest
    """``none``: it is reported and cannot be required."""
    needs: Literal["prediction", "score"] = "prediction"
    """What a model must answer: its predictions, or scores (which its predictions stand in for where they are numbers)."""
    is_of_positives: bool = False
    """It speaks of one class against the rest: ``positive:`` names it where the labels are not 0 and 1."""


METRICS: dict[str, MetricSpec] = {
    spec.name: spec
    for spec in (
        MetricSpec(
            "accuracy",
            "share",
            higher_is_better=True,
            meaning="share of rows predicted right",
            formula="right / rows",
            range="0..1",
            test="exact",
        ),
        MetricSpec(
            "error_rate",
            "share",
            higher_is_better=False,
            meaning="share of rows predicted wrong",
            formula="wrong / rows",
            range="0..1",
            test="exact",
        ),
        MetricSpec(
            "precision",
            "share",
            higher_is_better=True,
            meaning="share of rows predicted positive that are positive",
            formula="TP / (TP + FP)",
            range="0..1",
            test="exact alone, approximate against the champion",
            is_of_positives=True,
        ),
        MetricSpec(
            "recall",
            "share",
            higher_is_better=True,
            meaning="share of positive rows that are predicted positive",
            formula="TP / (TP + FN)",
            range="0..1",
            test="exact",
            is_of_positives=True,
        ),
        MetricSpec(
            "f1",
            "index",
            higher_is_better=True,
            meaning="harmonic mean of precision and recall",
            formula="2 TP / (2 TP + FP + FN)",
            range="0..1",
            test="approximate",
            is_of_positives=True,
        ),
        MetricSpec(
            "auc",
            "index",
            higher_is_better=True,
            meaning="probability that a positive row scores higher than a negative one; ties count half",
            formula="P(score+ > score-) + P(score+ = score-) / 2",
            range="0..1",
            test="approximate",
            needs="score",
            is_of_positives=True,
        ),
        MetricSpec(
            "average_precision",
            "index",
            higher_is_better=True,
            meaning="precision averaged over the positive rows, each at its own score",
            formula="mean over positives of precision at score >= its score",
            range="0..1",
            test="approximate",
            needs="score",
            is_of_positives=True,
        ),
        MetricSpec(
            "log_loss",
            "amount",
            higher_is_better=False,
            meaning="mean negative log of the probability given to the label, in nats",
            formula="-mean(ln p(label)), p clipped to 1e-15..1 - 1e-15",
            range="0..34.6 nats",
            test="approximate",
            needs="score",
        ),
        MetricSpec(
            "brier",
            "index",
            higher_is_better=False,
            meaning="mean squared distance between probability and outcome",
            formula="mean((p - y)^2); several classes: mean of the sum over classes, halved",
            range="0..1",
            test="approximate",
            needs="score",
        ),
        MetricSpec(
            "mae",
            "amount",
            higher_is_better=False,
            meaning="mean absolute error, in the label's unit",
            formula="mean(|prediction - label|)",
            range="0 or more",
            test="approximate",
        ),
        MetricSpec(
            "rmse",
            "amount",
            higher_is_better=False,
            meaning="root mean squared error, in the label's unit",
            formula="sqrt(mean((prediction - label)^2))",
            range="0 or more",
            test="approximate",
        ),
        MetricSpec(
            "r2",
            "index",
            higher_is_better=True,
            meaning="share of the label's variance that is explained",
            formula="1 - sum((prediction - label)^2) / sum((label - mean)^2)",
            range="at most 1",
            test="approximate",
        ),
        MetricSpec(
            "quantile_loss",
            "amount",
            higher_is_better=False,
            meaning="mean pinball loss at `quantile:`, in the label's unit",
            formula="mean(max(q (y - prediction), (q - 1) (y - prediction)))",
            range="0 or more",
            test="approximate",
        ),
        MetricSpec(
            "cost",
            "amount",
            higher_is_better=False,
            meaning="mean business cost of a row, from the matrix or column of `cost:`",
            formula="mean(cost(label, prediction)), or mean(column where wrong, else 0)",
            range="as declared",
            test="approximate",
        ),
        MetricSpec(
            "score",
            "amount",
            higher_is_better=True,
            meaning="mean of the per-row score that comes with each model's answers",
            formula="mean(score)",
            range="as declared by `score_range:`, else any",
            test="approximate",
            needs="score",
        ),
        MetricSpec(
            "calibration_error",
            "share",
            higher_is_better=False,
            meaning="mean distance between probability and observed share, over ten bins; biased, so only reported",
            formula="sum over bins of (rows in bin / rows) |mean p - share of positives|",
            range="0..1",
            test="none",
            needs="score",
            is_of_positives=True,
        ),
    )
}
"""Every metric by name."""

REQUIRABLE = tuple(name for name, spec in METRICS.items() if spec.test != "none")
"""The names that a sentence may speak of."""


class CostMatrix(msgspec.Struct, frozen=True, tag="matrix"):
    """What each mistake costs."""

    costs: tuple[tuple[str, str, float], ...]
    """(label, prediction, cost), both as text; a pair that is not named costs nothing, and the verdict says so."""


class CostColumn(msgspec.Struct, frozen=True, tag="column"):
    """A wrong prediction costs what the row says in a column."""

    column: str


class MetricSettings(msgspec.Struct, frozen=True):
    """What some metrics must be told."""

    positive: str | int | float | bool | None = None
    """The class that precision, recall, f1, auc and average_precision speak of; None: 1 or True of labels that are 0 and 1."""
    quantile: float | None = None
    """Of quantile_loss, between 0 and 1."""
    cost: CostMatrix | CostColumn | None = None
    score_range: tuple[float, float] | None = None
    """The range that ``score`` cannot leave; it allows an exact (betting) test."""

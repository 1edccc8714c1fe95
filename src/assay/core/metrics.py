"""The metrics that gates and watches know: what each is, its unit, and which direction is better.

How one is computed and tested stands in ``judge``; this table is what the file is checked against.
"""

from typing import Literal

import msgspec

MetricKind = Literal["share", "error"]
"""``share``: a share of rows, 0..1, tested exactly. ``error``: 0 or more, in the label's unit, tested approximately."""


class MetricSpec(msgspec.Struct, frozen=True):
    """One metric, as people write it."""

    name: str
    kind: MetricKind
    higher_is_better: bool
    meaning: str
    """One line for help and reports."""


METRICS: dict[str, MetricSpec] = {
    spec.name: spec
    for spec in (
        MetricSpec("accuracy", "share", higher_is_better=True, meaning="share of rows predicted right"),
        MetricSpec("error_rate", "share", higher_is_better=False, meaning="share of rows predicted wrong"),
        MetricSpec("mae", "error", higher_is_better=False, meaning="mean absolute error, in the label's unit"),
        MetricSpec("rmse", "error", higher_is_better=False, meaning="root mean squared error, in the label's unit"),
    )
}
"""Every metric that can be required today, by name."""

UNBUILT_METRICS = frozenset(
    {
        "precision",
        "recall",
        "f1",
        "auc",
        "average_precision",
        "log_loss",
        "brier",
        "r2",
        "quantile_loss",
        "calibration_error",
        "cost",
        "drift",
    }
)
"""Names that are designed but not built: refused as such, never taken for a slip of the pen."""

"""Observe: what each metric sees in rows, in the few forms that tests tell apart. Pure.

A share sees rows that count (``Counted``), an error a value a row (``Averaged``, ``Rooted``), f1 and r2 two values a row (``Ratio``),
and a ranking each row's pull on it (``Linearised``). How these are tested stands outside.
"""

from assay.judge.observe.answers import Answers
from assay.judge.observe.by_metric import observe
from assay.judge.observe.calibration import CalibrationBin, calibration
from assay.judge.observe.classes import positives
from assay.judge.observe.conditions import pulling_rows, unmet_of_classes
from assay.judge.observe.observed import Averaged, Counted, Linearised, Observed, Ratio, Rooted, linearised, value_of
from assay.judge.observe.undefined import UndefinedMetric
from assay.judge.observe.values import Bools, Floats, classes_of, has_value, kind_of, quickened

__all__ = [
    "Answers",
    "observe",
    "value_of",
    "linearised",
    "unmet_of_classes",
    "pulling_rows",
    "calibration",
    "Observed",
    "Counted",
    "Averaged",
    "Rooted",
    "Ratio",
    "Linearised",
    "CalibrationBin",
    "UndefinedMetric",
    "positives",
    "classes_of",
    "has_value",
    "kind_of",
    "quickened",
    "Bools",
    "Floats",
]

"""Minimum function tests: a file of rows with labels, each of which must be predicted right. Pure.

The cases are what they are: nobody drew them, so they are counted, and say nothing of other rows.
"""

import numpy as np

from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Table
from assay.judge.behaviour import differ
from assay.judge.observe import Bools, has_value, kind_of
from assay.judge.observe.classes import is_right
from assay.judge.observe.values import first_of


def case_columns(cases: Table, columns: Table, path: str) -> Table:
    """The columns of the cases that the model reads, in the types that it reads in the gate's ``columns``. ``EvidenceError``
    where one is missing, or holds text where the gate's rows hold numbers."""
    return {name: _of_type(_column(cases, name, path), values, name, path) for name, values in columns.items()}


def wrong_cases(labels: np.ndarray, prediction: np.ndarray, path: str) -> Bools:
    """For each case, whether it is predicted wrong. ``EvidenceError`` where a case has no label."""
    there = has_value(labels)
    if not there.all():
        row = int(np.flatnonzero(~there)[0]) + 1
        raise EvidenceError(
            Problem(
                "case-without-label",
                f"case {row:,} of {path} has no label",
                ("a case is a row of which one knows what must be predicted",),
                "fill it in, or take the case out",
            )
        )
    return ~is_right(labels, prediction) & differ(labels, prediction)


def _column(cases: Table, name: str, path: str) -> np.ndarray:
    if name in cases:
        return cases[name]
    near = near_miss(name, cases)
    raise EvidenceError(
        Problem(
            "case-column-missing",
            f"{path} has no column {name!r}, which the model is given",
            (f"its columns are {', '.join(cases)}",),
            f"did you mean {near!r}?" if near else "add the column to the cases; it may be empty",
        )
    )


def _of_type(values: np.ndarray, wanted: np.ndarray, name: str, path: str) -> np.ndarray:
    """Few rows may look like whole numbers, or like nothing at all, where many do not."""
    kind, wanted_kind = kind_of(values), kind_of(wanted)
    if kind == "nothing" or not has_value(values).any():
        return np.full(len(values), np.nan) if wanted.dtype.kind in "iuf" else np.full(len(values), None, object)
    if {kind, wanted_kind} == {"text", "numbers"}:
        raise EvidenceError(
            Problem(
                "case-of-another-type",
                f"the column {name!r} of {path} is not of the type that it has in the gate's rows",
                (f"it holds {kind}, and there {wanted_kind}; its first value is {first_of(values)}",),
                "write its values as the gate's rows do",
            )
        )
    return values.astype(np.float64) if (values.dtype.kind, wanted.dtype.kind) == ("i", "f") else values

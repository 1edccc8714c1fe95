"""From the rows of a file to what a model reads, the labels that it is held to, and the ids that join them."""

import math
from difflib import get_close_matches
from typing import TYPE_CHECKING

from assay.core.pipeline import ModelSpec
from assay.core.problem import EvidenceError, Problem
from assay.core.table import Schema, Table
from assay.watch import join_key

if TYPE_CHECKING:
    import numpy as np


def features_of(table: Table, schema: Schema, model: ModelSpec) -> tuple[Table, Schema]:
    """The columns that the model may read: all but label and id."""
    hidden = {model.label, model.id}
    fields = tuple(field for field in schema if field.name not in hidden)
    return {field.name: table[field.name] for field in fields}, fields


def labels_of(table: Table, model: ModelSpec, data: str) -> "np.ndarray":
    """The label column."""
    if model.label is None:
        problem = Problem("no-label", "assay.yaml names no label", (), "add `label:` to `model:`")
        raise EvidenceError(problem)
    return column_of(table, model.label, data, "label")


def column_of(table: Table, name: str, data: str, role: str) -> "np.ndarray":
    """A column by name; ``EvidenceError`` with the near miss where the data lacks it."""
    if name in table:
        return table[name]
    near = get_close_matches(name, list(table), n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    is_feature = role == "column"
    raise EvidenceError(
        Problem(
            f"{role}-missing",
            f"{data} has no column {name!r}, {'which the model reads' if is_feature else f'the {role}'}",
            (f"its columns are {', '.join(table)}",),
            guess
            + ("add or rename the column in the data" if is_feature else f"correct `model.{role}`, or add the column"),
        )
    )


def keys_of(table: Table, column: str, data: str) -> list[str]:
    """The id of each row, as it is joined; ``EvidenceError`` names the first row without one, or with that of another."""
    rows: dict[str, int] = {}
    for row, value in enumerate(column_of(table, column, data, "id").tolist(), start=1):
        if is_missing(value):
            what = f"row {row:,} of {data} has no {column!r}, the id"
            because = "a row and its label are joined by the id"
            raise EvidenceError(Problem("id-null", what, (because,), "fill it in, or leave the row out"))
        key = join_key(value)
        if key in rows:
            what = f"row {row:,} of {data} has the {column!r} of row {rows[key]:,}: {value!r}"
            because = "a row and its label are joined by the id, so a file names each once"
            raise EvidenceError(Problem("id-repeated", what, (because,), "keep one of the two rows"))
        rows[key] = row
    return list(rows)


def is_missing(value: object) -> bool:
    """No label or prediction stands there: None, NaN or an infinite number."""
    return value is None or (isinstance(value, float) and not math.isfinite(value))

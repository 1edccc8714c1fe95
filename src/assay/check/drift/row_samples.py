"""Rows of both sides as the classifier takes them: numbers, and for texts the place of each value among all."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.check.drift.counts import Floats, Ints
from assay.check.drift.separation import FOLDS, separate
from assay.core.drift import ColumnKind, Separation

Row = tuple[Any, ...]
"""The number of its batch, then its values."""


def separated(
    reference: Sequence[Row], window: Sequence[Row], names: Sequence[str], kinds: Sequence[ColumnKind], *, seed: int
) -> Separation | None:
    """How well rows of the window are told from those of the reference; None where a side has too few. Rows of one batch are kept
    together where both sides have batches enough."""
    if not names or min(len(reference), len(window)) < FOLDS:
        return None
    rows = [*reference, *window]
    matrix = np.column_stack([_column([row[1 + place] for row in rows], kind) for place, kind in enumerate(kinds)])
    batches = _batches(reference), _batches(window)
    has_batches = all(len(np.unique(side)) >= FOLDS for side in batches)
    cut = len(reference)
    return separate(matrix[:cut], matrix[cut:], names, seed=seed, batches=batches if has_batches else None)


def _column(values: Sequence[Any], kind: ColumnKind) -> Floats:
    if kind == "category":
        places = {value: place for place, value in enumerate(sorted({each for each in values if each is not None}))}
        values = [places.get(value) for value in values]
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _batches(rows: Sequence[Row]) -> Ints:
    return np.array([row[0] for row in rows], np.int64)

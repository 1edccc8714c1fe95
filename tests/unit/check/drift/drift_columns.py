"""Columns as an engine would count them, from a few numbers: for the tests of drift."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from assay.check.drift import CategoryColumn, Counts, NumberColumn, bin_counts, edges_of, kept_values, value_counts


def counts(bins: Sequence[Sequence[int]], nulls: Sequence[int] | None = None) -> Counts:
    return Counts(np.array(bins, np.int64), np.array(nulls or [0] * len(bins), np.int64))


def number(name: str, reference: Sequence[Sequence[float]], window: Sequence[float]) -> NumberColumn:
    """NaN is NULL."""
    edges = edges_of(np.concatenate([np.asarray(batch, float) for batch in reference]))
    return NumberColumn(name, edges, _counted(reference, edges), _counted([window], edges))


def category(
    name: str, reference: Sequence[Sequence[str | None]], window: Sequence[str | None], most: int = 255
) -> CategoryColumn:
    sides = [
        [Counter(value for value in batch if value is not None) for batch in side] for side in (reference, [window])
    ]
    kept = kept_values(*(sum(side, Counter()) for side in sides), most)
    made = [
        Counts(value_counts(counted, kept), np.array([list(batch).count(None) for batch in batches], np.int64))
        for counted, batches in zip(sides, (reference, [window]), strict=True)
    ]
    return CategoryColumn(name, kept, *made)


def _counted(batches: Sequence[Sequence[float]], edges: np.ndarray) -> Counts:
    counted = [bin_counts(np.asarray(batch, float), edges) for batch in batches]
    return Counts(np.array([bins for bins, _ in counted]), np.array([nulls for _, nulls in counted]))


def usual_days(days: int = 30, rows: int = 400, seed: int = 1) -> list[np.ndarray]:
    """Whole numbers about 10, each day a little off: batches are clusters."""
    random = np.random.default_rng(seed)
    return [np.round(random.normal(10 + random.normal(), 5, rows)) for _ in range(days)]

"""Where to count: the edges of a number's bins, and the values of a category that have a bin of their own.

Edges are made of the reference alone, so that they stay while windows come and go. 256 bins at its quantiles find Kolmogorov and
Smirnov's distance to within .0004 of all rows sorted, nearer than sketches of ten times their size (measured on a year of flights);
at most, it is too small by what the fullest bin holds of the side that has less in it.

Categories are chosen by the pooled counts of both sides. Chosen by the reference alone, or by shares summed over the sides, a
value that happens to be frequent on one side is favoured on that side, and equal sides look different.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from assay.check.drift.counts import Floats, Ints

MOST_EDGES = 255
MOST_KEPT = 255

EDGE_SHARES: tuple[float, ...] = tuple(part / (MOST_EDGES + 1) for part in range(1, MOST_EDGES + 1))
"""The quantiles of the reference that are edges, where it has more than ``MOST_EDGES`` different values. Discrete ones: values that
occur (SQL's ``percentile_disc``), so that an edge is never between two values."""


def edges_of(values: Floats) -> Floats:
    """The edges for a reference that is at hand as an array: every value that occurs, where there are few, else ``EDGE_SHARES``.
    NaN is left out; without values there are none, and one bin."""
    known = values[~np.isnan(values)]
    distinct = np.unique(known)
    if len(distinct) <= MOST_EDGES:
        return distinct_edges(distinct)
    return distinct_edges(np.quantile(known, EDGE_SHARES, method="inverted_cdf"))


def distinct_edges(edges: Floats) -> Floats:
    """Edges in order, each once, finite. The quantiles of a column with a frequent value repeat it."""
    distinct = np.unique(np.asarray(edges, np.float64))
    return distinct[np.isfinite(distinct)]


def bin_counts(values: Floats, edges: Floats) -> tuple[Ints, int]:
    """The values in each bin (len(edges) + 1), and how many are NaN."""
    known = values[~np.isnan(values)]
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return counts.astype(np.int64), len(values) - len(known)


def kept_values(reference: Mapping[str, int], window: Mapping[str, int], most: int = MOST_KEPT) -> tuple[str, ...]:
    """The values with a bin of their own: the ``most`` frequent of both sides' rows together, equally frequent ones by name."""
    pooled = Counter(reference) + Counter(window)
    return tuple(sorted(pooled, key=lambda value: (-pooled[value], value))[:most])


def value_counts(batches: Sequence[Mapping[str, int]], kept: Sequence[str]) -> Ints:
    """Batches x (kept + 1): the counts of the kept values, and last of all others together."""
    counts = np.array([[batch.get(value, 0) for value in kept] for batch in batches], np.int64)
    counts = counts.reshape(len(batches), len(kept))
    totals = np.array([sum(batch.values()) for batch in batches], np.int64)
    return np.column_stack((counts, totals - counts.sum(axis=1)))

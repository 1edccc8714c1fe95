"""Drift: how far the newest rows lie from a reference, judged by how far the reference's own windows lie from each other.

Counts in, a report out; pure, and without a row of data but for the classifier. This door loads numpy, so it is imported where
there are counts to judge, not at start-up.
"""

from assay.check.drift.bins import (
    EDGE_SHARES,
    MOST_EDGES,
    MOST_KEPT,
    bin_counts,
    distinct_edges,
    edges_of,
    kept_values,
    value_counts,
)
from assay.check.drift.calibration import FACTOR, LEAST_WINDOWS, MARGIN, batches_needed
from assay.check.drift.counts import CategoryColumn, Column, Counts, NumberColumn
from assay.check.drift.measure import measure_drift
from assay.check.drift.separation import separate
from assay.check.drift.words import alarm_words, column_words

__all__ = [
    "measure_drift",
    "Column",
    "NumberColumn",
    "CategoryColumn",
    "Counts",
    "EDGE_SHARES",
    "MOST_EDGES",
    "MOST_KEPT",
    "edges_of",
    "distinct_edges",
    "bin_counts",
    "kept_values",
    "value_counts",
    "FACTOR",
    "MARGIN",
    "LEAST_WINDOWS",
    "batches_needed",
    "alarm_words",
    "column_words",
    "separate",
]

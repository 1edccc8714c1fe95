"""What is counted, and where."""

import numpy as np
import pytest
from drift_columns import counts

from assay.check.drift import (
    CategoryColumn,
    NumberColumn,
    bin_counts,
    distinct_edges,
    edges_of,
    kept_values,
    value_counts,
)


def test_few_values_are_all_edges_and_many_are_cut_at_their_quantiles():
    assert edges_of(np.array([3.0, 1.0, 2.0, 3.0, np.nan])).tolist() == [1, 2, 3]
    edges = edges_of(np.arange(1, 2561, dtype=float))
    assert len(edges) == 255
    assert edges[:2].tolist() == [10, 20]
    assert edges[-1] == 2550


def test_a_frequent_value_is_one_edge():
    values = np.concatenate((np.zeros(5000), np.arange(1.0, 1001.0)))
    edges = edges_of(values)
    assert edges[0] == 0
    assert (np.diff(edges) > 0).all()
    assert len(edges) < 60


def test_no_edge_is_infinite_and_without_values_there_is_none():
    assert distinct_edges(np.array([np.inf, 2.0, -np.inf, 2.0])).tolist() == [2]
    assert edges_of(np.array([np.nan])).tolist() == []


def test_a_bin_ends_at_its_edge_and_nan_is_null():
    values = np.array([-np.inf, 0.0, 1.0, 1.5, 2.0, 9.0, np.inf, np.nan])
    bins, nulls = bin_counts(values, np.array([1.0, 2.0]))
    assert bins.tolist() == [3, 2, 2]
    assert nulls == 1


def test_values_are_kept_by_the_rows_of_both_sides_together():
    reference, window = {"a": 100, "b": 90, "c": 1}, {"c": 95, "d": 95}
    assert kept_values(reference, window, most=3) == ("a", "c", "d")


def test_what_is_not_kept_is_counted_together():
    assert value_counts([{"a": 2, "b": 1, "z": 4}, {}], ("a", "b")).tolist() == [[2, 1, 4], [0, 0, 0]]


def test_windows_are_runs_of_batches_that_follow_each_other():
    three = counts([[1, 0], [2, 0], [0, 4]], [1, 0, 1])
    windows = three.windows(2)
    assert windows.bins.tolist() == [[3, 0], [2, 4]]
    assert windows.nulls.tolist() == [1, 1]
    assert windows.rows.tolist() == [4, 7]
    assert three.windows(4).batches == 0
    assert three.windows(1) is three


def test_the_total_of_no_batches_is_one_without_rows():
    none = counts([[1, 2]]).windows(2)
    assert none.total().rows.tolist() == [0]


@pytest.mark.parametrize("width", [0, -1])
def test_a_window_has_at_least_one_batch(width):
    with pytest.raises(ValueError, match="a window of"):
        counts([[1]]).windows(width)


def test_counts_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match="batches x bins"):
        counts([[1, 2]], [0, 0])
    with pytest.raises(ValueError, match="x: 3 bins, not 2"):
        NumberColumn("x", np.array([1.0, 2.0]), counts([[1, 2]]), counts([[1, 2, 3]]))
    with pytest.raises(ValueError, match="x: edges must increase"):
        NumberColumn("x", np.array([2.0, 2.0]), counts([[1, 2, 3]]), counts([[1, 2, 3]]))
    with pytest.raises(ValueError, match="x: 2 bins"):
        CategoryColumn("x", ("a",), counts([[1, 2]]), counts([[1, 2, 3]]))

"""A row is known by the text that names it, and by all that it holds, whatever file it comes from."""

import numpy as np
import pytest

from assay.judge import content_keys, packed, row_keys, unpacked, value_keys
from assay.judge.row_keys import packed_each


def test_a_row_has_the_same_key_in_any_order_of_rows_and_columns_and_in_any_dtype():
    first = {"id": np.array([1, 2, 3]), "day": np.array(["a", "b", "c"], object)}
    second = {"day": np.array(["c", "a"], object), "id": np.array([3.0, 1.0])}
    for keys in (row_keys, content_keys):
        assert keys(second, ["day", "id"]).tolist() == keys(first, ["id", "day"])[[2, 0]].tolist()


def test_the_names_that_old_ledgers_hold_do_not_change():
    table = {"id": np.array([7, 8]), "day": np.array(["2024-01-01T10:00", None], object)}
    assert row_keys(table, ["id", "day"]).tolist() == [1013815451588303799, 4705565145476810363]


@pytest.mark.parametrize("keys", [row_keys, content_keys])
def test_nothing_is_alike_as_none_and_as_nan(keys):
    assert keys({"x": np.array([None], object)}, ["x"]) == keys({"x": np.array([np.nan])}, ["x"])


def test_rows_that_differ_in_a_naming_column_have_other_keys():
    table = {"id": np.array([1, 1]), "day": np.array(["a", "b"])}
    assert len(set(row_keys(table, ["id", "day"]).tolist())) == 2
    assert len(set(row_keys(table, ["id"]).tolist())) == 1


@pytest.mark.parametrize("keys", [row_keys, content_keys])
def test_a_moment_and_a_short_float_have_one_key_in_every_file_format(keys):
    parquet = {"day": np.array(["2024-01-01T10:00:00"], object), "x": np.array([0.1], np.float32)}
    csv = {"day": np.array(["2024-01-01 10:00:00"], object), "x": np.array([0.1])}
    assert keys(parquet, ["day", "x"]) == keys(csv, ["day", "x"])


def test_a_truth_has_one_key_whether_or_not_others_are_missing():
    there = value_keys(np.array([True, False]))
    assert value_keys(np.array([True, False, None], object))[:2].tolist() == there.tolist()


def test_cells_that_differ_in_their_first_six_digits_have_other_keys():
    values = np.array([0.0, 1.0, -1.0, 0.5, -0.5, 1e-5, 1e-6, 123456.5, 123457.5, 1e300, np.inf, -np.inf, np.nan])
    assert len(np.unique(value_keys(values))) == len(values)
    assert value_keys(np.array([1.000000001e-7])) == value_keys(np.array([1e-7]))


def test_the_same_cells_in_another_column_are_other_contents():
    table = {"a": np.array([1, 2]), "b": np.array([2, 1])}
    first, second = content_keys(table, ["a", "b"]).tolist()
    assert first != second


def test_keys_come_back_from_the_store_sorted_and_each_once_or_as_often_as_they_stood_there():
    keys = np.array([3, 1, 3], np.uint64)
    assert unpacked(packed(keys)).tolist() == [1, 3]
    assert unpacked(packed_each(keys)).tolist() == [1, 3, 3]
    assert unpacked(packed(np.array([], np.uint64))).tolist() == []

"""Rows remember what they were asked, whatever file, order or company they come in."""

import numpy as np
import pytest

from assay.core.wear import Wear
from assay.judge import Decision, packed, row_keys, shows_more, unpacked, wear_of_rows


def keys(*ids):
    return row_keys({"id": np.array(ids)}, ["id"])


def known(seq, rows, decisions=1, passes=0):
    return Decision(seq, decisions, passes, unpacked(packed(rows)))


def test_a_row_has_the_same_key_in_any_order_of_rows_and_columns_and_in_any_dtype():
    first = {"id": np.array([1, 2, 3]), "day": np.array(["a", "b", "c"], object)}
    second = {"day": np.array(["c", "a"], object), "id": np.array([3.0, 1.0])}
    assert row_keys(second, ["day", "id"]).tolist() == row_keys(first, ["id", "day"])[[2, 0]].tolist()


def test_nothing_is_alike_as_none_and_as_nan():
    assert row_keys({"x": np.array([None], object)}, ["x"]) == row_keys({"x": np.array([np.nan])}, ["x"])


def test_rows_that_differ_in_a_naming_column_have_other_keys():
    table = {"id": np.array([1, 1]), "day": np.array(["a", "b"])}
    assert len(set(row_keys(table, ["id", "day"]).tolist())) == 2
    assert len(set(row_keys(table, ["id"]).tolist())) == 1


def test_keys_come_back_from_the_store_sorted_and_each_once():
    assert unpacked(packed(np.array([3, 1, 3], np.uint64))).tolist() == [1, 3]
    assert unpacked(packed(np.array([], np.uint64))).tolist() == []


def test_one_shared_row_inherits_every_decision():
    worn = wear_of_rows(keys(1, 2, 3), [known(4, keys(3, 9), 2, 1), known(7, keys(8, 9)), known(9, keys(1))])
    assert (worn.earlier, worn.decisions, worn.passes) == ((4, 9), 3, 1)
    assert worn.fresh.tolist() == [False, True, False]


def test_taking_a_row_out_resets_nothing():
    whole = keys(*range(100))
    assert wear_of_rows(whole[1:], [known(1, whole)]).decisions == 1


def test_a_decision_whose_rows_are_lost_has_seen_every_row():
    worn = wear_of_rows(keys(1, 2), [Decision(5, 1, 0, None)])
    assert worn.earlier == (5,)
    assert not worn.fresh.any()


def test_rows_that_nobody_asked_are_fresh():
    worn = wear_of_rows(keys(1, 2), [])
    assert (worn.earlier, worn.decisions, worn.fresh.all()) == ((), 0, True)


@pytest.mark.parametrize(("fresh", "rows", "decisions", "expected"), [(900, 1000, 1, True), (500, 1000, 2, False)])
def test_fresh_rows_are_asked_alone_where_they_show_more(fresh, rows, decisions, expected):
    assert shows_more(fresh, Wear().left(0.05), rows, Wear(decisions).left(0.05)) is expected


def test_no_fresh_rows_show_nothing():
    assert not shows_more(0, 0.01, 1000, 1e-30)


def test_a_long_history_makes_few_fresh_rows_worth_more_than_many_old_ones():
    assert shows_more(500, Wear().left(0.05), 1000, Wear(200, 40).left(0.05))


def test_decisions_that_told_more_than_their_verdict_are_counted_apart():
    worn = wear_of_rows(keys(1, 2), [Decision(3, 2, 0, keys(1), is_open=True), known(4, keys(2))])
    assert (worn.decisions, worn.open) == (3, 2)


def test_a_moment_and_a_short_float_have_one_key_in_every_file_format():
    parquet = {"day": np.array(["2024-01-01T10:00:00"], object), "x": np.array([0.1], np.float32)}
    csv = {"day": np.array(["2024-01-01 10:00:00"], object), "x": np.array([0.1])}
    assert row_keys(parquet, ["day", "x"]) == row_keys(csv, ["day", "x"])


def test_fresh_rows_show_more_than_rows_that_have_nothing_left():
    assert shows_more(10, 0.0125, 10_000, 0.0)
    assert not shows_more(0, 0.0125, 10_000, 0.0)

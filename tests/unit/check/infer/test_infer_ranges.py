"""Ranges have slack, and natural ends where values show them."""

from decimal import Decimal

import pytest

from assay.check.infer.join import JoinedColumn
from assay.check.infer.ranges import find_range
from assay.check.infer.rounding import down_to, round_step, step_up, up_to, written


def column(name="x", type_="int", least=0, greatest=100, values=10_000, **more) -> JoinedColumn:
    middle = (least + greatest) / 2
    known = {"median": middle, "p5": least, "p95": greatest, "distinct": 100, "stored": "BIGINT"}
    return JoinedColumn(
        name=name, type=type_, rows=values, values=values, batches=1, max_null_share=0.0, least=least, greatest=greatest,
        **(known | more),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("size", "down", "up"),
    [(1, 1, 1), (7, 5, 10), (134, 100, 200), (0.03, "0.02", "0.05"), (1000, 1000, 1000), (2, 2, 2)],
)
def test_steps_are_round_numbers(size, down, up):
    assert round_step(size) == Decimal(down)
    assert step_up(size) == Decimal(up)


@pytest.mark.parametrize("value", [0.1, 0.30000000000000004, 17, -43, 1e-9, 12345.678, -0.05])
def test_rounding_goes_outward(value):
    step = round_step(max(abs(value) / 3, 1e-12))
    assert down_to(value, step) <= Decimal(value) <= up_to(value, step)


@pytest.mark.parametrize(
    ("number", "text"), [("0", "0"), ("-0", "0"), ("5E+3", "5000"), ("0.25", "0.25"), ("1E+20", "1e+20"), ("-3", "-3")]
)
def test_numbers_are_written_as_rules_read_them(number, text):
    assert written(Decimal(number)) == text


def test_what_was_seen_is_never_copied():
    assert find_range(column(least=500, greatest=2359)).text not in ("500..2359", ">= 500")
    low, high = map(int, find_range(column(least=500, greatest=2359)).text.split(".."))
    assert low < 450
    assert high > 2450


def test_zero_is_a_natural_end_where_many_values_come_close_and_none_is_below():
    assert find_range(column(least=1, greatest=1000)).text.startswith("0..")
    assert find_range(column(least=1, greatest=1000, values=20, type_="float")).text.startswith("-")
    assert find_range(column(least=300, greatest=500, type_="float")).text.split("..")[0] != "0"


@pytest.mark.parametrize("median", [3, 4, 5])
@pytest.mark.parametrize("values", [20, 20_000])
def test_whole_numbers_that_are_never_negative_get_no_negative_end(median, values):
    low, high = find_range(column(least=1, greatest=6, median=median, values=values)).text.split("..")
    assert int(low) >= 0
    assert int(high) >= 6


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({1: 2900, 2: 2800, 3: 2800, 4: 5700, 5: 2900, 6: 2900}, "1..6"),
        ({-1: 300, 0: 400, 1: 300}, "-1..1"),
        ({10: 300, 20: 400, 50: 300}, "in [10, 20, 50]"),
    ],
)
def test_few_whole_numbers_that_each_came_often_are_all_that_there_are(counts, text):
    found = find_range(column(least=min(counts), greatest=max(counts), values=sum(counts.values()), counts=counts))
    assert found.text == text
    assert found.why == "each of them came up, often"


@pytest.mark.parametrize(
    "counts",
    [
        {0: 600, 1: 300, 2: 80, 3: 20},
        {2011: 500, 2012: 500, 2013: 500},
        {1: 500, 2: 500, 9: 19},
        dict.fromkeys(range(70, 90), 100),
    ],
    ids=["they fade out", "years", "one is rare", "many"],
)
def test_other_numbers_get_slack(counts):
    text = find_range(column(least=min(counts), greatest=max(counts), counts=counts)).text
    assert int(text.split("..")[1]) > max(counts)


def test_shares_end_at_one():
    assert find_range(column(type_="float", least=0.01, greatest=0.99)).text == "0..1"


@pytest.mark.parametrize(
    ("name", "least", "greatest", "text"),
    [("month", 1, 3, "1..12"), ("departure_hour", 5, 23, "0..23"), ("minute", 0, 59, "0..59"), ("day", 1, 28, "1..31")],
)
def test_a_name_of_the_calendar_says_the_range(name, least, greatest, text):
    assert find_range(column(name, least=least, greatest=greatest)).text == text


def test_a_name_says_nothing_against_the_values():
    assert find_range(column("month", least=0, greatest=40)).text != "1..12"


def test_known_ranges_are_recognised_by_full_cover():
    full = dict.fromkeys(range(1, 13), 100)
    assert find_range(column(least=1, greatest=12, counts=full)).text == "1..12"
    assert find_range(column(least=1, greatest=12, counts=full | {5: 3})).text != "1..12"
    fading = {value: 10_000 // value**4 + 20 for value in range(1, 8)}
    assert find_range(column(least=1, greatest=7, counts=fading)).text != "1..7"


def test_an_id_has_no_upper_end():
    found = find_range(column("flight_id", least=15, greatest=336_758, are_distinct=True))
    assert found.text == ">= 0"
    assert find_range(column(least=1, greatest=100, values=100, are_distinct=True, are_dense=True)).text == ">= 0"
    assert find_range(column(least=1, greatest=5000, values=100, are_distinct=True)).text != ">= 0"
    assert "id" in found.why


def test_a_single_value_is_no_range():
    assert find_range(column("year", least=2013, greatest=2013)).text == ""


def test_a_tail_of_single_values_has_more_slack():
    usual = find_range(column(least=0, greatest=1301, median=600, p95=1250))
    tail = find_range(column(least=0, greatest=1301, median=-2, p95=88))
    assert int(tail.text.split("..")[1]) > int(usual.text.split("..")[1]) > 1301


@pytest.mark.parametrize("ends", [(-(2**63), 2**63 - 1), (0, 2**63 - 1)])
def test_what_64_bits_do_not_hold_is_not_written(ends):
    assert find_range(column(least=ends[0], greatest=ends[1])).text == ""


@pytest.mark.parametrize("ends", [("-inf", 3.0), (1.0, "inf"), (None, None), ("2013-01-01", "2013-12-31")])
def test_ends_that_are_no_numbers_make_no_range(ends):
    found = JoinedColumn(
        name="x", type="float", stored="DOUBLE", rows=10, values=10, batches=1, max_null_share=0, distinct=3,
        least=ends[0], greatest=ends[1],
    )  # fmt: skip
    assert find_range(found).text == ""

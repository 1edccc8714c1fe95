"""The report on columns: states, reasons, and words."""

import math

import numpy as np
import pytest
from drift_columns import category, number, usual_days

from assay.check.drift import alarm_words, measure_drift
from assay.check.drift.summary import quantile
from assay.check.drift.words import change_words, edge_words, gap_words
from assay.core.drift import DriftReport, FalseAlarms, Gap, ValueShift

DAYS = usual_days()
FLAT = [[1.0, 2.0, 3.0, 4.0]] * 25


def only(report: DriftReport):
    (column,) = report.columns
    return column


def test_a_day_like_the_others_is_ok():
    report = measure_drift([number("delay", DAYS[:-1], DAYS[-1])])
    assert only(report).state == report.state == "ok"
    assert only(report).because == ""
    assert only(report).rows == only(report).values == 400
    assert not report.drifted


def test_a_day_that_moved_is_told_with_direction_and_size():
    column = only(measure_drift([number("delay", DAYS[:-1], DAYS[0] + 6)]))
    assert column.state == "drifted"
    assert column.distance.is_over
    assert column.distance.limit == pytest.approx(1.25 * column.distance.worst + 0.01)
    before, now = column.sides
    assert (before.median, now.median) == (10, 16)
    assert column.told.startswith("delay: median 10 -> 16, KS .")
    assert column.psi > 0.2
    assert 0 < column.jensen_shannon < 1


def test_a_tail_that_moved_is_told_where_the_sides_are_farthest_apart():
    """All days alike: limits of .01. A quarter of the window moved from 4 to 90."""
    column = only(measure_drift([number("x", FLAT, [1, 2, 3, 90])]))
    assert column.told == "x: median 2, above 4 0 % -> 25 %, KS .25, limit .01"
    assert (column.farthest.edge, column.farthest.before, column.farthest.now) == (4, 0, 0.25)


def test_above_the_greatest_edge_no_number_is_made_up():
    column = only(measure_drift([number("x", FLAT, [90, 91, 92, 93])]))
    assert column.told == "x: median 2 -> beyond all of the reference, KS 1.00, limit .01"
    assert column.sides[1].median is None


def test_a_category_is_told_by_what_gained_and_lost_most():
    usual = [["AA"] * 10 + ["UA"] * 90] * 25
    column = only(measure_drift([category("carrier", usual, ["AA"] * 25 + ["UA"] * 75)]))
    assert column.state == "drifted"
    assert column.told == "carrier: AA 10 % -> 25 %, UA 90 % -> 75 %, total variation .15, limit .01"
    assert column.shifts[0] == ValueShift("AA", 0.1, 0.25)


def test_values_that_are_not_counted_one_by_one_are_called_so():
    usual = [["AA"] * 60 + ["a", "b"] * 20] * 25
    column = only(measure_drift([category("carrier", usual, ["AA"] * 20 + list("cdefghij") * 10, most=1)]))
    assert column.told == "carrier: other values 40 % -> 80 %, AA 60 % -> 20 %, total variation .40, limit .01"


def test_nulls_have_a_limit_of_their_own():
    usual = [[1, 2, 3, 4] * 24 + [math.nan] * 1] * 25
    column = only(measure_drift([number("x", usual, [1, 2, 3, 4] * 23 + [math.nan] * 5)]))
    assert column.state == "drifted"
    assert not column.distance.is_over
    assert column.told == "x: NULL 1 % -> 5 %, difference .04, limit .01"


def test_a_window_of_nothing_but_null_has_drifted_by_that():
    column = only(measure_drift([number("x", FLAT, [math.nan] * 4)]))
    assert column.state == "drifted"
    assert column.distance is None
    assert column.told == "x: NULL 0 % -> 100 %, difference 1.00, limit .01"


def test_a_column_without_values_on_either_side_is_not_ok():
    column = only(measure_drift([number("x", [[math.nan] * 4] * 25, [math.nan] * 4)]))
    assert (column.state, column.because) == ("cannot tell", "the reference has no values")
    assert column.told == "x: the reference has no values"


def test_a_window_without_rows_is_not_ok():
    column = only(measure_drift([number("x", FLAT, [])]))
    assert (column.state, column.because) == ("cannot tell", "the window has no values")
    assert column.nulls is None


@pytest.mark.parametrize("days, width, needed", [(19, 1, "20"), (25, 7, "26 are needed for windows of 7")])
def test_too_few_batches_are_never_ok(days, width, needed):
    report = measure_drift([number("x", FLAT[:1] * days, FLAT[0] * width)], window_batches=width)
    assert only(report).state == report.state == "not enough reference"
    assert only(report).because.startswith(f"{days} batches, and {needed}")
    assert report.false_alarms is None
    assert "no rate" in alarm_words(report)


def test_no_reference_at_all_is_not_ok():
    none = number("x", [[]], [1.0, 2.0])
    assert only(measure_drift([none])).state == "not enough reference"
    assert measure_drift([]).state == "cannot tell"


def test_a_column_that_is_there_in_too_few_batches_has_no_limit():
    usual = [[1.0, 2.0]] * 10 + [[math.nan] * 2] * 15
    column = only(measure_drift([number("x", usual, [1.0, 2.0])]))
    assert (column.state, column.because) == ("not enough reference", "values in only 10 windows of the reference")


def test_a_window_that_chance_alone_could_drift_is_not_judged():
    column = only(measure_drift([number("x", DAYS, [40.0] * 20)]))
    assert column.state == "cannot tell"
    assert column.because == "20 values in the window, and 256 are needed: the smallest of the reference has 400"
    assert column.distance.distance == pytest.approx(1)


def test_a_limit_that_nothing_exceeds_is_not_called_ok():
    strange = [*FLAT, [50.0, 60.0, 70.0, 80.0]]
    column = only(measure_drift([number("x", strange, [1, 2, 3, 4])]))
    assert column.state == "cannot tell"
    assert "no limit could be passed" in column.because


def test_a_category_of_rare_values_is_not_called_ok():
    ids = [[f"{day}-{row}" for row in range(10)] for day in range(26)]
    column = only(measure_drift([category("id", ids[:-1], ids[-1], most=5)]))
    assert column.state == "cannot tell"
    assert column.because == "100 % of the values are too rare to be counted one by one"


def test_context_is_told_and_never_fails():
    moved = number("delay", DAYS[:-1], DAYS[0] + 60)
    report = measure_drift([moved], context=["delay"])
    assert only(report).state == report.state == "context"
    assert only(report).told.startswith("delay: context; median 10 -> ")
    assert report.false_alarms is None


def test_columns_that_move_with_time_show_themselves():
    counter = number("id", [[day * 10.0 + row for row in range(10)] for day in range(30)], list(range(300, 310)))
    column = only(measure_drift([counter]))
    assert column.state == "context"
    assert column.because == "it moves with time: each batch of the reference lies beyond the one before"


def test_days_of_a_month_show_themselves_for_weeks_too():
    day = number("day", [[float(1 + at % 28)] * 9 for at in range(56)], [1.0] * 63)
    assert only(measure_drift([day])).state == "context"
    labels = category("date", [[f"2013-01-{at:02}"] * 9 for at in range(1, 31)], ["2013-02-01"] * 63)
    assert only(measure_drift([labels], window_batches=7)).state == "context"


def test_ignored_columns_are_left_out():
    columns = [number("x", FLAT, [90] * 4), number("y", FLAT, [1, 2, 3, 4])]
    report = measure_drift(columns, ignore=["x"])
    assert [column.column for column in report.columns] == ["y"]
    assert report.state == "ok"


def test_one_column_that_drifted_is_a_drift():
    report = measure_drift([number("x", FLAT, [90] * 4), number("y", FLAT, [1, 2, 3, 4])], context=["z"])
    assert report.state == "drifted"
    assert [column.column for column in report.drifted] == ["x"]


def test_columns_of_different_batches_are_refused():
    with pytest.raises(ValueError, match=r"the same batches, not \[24, 25\]"):
        measure_drift([number("x", FLAT, [1.0]), number("y", FLAT[1:], [1.0])])


def test_the_measured_rate_counts_windows_in_which_any_column_would_have_alarmed():
    """Two days of 25 are strange, each in a column of its own."""
    one, other = list(FLAT), list(FLAT)
    one[3], other[9] = [1.0, 1.0, 3.0, 4.0], [1.0, 2.0, 3.0, 3.0]
    report = measure_drift([number("x", one, FLAT[0]), number("y", other, FLAT[0])])
    assert report.state == "ok"
    assert report.false_alarms == FalseAlarms(alarms=2, windows=25, apart=25)
    assert alarm_words(report) == (
        "measured on the reference: 2 of 25 windows would have been called drifted in some column"
    )


def test_overlapping_windows_are_told_with_those_that_do_not_overlap():
    report = measure_drift([number("x", DAYS, np.concatenate(DAYS[:7]))], window_batches=7)
    assert (report.false_alarms.windows, report.false_alarms.apart) == (24, 4)
    told = alarm_words(report)
    assert "of 24 windows (4 side by side) would have been" in told
    assert told.endswith("expect more alarms, or take a longer reference")


def test_quantiles_are_the_least_edge_that_so_many_values_do_not_exceed():
    edges, counted = np.array([1.0, 2.0, 5.0]), np.array([2, 2, 4, 2])
    assert [quantile(edges, counted, share) for share in (0.05, 0.4, 0.41, 0.8)] == [1, 2, 5, 5]
    assert quantile(edges, counted, 0.81) == math.inf
    assert math.isnan(quantile(edges, np.zeros(4, np.int64), 0.5))


def test_numbers_are_told_with_the_digits_that_tell_them_apart():
    assert gap_words(Gap(0.1834, 0.08, 0.11)) == ".18, limit .11"
    assert gap_words(Gap(0.1101, 0.08, 0.11)) == ".1101, limit .1100"
    assert gap_words(Gap(1.0, 0.9, 1.135)) == "1.00, limit 1.14"
    assert gap_words(Gap(0.5, None, None)) == ".50"
    assert [edge_words(value) for value in (3.0, 13596480.0, 0.123456789, 1e300)] == [
        "3",
        "13596480",
        "0.123457",
        "1e+300",
    ]
    assert change_words(0.1, 0.25) == "10 % -> 25 %"
    assert change_words(0.001, 0.004) == "0.1 % -> 0.4 %"
    assert change_words(0.2, 0.2) == "20 % -> 20 %"

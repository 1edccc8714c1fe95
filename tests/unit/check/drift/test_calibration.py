"""Limits from the reference itself, worked out by hand."""

import numpy as np
import pytest
from drift_columns import counts, number

from assay.check.drift.calibration import Calibration, batches_needed, leave_out
from assay.check.drift.context import are_disjoint, moves_with_time
from assay.check.drift.distances import kolmogorov_smirnov


def test_each_batch_is_held_against_the_others():
    """Shares of the first bin: .5, .5, .9; the rests .7, .7, .5."""
    three = counts([[5, 5], [5, 5], [9, 1]])
    assert leave_out(three, 1).distances(kolmogorov_smirnov).tolist() == pytest.approx([0.2, 0.2, 0.4])


def test_windows_are_held_against_what_is_outside_of_them():
    """.5 against .9 and .7 against .5."""
    three = counts([[5, 5], [5, 5], [9, 1]])
    assert leave_out(three, 2).distances(kolmogorov_smirnov).tolist() == pytest.approx([0.4, 0.2])


def test_shares_of_null_are_calibrated_likewise():
    three = counts([[9], [9], [6]], [1, 1, 4])
    assert leave_out(three, 1).null_gaps().tolist() == pytest.approx([0.15, 0.15, 0.3])


def test_a_batch_without_values_has_no_distance_but_a_share_of_null():
    left = leave_out(counts([[5, 5], [5, 5], [0, 0]], [0, 0, 10]), 1)
    assert np.isnan(left.distances(kolmogorov_smirnov)).tolist() == [False, False, True]
    assert left.null_gaps().tolist() == pytest.approx([0.5, 0.5, 1])


def test_the_limit_is_the_worst_times_the_factor_and_a_margin():
    calibrated = Calibration(np.array([0.1] * 29 + [0.2]), 1)
    assert calibrated.worst == pytest.approx(0.2)
    assert calibrated.limit == pytest.approx(0.26)
    assert calibrated.gap(0.27).is_over
    assert not calibrated.gap(0.25).is_over
    assert Calibration(np.array([0.1] * 20), 1, factor=2, margin=0).limit == pytest.approx(0.2)


def test_fewer_than_twenty_windows_make_no_limit():
    assert Calibration(np.array([0.1] * 19 + [np.nan]), 1).limit is None
    assert not Calibration(np.array([]), 1).gap(1.0).is_over


def test_a_window_is_asked_under_a_limit_that_was_made_without_it():
    """.2 is over 1.25 x .1 + .01, the limit of the others; .13 is not."""
    assert np.flatnonzero(Calibration(np.array([0.1] * 29 + [0.2]), 1).alarms()).tolist() == [29]
    assert not Calibration(np.array([0.1] * 29 + [0.13]), 1).alarms().any()


def test_windows_that_share_batches_do_not_excuse_each_other():
    distances = np.array([0.1] * 10 + [0.3, 0.4, 0.3] + [0.1] * 10)
    assert np.flatnonzero(Calibration(distances, 3).alarms()).tolist() == [10, 11, 12]
    assert np.flatnonzero(Calibration(distances, 1).alarms()).tolist() == [11]


def test_no_window_alarms_where_all_others_share_a_batch_with_it():
    assert not Calibration(np.array([0.1, 0.9, 0.1]), 3).alarms().any()


def test_how_many_batches_are_needed():
    assert [batches_needed(width) for width in (1, 7, 30)] == [20, 26, 90]


def days(*levels: float) -> list[list[float]]:
    return [[level + part / 10 for part in range(10)] for level in levels]


@pytest.mark.parametrize(
    "levels, expected",
    [
        ((1, 2, 3, 4), True),
        ((4, 3, 2, 1), True),
        ((1, 1, 2, 2), False),
        ((1, 2, 1, 3), False),
        ((1, 1, 1, 1), False),
    ],
)
def test_a_column_moves_with_time_where_each_batch_lies_beyond_the_one_before(levels, expected):
    assert moves_with_time(number("x", days(*levels), [0]).reference) is expected


def test_a_month_and_a_year_so_far():
    assert moves_with_time(number("month", [[1] * 9, [1] * 9, [2] * 9], [3]).reference)
    assert not moves_with_time(number("year", [[2013] * 9] * 3, [2013]).reference)


def test_zeros_with_a_few_more_in_the_last_batch_do_not_move_with_time():
    assert not moves_with_time(number("x", [[0] * 100] * 5 + [[0] * 92 + [1] * 8], [0]).reference)


def test_batches_without_values_are_passed_over():
    nan = float("nan")
    assert moves_with_time(number("x", [[1, 1], [nan, nan], [2, 2]], [3]).reference)
    assert not moves_with_time(number("x", [[nan], [nan]], [3]).reference)


def test_days_of_a_month_are_disjoint_though_they_begin_anew():
    month = number("day", [[day] * 9 for day in [*range(1, 29), *range(1, 13)]], [13])
    assert not moves_with_time(month.reference)
    assert are_disjoint(leave_out(month.reference, 1))


def test_one_strange_batch_makes_no_column_disjoint():
    assert not are_disjoint(leave_out(number("x", [*days(*[1] * 25), [99.0] * 10], [1]).reference, 1))

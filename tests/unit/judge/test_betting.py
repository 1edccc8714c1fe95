"""Betting on bounded means: exact at any number of rows, monotone, strong, and deep in the tail."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from assay.judge.betting import betting_interval, betting_p, betting_test, log_betting_p


def shares(rng, rows):
    return (rng.random(rows) < 0.1) * 1.0


def rare_and_great(rng, rows):
    """The values on which a t test is most wrong: hardly any is not 0."""
    return (rng.random(rows) < 0.02) * rng.random(rows)


def skewed(rng, rows):
    return rng.beta(0.5, 9.5, rows)


def of_two_kinds(rng, rows):
    """Sorted by kind, as a file may be: half of them lie far below the mean and half above."""
    return np.repeat([0.2, 0.8], [rows // 2, rows - rows // 2]) + rng.uniform(-0.2, 0.2, rows)


NULLS = [(shares, 0.1), (rare_and_great, 0.01), (skewed, 0.05), (of_two_kinds, 0.5)]


def room(share, runs):
    """Four standard errors of a share in so many runs."""
    return 4 * math.sqrt(share * (1 - share) / runs)


@pytest.mark.parametrize("draw, mean", NULLS)
@pytest.mark.parametrize("rows", [20, 300])
def test_what_is_not_so_is_shown_no_more_often_than_is_said(draw, mean, rows):
    rng = np.random.default_rng(1)
    found = np.array([betting_p(draw(rng, rows), mean, 0.0, 1.0) for _ in range(1_000)])
    for delta in (0.2, 0.05, 0.01):
        assert (found <= delta).mean() <= delta + room(delta, len(found))


@pytest.mark.parametrize("draw, mean", NULLS)
def test_each_bound_is_wrong_no_more_often_than_is_said(draw, mean):
    rng = np.random.default_rng(2)
    bounds = np.array([betting_interval(draw(rng, 150), 0.05, 0.0, 1.0) for _ in range(100)])
    assert (bounds[:, 0] > mean).mean() <= 0.05 + room(0.05, 100)
    assert (bounds[:, 1] < mean).mean() <= 0.05 + room(0.05, 100)


def test_a_difference_is_found_nearly_as_often_as_by_a_t_test():
    rng = np.random.default_rng(3)
    runs = [shares(rng, 2_000) + 0.0 for _ in range(200)]
    target = 0.1 - 5.3 * 0.3 / math.sqrt(2_000)
    t_test = np.array([stats.ttest_1samp(values, target, alternative="greater").pvalue for values in runs])
    betting = np.array([betting_p(values, target, 0.0, 1.0) for values in runs])
    assert (t_test <= 0.01).mean() >= 0.98
    assert (betting <= 0.01).mean() >= 0.95


@pytest.mark.parametrize("target", [0.46, 0.43, 0.4])
def test_deep_in_the_tail_hardly_anything_is_lost_to_the_best_bet_in_hindsight(target):
    values = np.random.default_rng(4).random(5_000)
    best = max(np.log1p(stake * (values - target)).sum() for stake in np.linspace(0, 1.5, 500))
    assert 30 < best < 400
    assert -best < log_betting_p(values, target, 0.0, 1.0) < -0.93 * best


def test_a_p_value_may_be_too_small_for_a_float():
    values = np.random.default_rng(4).random(5_000)
    assert 0 < betting_p(values, 0.4, 0.0, 1.0) < 1e-40
    assert betting_p(values, 0.1, 0.0, 1.0) == 0.0
    assert -math.inf < log_betting_p(values, 0.1, 0.0, 1.0) < -4_000


def test_the_order_of_rows_says_nothing():
    values = skewed(np.random.default_rng(9), 300)
    assert betting_p(np.sort(values), 0.04, 0.0, 1.0) == betting_p(values, 0.04, 0.0, 1.0)


def test_the_p_value_never_falls_as_the_target_rises():
    values = skewed(np.random.default_rng(5), 400)
    found = [log_betting_p(values, target, 0.0, 1.0) for target in np.linspace(0, 1, 301)]
    assert all(before <= after for before, after in itertools.pairwise(found))
    assert (found[0], found[-1]) == (-math.inf, 0.0)


@pytest.mark.parametrize("delta", [0.1, 1e-3, 1e-12])
def test_the_bounds_are_the_targets_that_the_p_value_leaves_standing(delta):
    values = np.random.default_rng(6).choice([-1.0, 0.0, 1.0], 3_000, p=(0.04, 0.88, 0.08))
    lower, upper = betting_interval(values, delta, -1.0, 1.0)
    assert lower < values.mean() < upper
    assert betting_p(values, lower - 1e-8, -1.0, 1.0) <= delta < betting_p(values, lower + 1e-8, -1.0, 1.0)
    assert betting_p(-values, -upper - 1e-8, -1.0, 1.0) <= delta < betting_p(-values, -upper + 1e-8, -1.0, 1.0)


def test_it_does_not_matter_in_which_unit_values_are_given():
    values = skewed(np.random.default_rng(7), 500)
    scaled = betting_p(40 * values - 10, 40 * 0.04 - 10, -10.0, 30.0)
    assert scaled == pytest.approx(betting_p(values, 0.04, 0.0, 1.0), rel=1e-9)


def test_a_mean_that_is_not_seen_above_the_target_is_not_shown():
    values = np.random.default_rng(8).random(50)
    assert betting_p(values, float(values.mean()), 0.0, 1.0) == 1.0


def test_no_values_say_nothing():
    nothing = np.array([])
    assert betting_p(nothing, 0.2, 0.0, 1.0) == 1.0
    assert betting_interval(nothing, 0.05, -2.0, 3.0) == (-2.0, 3.0)


def test_values_that_are_all_the_same_still_have_an_interval():
    lower, upper = betting_interval(np.zeros(300), 0.05, 0.0, 1.0)
    assert lower == 0.0
    assert 0.005 < upper < 0.02
    assert betting_p(np.ones(300), 0.98, 0.0, 1.0) <= 0.05


@pytest.mark.parametrize("stray", [1.5, -0.1, math.nan, math.inf])
def test_a_value_outside_its_range_is_refused(stray):
    with pytest.raises(ValueError, match=r"1 of 3 values lie outside 0 to 1"):
        betting_p(np.array([0.2, stray, 0.4]), 0.3, 0.0, 1.0)
    with pytest.raises(ValueError, match=r"1 of 3 values lie outside 0 to 1"):
        betting_interval(np.array([0.2, stray, 0.4]), 0.05, 0.0, 1.0)


def test_a_range_without_room_is_refused():
    with pytest.raises(ValueError, match=r"no values lie between 1 and 1"):
        betting_p(np.array([1.0]), 1.0, 1.0, 1.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_p_value_and_interval_are_the_same_when_they_are_asked_for_together(sign):
    values = skewed(np.random.default_rng(8), 500)
    p_value, interval = betting_test(values, 0.05, sign, 1e-6, 0.0, 1.0)
    ends = (0.0, 1.0) if sign > 0 else (-1.0, 0.0)
    assert p_value == pytest.approx(betting_p(sign * values, sign * 0.05, *ends), rel=1e-9)
    assert interval == betting_interval(values, 1e-6, 0.0, 1.0)

"""Distances and indices, beside figures worked out by hand."""

import math

import numpy as np
import pytest
from drift_columns import category, counts, number

from assay.check.drift import NumberColumn
from assay.check.drift.distances import kolmogorov_smirnov, shares_of, total_variation
from assay.check.drift.indices import jensen_shannon, population_stability, ten_bins

ONE, OTHER = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.2, 0.3, 0.2, 0.3])


def test_kolmogorov_smirnov_is_the_greatest_gap_between_cumulated_shares():
    assert kolmogorov_smirnov(ONE, OTHER) == pytest.approx(0.3)
    assert kolmogorov_smirnov(np.array([0.5, 0, 0.5]), np.array([0, 1.0, 0])) == pytest.approx(0.5)


def test_total_variation_is_what_would_have_to_move():
    assert total_variation(ONE, OTHER) == pytest.approx(0.3)
    assert total_variation(np.array([0.5, 0, 0.5]), np.array([0, 1.0, 0])) == pytest.approx(1)


def test_all_rows_are_measured_in_one_go():
    rows = np.array([ONE, OTHER])
    assert kolmogorov_smirnov(rows, ONE).tolist() == pytest.approx([0, 0.3])


def test_from_nothing_there_is_no_distance():
    empty = shares_of(np.zeros(4, np.int64))
    assert math.isnan(kolmogorov_smirnov(ONE, empty))
    assert math.isnan(total_variation(ONE, empty))


def test_psi_is_the_textbook_sum():
    expected = 0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5)
    assert population_stability(np.array([0.5, 0.5]), np.array([0.8, 0.2])) == pytest.approx(expected, rel=1e-2)
    assert population_stability(ONE, ONE) == 0
    assert 0 < population_stability(ONE, np.array([0, 0, 0, 1.0])) < 100


def test_jensen_shannon_is_1_where_nothing_is_shared():
    assert jensen_shannon(np.array([1.0, 0]), np.array([0, 1.0])) == 1
    assert jensen_shannon(ONE, ONE) == 0
    middle = 0.5 * math.log2(0.5 / 0.75) + 0.5 * math.log2(0.5 / 0.25)
    other = math.log2(1 / 0.75)
    assert jensen_shannon(np.array([0.5, 0.5]), np.array([1.0, 0])) == pytest.approx(math.sqrt((middle + other) / 2))


def test_ten_bins_are_tenths_of_the_reference():
    column = NumberColumn("x", np.arange(1.0, 20.0), counts([[5] * 20]), counts([[10] * 10 + [0] * 10]))
    before, now = ten_bins(column)
    assert before.tolist() == pytest.approx([0.1] * 10)
    assert now.tolist() == pytest.approx([0.2] * 5 + [0] * 5)


def test_a_frequent_number_stays_in_one_bin():
    column = number("x", [[0] * 60 + list(range(1, 41))], [0] * 60)
    before, now = ten_bins(column)
    assert max(before) == pytest.approx(0.6)
    assert max(now) == 1


def test_ten_bins_of_a_category_are_its_nine_commonest_values_and_the_rest():
    letters = [letter for at, letter in enumerate("abcdefghijkl") for _ in range(20 - at)]
    before, _ = ten_bins(category("x", [letters], letters))
    assert before[0] == pytest.approx(20 / len(letters))
    assert before[-1] == pytest.approx((11 + 10 + 9) / len(letters))

"""The population stability index, beside figures worked out by hand."""

import math

import numpy as np
import pytest

from assay.watch.psi import psi


def test_equal_columns_have_index_zero():
    values = np.arange(1000.0)
    assert psi(values, values) == pytest.approx(0.0, abs=1e-12)


def test_a_shift_between_two_categories_is_the_textbook_sum():
    before = np.array(["a"] * 50 + ["b"] * 50, dtype=object)
    now = np.array(["a"] * 80 + ["b"] * 20, dtype=object)
    expected = 0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5)
    assert psi(before, now) == pytest.approx(expected, rel=1e-2)


def test_a_moved_number_has_a_large_index_and_an_empty_bin_a_finite_one():
    before = np.arange(1000.0)
    assert 1 < psi(before, before + 1000) < 100


def test_rare_categories_are_one_bin():
    before = np.array([f"v{n % 50}" for n in range(5000)], dtype=object)
    assert psi(before, before) == pytest.approx(0.0, abs=1e-12)


def test_null_in_numbers_is_left_out():
    before = np.array([1.0, 2.0, np.nan, 3.0])
    assert psi(before, before) == pytest.approx(0.0, abs=1e-12)

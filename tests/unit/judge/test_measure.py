"""Measuring a metric on rows: its value, an interval whose ends are one-sided bounds, and what was missing."""

import math

import numpy as np
import pytest
from scipy import stats

from assay.judge import Measurement, measure

ERRORS = np.abs(np.random.default_rng(11).normal(0, 8, 300))


def test_a_share_has_clopper_pearson_bounds():
    labels = np.array(["a"] * 100, object)
    found = measure("accuracy", labels, np.array(["a"] * 93 + ["b"] * 7, object))
    exact = stats.binomtest(93, 100).proportion_ci(0.9, "exact")
    assert found.value == 0.93
    assert found.interval == pytest.approx((exact.low, exact.high))
    assert (found.rows, found.labelled, found.because) == (100, 100, "")


@pytest.mark.parametrize("metric, value", [("mae", ERRORS.mean()), ("rmse", math.sqrt(np.mean(ERRORS**2)))])
def test_an_error_lies_in_its_interval_which_widens_with_confidence(metric, value):
    labels = np.zeros(300)
    wide, narrow = measure(metric, labels, ERRORS, 0.99).interval, measure(metric, labels, ERRORS, 0.8).interval
    assert measure(metric, labels, ERRORS).value == pytest.approx(value)
    assert wide[0] < narrow[0] < value < narrow[1] < wide[1]


def test_rows_without_label_count_as_rows_only():
    labels = np.where(np.arange(300) < 100, np.nan, 0.0)
    found = measure("mae", labels, ERRORS)
    assert (found.rows, found.labelled) == (300, 200)
    assert found.value == pytest.approx(ERRORS[100:].mean())


def test_without_labels_there_is_nothing_to_measure():
    found = measure("mae", np.array([None, None], object), np.array([1.0, 2.0]))
    assert found == Measurement(None, None, 2, 0, "no row has a label")


def test_few_rows_have_a_value_and_no_interval():
    found = measure("mae", np.zeros(12), np.ones(12))
    assert found == Measurement(1.0, None, 12, 12, "a t test needs at least 30 labelled rows, and there are 12")


def test_a_prediction_that_is_no_number_leaves_the_error_undefined_and_is_named():
    found = measure("rmse", np.zeros(50), np.array([math.nan] + [1.0] * 49))
    assert (found.value, found.interval, found.labelled) == (None, None, 50)
    assert found.because.startswith("rmse is undefined: 1 of 50 predictions of the model are no finite number")

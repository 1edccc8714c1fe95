"""Metrics read rows as people mean them: text or numbers, with missing labels and missing predictions told apart."""

import math

import numpy as np
import pytest

from assay.core.problem import EvidenceError
from assay.judge.metrics import UndefinedMetric, absolute_errors, counts, has_value, kind_of, value_of


@pytest.mark.parametrize(
    "values, expected",
    [
        (np.array([1.0, math.nan, 0.0]), [True, False, True]),
        (np.array(["a", None, ""], object), [True, False, True]),
        (np.array([1, math.nan, None, True], object), [True, False, False, True]),
        (np.array([0, 1]), [True, True]),
        (np.array(["a", "nan"]), [True, True]),
    ],
)
def test_none_and_nan_are_no_value(values, expected):
    assert has_value(values).tolist() == expected


@pytest.mark.parametrize(
    "labels, predictions, right",
    [
        (np.array([0, 1, 2]), np.array([0, 1, 1]), [True, True, False]),
        (np.array([0, 1, 1]), np.array([0.0, math.nan, 1.0]), [True, False, True]),
        (np.array([True, False]), np.array([1, 1]), [True, False]),
        (np.array(["a", "b"], object), np.array(["a", None], object), [True, False]),
        (np.array(["a", "b"]), np.array(["a", "c"], object), [True, False]),
        (np.array([1, 2], object), np.array([1.0, math.nan], object), [True, False]),
    ],
)
def test_a_missing_prediction_is_wrong(labels, predictions, right):
    assert counts("accuracy", labels, predictions).tolist() == right
    assert counts("error_rate", labels, predictions).tolist() == [not one for one in right]


def test_text_predictions_for_numeric_labels_are_an_error_and_not_an_accuracy_of_0():
    with pytest.raises(EvidenceError) as caught:
        counts("accuracy", np.array([0, 1]), np.array(["0", "1"], object))
    problem = caught.value.problem
    assert problem.code == "labels-of-another-type"
    assert problem.because == ("first label: 0", "first prediction: '0'")


def test_errors_are_distances_also_for_objects():
    errors = absolute_errors(np.array([1, 2.5], object), np.array([3, 2]), "the challenger")
    assert errors.tolist() == [2.0, 0.5]


def test_mae_and_rmse_are_means_of_what_the_rows_hold():
    errors = np.array([3.0, 4.0])
    assert value_of("mae", errors) == 3.5
    assert value_of("rmse", errors) == pytest.approx(math.sqrt(12.5))
    assert value_of("error_rate", np.array([True, False, False, False])) == 0.25


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_prediction_that_is_no_finite_number_leaves_an_error_undefined(bad):
    with pytest.raises(UndefinedMetric) as caught:
        absolute_errors(np.array([1.0, 2.0, 3.0]), np.array([1.0, bad, bad]), "r2")
    assert str(caught.value) == "2 of 3 predictions of r2 are no finite number (the first in labelled row 2)"


@pytest.mark.parametrize(
    "labels, predictions, what",
    [
        (np.array(["1.5"], object), np.array([1.5]), "labels"),
        (np.array([1.5]), np.array(["1.5"]), "predictions of r2"),
        (np.array([1.5, 2.0]), np.array(["1.5", 2.0], object), "predictions of r2"),
        (np.array(["2013-01-01"], "datetime64[D]"), np.array([1.5]), "labels"),
    ],
)
def test_an_error_needs_numbers_and_does_not_read_them_out_of_text(labels, predictions, what):
    with pytest.raises(EvidenceError, match=f"the {what} are not"):
        absolute_errors(labels, predictions, "r2")


def test_a_column_without_any_value_is_neither_numbers_nor_text():
    assert kind_of(np.array([None, math.nan], object)) == "nothing"

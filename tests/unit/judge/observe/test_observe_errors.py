"""Errors are distances, and undefined where a prediction is no number."""

import math

import numpy as np
import pytest

from assay.core.problem import EvidenceError
from assay.judge.observe import Averaged, Ratio, Rooted, UndefinedMetric, value_of

NUMERIC = ["mae", "rmse", "r2", "quantile_loss"]


def test_mae_and_rmse_are_means_of_what_the_rows_hold(see):
    labels, predictions = [1.0, 5.0], [4.0, 1.0]
    assert value_of(see("mae", labels, predictions)) == 3.5
    assert value_of(see("rmse", labels, predictions)) == pytest.approx(math.sqrt(12.5))


def test_errors_are_distances_also_for_objects(see):
    assert see("mae", np.array([1, 2.5], object), np.array([3, 2])).values.tolist() == [2.0, 0.5]


def test_each_error_says_what_it_is_and_what_it_cannot_leave(see):
    mae, rmse = see("mae", [1, 2], [1, 3]), see("rmse", [1, 2], [1, 3])
    assert isinstance(mae, Averaged)
    assert (mae.low, mae.high) == (0, math.inf)
    assert isinstance(rmse, Rooted)


def test_r2_is_the_share_of_variance_that_is_explained(see):
    labels = [1.0, 2.0, 3.0, 6.0]
    seen = see("r2", labels, [1.0, 2.0, 4.0, 5.0])
    assert isinstance(seen, Ratio)
    assert value_of(seen) == pytest.approx(1 - 2 / 14)
    assert value_of(see("r2", labels, labels)) == 1.0
    assert value_of(see("r2", labels, [3.0] * 4)) == 0.0


def test_r2_of_equal_labels_has_no_variance_to_explain(see):
    with pytest.raises(UndefinedMetric, match=r"all 3 labels are 0\.1: there is no variance to explain"):
        see("r2", [0.1] * 3, [0.1, 0.2, 0.3])


def test_quantile_loss_weighs_what_is_too_low_by_the_quantile(see):
    assert see("quantile_loss", [10.0, 10.0], [8.0, 12.0], quantile=0.9).values.tolist() == pytest.approx([1.8, 0.2])


@pytest.mark.parametrize("quantile", [None, 0.0, 1.0, 1.5])
def test_quantile_loss_needs_a_quantile(see, quantile):
    with pytest.raises(UndefinedMetric, match="write `quantile:` with a number between 0 and 1"):
        see("quantile_loss", [1.0], [1.0], quantile=quantile)


@pytest.mark.parametrize("metric", NUMERIC)
@pytest.mark.parametrize("bad", [math.inf, -math.inf, 1e400])
def test_an_infinite_label_is_no_fault_of_the_model(see, metric, bad):
    with pytest.raises(UndefinedMetric) as caught:
        see(metric, [1.0, 2.0, bad, bad], [1.0] * 4, quantile=0.5)
    assert str(caught.value).startswith("2 of 4 labels are no finite number (the first in labelled row 3: ")
    assert (caught.value.code, caught.value.under_seal) == ("labels-not-finite", "a label is no finite number")


def test_labels_and_predictions_at_the_ends_of_what_a_float_holds_are_told(see):
    with pytest.raises(UndefinedMetric, match="are too large to be subtracted"):
        see("mae", [1e308, 1.0], [-1e308, 1.0])


@pytest.mark.parametrize(
    "cells, told",
    [
        (["10.5", "abc", "7"], "the first that is none: 'abc' in labelled row 2"),
        (["1", "2"], "they are text, such as '1' in labelled row 1"),
    ],
)
def test_of_labels_that_are_no_numbers_the_cell_is_named_that_is_none(see, cells, told):
    with pytest.raises(EvidenceError) as caught:
        see("mae", np.array(cells, object), [1.0] * len(cells))
    assert caught.value.problem.because == (told,)


@pytest.mark.parametrize("metric", NUMERIC)
@pytest.mark.parametrize("bad", [math.nan, math.inf, None])
def test_a_prediction_that_is_no_finite_number_leaves_an_error_undefined(see, metric, bad):
    with pytest.raises(UndefinedMetric) as caught:
        see(metric, [1.0, 2.0, 3.0], np.array([1.0, bad, bad], object), whose="r2", quantile=0.5)
    assert str(caught.value) == "2 of 3 predictions of r2 are no finite number (the first in labelled row 2)"


def test_squares_that_are_too_large_for_a_number_leave_rmse_undefined(see):
    with pytest.raises(UndefinedMetric, match="1 of 2 squared errors of the challenger are no finite number"):
        see("rmse", [1.0, 2.0], [1.0, 1e200])


@pytest.mark.parametrize("metric", NUMERIC)
@pytest.mark.parametrize(
    "labels, predictions, what",
    [
        (np.array(["1.5"], object), np.array([1.5]), "labels"),
        (np.array([1.5]), np.array(["1.5"]), "predictions of r2"),
        (np.array([1.5, 2.0]), np.array(["1.5", 2.0], object), "predictions of r2"),
        (np.array(["2013-01-01"], "datetime64[D]"), np.array([1.5]), "labels"),
    ],
)
def test_an_error_needs_numbers_and_does_not_read_them_out_of_text(see, metric, labels, predictions, what):
    with pytest.raises(EvidenceError, match=f"{metric} needs numbers, and the {what} are not"):
        see(metric, labels, predictions, whose="r2", quantile=0.5)

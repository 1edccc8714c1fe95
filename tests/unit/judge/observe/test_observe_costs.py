"""Costs come from a matrix or a column of the user's, and scores from the model, each with the range that it cannot leave."""

import math

import numpy as np
import pytest

from assay.core.metrics import CostColumn, CostMatrix
from assay.core.problem import EvidenceError
from assay.judge.observe import UndefinedMetric, value_of

MATRIX = CostMatrix((("fraud", "ok", 100.0), ("ok", "fraud", 5.0)))


def test_a_matrix_prices_each_pair_of_label_and_prediction(see):
    seen = see("cost", ["fraud", "fraud", "ok", "ok"], ["ok", "fraud", "fraud", "ok"], cost=MATRIX)
    assert seen.values.tolist() == [100, 0, 5, 0]
    assert (seen.low, seen.high) == (0, 100)
    assert value_of(seen) == 26.25


def test_what_is_earned_is_a_negative_cost(see):
    matrix = CostMatrix((("1", "1", -20.0), ("0", "1", 3.0)))
    seen = see("cost", [1, 0, 0], [1, 1, 0], cost=matrix)
    assert seen.values.tolist() == [-20, 3, 0]
    assert (seen.low, seen.high) == (-20, 3)


@pytest.mark.parametrize(
    "labels, predictions",
    [
        (np.array([1, 0]), np.array([0.0, 1.0])),
        (np.array(["1", "0"]), np.array([0, 1])),
        (np.array([True, False]), np.array(["0.0", "1.0"], object)),
    ],
)
@pytest.mark.parametrize("yes, no", [("1", "0"), ("1.0", "0.0")])
def test_classes_are_known_by_how_they_are_written(see, labels, predictions, yes, no):
    assert see("cost", labels, predictions, cost=CostMatrix(((yes, no, 7.0),))).values.tolist() == [7, 0]


def test_true_and_false_are_classes_in_either_spelling(see):
    matrix = CostMatrix((("true", "False", 7.0),))
    assert see("cost", [True, True], [False, True], cost=matrix).values.tolist() == [7, 0]


def test_a_missing_prediction_has_no_cost_that_the_matrix_knows(see):
    with pytest.raises(UndefinedMetric) as caught:
        see("cost", np.array(["ok", "fraud"]), np.array(["ok", None], object), cost=MATRIX)
    assert str(caught.value) == (
        "1 of 2 predictions of the challenger are missing, and the cost matrix has no cost for that "
        "(the first in labelled row 2)"
    )


def test_a_label_that_only_the_matrix_has_is_a_slip_and_not_free(see):
    matrix = CostMatrix((("fruad", "ok", 100.0),))
    with pytest.raises(UndefinedMetric) as caught:
        see("cost", ["fraud", "ok"], ["ok", "ok"], cost=matrix)
    assert str(caught.value) == (
        "the cost matrix names the label fruad, which no label is (did you mean fraud?): labels are fraud and ok"
    )


def test_a_slice_may_lack_a_label_of_the_matrix(see):
    assert see("cost", ["ok", "ok"], ["ok", "fraud"], cost=MATRIX, classes=["fraud", "ok"]).values.tolist() == [0, 5]


def test_a_column_prices_the_rows_that_are_wrong(see):
    columns = {"amount": np.array([10.0, 20.0, 30.0])}
    predictions = np.array(["a", "b", None], object)
    seen = see("cost", ["a", "a", "a"], predictions, columns=columns, cost=CostColumn("amount"))
    assert seen.values.tolist() == [0, 20, 30]
    assert (seen.low, seen.high) == (0, math.inf)


def test_a_cost_column_that_is_not_there_names_the_nearest(see):
    columns = {"amount": np.zeros(1), "carrier": np.zeros(1)}
    with pytest.raises(EvidenceError) as caught:
        see("cost", [1], [0], columns=columns, cost=CostColumn("amuont"))
    problem = caught.value.problem
    assert problem.code == "cost-column-missing"
    assert problem.because == ("columns: amount and carrier",)
    assert problem.fix == "did you mean 'amount'?"


@pytest.mark.parametrize("bad, said", [(-1.0, "-1"), (math.nan, "nan"), (math.inf, "inf"), (None, "nan")])
def test_a_cost_that_is_negative_or_missing_is_refused(see, bad, said):
    columns = {"amount": np.array([3.0, bad, bad], object)}
    with pytest.raises(EvidenceError) as caught:
        see("cost", [1, 1, 0], [1, 1, 0], columns=columns, cost=CostColumn("amount"))
    assert caught.value.problem.code == "bad-cost"
    assert caught.value.problem.because == (f"2 of 3; the first: {said} in labelled row 2",)


def test_cost_must_be_told_what_mistakes_cost(see):
    with pytest.raises(UndefinedMetric, match="write `cost:` with a matrix or a column"):
        see("cost", [1], [1])


# ---- score ---------------------------------------------------------------------------------------------------------------------


def test_score_is_the_mean_of_the_scores(see):
    seen = see("score", [0, 0, 0], score=[1.0, 2.0, 6.0])
    assert value_of(seen) == 3
    assert (seen.low, seen.high) == (-math.inf, math.inf)


def test_a_declared_range_bounds_it(see):
    seen = see("score", [0, 0], score=[1, 5], score_range=(1.0, 5.0))
    assert (seen.low, seen.high) == (1, 5)


def test_a_score_outside_its_range_is_an_error(see):
    with pytest.raises(EvidenceError) as caught:
        see("score", [0, 0, 0], score=[1.0, 7.0, -1.0], score_range=(0.0, 5.0))
    assert caught.value.problem.code == "score-out-of-range"
    assert caught.value.problem.because == (
        "declared: 0 to 5",
        "2 of 3 lie outside; the first: 7 in labelled row 2",
    )


def test_score_needs_one_finite_score_a_row(see):
    with pytest.raises(UndefinedMetric, match="score needs one score a row, and the challenger answers 2"):
        see("score", [0, 1], score=[[1, 2], [3, 4]])
    with pytest.raises(UndefinedMetric, match="1 of 2 scores of the challenger are no finite number"):
        see("score", [0, 1], score=[1.0, math.inf])

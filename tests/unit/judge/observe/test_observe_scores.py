"""Scores are read as what they stand for: one a row, or one for each class."""

import math

import numpy as np
import pytest

from assay.core.problem import EvidenceError
from assay.judge.observe import Answers, Averaged, UndefinedMetric, value_of

LABELS = np.array(["b", "a", "c", "b"])
TABLE = np.array([[0.1, 0.6, 0.3], [0.7, 0.2, 0.1], [0.3, 0.3, 0.4], [0.2, 0.5, 0.3]])


@pytest.mark.parametrize("positive, column", [("a", 0), ("b", 1), ("c", 2)])
def test_a_class_against_the_rest_is_read_from_its_own_column(see, positive, column):
    from_table = see("auc", LABELS, score=TABLE, positive=positive)
    from_column = see("auc", LABELS, score=TABLE[:, column], positive=positive)
    assert from_table.value == from_column.value
    assert from_table.influence.tolist() == from_column.influence.tolist()


@pytest.mark.parametrize("positive, expected", [(None, 1.0), (1, 1.0), (0, 1.0)])
def test_of_two_columns_too_the_one_of_the_positive_class_is_read(see, positive, expected):
    """Whichever class is called positive, these scores rank it perfectly."""
    score = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    assert value_of(see("auc", [0, 0, 1], score=score, positive=positive)) == expected


def test_predictions_stand_in_for_scores_where_they_are_numbers(see):
    assert value_of(see("auc", [0, 1, 1], [0.1, 0.4, 0.3])) == 1.0
    assert value_of(see("score", [0, 1, 1], [1, 2, 6])) == 3.0


def test_text_predictions_cannot_stand_in_for_scores(see):
    with pytest.raises(UndefinedMetric) as caught:
        see("auc", ["no", "yes"], ["no", "yes"], positive="yes")
    assert str(caught.value) == "auc needs scores, and the challenger answers none; its predictions are text"


@pytest.mark.parametrize("metric", ["auc", "average_precision", "log_loss", "brier", "score"])
def test_a_missing_score_leaves_the_metric_undefined(see, metric):
    with pytest.raises(UndefinedMetric) as caught:
        see(metric, [0, 1, 1], score=np.array([0.1, None, math.nan], object), whose="r7")
    assert str(caught.value) == "2 of 3 scores of r7 are missing (the first in labelled row 2)"


def test_scores_that_are_text_are_an_error(see):
    with pytest.raises(EvidenceError, match="auc needs numbers, and the scores of the challenger are not"):
        see("auc", [0, 1], score=["low", "high"])


@pytest.mark.parametrize("score", [np.zeros(2), np.zeros((2, 2)), np.zeros((3, 2, 2)), np.zeros((3, 0))])
def test_scores_of_other_rows_are_an_error(see, score):
    with pytest.raises(EvidenceError) as caught:
        see("auc", [0, 1, 1], score=score)
    assert caught.value.problem.code == "rows-do-not-match"


def test_a_table_of_one_column_is_a_column(see):
    assert value_of(see("auc", [0, 1], score=[[0.1], [0.4]])) == 1.0


@pytest.mark.parametrize("metric", ["auc", "log_loss", "brier"])
def test_columns_that_do_not_fit_the_classes_leave_the_metric_undefined(see, metric):
    with pytest.raises(UndefinedMetric) as caught:
        see(metric, ["a", "b"], score=[[0.2, 0.3, 0.5]] * 2, positive="a")
    assert str(caught.value) == "the challenger scores 3 classes, and the labels are of 2: a and b"


def test_infinite_scores_can_be_ranked(see):
    assert value_of(see("auc", [0, 0, 1], score=[-math.inf, 0.0, math.inf])) == 1.0


# ---- probabilities -------------------------------------------------------------------------------------------------------------


def test_log_loss_is_the_surprise_at_the_labels(see):
    assert value_of(see("log_loss", [1, 0], score=[0.8, 0.4])) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    assert value_of(see("log_loss", LABELS, score=TABLE)) == pytest.approx(-np.log([0.6, 0.7, 0.4, 0.5]).mean())


def test_log_loss_stays_within_its_bounds_where_a_certain_answer_is_wrong(see):
    seen = see("log_loss", [1, 0, 1, 0], score=[0.0, 1.0, 1.0, 0.0])
    assert isinstance(seen, Averaged)
    assert (seen.low, seen.high) == (0, pytest.approx(34.54, abs=0.01))
    assert seen.low <= seen.values.min()
    assert seen.values.max() <= seen.high


def test_brier_of_several_classes_is_halved_so_that_two_are_as_one(see):
    probabilities = np.array([0.8, 0.4, 0.1])
    as_table = np.column_stack([1 - probabilities, probabilities])
    one = see("brier", [1, 0, 0], score=probabilities)
    assert one.values.tolist() == pytest.approx([0.04, 0.16, 0.01])
    assert see("brier", [1, 0, 0], score=as_table).values.tolist() == pytest.approx(one.values.tolist())
    worst = see("brier", ["a", "b", "c"], score=np.eye(3)[[1, 2, 0]])
    assert worst.values.tolist() == [1, 1, 1]
    assert (worst.low, worst.high) == (0, 1)


@pytest.mark.parametrize("labels", [LABELS, LABELS.astype(object)])
def test_labels_find_their_columns_in_any_dtype(see, labels):
    assert see("brier", labels, score=TABLE).values[1] == pytest.approx((0.3**2 + 0.2**2 + 0.1**2) / 2)


def test_a_slice_of_one_class_has_a_log_loss(see):
    """Probabilities can be held against outcomes that are all alike; a ranking cannot."""
    assert value_of(see("log_loss", [0, 0], score=[0.5, 0.5])) == pytest.approx(math.log(2))
    assert value_of(see("log_loss", [0, 0], score=[[0.5, 0.5]] * 2)) == pytest.approx(math.log(2))
    in_slice = see("log_loss", LABELS[1:2], score=TABLE[1:2], classes=["a", "b", "c"])
    assert value_of(in_slice) == pytest.approx(-math.log(0.7))


@pytest.mark.parametrize("labels", [np.array(["a", "d"]), np.array(["a", "d"], object)])
def test_a_label_that_is_none_of_the_classes_leaves_log_loss_undefined(see, labels):
    with pytest.raises(UndefinedMetric) as caught:
        see("log_loss", labels, score=[[0.5, 0.5]] * 2, classes=["a", "b"])
    assert str(caught.value) == "label d in labelled row 2 is none of the classes that the challenger scores"


def test_probabilities_of_which_class_must_be_known(see):
    with pytest.raises(UndefinedMetric, match="log_loss needs to know which class it speaks of: labels are a, b and c"):
        see("log_loss", ["a", "b", "c"], score=[0.1, 0.2, 0.3])


@pytest.mark.parametrize("metric", ["log_loss", "brier"])
@pytest.mark.parametrize(
    "score, because",
    [
        ([0.5, 1.5, -2.0], "the first outside: 1.5 in labelled row 2"),
        ([0.5, 0.5, -math.inf], "the first outside: -inf in labelled row 3"),
        ([[0.5, 0.5], [1.5, -0.5], [0.5, 0.5]], "the first outside: 1.5 in labelled row 2"),
        ([[0.5, 0.5], [0.5, 0.4], [0.3, 0.3]], "2 of 3 rows do not: the first sums to 0.9 in labelled row 2"),
    ],
)
def test_what_is_no_probability_is_an_error(see, metric, score, because):
    with pytest.raises(EvidenceError) as caught:
        see(metric, [0, 1, 1], score=score)
    assert caught.value.problem.code == "not-a-probability"
    assert caught.value.problem.because == (because,)


def test_rows_may_miss_a_sum_of_1_by_rounding(see):
    assert value_of(see("brier", [0, 1], score=[[0.5004, 0.5], [0.4996, 0.5]])) == pytest.approx(0.25, abs=1e-3)


def test_answers_are_taken_with_all_that_belongs_to_them():
    answers = Answers(np.arange(4), TABLE, np.array(["a", "b", "c"]))
    taken = answers.at(np.array([False, True, True, False]))
    assert taken.prediction.tolist() == [1, 2]
    assert taken.score.tolist() == TABLE[1:3].tolist()
    assert taken.classes is answers.classes
    assert Answers(np.arange(4)).at(np.array([3])).score is None

"""Shares of rows, and one class against the rest, with missing predictions told apart from wrong ones."""

import math

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.core.problem import EvidenceError
from assay.judge.observe import Counted, Ratio, UndefinedMetric, positives, value_of

NAN = math.nan

LABELS = [1, 1, 1, 1, 0, 0, 0, 0, 0, 0]
PREDICTED = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0]


# ---- accuracy and error_rate ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "labels, predictions, right",
    [
        (np.array([0, 1, 2]), np.array([0, 1, 1]), [True, True, False]),
        (np.array([0, 1, 1]), np.array([0.0, NAN, 1.0]), [True, False, True]),
        (np.array([True, False]), np.array([1, 1]), [True, False]),
        (np.array(["a", "b"], object), np.array(["a", None], object), [True, False]),
        (np.array(["a", "b"]), np.array(["a", "c"], object), [True, False]),
        (np.array([1, 2], object), np.array([1.0, NAN], object), [True, False]),
        (np.array([1, 2]), np.array([None, None], object), [False, False]),
    ],
)
def test_a_missing_prediction_is_wrong(see, labels, predictions, right):
    assert see("accuracy", labels, predictions).counts.tolist() == right
    assert see("error_rate", labels, predictions).counts.tolist() == [not one for one in right]


@pytest.mark.parametrize("metric", ["accuracy", "recall", "precision", "f1"])
def test_text_predictions_for_numeric_labels_are_an_error_and_not_a_share_of_0(see, metric):
    with pytest.raises(EvidenceError) as caught:
        see(metric, [0, 1], np.array(["0", "1"], object))
    problem = caught.value.problem
    assert problem.code == "labels-of-another-type"
    assert problem.because == ("first label: 0", "first prediction: '0'")


def test_rows_of_one_class_have_an_accuracy(see):
    assert value_of(see("accuracy", [0, 0, 0, 0], [0, 0, 0, 1])) == 0.75


# ---- precision, recall, f1 -----------------------------------------------------------------------------------------------------


def test_recall_is_the_share_of_positives_that_are_found(see):
    seen = see("recall", LABELS, PREDICTED)
    assert seen.among.tolist() == [label == 1 for label in LABELS]
    assert seen.is_among_fixed
    assert value_of(seen) == 0.75


def test_precision_is_the_share_of_alarms_that_are_right(see):
    seen = see("precision", LABELS, PREDICTED)
    assert seen.among.tolist() == [predicted == 1 for predicted in PREDICTED]
    assert not seen.is_among_fixed
    assert value_of(seen) == 0.6


def test_f1_is_the_harmonic_mean_of_the_two(see):
    assert value_of(see("f1", LABELS, PREDICTED)) == pytest.approx(2 * 0.75 * 0.6 / (0.75 + 0.6))


def test_f1_sees_two_numbers_in_a_row_and_knows_their_range(see):
    seen = see("f1", LABELS, PREDICTED)
    assert isinstance(seen, Ratio)
    assert set(zip(seen.above, seen.below, strict=True)) == {(2, 2), (0, 1), (0, 0)}
    assert seen.range_of(0.8) == pytest.approx((-0.8, 0.4))


def test_nothing_counts_that_is_not_among(see):
    for metric in ("precision", "recall"):
        seen = see(metric, LABELS, PREDICTED)
        assert isinstance(seen, Counted)
        assert not (seen.counts & ~seen.among).any()


def test_a_missing_prediction_is_a_miss_and_no_alarm(see):
    predictions = [1.0, NAN, 1.0, NAN]
    assert value_of(see("recall", [1, 1, 0, 0], predictions)) == 0.5
    assert value_of(see("precision", [1, 1, 0, 0], predictions)) == 0.5
    assert see("precision", [1, 1, 0, 0], predictions).among.sum() == 2


@pytest.mark.parametrize(
    "labels, predictions, positive",
    [
        (np.array(["spam", "ham", "spam"], object), np.array(["spam", "spam", None], object), "spam"),
        (np.array([2, 5, 2]), np.array([2, 2, 5]), 2),
        (np.array([2, 5, 2]), np.array([2, 2, 5]), "2"),
        (np.array([True, False, True]), np.array([1, 1, 0]), None),
        (np.array([1, 0, 1], object), np.array([1.0, 1.0, NAN]), None),
        (np.array(["a", "b", "a"]), np.array(["a", "a", "c"]), "a"),
    ],
)
def test_the_positive_class_is_the_one_that_is_named_or_1(see, labels, predictions, positive):
    assert value_of(see("recall", labels, predictions, positive=positive)) == 0.5
    assert value_of(see("precision", labels, predictions, positive=positive)) == 0.5


# ---- where there is no value ---------------------------------------------------------------------------------------------------

OF_POSITIVES = ["precision", "recall", "f1", "auc", "average_precision"]


@pytest.mark.parametrize("metric", OF_POSITIVES)
@pytest.mark.parametrize("only", [0, 1])
def test_rows_of_one_class_say_nothing_about_a_class(see, metric, only):
    with pytest.raises(UndefinedMetric) as caught:
        see(metric, [only] * 300, [0.5] * 300)
    assert str(caught.value) == f"all 300 labels are {only}: one class alone"


def test_more_classes_than_two_need_a_name(see):
    with pytest.raises(UndefinedMetric) as caught:
        see("recall", ["c", "a", "b"], ["a", "a", "a"])
    said = "recall needs to know which class it speaks of: labels are a, b and c; write `positive: a`"
    assert str(caught.value) == said


@pytest.mark.parametrize("labels, likely", [(["no", "yes"], "yes"), ([-1, 1], "1"), ([1, 2], "2"), ([0.5, 1.0], "1")])
def test_two_classes_that_are_not_0_and_1_need_a_name_too(see, labels, likely):
    with pytest.raises(UndefinedMetric, match=f"write `positive: {likely}`$"):
        see("auc", labels, score=[0.1, 0.9])


def test_many_classes_are_not_all_listed(see):
    with pytest.raises(UndefinedMetric, match=r"labels are 0, 1, 2, 3, 4 and 1,995 others; write"):
        see("f1", np.arange(2000), np.arange(2000))


def test_a_positive_class_that_no_label_has_names_the_nearest(see):
    with pytest.raises(UndefinedMetric) as caught:
        see("recall", ["spam", "ham"], ["spam", "ham"], positive="Spam")
    said = "recall speaks of `positive: Spam`, which no label is (did you mean spam?): labels are ham and spam"
    assert str(caught.value) == said


def test_a_positive_class_that_no_label_has_beside_one_class_alone_says_so(see):
    with pytest.raises(UndefinedMetric, match="which no label is: all 2 labels are ham: one class alone"):
        see("recall", ["ham", "ham"], ["spam", "ham"], positive="spam")


def test_a_slice_may_lack_the_positive_class_where_all_classes_are_known():
    settings = MetricSettings(positive="spam")
    rows = positives(np.array(["ham", "eggs"]), settings, classes=np.array(["eggs", "ham", "spam"]))
    assert rows.tolist() == [False, False]


def test_a_slice_of_0_and_1_does_not_hide_that_there_are_three_classes(see):
    with pytest.raises(UndefinedMetric, match="labels are 0, 1 and 2"):
        see("recall", [0, 1], [0, 1], classes=[0, 1, 2])


def test_a_slice_without_positives_is_one_class_alone(see):
    with pytest.raises(UndefinedMetric, match="all 2 labels are negative: one class alone"):
        see("recall", ["a", "b"], ["a", "b"], positive="c", classes=["a", "b", "c"])


def test_precision_without_any_alarm_has_no_value(see):
    with pytest.raises(UndefinedMetric, match="no row is predicted positive"):
        value_of(see("precision", [0, 1], [0, 0]))


def test_f1_of_no_right_alarm_is_0(see):
    assert value_of(see("f1", [0, 1], [0, 0])) == 0.0


def test_no_rows_have_no_metric(see):
    with pytest.raises(UndefinedMetric, match="there are no labelled rows"):
        see("accuracy", [], [])


def test_a_metric_that_is_only_reported_cannot_be_observed(see):
    with pytest.raises(UndefinedMetric, match="calibration_error is biased, so it is only reported"):
        see("calibration_error", [0, 1], score=[0.1, 0.9])

"""An approximate test is refused where it would not keep its word."""

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.judge.observe import Answers, observe, unmet_of
from assay.judge.observe.conditions import pulling_rows

SETTINGS = MetricSettings()


def unmet(metric, positive, negative, *, wrong=30, is_without_margin=False):
    """Rows of both classes, so many of each predicted wrong and scored as the other class."""
    labels = np.repeat([1, 0], [positive, negative])
    predictions = labels.copy()
    predictions[:wrong] = 0
    predictions[positive : positive + wrong] = 1
    scores = predictions + np.linspace(0, 0.5, len(labels))
    observed = observe(metric, labels, Answers(predictions, scores), {}, SETTINGS, "the challenger")
    return unmet_of(metric, labels, observed, SETTINGS, is_without_margin=is_without_margin)


OF_BOTH_CLASSES = ["auc", "average_precision", "f1", "precision"]


@pytest.mark.parametrize("metric", OF_BOTH_CLASSES)
def test_thirty_rows_of_each_class_are_needed(metric):
    assert unmet(metric, 30, 30, wrong=10, is_without_margin=True) is None
    few = "its test is approximate and needs at least 30"
    assert unmet(metric, 29, 100) == f"{few} positive rows, and there are 29"
    assert unmet(metric, 100, 29) == f"{few} negative rows, and there are 29"


@pytest.mark.parametrize("metric", ["accuracy", "recall", "log_loss", "brier", "mae"])
def test_other_metrics_need_nothing(metric):
    labels = np.repeat([1, 0], [5, 5])
    observed = observe(metric, labels, Answers(labels), {}, SETTINGS, "the challenger")
    assert unmet_of(metric, labels, observed, SETTINGS) is None


@pytest.mark.parametrize("metric", OF_BOTH_CLASSES)
def test_hardly_any_wrong_row_is_too_few_unless_equals_are_compared(metric):
    assert unmet(metric, 200, 200) is None
    assert unmet(metric, 200, 200, wrong=1, is_without_margin=True) is None
    said = unmet(metric, 200, 200, wrong=1)
    assert said is not None
    assert said.startswith("its test is approximate, and what moves the value here weighs as much as")


def test_a_perfect_ranking_rests_on_no_row():
    said = unmet("auc", 100, 100, wrong=0)
    assert said is not None
    assert "weighs as much as 0 rows where 10 are needed" in said


def test_the_named_class_is_the_one_that_is_counted():
    labels = np.repeat(["yes", "no"], [20, 200])
    settings = MetricSettings(positive="yes")
    observed = observe("f1", labels, Answers(labels), {}, settings, "the challenger")
    assert unmet_of("f1", labels, observed, settings) is not None


def test_pulling_rows_are_the_rare_ones_or_a_third_of_normal_ones():
    rare = np.zeros(10_000)
    rare[:7] = 1
    assert pulling_rows(rare - rare.mean()) == pytest.approx(7, rel=0.01)
    normal = np.random.default_rng(0).normal(size=30_000)
    assert pulling_rows(normal) == pytest.approx(10_000, rel=0.05)

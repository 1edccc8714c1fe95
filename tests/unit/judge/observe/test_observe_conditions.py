"""An approximate test is refused where it would not keep its word."""

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.judge.conditions import pulling_rows_needed
from assay.judge.observe import pulling_rows, unmet_of_classes

SETTINGS = MetricSettings()


def unmet(metric, positive, negative, settings=SETTINGS):
    found = unmet_of_classes(metric, np.repeat([1, 0], [positive, negative]), settings)
    return None if found is None else found.because


@pytest.mark.parametrize("metric", ["auc", "average_precision", "f1", "precision"])
def test_thirty_rows_of_each_class_are_needed(metric):
    assert unmet(metric, 30, 30) is None
    few = "its test is approximate and needs at least 30"
    assert unmet(metric, 29, 100) == f"{few} positive rows, and there are 29"
    assert unmet(metric, 100, 29) == f"{few} negative rows, and there are 29"


@pytest.mark.parametrize("metric", ["accuracy", "recall", "log_loss", "brier", "mae"])
def test_other_metrics_need_nothing(metric):
    assert unmet(metric, 5, 5) is None


def test_the_named_class_is_the_one_that_is_counted():
    labels = np.repeat(["yes", "no"], [20, 200])
    assert unmet_of_classes("f1", labels, MetricSettings(positive="yes")) is not None
    assert unmet_of_classes("f1", np.repeat(["yes", "no"], [30, 200]), MetricSettings(positive="yes")) is None


def test_pulling_rows_are_the_rare_ones_or_a_third_of_normal_ones():
    rare = np.zeros(10_000)
    rare[:7] = 1
    assert pulling_rows(rare - rare.mean()) == pytest.approx(7, rel=0.01)
    normal = np.random.default_rng(0).normal(size=30_000)
    assert pulling_rows(normal) == pytest.approx(10_000, rel=0.05)


def test_the_further_out_the_more_rows_are_needed():
    assert [pulling_rows_needed(delta) for delta in (0.2, 0.05, 0.01, 1e-3, 1e-4)] == [9, 15, 24, 35, 47]

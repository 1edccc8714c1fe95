"""No interval leaves the range of its metric."""

import warnings

import numpy as np
import pytest
from msgspec.structs import replace

from assay.core.metrics import CostMatrix, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide
from assay.judge.question import Question
from assay.judge.question import Tested as Found
from assay.judge.ranges import in_range, range_of

D = "b3:" + "0" * 64
RNG = np.random.default_rng(5)
TRUTH = RNG.normal(100, 30, 60)
NEAR = np.where(np.arange(60) < 2, TRUTH + 60, TRUTH)
CLASSES = np.arange(400) % 2
NEARLY = np.where(np.arange(400) < 3, 1 - CLASSES, CLASSES)


def judged(sentence, labels, challenger, champion=None, **more):
    evidence = Evidence(labels, challenger, champion, D, D, D, **more)
    (found,) = decide(GateAction(None, (parse_sentence(sentence),)), evidence).sentences
    return found


@pytest.mark.parametrize(
    ("sentence", "labels", "challenger", "limits"),
    [
        ("r2 >= 0.99", TRUTH, NEAR, (-np.inf, 1)),
        ("mae <= 1 at 99.9%", TRUTH, NEAR, (0, np.inf)),
        ("rmse <= 1 at 99.9%", TRUTH, NEAR, (0, np.inf)),
        ("f1 >= 0.999 at 99.9%", CLASSES, NEARLY, (0, 1)),
        ("accuracy >= 0.5", CLASSES, NEARLY, (0, 1)),
    ],
)
def test_an_interval_stays_within_what_the_metric_can_be(sentence, labels, challenger, limits):
    low, high = judged(sentence, labels, challenger).interval
    assert limits[0] <= low <= high <= limits[1]


def test_a_difference_stays_within_what_two_values_can_differ_by():
    question, huge = Question("f1", 1, 0.0, 1.0, 0.05), (-1.7, 1.3)
    tested = Found(0.9, 0.2, 0.7, huge, 0.5, "t test", 0.1)
    assert in_range(question, tested, MetricSettings()).interval == (-1, 1)
    assert in_range(replace(question, metric="mae"), tested, MetricSettings()).interval == huge


@pytest.mark.parametrize(
    ("metric", "settings", "limits"),
    [
        ("r2", MetricSettings(), (-np.inf, 1)),
        ("brier", MetricSettings(), (0, 1)),
        ("log_loss", MetricSettings(), (0, np.inf)),
        ("score", MetricSettings(), (-np.inf, np.inf)),
        ("score", MetricSettings(score_range=(1, 5)), (1, 5)),
        ("cost", MetricSettings(cost=CostMatrix((("a", "b", 3.0), ("b", "a", 9.0)))), (0, 9)),
        ("mae", MetricSettings(cost=CostMatrix((("a", "b", 3.0),))), (0, np.inf)),
    ],
)
def test_a_range_is_as_the_metric_and_its_settings_say(metric, settings, limits):
    assert range_of(metric, settings) == limits


@pytest.mark.parametrize(
    "sentence", ["mae < champion.mae", "mae <= 5", "rmse <= 5", "r2 >= 0.5", "mae < champion.mae * 0.9"]
)
@pytest.mark.parametrize("size", [1e160, 1e300, 1.7e308])
def test_numbers_too_large_to_reckon_with_are_told_in_words_and_without_a_warning(sentence, size):
    labels = np.where(np.arange(200) % 2, size, -size)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = judged(sentence, labels, labels * -0.5, labels * -0.7)
    assert found.verdict == "undecided"
    assert "too large" in found.reason or "no finite number" in found.reason

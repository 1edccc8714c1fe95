"""Calibration is told bin by bin: what was predicted, and what came true."""

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.core.problem import EvidenceError
from assay.judge.observe import Answers, UndefinedMetric, calibration

SETTINGS = MetricSettings()


def calibrated(labels, score, settings=SETTINGS):
    return calibration(np.asarray(labels), Answers(np.zeros(len(labels)), np.asarray(score)), settings)


def test_each_bin_says_how_many_rows_what_was_predicted_and_what_came_true():
    bins, error = calibrated([0, 1, 1, 1], [0.12, 0.18, 0.92, 1.0])
    assert [(each.low, each.high, each.rows) for each in bins] == [(0.1, 0.2, 2), (0.9, 1.0, 2)]
    assert [each.mean_probability for each in bins] == pytest.approx([0.15, 0.96])
    assert [each.share_of_positives for each in bins] == [0.5, 1.0]
    assert error == pytest.approx((2 * 0.35 + 2 * 0.04) / 4)


def test_the_error_of_true_probabilities_is_small_and_not_0():
    random = np.random.default_rng(0)
    probabilities = random.random(20_000)
    _, error = calibrated(random.random(20_000) < probabilities, probabilities)
    assert 0 < error < 0.02


def test_one_class_alone_can_be_calibrated():
    assert calibrated([0, 0], [0.0, 0.0])[1] == 0.0


def test_the_column_of_the_positive_class_is_read():
    table = [[0.9, 0.1], [0.2, 0.8]]
    assert calibrated(["a", "b"], table, MetricSettings(positive="b"))[1] == pytest.approx(0.15)


def test_what_is_no_probability_is_an_error():
    with pytest.raises(EvidenceError):
        calibrated([0, 1], [0.5, 1.5])


def test_no_rows_have_no_calibration():
    with pytest.raises(UndefinedMetric):
        calibrated([], [])

"""The pulls of rows tell by how much a value varies from one test set to the next: the delta method, by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from assay.core.metrics import REQUIRABLE, CostMatrix, MetricSettings
from assay.judge.conditions import Unmet
from assay.judge.means import compare_means
from assay.judge.observe import Answers, linearised, observe
from assay.judge.question import Question

SETTINGS = MetricSettings(quantile=0.8, cost=CostMatrix((("1", "0", 9.0), ("0", "1", 2.0))))
SETS, ROWS = 600, 500


def drawn(metric, random):
    """A test set and a model's answers: a class with probabilities, or an amount."""
    if metric in {"mae", "rmse", "r2", "quantile_loss"}:
        labels = random.normal(size=ROWS)
        return labels, Answers(labels + random.normal(size=ROWS))
    truth = random.normal(size=ROWS)
    labels = (truth > 0.5).astype(int)
    probabilities = 1 / (1 + np.exp(-2 * (truth + random.normal(size=ROWS) - 0.5)))
    return labels, Answers((probabilities > 0.5).astype(int), probabilities)


@pytest.mark.parametrize("metric", REQUIRABLE)
def test_the_spread_that_pulls_predict_is_the_spread_of_the_values(metric):
    """Both are known to about 3 % after 600 sets; rows that pull far, in average_precision and r2, leave the delta method 5 % off."""
    random = np.random.default_rng(20)
    seen = [
        linearised(observe(metric, labels, answers, {}, SETTINGS, "the challenger"))
        for labels, answers in (drawn(metric, random) for _ in range(SETS))
    ]
    spread = np.std([each.value for each in seen])
    predicted = math.sqrt(np.mean([each.influence.var() for each in seen]) / ROWS)
    assert predicted == pytest.approx(spread, rel=0.12)


@pytest.mark.parametrize("apart", [1.0, 3.0])
def test_an_auc_near_1_passes_too_often_against_a_number_unless_it_is_refused(apart):
    """Scores so far apart have an area of Phi(apart / sqrt 2): .76 and .98. Nothing may pass as greater than that but at .01."""
    random = np.random.default_rng(21)
    labels = np.repeat([0, 1], 30)
    question = Question("auc", 1, stats.norm.cdf(apart / math.sqrt(2)), None, 0.01)
    naive, passed = [], []
    for _ in range(1000):
        seen = observe("auc", labels, Answers(random.normal(size=60) + apart * labels), {}, SETTINGS, "the challenger")
        deviation = seen.influence.std(ddof=1) / math.sqrt(60)
        naive.append(seen.value - question.target > stats.t.isf(0.01, 59) * deviation)
        found = compare_means(question, seen, None)
        passed.append(not isinstance(found, Unmet) and found.p_value <= 0.01)
    assert np.mean(naive) > 0.05 or apart == 1.0
    assert np.mean(passed) <= 0.02


def test_average_precision_lies_above_the_truth_by_its_bias():
    """Scores one standard deviation apart, a tenth of the rows positive; the bias is about a tenth of the standard error."""
    random = np.random.default_rng(22)
    at = np.linspace(-8, 9, 20_001)
    above = 0.1 * stats.norm.sf(at - 1), 0.9 * stats.norm.sf(at)
    truth = float(np.sum(above[0] / (above[0] + above[1]) * stats.norm.pdf(at - 1)) * (at[1] - at[0]))
    values, biases = [], []
    for _ in range(2_000):
        labels = (random.random(300) < 0.1).astype(int)
        answers = Answers(labels, random.normal(size=300) + labels)
        seen = observe("average_precision", labels, answers, {}, SETTINGS, "the challenger")
        values.append(seen.value)
        biases.append(seen.bias)
    error = np.std(values) / math.sqrt(2_000)
    assert np.mean(values) - truth > 4 * error
    assert abs(np.mean(values) - np.mean(biases) - truth) < 4 * error

"""Rankings: values as scikit-learn defines them, and each row's pull as the jackknife finds it."""

import numpy as np
import pytest
from scipy import stats

from assay.core.metrics import MetricSettings
from assay.judge.observe import Answers, UndefinedMetric, observe, value_of


def rows(seed, n=60, share=0.4, levels=None):
    """Labels and scores that rank them somewhat; ``levels`` makes ties."""
    random = np.random.default_rng(seed)
    labels = (random.random(n) < share).astype(int)
    labels[:2] = 0, 1
    scores = random.normal(size=n) + labels
    return labels, np.round(scores * levels) / levels if levels else scores


def measured(metric, labels, scores):
    return value_of(observe(metric, labels, Answers(scores), {}, MetricSettings(), "the challenger"))


def auc_by_pairs(labels, scores):
    pairs = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    return np.mean(pairs > 0) + np.mean(pairs == 0) / 2


def average_precision_by_thresholds(labels, scores):
    """sum over thresholds of (recall there - recall above) * precision there."""
    total, recall_above = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = scores >= threshold
        recall = labels[taken].sum() / labels.sum()
        total += (recall - recall_above) * labels[taken].mean()
        recall_above = recall
    return total


@pytest.mark.parametrize("levels", [None, 4, 1])
@pytest.mark.parametrize("seed", range(5))
def test_values_are_those_of_the_definitions_ties_included(levels, seed):
    labels, scores = rows(seed, levels=levels)
    assert measured("auc", labels, scores) == pytest.approx(auc_by_pairs(labels, scores), abs=1e-12)
    expected = average_precision_by_thresholds(labels, scores)
    assert measured("average_precision", labels, scores) == pytest.approx(expected, abs=1e-12)


def test_perfect_reversed_and_constant_scores_have_the_values_that_everybody_knows():
    labels = np.array([0, 0, 0, 1])
    assert measured("auc", labels, np.array([1.0, 2.0, 3.0, 4.0])) == 1
    assert measured("auc", labels, np.array([4.0, 3.0, 2.0, 1.0])) == 0
    assert measured("auc", labels, np.ones(4)) == 0.5
    assert measured("average_precision", labels, np.array([1.0, 2.0, 3.0, 4.0])) == 1
    assert measured("average_precision", labels, np.ones(4)) == 0.25


@pytest.mark.parametrize("metric", ["auc", "average_precision"])
@pytest.mark.parametrize("levels", [None, 3])
def test_pulls_cancel_out(see, metric, levels):
    labels, scores = rows(7, levels=levels)
    assert see(metric, labels, score=scores).influence.mean() == pytest.approx(0, abs=1e-13)


def delong(labels, columns):
    """Covariance of the areas by DeLong's placement values, from midranks (Sun and Xu, 2014)."""
    y = labels == 1
    m, n = y.sum(), (~y).sum()
    ranks = [(stats.rankdata(s), stats.rankdata(s[y]), stats.rankdata(s[~y])) for s in columns]
    v10 = [(every[y] - own) / n for every, own, _ in ranks]
    v01 = [1 - (every[~y] - own) / m for every, _, own in ranks]
    return np.cov(v10) / m + np.cov(v01) / n


@pytest.mark.parametrize("levels", [None, 4])
def test_the_pulls_on_auc_have_delongs_variance_and_covariance(see, levels):
    labels, one = rows(3, n=400, levels=levels)
    other = np.round(one + np.random.default_rng(4).normal(size=400), 1)
    pulls = [see("auc", labels, score=scores).influence for scores in (one, other)]
    assert np.cov(pulls) / 400 == pytest.approx(delong(labels, (one, other)), rel=0.01)


@pytest.mark.parametrize("levels", [None, 4])
@pytest.mark.parametrize("metric", ["auc", "average_precision"])
def test_the_pull_of_a_row_is_what_leaving_it_out_takes_away(see, metric, levels):
    n = 1000
    labels, scores = rows(11, n=n, share=0.3, levels=levels)
    seen = see(metric, labels, score=scores)
    without = [measured(metric, np.delete(labels, at), np.delete(scores, at)) for at in range(n)]
    taken_away = (n - 1) * (seen.value - np.array(without))
    assert np.corrcoef(taken_away, seen.influence)[0, 1] > 0.999
    assert taken_away.std() == pytest.approx(seen.influence.std(), rel=0.03)


def test_the_pull_of_a_row_on_average_precision_is_the_slope_at_its_weight(see):
    """A row that counts a little more moves the value by its pull times that little: the influence function itself."""
    labels, scores = rows(5, n=40, levels=3)
    seen = see("average_precision", labels, score=scores)
    slope = [(weighted_average_precision(labels, scores, at, 1e-6) - seen.value) / 1e-6 for at in range(len(labels))]
    assert seen.influence == pytest.approx(np.array(slope), abs=1e-4)


def weighted_average_precision(labels, scores, at, more):
    weights = np.full(len(labels), (1 - more) / len(labels))
    weights[at] += more
    taken = scores[None, :] >= scores[:, None]
    precision = (taken @ (weights * labels)) / (taken @ weights)
    return (weights * labels) @ precision / (weights @ labels)


def test_a_monotone_change_of_scores_changes_nothing(see):
    labels, scores = rows(2, levels=4)
    for metric in ("auc", "average_precision"):
        one, other = see(metric, labels, score=scores), see(metric, labels, score=np.exp(scores))
        assert one.value == other.value
        assert one.influence.tolist() == other.influence.tolist()


def test_all_negative_rows_have_no_auc_and_the_reason_says_one_class(see):
    with pytest.raises(UndefinedMetric, match="all 300 labels are 0: one class alone"):
        see("auc", np.zeros(300, int), score=np.linspace(0, 1, 300))

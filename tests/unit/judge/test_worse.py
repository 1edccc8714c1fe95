"""One-sided tests of two groups of rows agree with scipy's, and count clusters where rows belong together."""

import numpy as np
import pytest
from scipy import stats

from assay.judge.worse import p_worse


def groups(first, second):
    bad = np.concatenate([first, second]).astype(float)
    inside = np.arange(len(bad)) < len(first)
    return bad, inside, ~inside


def test_rows_that_are_bad_or_not_are_tested_by_fisher():
    found = p_worse(*groups([1] * 12 + [0] * 28, [1] * 20 + [0] * 140), None, is_counted=True)
    assert found == pytest.approx(stats.fisher_exact([[12, 28], [20, 140]], "greater").pvalue, rel=1e-9)


def test_amounts_are_tested_by_welch():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0.3, 2, 60), rng.normal(0, 1, 400)
    found = p_worse(*groups(first, second), None, is_counted=False)
    assert found == pytest.approx(
        stats.ttest_ind(first, second, equal_var=False, alternative="greater").pvalue, rel=1e-9
    )


def test_too_few_amounts_or_clusters_show_nothing():
    assert p_worse(*groups(np.full(29, 9.0), np.zeros(500)), None, is_counted=False) == 1
    many = groups(np.full(400, 9.0), np.zeros(400))
    assert p_worse(*many, np.arange(800) % 25, is_counted=False) == 1
    assert p_worse(*groups([], [1.0]), None, is_counted=True) == 1


def test_values_without_any_spread_are_worse_or_not():
    assert p_worse(*groups(np.full(40, 2.0), np.ones(40)), None, is_counted=False) == 0
    assert p_worse(*groups(np.ones(40), np.ones(40)), None, is_counted=False) == 1


def test_clusters_that_share_their_luck_err_no_more_often_than_they_say():
    """Rows of one cluster are all alike: 60 clusters of 20 rows are 60 pieces of evidence. 300 runs at .05; 27 has probability .001."""
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(60), 20)
    inside = clusters < 30
    by_cluster = naive = 0
    for _ in range(300):
        bad = (rng.random(60) < 0.3)[clusters].astype(float)
        by_cluster += p_worse(bad, inside, ~inside, clusters, is_counted=True) <= 0.05
        naive += p_worse(bad, inside, ~inside, None, is_counted=True) <= 0.05
    assert by_cluster <= 27 < naive

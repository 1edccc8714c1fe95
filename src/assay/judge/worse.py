"""Whether rows of one kind are worse than others: one-sided tests of two groups of rows, as a search for weak parts asks them."""

import math

import numpy as np

from assay.judge.conditions import LEAST_ROWS
from assay.judge.hypergeometric import hypergeometric_sf
from assay.judge.observe import Bools, Floats
from assay.judge.tails import t_sf


def p_worse(bad: Floats, inside: Bools, rest: Bools, clusters: np.ndarray | None, *, is_counted: bool) -> float:
    """The p-value of "the rows ``inside`` are no worse than the ``rest``", from how bad each row is.

    Of rows that are bad or not (1 or 0) by Fisher's exact test; of amounts by Welch's t test (B. L. Welch 1947; approximate); by the
    sums of clusters where rows belong together. 1 where a t test has too few rows or clusters to be trusted.
    """
    ours, theirs = bad[inside], bad[rest]
    if not len(ours) or not len(theirs):
        return 1.0
    if clusters is not None:
        return _p_by_cluster(bad, clusters, inside, rest)
    if is_counted:
        worse = int(ours.sum())
        return hypergeometric_sf(worse, worse + int(theirs.sum()), len(ours), len(ours) + len(theirs))
    if min(len(ours), len(theirs)) < LEAST_ROWS:
        return 1.0
    errors = float(ours.var(ddof=1)) / len(ours), float(theirs.var(ddof=1)) / len(theirs)
    freedom = sum(errors) ** 2 / (errors[0] ** 2 / (len(ours) - 1) + errors[1] ** 2 / (len(theirs) - 1) or 1.0)
    return _p_of_mean(float(ours.mean() - theirs.mean()), math.sqrt(sum(errors)), freedom)


def _p_by_cluster(bad: Floats, clusters: np.ndarray, inside: Bools, rest: Bools) -> float:
    """By the sums of each cluster's pull on the difference of the two means (delta method)."""
    seen = np.unique(clusters[inside]), np.unique(clusters[rest])
    if min(map(len, seen)) < LEAST_ROWS:
        return 1.0
    means = float(bad[inside].mean()), float(bad[rest].mean())
    pulls = np.zeros(len(bad))
    pulls[inside] = (bad[inside] - means[0]) / np.count_nonzero(inside)
    pulls[rest] = -(bad[rest] - means[1]) / np.count_nonzero(rest)
    sums = np.bincount(clusters, pulls)
    count = len(np.union1d(*seen))
    error = math.sqrt(float(sums @ sums) * count / (count - 1))
    return _p_of_mean(means[0] - means[1], error, min(map(len, seen)) - 1)


def _p_of_mean(difference: float, error: float, freedom: float) -> float:
    if error == 0:
        return 0.0 if difference > 0 else 1.0
    return t_sf(difference / error, max(1.0, freedom))

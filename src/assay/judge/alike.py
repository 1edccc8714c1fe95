"""Whether rows that are equal in two files say more than that rows can be alike.

Where nothing names a row, an equal row in the training data may be the same row, or another that happens to be alike: tables
of a few small columns are full of those. Rows that are alike by chance are as often found within one file as across two.

Two questions are asked. Of a training table: does it hold some of these rows? Of an earlier test set, of which all rows may have come
again under other names: is it these rows? There the numbers of each kind tell it too, which agree too well.
"""

import math

import numpy as np

from assay.judge.observe import Floats
from assay.judge.row_keys import Keys
from assay.judge.tails import normal_quantile

CHANCE = 0.001
"""So seldom do rows that fell into the two files by chance count as the same."""


def are_more_alike_than_chance(shared: int, rows: int, others: int, repeated: int) -> bool:
    """``shared`` of the ``rows`` of one file have an equal among the ``others``, more than chance explains.

    ``repeated`` counts rows of either file beyond the first of their kind in it. Conditional on which rows are equal, a pair
    of equal rows falls across the files with probability 2mn / N(N-1) if all N = m + n rows were dealt out at random, m here
    and n there. So many pairs across that this happens less than once in a thousand times are asked for, and four more for each
    repeated row; kinds of three and more rows count against (exact permutation argument; no assumption on the columns). Rows
    dealt out by time repeat across files less often, which errs towards no. It does not hold where somebody has taken the
    repeated rows out of each file alone.
    """
    needed = _pairs_beyond_chance(rows, others)
    return needed is not None and shared >= needed + 4 * repeated


def are_the_same_again(keys: Keys, others: Keys) -> bool:
    """Rows of these contents are, all or many of them, the ``others`` under new names.

    How the rows of each kind fall into the two sets is compared with dealing all of them out at random, here so many and
    there so many (Pearson's statistic of the table kinds x 2, with its exact mean and variance under that and Wilson and
    Hilferty's cube root for its tail). Drawn apart, two sets of 2,000 rows of 50 kinds differ by some 6 in each kind; copies
    do not, whatever part of them was taken or how much was added. So the same rows are told from alike ones where most kinds
    repeat and where none do. They must be as many as chance makes of pairs less than once in a thousand times, or half the smaller set.
    Dealt out at random it says so wrongly about once in a thousand times (at most once in 80, where few kinds repeat and one set
    is a hundredth of the other). It does say so of other rows whose contents were laid down to be the same: a full grid of
    cases, a panel whose features never change.
    """
    if not len(keys) or not len(others):
        return False
    kinds, of_row = np.unique(np.concatenate((keys, others)), return_inverse=True)
    here = np.bincount(of_row[: len(keys)], minlength=len(kinds))
    there = np.bincount(of_row[len(keys) :], minlength=len(kinds))
    if np.array_equal(here, there):
        return True
    smaller = min(len(keys), len(others))
    needed = min(_pairs_beyond_chance(len(keys), len(others)) or smaller, math.ceil(smaller / 2))
    shared = int(np.minimum(here, there).sum())
    return shared >= needed and _score(here, here + there) < -normal_quantile(CHANCE)


def _pairs_beyond_chance(rows: int, others: int) -> int | None:
    """So many pairs of equal rows all fall across the two files less often than ``CHANCE``; None where there are not rows enough."""
    chance, needed = 1.0, 0
    while chance >= CHANCE:
        if needed == min(rows, others):
            return None
        left = rows + others - 2 * needed
        chance *= 2 * (rows - needed) * (others - needed) / (left * (left - 1))
        needed += 1
    return needed


def _score(here: np.ndarray, both: np.ndarray) -> float:
    """How many standard deviations the sum of here^2 / both lies above what dealing out gives; below it, kinds are split too evenly."""
    least = float(here.sum()) ** 2 / float(both.sum())
    mean, variance = _moments(both.astype(np.float64), int(here.sum()))
    if variance <= _ROUNDING * mean or mean <= least:
        return 0.0
    shape = 2 / 9 * variance / (2 * (mean - least) ** 2)
    ratio = max(0.0, float(np.sum(here**2 / both)) - least) / (mean - least)
    return (math.cbrt(ratio) - (1 - shape)) / math.sqrt(shape)


_ROUNDING = 1e-9


def _moments(both: Floats, rows: int) -> tuple[float, float]:
    """Mean and variance of that sum where ``rows`` of all are dealt out: from the factorial moments of the multivariate
    hypergeometric distribution, of which the joint ones are products of those of the kinds."""
    total, kinds = both.sum(), len(both)
    chosen = np.cumprod([(rows - at) / (total - at) for at in range(4)]) if total > 3 else np.zeros(4)
    one, two, three, four = chosen.tolist()
    repeated = both - 1
    more = float(repeated.sum())
    mean = more * two + kinds * one
    apart = four * (more**2 - float(repeated @ repeated)) + 2 * (kinds - 1) * more * three + kinds * (kinds - 1) * two
    falling = repeated / both
    alone = falling * (both - 2) * ((both - 3) * four + 6 * three) + 7 * falling * two + one / both
    return mean, apart + float(alone.sum()) - mean**2

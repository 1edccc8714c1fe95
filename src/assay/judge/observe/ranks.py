"""How well scores rank positives above negatives: auc and average_precision, with each row's pull on them.

Rows of one score stand together: auc counts them half, and average precision takes each distinct score as one threshold, as
scikit-learn does. Both take O(n log n).
No dot products here nor in ``means.py``: from 10,000 rows on their library spreads them over threads, which wait for each other.
"""

import math

import msgspec
import numpy as np
import numpy.typing as npt

from assay.judge.observe.answers import Asked
from assay.judge.observe.observed import Linearised
from assay.judge.observe.scores import scores_and_positives
from assay.judge.observe.values import Bools, Floats


def auc(asked: Asked) -> Linearised:
    """The area under the ROC curve.

    A positive's placement is the share of negatives that score below it, ties half, and a negative's the share of positives
    above it (E. R. DeLong, D. M. DeLong and D. L. Clarke-Pearson, Biometrics 44, 1988). Two models' influences, subtracted, give
    the variance of the paired difference.
    """
    scores, positive = scores_and_positives(asked)
    levels = _levels_of(scores, positive)
    negatives = levels.rows - levels.positives
    below = (np.cumsum(negatives) - negatives / 2) / negatives.sum()
    above = 1 - (np.cumsum(levels.positives) - levels.positives / 2) / levels.positives.sum()
    value = float((below * levels.positives).sum()) / float(levels.positives.sum())
    share = np.count_nonzero(positive) / len(positive)
    pulls = np.where(positive, (below[levels.of_row] - value) / share, (above[levels.of_row] - value) / (1 - share))
    return Linearised(value, pulls)


def average_precision(asked: Asked) -> Linearised:
    """The mean, over the positive rows, of the precision among all rows that score at least as high.

    With y = 1 for positives, p their share, N(s) the share of rows that score s or more and R(s) the precision among them, the
    value is AP = E[y R(S)] / p. Adding a little of a row (y0, s0) moves R(s), for s <= s0 alone, by (y0 - R(s)) / N(s), so that
    the row's influence is

        (y0 (R(s0) - AP) + E[y 1(S <= s0) (y0 - R(S)) / N(S)]) / p

    (derived here; tests hold it against the jackknife).

    Each positive counts in its own precision. Of n rows, T others lie at s or above, binomial with share N(s), and K of these
    are positive, so that E[(1 + K) / (1 + T)] = R + (1 - R) (1 - (1 - N)^n) / (n N): the value lies above the population's by
    about the mean over positives of (1 - R) / (n N), a tenth of its standard error with 60 to 1,000 rows. (That it is biased:
    K. Boyd, K. H. Eng and C. D. Page, Area under the Precision-Recall Curve, ECML PKDD 2013.)

    Its value and its estimated error move together, which the delta method does not see: with 60 positives a test at .05 passed in
    .067 of cases what was false, at .001 in .002, and the jackknife was no better. So tests take the influence as larger by 1.5 over
    the root of the number of positives, which vanishes as these grow. That is measured and not derived (``bench/gates.py``): at .05
    half of it would be enough, at .001 it is needed.
    """
    scores, positive = scores_and_positives(asked)
    levels = _levels_of(scores, positive)
    n, all_positive = len(positive), float(levels.positives.sum())
    at_least = np.cumsum(levels.rows[::-1])[::-1]
    precision = np.cumsum(levels.positives[::-1])[::-1] / at_least
    value = float((precision * levels.positives).sum()) / all_positive
    gain = np.cumsum(levels.positives / at_least)
    loss = np.cumsum(levels.positives * precision / at_least)
    of_positive, of_negative = precision - value + gain - loss, -loss
    pulls = np.where(positive, of_positive[levels.of_row], of_negative[levels.of_row])
    bias = float(((1 - precision) / at_least * levels.positives).sum()) / all_positive
    caution = 1 + 1.5 / math.sqrt(all_positive)
    return Linearised(value, pulls * (n / all_positive), bias, caution)


class _Levels(msgspec.Struct, frozen=True, eq=False):
    """The distinct scores, from the lowest."""

    of_row: npt.NDArray[np.intp]
    """For each row, at which level it is."""
    rows: Floats
    """For each level, how many rows are at it, and how many of these are positive."""
    positives: Floats


def _levels_of(scores: Floats, positive: Bools) -> _Levels:
    order = np.argsort(scores)
    ordered = scores[order]
    is_new = np.empty(len(scores), bool)
    is_new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    of_row = np.empty(len(scores), np.intp)
    of_row[order] = np.cumsum(is_new) - 1
    rows = np.bincount(of_row).astype(np.float64)
    return _Levels(of_row, rows, np.bincount(of_row, weights=positive).astype(np.float64))

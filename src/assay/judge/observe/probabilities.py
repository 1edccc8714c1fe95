"""Probabilities against outcomes: log_loss and brier. Both are proper: no answer does better than the true probabilities."""

import math

import numpy as np

from assay.core.problem import EvidenceError, Problem
from assay.judge.observe.answers import Asked
from assay.judge.observe.classes import positives
from assay.judge.observe.observed import Averaged
from assay.judge.observe.scores import of_labels, scores_of
from assay.judge.observe.values import Bools, Floats

LEAST = 1e-15
"""To which a probability of 0 is raised before its logarithm is taken; 1 is lowered as far."""
SUM_TOLERANCE = 1e-3


def log_loss(asked: Asked) -> Averaged:
    """The mean of -ln(probability given to the label), in nats."""
    probabilities = probabilities_of(asked)
    if probabilities.ndim == 1:
        given = np.where(_outcomes(asked), probabilities, 1 - probabilities)
    else:
        given = of_labels(probabilities, asked)
    return Averaged(-np.log(np.clip(given, LEAST, 1 - LEAST)), low=0.0, high=-math.log(LEAST))


def brier(asked: Asked) -> Averaged:
    """The mean of (probability - outcome)^2; of several classes half of its sum over classes, so that two are as one."""
    probabilities = probabilities_of(asked)
    if probabilities.ndim == 1:
        return Averaged((probabilities - _outcomes(asked)) ** 2, low=0.0, high=1.0)
    squares = np.einsum("ij,ij->i", probabilities, probabilities) - 2 * of_labels(probabilities, asked) + 1
    return Averaged(np.clip(squares / 2, 0.0, 1.0), low=0.0, high=1.0)


def probabilities_of(asked: Asked) -> Floats:
    """``scores_of``, as probabilities. ``EvidenceError`` where one is not from 0 to 1, or a row's do not sum to 1."""
    scores = scores_of(asked)
    if not (scores.min() >= 0 and scores.max() <= 1):
        outside = (scores < 0) | (scores > 1)
        row = int(np.argmax(outside if scores.ndim == 1 else outside.any(axis=1)))
        value = float(scores[outside][0])
        raise _not_a_probability(
            asked, "not all from 0 to 1", f"the first outside: {value:g} in labelled row {row + 1}"
        )
    if scores.ndim == 2:
        sums = scores @ np.ones(scores.shape[1])  # thrice as quick as a sum over the short axis
        broken = np.flatnonzero(np.abs(sums - 1) > SUM_TOLERANCE)
        if len(broken):
            first = f"{len(broken):,} of {len(sums):,} rows do not: the first sums to {sums[broken[0]]:.6g}"
            raise _not_a_probability(asked, "of a row that do not sum to 1", f"{first} in labelled row {broken[0] + 1}")
    return scores


def _outcomes(asked: Asked) -> Bools:
    return positives(asked.labels, asked.settings, asked.answers.classes, asked.metric)


def _not_a_probability(asked: Asked, what: str, because: str) -> EvidenceError:
    return EvidenceError(
        Problem(
            "not-a-probability",
            f"{asked.metric} reads scores as probabilities, and those of {asked.whose} are {what}",
            (because,),
            "answer probabilities (predict_proba, or a sigmoid or softmax of the scores), or require auc, which reads any score",
        )
    )

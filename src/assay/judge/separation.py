"""The exact test of auc where every positive scores above every negative, or below: no spread is left for an approximate one.

Each positive beside a negative of its own makes min(positives, negatives) independent pairs. Each is ranked right with a probability of
auc, so that all are with auc to that power (ties, which auc counts half, make it less).
"""

import math

import numpy as np

from assay.judge.conditions import Unmet
from assay.judge.question import Question, Tested

_METHOD = "exact: of pairs of a positive and a negative, each row in one, all are ranked alike"


def is_separated(question: Question, value: float) -> bool:
    """It asks of an auc against a number, and the scores part the two classes wholly."""
    return question.metric == "auc" and not question.is_relative and value in (0.0, 1.0)


def compare_separated(question: Question, value: float, positive: np.ndarray) -> Tested | Unmet:
    """The test; where it shows nothing either way, the rows with which it would, if nothing else is seen."""
    rows, positives = len(positive), int(np.count_nonzero(positive))
    pairs = min(positives, rows - positives)
    bound = question.delta ** (1 / pairs)
    interval = (bound, 1.0) if value == 1.0 else (0.0, 1 - bound)
    beyond = question.sign * (value - question.target)
    share = question.target if value == 1.0 else 1 - question.target
    p_value = min(1.0, share**pairs) if beyond > 0 and 0 <= share < 1 else 1.0
    tested = Tested(value, None, value, interval, p_value, _METHOD, 0.0)
    if p_value <= question.delta or question.is_refuted_by(interval):
        return tested
    ranked = "above" if value == 1.0 else "below"
    told = (
        f"every positive row is ranked {ranked} every negative one, and {pairs} pairs of them show no more than an auc "
        f"{'over' if value == 1.0 else 'below'} {interval[0 if value == 1.0 else 1]:.3g}"
    )
    if not 0 < share < 1:
        return Unmet(f"{told}; no number of rows shows that it is 1" if value == 1.0 else told)
    needed = math.ceil(math.log(question.delta) / math.log(share))
    return Unmet(told, math.ceil(needed * rows / pairs))

"""A sentence as a question to a test, and a test's answer."""

from typing import Literal

import msgspec

from assay.core.metrics import REQUIRABLE
from assay.core.problem import EvidenceError, Problem
from assay.core.sentence import Sentence
from assay.judge.conditions import Unmet


class Question(msgspec.Struct, frozen=True):
    """What must be shown, with error probability ``delta`` if it is not so.

    Absolute: ``sign * (challenger - target) > 0``. Relative: ``sign * (challenger - factor * champion - target) > 0``.
    """

    metric: str
    sign: Literal[1, -1]
    """1 where the sentence says > or >=, -1 where it says < or <=. Ties are never shown, so the two of a pair are one test."""
    target: float
    factor: float | None
    """None for an absolute question."""
    delta: float
    detect: float | None = None
    """The smallest gain worth finding, in the metric's unit; None: see ``power.py``."""

    @property
    def is_relative(self) -> bool:
        """It compares with the champion."""
        return self.factor is not None

    def margin(self, champion: float) -> float:
        """By how much the challenger must beat a champion of this value, in the direction asked for."""
        factor = 1.0 if self.factor is None else self.factor
        return self.sign * (self.target + (factor - 1) * champion)

    def is_refuted_by(self, interval: tuple[float, float]) -> bool:
        """Even the most favourable end of the interval lies beyond the bar, on the wrong side."""
        return self.sign * (interval[1 if self.sign > 0 else 0] - self.target) < 0


class Tested(msgspec.Struct, frozen=True):
    """What a test found. Values are in the metric's unit."""

    challenger: float
    champion: float | None
    estimate: float
    """What was tested: challenger, or challenger - factor * champion."""
    interval: tuple[float, float]
    """Bounds of the estimate, each wrong with probability delta at most."""
    p_value: float
    method: str
    spread: float
    """What a planner needs to know: the standard deviation of what was averaged (errors), in the metric's unit, or the
    share of rows on which exactly one of the two models counts (shares)."""
    moving_share: float | None = None
    """The share of the units (rows, clusters) that what was seen rests on, where the test is approximate and there is a spread."""
    bounds: tuple[float, float] | None = None
    """Between which every value lies whose mean was bet on; None where it was tested in another way."""
    unmet: Unmet | None = None
    """Why the interval, which lies beyond the bar, is not to be trusted: then it shows nothing."""


def question_of(sentence: Sentence, delta: float, detect: float | None = None) -> Question:
    """The question that a sentence asks at ``delta``; ``EvidenceError`` for one that ``parse_sentence`` would refuse."""
    if sentence.metric not in REQUIRABLE or sentence.right.metric not in (None, sentence.metric):
        raise EvidenceError(
            Problem(
                "sentence-not-built",
                f"the sentence {sentence.text!r} cannot be tested",
                (f"metrics that can: {', '.join(REQUIRABLE)}; both sides must name the same one",),
                "write it as text and read it with parse_sentence",
            )
        )
    sign: Literal[1, -1] = 1 if sentence.comparison in (">", ">=") else -1
    right = sentence.right
    if right.metric is None:
        return Question(sentence.metric, sign, right.number, None, delta, detect)
    if right.operator == "*":
        return Question(sentence.metric, sign, 0.0, right.number, delta, detect)
    target = -right.number if right.operator == "-" else right.number
    return Question(sentence.metric, sign, target, 1.0, delta, detect)

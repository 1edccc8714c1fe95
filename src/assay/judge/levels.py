"""The error probability that a sentence allows."""

import math

from assay.core.metrics import METRICS, CostMatrix, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import Sentence
from assay.core.wear import Wear
from assay.judge.conditions import LEAST_DELTA, LEAST_ROWS, POWER
from assay.judge.tails import normal_quantile

LEAST_LEFT = 1e-250
"""Below it the rows are exhausted: no test can keep what is left, and slices and bounds divide it further."""


def delta_of(sentence: Sentence, gate: GateAction, wear: Wear | None = None) -> float:
    """The level as written, or what ``wear`` leaves of it where the sentence must be shown by labels. A ``no`` keeps its level on a
    worn test set, as harm must not get harder to see; what no label has a part in wears nothing out."""
    confidence = gate.confidence if sentence.confidence is None else sentence.confidence
    written = float(f"{1 - confidence:.12g}")
    is_worn = wear is not None and sentence.is_of_rows and not sentence.is_forbidding
    return wear.left(written) if wear is not None and is_worn else written


def least_delta(sentence: Sentence, gate: GateAction) -> float:
    """The smallest error probability at which the sentence can be tested. Exact tests, and betting on values that have bounds, know
    none (0); a t test does. What no label has a part in, and harm, is tested as it is written."""
    if not sentence.is_of_rows or sentence.is_forbidding:
        return 0.0
    if gate.group or gate.time:
        return LEAST_DELTA
    test = METRICS[sentence.metric].test
    is_exact = test == "exact" or (test != "approximate" and not sentence.is_relative)
    return 0.0 if is_exact or _has_bounds(sentence, gate.settings) else LEAST_DELTA


def smallest_shown(gate: GateAction, units: int, wear: Wear) -> float:
    """The smallest gain that the gate shows 9 times in 10 of so many rows (groups, days) that have been through ``wear``, by the normal
    approximation, in standard deviations of one: (z_delta + z_.9) / sqrt(units). Infinite where a sentence cannot be tested."""
    levels = [(delta_of(said, gate, wear), least_delta(said, gate)) for said in gate.require]
    if any(_is_over(left, least) or (least and units < LEAST_ROWS) for left, least in levels):
        return math.inf
    strictest = min(left for left, _ in levels)
    return (normal_quantile(strictest) + normal_quantile(1 - POWER)) / math.sqrt(units)


MOST_LEFT = 1000
"""As good as any number."""


def decisions_left(gate: GateAction, wear: Wear) -> int | None:
    """How many more decisions the rows allow before a sentence cannot be tested on them, if none of these passes; None where only so
    many do that nobody need know (``MOST_LEFT``)."""
    for more in range(MOST_LEFT):
        ahead = Wear(wear.decisions + more, wear.passes)
        if any(_is_over(delta_of(said, gate, ahead), least_delta(said, gate)) for said in gate.require):
            return more
    return None


def _is_over(left: float, least: float) -> bool:
    return is_spent(left) or left < least


def _has_bounds(sentence: Sentence, settings: MetricSettings) -> bool:
    """Of the values that are bet on."""
    match sentence.metric:
        case "brier":
            return True
        case "score":
            return settings.score_range is not None
        case "cost":
            return isinstance(settings.cost, CostMatrix)
        case "f1":
            return not sentence.is_relative
    return False


def is_spent(delta: float) -> bool:
    """Nothing of the error probability is left that a test could keep."""
    return delta < LEAST_LEFT


def say_spent(wear: Wear, fresh: int | None = None) -> str:
    """Why nothing can be shown on these rows, and how many ``fresh`` ones would show it."""
    more = "" if fresh is None else f": add {fresh:,} fresh labelled rows"
    seen = f"{wear.decisions:,} decisions, {wear.passes:,} passes"
    return f"the rows are exhausted ({seen}): no error probability is left that a test could keep{more}"

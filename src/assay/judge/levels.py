"""The error probability that a sentence allows."""

from assay.core.pipeline import GateAction
from assay.core.sentence import Sentence
from assay.core.wear import Wear

LEAST_LEFT = 1e-250
"""Below it the rows are exhausted: no test can keep what is left, and slices and bounds divide it further."""


def delta_of(sentence: Sentence, gate: GateAction, wear: Wear | None = None) -> float:
    """The level as written, or what ``wear`` leaves of it where the sentence must be shown by labels. A ``no`` keeps its level on a
    worn test set, as harm must not get harder to see; what no label has a part in wears nothing out."""
    confidence = gate.confidence if sentence.confidence is None else sentence.confidence
    written = float(f"{1 - confidence:.12g}")
    is_worn = wear is not None and sentence.is_of_rows and not sentence.is_forbidding
    return wear.left(written) if wear is not None and is_worn else written


def is_spent(delta: float) -> bool:
    """Nothing of the error probability is left that a test could keep."""
    return delta < LEAST_LEFT


def say_spent(wear: Wear, fresh: int | None = None) -> str:
    """Why nothing can be shown on these rows, and how many ``fresh`` ones would show it."""
    more = "" if fresh is None else f": add {fresh:,} fresh labelled rows"
    seen = f"{wear.decisions:,} decisions, {wear.passes:,} passes"
    return f"the rows are exhausted ({seen}): no error probability is left that a test could keep{more}"

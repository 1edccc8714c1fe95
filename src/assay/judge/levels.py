"""The error probability that a sentence allows."""

from assay.core.pipeline import GateAction
from assay.core.sentence import Sentence
from assay.core.wear import Wear


def delta_of(sentence: Sentence, gate: GateAction, wear: Wear | None = None) -> float:
    """The level as written, or what ``wear`` leaves of it where the sentence must be shown by labels. A ``no`` keeps its level on a
    worn test set, as harm must not get harder to see; what no label has a part in wears nothing out."""
    confidence = gate.confidence if sentence.confidence is None else sentence.confidence
    written = float(f"{1 - confidence:.12g}")
    is_worn = wear is not None and sentence.is_of_rows and not sentence.is_forbidding
    return wear.left(written) if wear is not None and is_worn else written

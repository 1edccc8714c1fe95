"""What is worth detecting, held against what the sentences speak of."""

from collections.abc import Iterable

from assay.core.metrics import METRICS
from assay.core.sentence import Sentence


def detect_mistake(detect: float | None, sentences: Iterable[Sentence]) -> str:
    """Why nothing can be better by so much; empty where it can. A share has no more than 1 to gain."""
    if detect is None or detect < 1:
        return ""
    kinds = ((said.metric, METRICS[said.metric].kind) for said in sentences if said.is_of_rows)
    metric = next((name for name, kind in kinds if kind == "share"), None)
    return (
        "" if metric is None else f"{metric} is a share: 0.02 is two points, and {detect:g} would be {100 * detect:g}"
    )

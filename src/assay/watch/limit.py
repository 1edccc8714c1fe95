"""When a metric counts as decayed.

``decay: 15%`` means: shown, with 95 % confidence and one-sided, to be above 1.15 x (where lower is better) or below .85 x
(where higher is better) the champion's value on its own gate rows.
"""

from assay.core.metrics import METRICS
from assay.core.pipeline import Performance
from assay.core.sentence import SentenceMistake, parse_sentence
from assay.core.verdict import Verdict
from assay.core.watch import ReadingState


def reference_value(verdict: Verdict | None, metric: str) -> float | None:
    """The model's value of the metric on its gate rows, from the verdict that let it pass; None where no sentence was
    about that metric."""
    for sentence in verdict.sentences if verdict else ():
        if sentence.challenger is not None and _metric_of(sentence.sentence) == metric:
            return sentence.challenger
    return None


def decay_limit(performance: Performance, reference: float | None) -> float | None:
    """The value that must not be shown to be passed; None without a reference."""
    if reference is None:
        return None
    worse = 1 - performance.decay if is_higher_better(performance.metric) else 1 + performance.decay
    return reference * worse


def state_of(metric: str, labelled: int, interval: tuple[float, float] | None, limit: float | None) -> ReadingState:
    """What a reading says; ``interval`` is two-sided 90 %, so that each end is a one-sided bound at 95 %."""
    if interval is None:
        return "too few labels" if labelled else "no labels"
    if limit is None:
        return "no limit"
    low, high = interval
    is_decayed = high < limit if is_higher_better(metric) else low > limit
    return "decayed" if is_decayed else "ok"


def is_higher_better(metric: str) -> bool:
    """A larger value of the metric is the better one."""
    return METRICS[metric].higher_is_better


def _metric_of(text: str) -> str | None:
    try:
        return parse_sentence(text).metric
    except SentenceMistake:
        return None

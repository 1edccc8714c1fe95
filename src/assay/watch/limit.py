"""When a metric counts as decayed.

``decay: 15%`` means: shown, with 95 % confidence and one-sided, to be above 1.15 x (where lower is better) or below .85 x
(where higher is better) the champion's value on its own gate rows.

Labels often trickle in, and a test that is repeated at every look errs more often than it says. So a batch is tested when 80 %
of its labels have come, and its readings before that are provisional. Looks after that share most of their rows, so that a
batch is tested about once; those of different batches are tests of their own.
"""

from assay.core.metrics import METRICS
from assay.core.pipeline import Performance
from assay.core.sentence import SentenceMistake, parse_sentence
from assay.core.verdict import Verdict
from assay.core.watch import ReadingState

DECIDED_COVERAGE = 0.8
"""The share of a batch's rows whose labels must have come before it starts a run."""


def reference_value(verdict: Verdict | None, metric: str) -> float | None:
    """The model's value of the metric on its gate rows, from the verdict that let it pass; None where no sentence was
    about that metric."""
    if verdict is None:
        return None
    if metric in verdict.measured:
        return verdict.measured[metric]
    values = (s.challenger for s in verdict.sentences if _metric_of(s.sentence) == metric)
    return next((value for value in values if value is not None), None)


def decay_limit(performance: Performance, reference: float | None) -> float | None:
    """The value that must not be shown to be passed; None without a reference."""
    if reference is None:
        return None
    worse = 1 - performance.decay if is_higher_better(performance.metric) else 1 + performance.decay
    return reference * worse


def state_of(
    metric: str, rows: int, labelled: int, interval: tuple[float, float] | None, limit: float | None
) -> ReadingState:
    """What a reading says; ``interval`` is two-sided 90 %, so that each end is a one-sided bound at 95 %."""
    if interval is None:
        return "too few labels" if labelled else "no labels"
    if limit is None:
        return "no limit"
    if labelled < DECIDED_COVERAGE * rows:
        return "provisional"
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

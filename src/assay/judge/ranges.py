"""The range that a metric's values cannot leave: intervals are cut to it, for the bounds of an approximate test know nothing of it."""

import math

import msgspec

from assay.core.metrics import METRICS, CostMatrix, MetricSettings
from assay.judge.question import Question, Tested

Range = tuple[float, float]


def range_of(metric: str, settings: MetricSettings) -> Range:
    """The least and the greatest value that the metric can have."""
    if metric == "score":
        return settings.score_range or (-math.inf, math.inf)
    if metric == "cost" and isinstance(settings.cost, CostMatrix):
        return 0.0, max((cost for _, _, cost in settings.cost.costs), default=0.0)
    if METRICS[metric].kind == "amount":
        return 0.0, math.inf
    return -math.inf if metric == "r2" else 0.0, 1.0


def within(bounds: Range, limits: Range) -> Range:
    """The bounds, cut to the limits."""
    low, high = (min(max(bound, limits[0]), limits[1]) for bound in bounds)
    return low, high


def in_range(question: Question, tested: Tested, settings: MetricSettings) -> Tested:
    """What a test found, with its interval cut to what the estimate can be: the metric's value, or the difference of two."""
    least, greatest = range_of(question.metric, settings)
    if question.factor is not None:
        least, greatest = least - question.factor * greatest, greatest - question.factor * least
    if math.isnan(least) or math.isnan(greatest) or not least <= tested.estimate <= greatest:
        return tested
    return msgspec.structs.replace(tested, interval=within(tested.interval, (least, greatest)))

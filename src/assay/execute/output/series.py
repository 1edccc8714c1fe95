"""Collect numbers by name, in bounded memory."""

import math

import msgspec

from assay.core.run import Metric

MAX_METRICS = 1_000
MAX_VALUES = 10_000
"""Of one metric. Beyond it the series keeps its beginning, and the last value still stands."""


class NotFinite(msgspec.Struct, frozen=True):
    """A metric whose last value is NaN or an infinity: it has no value, and no older one stands in for it."""

    name: str
    value: str
    """``nan``, ``inf`` or ``-inf``."""
    last: float | None
    """The last finite value before; None where there was none."""
    finite: int
    """How many values were finite."""
    source: str


class Reported(msgspec.Struct, frozen=True):
    """What one source reported."""

    metrics: tuple[Metric, ...] = ()
    not_finite: tuple[NotFinite, ...] = ()


class SeriesCollector:
    """The metrics of one source, in the order in which their names came."""

    def __init__(self) -> None:
        self._series: dict[str, list[float]] = {}
        self._last: dict[str, float] = {}
        self._not_finite: dict[str, float] = {}

    def add(self, name: str, value: float) -> None:
        """Take one value. NaN and infinities are in no series, for JSON has none; names beyond the limit are passed over."""
        if not math.isfinite(value):
            if len(self._not_finite) < MAX_METRICS:
                self._not_finite[name] = value
            return
        if self._not_finite:
            self._not_finite.pop(name, None)
        series = self._series.get(name)
        if series is None:
            if len(self._series) >= MAX_METRICS:
                return
            series = self._series[name] = []
        if len(series) < MAX_VALUES:
            series.append(value)
        self._last[name] = value

    def reported(self, source: str) -> Reported:
        """What was collected. A metric that ended as NaN or an infinity is not among the metrics."""
        lost = self._not_finite
        metrics = (
            Metric(name, self._last[name], tuple(each), source)
            for name, each in self._series.items()
            if name not in lost
        )
        return Reported(tuple(metrics), tuple(self._lost(name, value, source) for name, value in lost.items()))

    def _lost(self, name: str, value: float, source: str) -> NotFinite:
        return NotFinite(name, str(value), self._last.get(name), len(self._series.get(name, ())), source)

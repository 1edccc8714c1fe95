"""Collect numbers by name, in bounded memory."""

import math

from assay.core.run import Metric

MAX_METRICS = 1_000
MAX_VALUES = 10_000
"""Of one metric. Beyond it the series keeps its beginning, and the last value still stands."""


class SeriesCollector:
    """The metrics of one source, in the order in which their names came."""

    def __init__(self) -> None:
        self._series: dict[str, list[float]] = {}
        self._last: dict[str, float] = {}
        self._not_finite: dict[str, None] = {}

    def add(self, name: str, value: float) -> None:
        """Take one value. NaN and infinities are passed over, for JSON has none; names beyond the limit too."""
        if not math.isfinite(value):
            if len(self._not_finite) < MAX_METRICS:
                self._not_finite.setdefault(name)
            return
        series = self._series.get(name)
        if series is None:
            if len(self._series) >= MAX_METRICS:
                return
            series = self._series[name] = []
        if len(series) < MAX_VALUES:
            series.append(value)
        self._last[name] = value

    def metrics(self, source: str) -> tuple[Metric, ...]:
        """What was collected."""
        return tuple(Metric(name, self._last[name], tuple(series), source) for name, series in self._series.items())

    @property
    def not_finite(self) -> tuple[str, ...]:
        """Names of which at least one value was NaN or infinite."""
        return tuple(self._not_finite)

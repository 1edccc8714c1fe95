"""How much of a result goes into the ledger, where it stays for ever and is read again and again."""

import msgspec

from assay.core.run import Metric, StepResult, Trace

MOST_FILES = 1_000
MOST_PATHS = 2_000
MOST_VALUES = 1_000


def recorded(result: StepResult) -> StepResult:
    """The result as it is recorded: at most 1,000 written files, 2,000 paths in each list of the trace, those of the
    project before others, and the last 1,000 values of each series. The step's log and its trace file have the rest."""
    return msgspec.structs.replace(
        result,
        written=result.written[:MOST_FILES],
        trace=_bounded(result.trace),
        metrics=tuple(map(_shortened, result.metrics)),
    )


def _bounded(trace: Trace) -> Trace:
    return msgspec.structs.replace(
        trace,
        reads=_first(trace.reads),
        writes=_first(trace.writes),
        missing=_first(trace.missing),
        updates=_first(trace.updates),
    )


def _first(paths: tuple[str, ...]) -> tuple[str, ...]:
    if len(paths) <= MOST_PATHS:
        return paths
    return tuple(sorted(paths, key=lambda path: path.startswith("/"))[:MOST_PATHS])


def _shortened(metric: Metric) -> Metric:
    if len(metric.series) <= MOST_VALUES:
        return metric
    return msgspec.structs.replace(metric, series=metric.series[-MOST_VALUES:])

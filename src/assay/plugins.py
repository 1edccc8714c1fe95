"""Find an adapter by name without importing the others.

Ours stand in ``BUILT_IN``; other people's come by entry points ``assay.<kind>``. A module is imported only when chosen.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Literal

from assay.core.problem import Problem, UsageError

Kind = Literal[
    "stores",
    "ledgers",
    "executors",
    "jobs",
    "runners",
    "engines",
    "tables",
    "predictors",
    "predictions",
    "files",
    "repositories",
    "clocks",
    "locks",
    "caches",
    "interpreters",
    "outboxes",
    "couriers",
]

BUILT_IN: dict[Kind, dict[str, str]] = {
    "stores": {
        "local": "assay.adapters.stores.local:LocalStore",
        "dvc": "assay.adapters.stores.dvc:DvcCache",
        "dvc-backed": "assay.adapters.stores.dvc:DvcBackedStore",
    },
    "ledgers": {"sqlite": "assay.adapters.ledgers.sqlite:SqliteLedger"},
    "executors": {
        "local": "assay.adapters.executors.local:LocalExecutor",
        "jobs": "assay.adapters.executors.jobs:JobExecutor",
    },
    "jobs": {"ray": "assay.adapters.jobs.ray:RayJobs"},
    "runners": {"local": "assay.adapters.executors.runner:run_job"},
    "engines": {
        "duckdb": "assay.adapters.engines.duckdb:DuckdbEngine",
        "postgres": "assay.adapters.engines.postgres:PostgresEngine",
        "spark": "assay.adapters.engines.spark:SparkEngine",
        "sqlite": "assay.adapters.engines.duckdb:DuckdbEngine",
    },
    "tables": {"duckdb": "assay.adapters.engines.duckdb_tables:DuckdbTables"},
    "predictors": {"process": "assay.adapters.predictors.process:ProcessPredictors"},
    "predictions": {"segments": "assay.adapters.predictions.segments:SegmentLog"},
    "files": {"local": "assay.adapters.files.local:LocalFiles"},
    "repositories": {"git": "assay.adapters.repositories.git:GitRepository"},
    "clocks": {"system": "assay.adapters.clocks.system:SystemClock"},
    "locks": {"flock": "assay.adapters.locks.flock:FileLock"},
    "interpreters": {"path": "assay.adapters.interpreters.path:PathInterpreter"},
    "outboxes": {"folder": "assay.adapters.outboxes.folder:FolderOutbox"},
    "couriers": {"local": "assay.adapters.couriers.local:LocalCourier"},
    "caches": {"sqlite": "assay.adapters.caches.sqlite:SqliteCache"},
}


def adapter(kind: Kind, name: str) -> Any:
    """The class of that name, imported now. ``UsageError`` where nobody offers it."""
    target = BUILT_IN[kind].get(name)
    if target is not None:
        module, _, attribute = target.partition(":")
        with _imported_whole():
            return getattr(import_module(module), attribute)
    from importlib.metadata import entry_points  # some 20 ms: only for adapters that are not ours

    offered = entry_points(group=f"assay.{kind}")
    if name in offered.names:
        with _imported_whole():
            return offered[name].load()
    known = ", ".join(sorted({*BUILT_IN[kind], *offered.names}))
    raise UsageError(
        Problem(
            "unknown-adapter",
            f"no adapter {name!r} among {kind}",
            (f"known: {known}",),
            f"install a package that offers it by the entry point assay.{kind}",
        )
    )


@contextmanager
def _imported_whole() -> Iterator[None]:
    """A Ctrl-C is heeded when the import is over: in the middle of DuckDB's own the process would be ended by SIGABRT."""
    heard: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():  # which alone is interrupted
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not None:  # else it is not Python that hears of it
                before[number] = signal.signal(number, lambda heard_of, _: heard.append(heard_of))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for first in heard[:1]:
            signal.raise_signal(first)

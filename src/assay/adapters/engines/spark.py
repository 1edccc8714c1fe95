# ruff: noqa: S608 -- queries are compiled, or the user's own
"""Checks through Spark 4: Parquet files, tables of its catalog, and values that were read elsewhere.

What is opened is looked up once: files that join a folder or a table later are not read, and one that goes makes the query fail. Its rows
are of one moment where the table's format keeps versions (Delta, Iceberg); plain files that are written over while they are read
may give rows of both, which the digest taken before and after tells of files, and nothing of tables.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

from assay.adapters.engines.spark_errors import told
from assay.adapters.engines.spark_frames import framed, plain
from assay.adapters.engines.spark_session import session
from assay.core.dataset import DataColumn, Dialect, Source


class SparkEngine:
    """Keeps the ``Engine`` port. Holds no state between calls; may be used from several threads."""

    dialect: Dialect = "spark"

    @contextmanager
    def open(self, datasets: Mapping[str, Source]) -> Iterator["OpenedInSpark"]:
        """The datasets, each a temporary view of its name."""
        with session() as own:
            columns, file = {}, {}
            for name, source in datasets.items():
                with told():
                    found = framed(own, source)
                    found.frame.createOrReplaceTempView(name)
                columns[name], file[name] = found.columns, found.file
            yield OpenedInSpark(own, columns, file)


class OpenedInSpark:
    """Keeps the ``Opened`` port."""

    has_order = False
    places: Mapping[str, tuple[str, ...]] = MappingProxyType({})

    def __init__(self, session: Any, columns: Mapping[str, tuple[DataColumn, ...]], file: Mapping[str, str]) -> None:
        self.columns = columns
        self.file = file
        self._session = session

    def settle(self, name: str) -> None:
        """Nothing: the engine reads no text."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query answers."""
        return [tuple(map(plain, row)) for row in self._answered(query)]

    def named_rows(self, query: str) -> list[dict[str, Any]]:
        """The same with names."""
        return [dict(zip(row.__fields__, map(plain, row), strict=True)) for row in self._answered(query)]

    def _answered(self, query: str) -> list[Any]:
        """In brackets nothing but a query is read: no statement that would change something."""
        with told():
            return list(self._session.sql(f"SELECT * FROM (\n{query}\n)").collect())

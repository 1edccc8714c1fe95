# ruff: noqa: S608 -- names are ours, and what comes from people passes through quoting.py
"""Checks through DuckDB: files that are tables, tables of databases in files, and values that were read elsewhere. A table of PostgreSQL
is copied first; checks themselves are made where it stands."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from assay.adapters.engines.column_types import FLOATS, INTEGERS, TEXTS, TIMES, WIDE_INTEGERS, ZONED, family
from assay.adapters.engines.duckdb_databases import database_kind, listed_tables, no_table_named, table_source
from assay.adapters.engines.duckdb_errors import translated
from assay.adapters.engines.duckdb_session import file_source, opened_database, told_of
from assay.adapters.engines.quoting import number, text
from assay.adapters.engines.source import Column
from assay.adapters.engines.source import Source as FileSource
from assay.adapters.engines.table_files import TableFile, refusal, table_files
from assay.core.dataset import DatabaseTable, DataColumn, Dialect, Files, Held, Source, Values, is_database_name
from assay.core.problem import EvidenceError

if TYPE_CHECKING:
    import numpy as np

MEMORY_LIMIT = "500MB"
"""Beyond it DuckDB spills. More is hardly of use: telling ten million keys apart takes less time in 250 MB than in 2 GB."""


class DuckdbEngine:
    """Keeps the ``Engine`` port. Holds no state between calls; may be used from several threads."""

    dialect: Dialect = "duckdb"

    def __init__(self, memory_limit: str = MEMORY_LIMIT) -> None:
        self._memory_limit = memory_limit

    @contextmanager
    def open(self, datasets: Mapping[str, Source]) -> Iterator["OpenedInDuckdb"]:
        """The datasets, each a view of its name, or a table where its rows are those of SQLite or PostgreSQL. CSV cells are held as
        texts, those of JSON Lines and SQLite as JSON."""
        for each in datasets.values():
            if isinstance(each, Files):
                self._refuse_database(each.paths)
        files = {name: table_files(found.paths) for name, found in datasets.items() if isinstance(found, Files)}
        everything = tuple(file for each in files.values() for file in each)
        tables = {name: found for name, found in datasets.items() if isinstance(found, DatabaseTable)}
        served = {name: table for name, table in tables.items() if table.is_served}
        kinds = {table.address: database_kind(Path(table.address)) for table in tables.values() if not table.is_served}
        attached = [address for address, kind in kinds.items() if kind == "DuckDB"]
        names = {address: f"database{place}" for place, address in enumerate(attached)}
        databases = {name: Path(address) for address, name in names.items()}
        columns: dict[str, tuple[DataColumn, ...]] = {}

        def load(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
            from assay.adapters.engines.postgres_copy import copied  # and the driver, which is an extra

            columns.update((name, copied(connection, name, table, folder)) for name, table in served.items())

        with opened_database(everything, self._memory_limit, databases, load if served else None) as connection:
            places, file = {}, {}
            for name, source in datasets.items():
                match source:
                    case Files():
                        with told_of(files[name]):
                            found = file_source(connection, files[name])
                            columns[name] = _viewed(connection, name, found)
                            places[name], file[name] = found.places, found.file
                    case Values():
                        columns[name] = _valued(connection, name, source)
                    case DatabaseTable() if name in served:
                        continue
                    case DatabaseTable(address=address, name=table) if address in names:
                        found = table_source(connection, names[address], Path(address), table)
                        columns[name] = _viewed(connection, name, found)
                    case DatabaseTable(address=address, name=table):
                        from assay.adapters.engines.sqlite_rows import copied  # and numpy, which others do without

                        columns[name] = copied(connection, name, Path(address), table)
            yield OpenedInDuckdb(connection, columns, places, file, everything)

    def _refuse_database(self, paths: Sequence[Path]) -> None:
        """A database is no table; ``EvidenceError`` names those that it holds."""
        path = next((path for path in paths if is_database_name(path.name)), None)
        if path is None:
            return
        if database_kind(path) == "SQLite":
            from assay.adapters.engines.sqlite_rows import sqlite_tables  # and numpy, which others do without

            raise no_table_named(path, sqlite_tables(path))
        with opened_database((), self._memory_limit, {"database": path}) as connection:
            known = listed_tables(connection, "database")
        raise no_table_named(path, [table if schema == "main" else f"{schema}.{table}" for schema, table in known])


_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class OpenedInDuckdb:
    """Keeps the ``Opened`` port."""

    has_order = True

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        columns: Mapping[str, tuple[DataColumn, ...]],
        places: Mapping[str, tuple[str, ...]],
        file: Mapping[str, str],
        files: Sequence[TableFile],
    ) -> None:
        self.columns = columns
        self.places = places
        self.file = file
        self._connection = connection
        self._files = files
        self._texts = frozenset(
            name for name in file if any(column.held in ("csv", "json") for column in columns[name])
        )

    def settle(self, name: str) -> None:
        """Reads the texts of CSV or JSON Lines into a table, which takes less than reading them a second time. Where that cannot be done
        they are read each time, as before, and what is in the way of it is told by the next query."""
        if name not in self._texts:
            return
        self._texts = self._texts - {name}
        try:
            with told_of(self._files):
                self._connection.execute(f"CREATE TEMP TABLE {name}_settled AS FROM {name}")
                self._connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS FROM {name}_settled")
        except EvidenceError:
            self._connection.execute(f"DROP TABLE IF EXISTS {name}_settled")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query answers."""
        return self._answered(query).fetchall()

    def arrays(self, query: str) -> "tuple[np.ndarray, ...]":
        """What a query answers, column by column."""
        return tuple(self._answered(query).fetchnumpy().values())

    def named_rows(self, query: str) -> list[dict[str, Any]]:
        """The same with names."""
        answered = self._answered(query)
        names = [each[0] for each in answered.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answered.fetchall()]

    def _answered(self, query: str) -> duckdb.DuckDBPyConnection:
        try:
            return self._connection.execute(self._only_query(query))
        except (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException) as error:
            own_words = _QUOTED.sub("", str(error).partition("\nLINE ")[0])  # what it quotes is data, or the query
            if any(name in own_words for name in ("CSV", "Parquet", "JSON", "Arrow")):
                raise translated(error, self._files) from error
            raise refusal(
                "query-failed", "what is asked cannot be computed", (_said(error),), "look at the values"
            ) from error
        except (
            duckdb.ParserException,
            duckdb.BinderException,
            duckdb.CatalogException,
            duckdb.PermissionException,
        ) as error:
            raise refusal(
                "query-failed", "DuckDB does not take the query", (_said(error),), "correct the query"
            ) from error
        except duckdb.Error as error:
            raise translated(error, self._files) from error

    def _only_query(self, query: str) -> duckdb.Statement:
        """DuckDB would run several statements, and such as make or drop what only this session sees."""
        statements = self._connection.extract_statements(query)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            because = f"it is {len(statements)} statements" if len(statements) != 1 else "it is no SELECT"
            raise refusal("query-failed", "DuckDB does not take the query", (because,), "write one SELECT")
        return statements[0]


def _viewed(connection: duckdb.DuckDBPyConnection, name: str, source: FileSource) -> tuple[DataColumn, ...]:
    columns = tuple(_column(column, source.cells) for column in source.columns)
    refs = [_as_text(column) if column.held == "text" else column.ref for column in columns]
    shown = ", ".join([*refs, *source.beside])
    connection.execute(f"CREATE TEMP VIEW {name} AS SELECT {shown} FROM ({source.sql})")
    return columns


def _as_text(column: DataColumn) -> str:
    """A UUID has no length to DuckDB, and an enumeration an order of its own."""
    return column.ref if column.type == "VARCHAR" else f"CAST({column.ref} AS VARCHAR) AS {column.ref}"


def _column(column: Column, cells: str) -> DataColumn:
    texts: dict[str, Held] = {"text": "csv", "json": "json"}
    return DataColumn(column.name, column.type, texts.get(cells) or held(column.type), column.ref)


def held(type_: str) -> Held:
    """What a column of a type of DuckDB's holds."""
    name = family(type_)
    families: tuple[tuple[frozenset[str], Held], ...] = (
        (INTEGERS, "int"),
        (WIDE_INTEGERS, "wide_int"),
        (FLOATS, "float"),
        (frozenset({"DECIMAL"}), "decimal"),
        (TEXTS, "text"),
        (frozenset({"BOOLEAN"}), "bool"),
        (frozenset({"DATE"}), "date"),
        (TIMES, "time"),
        (frozenset({ZONED}), "zoned"),
    )
    is_nested = type_.endswith("]")
    return "other" if is_nested else next((found for names, found in families if name in names), "other")


def _valued(connection: duckdb.DuckDBPyConnection, name: str, source: Values) -> tuple[DataColumn, ...]:
    is_text = any(isinstance(value, str) for value in source.values)
    type_ = "VARCHAR" if is_text else "DOUBLE" if any(isinstance(v, float) for v in source.values) else "BIGINT"
    rows = ", ".join(f"({text(value) if isinstance(value, str) else number(value)})" for value in source.values)
    listed = f"SELECT * FROM (VALUES {rows}) AS listed(c0)" if rows else "SELECT NULL AS c0 WHERE false"
    connection.execute(f"CREATE TEMP VIEW {name} AS SELECT CAST(c0 AS {type_}) AS c0 FROM ({listed})")
    return (DataColumn("value", type_, held(type_), "c0"),)


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0]

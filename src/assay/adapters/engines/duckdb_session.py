# ruff: noqa: S608 -- what comes from people passes through quoting.py
"""Sessions of DuckDB: a database in memory for each call, whose SQL can touch the files of that call and nothing else: no other
file, no network, no extension. Memory is bounded; what does not fit is spilled to the system's temporary folder."""

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assay.adapters.engines.arrow_files import ArrowFile
from assay.adapters.engines.duckdb_ctrl_c import ctrl_c_heeded
from assay.adapters.engines.duckdb_databases import attach
from assay.adapters.engines.duckdb_errors import translated
from assay.adapters.engines.quoting import file_pattern, listed, text
from assay.adapters.engines.source import (
    Source,
    arrow_rows,
    arrow_source,
    csv_source,
    described_source,
    objects,
    reader,
)
from assay.adapters.engines.spill import spill_folder
from assay.adapters.engines.table_files import TableFile, refuse_alike, refuse_repeated, table_files

MOST_THREADS = 8
"""Each takes memory of its own that it cannot spill: in 500 MB eight tell twenty million long keys apart, and sixteen do not."""


@contextmanager
def opened_files(paths: Sequence[Path], memory_limit: str) -> Iterator[tuple[duckdb.DuckDBPyConnection, Source]]:
    """A database that sees the files of ``paths`` alone, and the dataset they make. What DuckDB raises is told in our words."""
    files = table_files(paths)
    with opened_database(files, memory_limit) as connection, told_of(files):
        yield connection, file_source(connection, files)


@contextmanager
def opened_database(
    files: Sequence[TableFile],
    memory_limit: str,
    databases: Mapping[str, Path] | None = None,
    load: Callable[[duckdb.DuckDBPyConnection, Path], None] | None = None,
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database that sees these files alone, and those of other databases under the names given to them, to read. ``load`` may put
    tables into it first, by way of the session's folder."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory_limit,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    with (
        spill_folder() as spill,
        duckdb.connect(":memory:", config=config) as connection,
        ctrl_c_heeded(connection),
    ):
        for name, path in (databases or {}).items():
            attach(connection, name, path)
        with told_of(files):
            _hold_threads(connection)
            connection.execute(f"SET temp_directory={text(str(spill))}")
            if load is not None:
                load(connection, spill)
            _close_doors(connection, files)
        yield connection


def _hold_threads(connection: duckdb.DuckDBPyConnection) -> None:
    """There are as many as there are processors, or as a container may use."""
    ((threads,),) = connection.execute("SELECT current_setting('threads')").fetchall()
    if threads > MOST_THREADS:
        connection.execute(f"SET threads={MOST_THREADS}")


@contextmanager
def told_of(files: Sequence[TableFile]) -> Iterator[None]:
    """What DuckDB raises over these files, in our words."""
    try:
        yield
    except duckdb.Error as error:
        raise translated(error, files) from error


def file_source(connection: duckdb.DuckDBPyConnection, files: Sequence[TableFile]) -> Source:
    """The dataset that the files make."""
    if files[0].format == "CSV":
        return csv_source(files)
    if files[0].format == "Arrow":
        return _registered(connection, files)
    if files[0].format == "Parquet":
        _refuse_repeated_columns(connection, files)
    described = connection.execute(f"DESCRIBE SELECT * FROM {reader(files)}").fetchall()
    if files[0].format == "JSON Lines" and any(_may_be_renamed(row[0]) for row in described):
        keys = connection.execute(f"SELECT DISTINCT unnest(json_keys(json)) FROM {objects(files)}").fetchall()
        refuse_alike(files[0].path, (row[0] for row in keys))
    return described_source(files, ((row[0], row[1]) for row in described))


def _may_be_renamed(name: str) -> bool:
    """As DuckDB does with a second name that differs in upper and lower case alone."""
    return re.search(r"_\d+$", name) is not None


def _registered(connection: duckdb.DuckDBPyConnection, files: Sequence[TableFile]) -> Source:
    names = [f"arrow_{uuid.uuid4().hex}" for _ in files]
    opened = [ArrowFile(file) for file in files]
    refuse_alike(files[0].path, (column for each in opened for column in each.names))
    for name, file in zip(names, opened, strict=True):
        connection.register(name, file)
    described = connection.execute(f"DESCRIBE {arrow_rows(names)}").fetchall()
    return arrow_source(dict(zip(names, files, strict=True)), ((row[0], row[1]) for row in described))


def _close_doors(connection: duckdb.DuckDBPyConnection, files: Sequence[TableFile]) -> None:
    allowed = dict.fromkeys(name for file in files for name in (str(file.path), file_pattern(file.path)))
    connection.execute(f"SET allowed_paths={listed(map(text, allowed))}")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")


def _refuse_repeated_columns(connection: duckdb.DuckDBPyConnection, files: Sequence[TableFile]) -> None:
    """DuckDB would call the second one ``name_1``."""
    everything = []
    for file in files:
        nodes = connection.execute(
            f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({text(file_pattern(file.path))})"
        ).fetchall()
        names = _top_level(nodes)
        refuse_repeated(file.path, names)
        everything += names
    refuse_alike(files[0].path, everything)


def _top_level(nodes: Sequence[tuple[str, int]]) -> list[str]:
    """The columns among the nodes of a Parquet schema, which lists the root and then each node before its children."""
    names = []
    pending = 0
    for name, children in nodes[1:]:
        if pending:
            pending -= 1
        else:
            names.append(name)
        pending += children
    return names

# ruff: noqa: S608 -- what comes from people passes through quoting.py
"""A table of SQLite, copied row by row into DuckDB as one version of it.

SQLite keeps a type with each cell and not with a column, as JSON Lines do, so that its cells become JSON:

    INTEGER, REAL    numbers; where the column is declared BOOLEAN, 0 and 1 are false and true
    TEXT             text; of a column declared DATE, DATETIME or TIMESTAMP too: rules read ``2013-01-31 05:00:00`` as a time
    BLOB             an object, which is an instance of no type that a rule declares
    NULL             NULL

A day or time that is kept as a number (a Julian day, seconds since 1970) stays a number: which of them it is only the program knows that
wrote it. Rows are read in chunks, in one transaction; what does not fit into memory is spilled.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import numpy as np

from assay.adapters.engines.duckdb_databases import chosen
from assay.adapters.engines.quoting import identifier
from assay.adapters.engines.table_files import refusal
from assay.core.dataset import DataColumn
from assay.core.problem import EvidenceError

CHUNK_CELLS = 100_000
"""Read at once: some ten megabytes."""


class _Text(bytes):
    """A TEXT, as opposed to a BLOB; decoded where it is written, to name what is not UTF-8."""


def sqlite_tables(path: Path) -> list[str]:
    """The names of its tables and views."""
    with _opened(path, "the list of tables") as database:
        return _listed(database)


def copied(connection: duckdb.DuckDBPyConnection, name: str, path: Path, table: str) -> tuple[DataColumn, ...]:
    """Makes the temporary table ``name`` of the rows of a table or view; its columns."""
    with _opened(path, table) as database:
        return _copied(connection, name, path, table, database)


@contextmanager
def _opened(path: Path, asked: str) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as database:
            database.text_factory = _Text
            yield database
    except sqlite3.Error as error:
        raise _unreadable(path, asked, error) from error


def _listed(database: sqlite3.Connection) -> list[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " ORDER BY name"
    )
    return [row[0].decode() for row in database.execute(query)]


def _copied(
    connection: duckdb.DuckDBPyConnection, name: str, path: Path, table: str, database: sqlite3.Connection
) -> tuple[DataColumn, ...]:
    database.execute("BEGIN")
    _, found = chosen(path, table, [("main", name) for name in _listed(database)], "main")
    declared = {
        row[1].decode(): row[2].decode().upper() for row in database.execute(f"PRAGMA table_xinfo({identifier(found)})")
    }
    rows = database.execute(f"SELECT * FROM {identifier(found)}")
    names = [each[0] for each in rows.description]
    columns = tuple(
        DataColumn(each, declared.get(each) or "ANY", "json", f"c{place}") for place, each in enumerate(names)
    )
    connection.execute(f"CREATE TEMP TABLE {name} ({', '.join(f'{column.ref} JSON' for column in columns)})")
    as_json = [_boolean if column.type in ("BOOLEAN", "BOOL") else _cell for column in columns]
    while chunk := rows.fetchmany(max(CHUNK_CELLS // len(columns), 1)):
        _append(connection, name, columns, as_json, path, chunk)
    return columns


def _append(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: Sequence[DataColumn],
    as_json: Sequence[Callable[[Any], str | None]],
    path: Path,
    rows: Sequence[tuple[Any, ...]],
) -> None:
    arrays = {}
    for column, written, cells in zip(columns, as_json, zip(*rows, strict=True), strict=True):
        try:
            arrays[column.ref] = np.array([None if cell is None else written(cell) for cell in cells], dtype=object)
        except UnicodeDecodeError as error:
            seen = f"a text in {column.name!r} holds the byte {error.object[error.start]:#x}"
            fix = f"write such cells as BLOB: UPDATE .. SET {column.name} = CAST({column.name} AS BLOB)"
            raise refusal("not-utf8", f"a text in {path} is not UTF-8", (seen,), fix) from error
    connection.register("chunk", arrays)
    connection.execute(f"INSERT INTO {name} SELECT * FROM chunk")
    connection.unregister("chunk")


def _cell(value: Any) -> str:
    match value:
        case _Text():
            return json.dumps(value.decode(), ensure_ascii=False)
        case bytes():
            return json.dumps({"blob": value.hex()})
        case float() if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        case _:
            return repr(value)


def _boolean(value: Any) -> str:
    return "true" if value == 1 else "false" if value == 0 else _cell(value)


def _unreadable(path: Path, table: str, error: sqlite3.Error) -> EvidenceError:
    said = str(error)
    if "locked" in said or "busy" in said:
        fix = "close the program that writes it, or check a copy"
        return refusal("database-locked", f"{path} is held by another process", (said,), fix)
    if "malformed" in said or "not a database" in said or "disk image" in said:
        fix = f"sqlite3 {path.name} '.recover' shows what can be saved"
        return refusal("data-unreadable", f"{path} is a damaged SQLite database", (said,), fix)
    return refusal("data-unreadable", f"{table} of {path} cannot be read", (said,), "check the database with sqlite3")

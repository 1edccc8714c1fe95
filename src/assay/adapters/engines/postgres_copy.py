# ruff: noqa: S608 -- what comes from people passes through quoting.py
"""A table of PostgreSQL, copied into DuckDB as one version of it, for what is asked in DuckDB's SQL alone: profiles and differences.

The server sends the table once, as CSV, into the session's folder. A view over a part of a great table is copied as well as a table.
What DuckDB has no type for (nested, binary, intervals) is its text.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from assay.adapters.engines.postgres import described_rows
from assay.adapters.engines.quoting import text
from assay.adapters.engines.table_files import refusal
from assay.core.dataset import DatabaseTable, DataColumn, Held

_TYPES: dict[Held, str] = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATE",
    "time": "TIMESTAMP",
    "zoned": "TIMESTAMPTZ",
}
_DECIMAL = re.compile(r"numeric\((\d+),(\d+)\)")
_MOST_DIGITS = 38
_LONGEST_ROW_BYTES = 64 * 2**20


def copied(
    connection: duckdb.DuckDBPyConnection, name: str, table: DatabaseTable, folder: Path
) -> tuple[DataColumn, ...]:
    """Makes the temporary table ``name`` of the rows of a table or view; its columns. The rows pass through a file in ``folder``."""
    path = folder / f"{name}.csv"
    with described_rows(table) as (columns, chunks):
        with _told_of_disk(table), path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
        _load(connection, name, table, columns, path)
    path.unlink()
    return columns


def _load(
    connection: duckdb.DuckDBPyConnection, name: str, table: DatabaseTable, columns: tuple[DataColumn, ...], path: Path
) -> None:
    spelt = ", ".join(f"'{column.ref}': 'VARCHAR'" for column in columns)
    typed = ", ".join(f"CAST({_spelt(column)} AS {_type(column)}) AS {column.ref}" for column in columns)
    read = (
        f"read_csv({text(str(path))}, auto_detect=false, header=false, new_line='\\n', delim=',', quote='\"', escape='\"', nullstr='',"
        f" allow_quoted_nulls=false, columns={{{spelt}}}, max_line_size={_LONGEST_ROW_BYTES}, parallel=false)"
    )
    try:
        connection.execute(f"CREATE TEMP TABLE {name} AS SELECT {typed} FROM {read}")
    except (duckdb.ConversionException, duckdb.InvalidInputException) as error:
        said = str(error).partition("\n")[0]
        fix = "name a view that leaves such rows out, or casts that column to text"
        raise refusal("data-unreadable", f"{table.name} cannot be copied", (said,), fix) from error


def _spelt(column: DataColumn) -> str:
    """As DuckDB reads it: years before the first are written in another way."""
    return f"replace({column.ref}, ' BC', ' (BC)')" if column.held in ("date", "time", "zoned") else column.ref


def _type(column: DataColumn) -> str:
    """As DuckDB holds it; a decimal of more digits than it has as a double."""
    if column.held == "decimal":
        digits = _DECIMAL.fullmatch(column.type)
        is_held = digits is not None and int(digits[1]) <= _MOST_DIGITS
        return f"DECIMAL({digits[1]},{digits[2]})" if digits is not None and is_held else "DOUBLE"
    return _TYPES.get(column.held, "VARCHAR")


@contextmanager
def _told_of_disk(table: DatabaseTable) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        because = (f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror),)
        fix = "free space in the temporary folder (TMPDIR), or name a view of fewer rows"
        raise refusal("out-of-memory", f"{table.name} cannot be copied here", because, fix) from error

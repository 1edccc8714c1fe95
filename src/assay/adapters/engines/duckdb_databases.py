# ruff: noqa: S608 -- what comes from people passes through quoting.py
"""Tables in the file of a database: which database it is, and what stands in one of DuckDB's."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import duckdb

from assay.adapters.engines.quoting import identifier, text
from assay.adapters.engines.source import Source, numbered
from assay.adapters.engines.table_files import excerpt, refusal, regular_size, typed, unreadable
from assay.core.near import near_miss
from assay.core.problem import EvidenceError

DatabaseKind = Literal["DuckDB", "SQLite"]

_SQLITE_MAGIC = b"SQLite format 3\0"
_DUCKDB_MAGIC = (8, b"DUCK")
_TABLES = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = {0}"
    " UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = {0} AND NOT internal ORDER BY ALL"
)


def database_kind(path: Path) -> DatabaseKind:
    """Whose database it is, by its first bytes and not by its name. ``EvidenceError`` where there is none."""
    try:
        regular_size(path)
        with path.open("rb") as stream:
            head = stream.read(64)
    except OSError as error:
        raise unreadable(path, error) from error
    if head.startswith(_SQLITE_MAGIC):
        return "SQLite"
    at, magic = _DUCKDB_MAGIC
    if head[at : at + len(magic)] == magic:
        return "DuckDB"
    if head.startswith(b"version https://git-lfs"):
        what = f"{path} is a Git LFS pointer, not the data"
        fix = f"git lfs pull --include={typed(path.name)}"
        raise refusal("git-lfs-pointer", what, (f"it begins with {excerpt(head.splitlines()[0])}",), fix)
    seen = (f"it begins with {excerpt(head[:20])}",)
    raise refusal("no-database", f"{path} is no database of DuckDB or SQLite", seen, "name the file of a database")


def attach(connection: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """The database, to read, under a name that is ours."""
    try:
        connection.execute(f"ATTACH {text(str(path))} AS {name} (READ_ONLY, TYPE duckdb)")
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        if "lock" in said.lower():
            fix = "close the program that writes it, or check a copy"
            raise refusal("database-locked", f"{path} is held by another process", (said,), fix) from error
        fix = "write it with DuckDB 2 or an earlier one, or export the table: COPY flights TO 'flights.parquet'"
        raise refusal("data-unreadable", f"{path} cannot be read as a DuckDB database", (said,), fix) from error


def listed_tables(connection: duckdb.DuckDBPyConnection, database: str) -> list[tuple[str, str]]:
    """(schema, table) of every table and view of a database that is attached."""
    return connection.execute(_TABLES.format(text(database))).fetchall()


def table_source(connection: duckdb.DuckDBPyConnection, database: str, path: Path, name: str) -> Source:
    """A table or view of a database that is attached."""
    known = listed_tables(connection, database)
    schema, table = chosen(path, name, known, "main")
    whole = f"{database}.{identifier(schema)}.{identifier(table)}"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {whole}").fetchall()
    except duckdb.Error as error:
        said = str(error).partition("\n")[0]
        fix = "a view may read tables of its own database, and no file"
        raise refusal("data-unreadable", f"{name} of {path} cannot be read", (said,), fix) from error
    columns = numbered((row[0], row[1]) for row in described)
    shown = ", ".join(f"{identifier(column.name)} AS {column.ref}" for column in columns)
    return Source("typed", columns, f"SELECT {shown} FROM {whole}")


def chosen(path: Path, name: str, known: Sequence[tuple[str, str]], default: str) -> tuple[str, str]:
    """Which of the tables, (schema, table), a name means: in its very letters, else the only one that differs in case alone."""
    for same in (str, str.lower):
        spelt = {same(f"{schema}.{table}"): (schema, table) for schema, table in known}
        spelt |= {same(table): (schema, table) for schema, table in known if schema == default}
        if same(name) in spelt:
            return spelt[same(name)]
    raise no_table(path, name, [table if schema == default else f"{schema}.{table}" for schema, table in known])


def no_table_named(path: Path, known: Sequence[str]) -> EvidenceError:
    """A database, where a table of it is needed."""
    because = f"it holds {', '.join(known[:5])}{', …' if len(known) > 5 else ''}" if known else "it holds no table"
    here = Path.cwd()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    fix = f"name a table: {shown}#{known[0] if known else 'TABLE'}"
    return refusal("no-table-named", f"{shown} is a database, and none of its tables is named", (because,), fix)


def no_table(path: Path, name: str, known: Sequence[str]) -> EvidenceError:
    """No table of that name."""
    near = near_miss(name, known)
    because = f"it holds {', '.join(known[:5])}{', …' if len(known) > 5 else ''}" if known else "it holds no table"
    fix = f"did you mean {near}?" if near else "name one of its tables"
    return refusal("no-such-table", f"{path} has no table {name}", (because,), fix)

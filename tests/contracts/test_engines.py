"""Every engine passes the engines' suite."""

import csv
import json
import sqlite3
from contextlib import closing

import duckdb
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.postgres import PostgresEngine
from assay.core.dataset import DatabaseTable, Files
from assay.plugins import adapter
from assay.testing.small_tables import write_parquet
from assay.testing.suites import EngineContract

READING_FILES = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_text('/etc/hostname')",
    "COPY (SELECT 1) TO '/tmp/written.csv'",
    "ATTACH '/tmp/other.duckdb'",
    "INSTALL httpfs",
    "SET enable_external_access = true",
    "PRAGMA database_list",
)


class TestDuckdbOnParquet(EngineContract):
    forbidden = READING_FILES

    @pytest.fixture
    def engine(self):
        return DuckdbEngine()

    @pytest.fixture
    def load(self, tmp_path):
        return lambda table: Files((write_parquet(table, tmp_path),))


class TestDuckdbOnCsv(EngineContract):
    """An empty cell is NULL, and every cell a text."""

    cells = "csv"
    unknown = frozenset({"empty text", "nested"})
    forbidden = READING_FILES

    @pytest.fixture
    def engine(self):
        return DuckdbEngine()

    @pytest.fixture
    def load(self, tmp_path):
        def load(table):
            path = tmp_path / f"{table.name}.csv"
            with path.open("w", newline="") as stream:
                writer = csv.writer(stream, lineterminator="\n")
                writer.writerow(table.columns)
                writer.writerows([["" if cell is None else str(cell) for cell in row] for row in table.rows])
            return Files((path,))

        return load


class TestDuckdbOnJsonLines(EngineContract):
    """Every cell has a type of its own, among them no infinity."""

    cells = "json"
    unknown = frozenset({"nan", "infinity", "nested"})
    forbidden = READING_FILES

    @pytest.fixture
    def engine(self):
        return DuckdbEngine()

    @pytest.fixture
    def load(self, tmp_path):
        def load(table):
            path = tmp_path / f"{table.name}.jsonl"
            lines = [
                json.dumps({k: _as_json(v) for k, v in row.items()}, ensure_ascii=False) for row in table.records()
            ]
            path.write_text("".join(f"{line}\n" for line in lines))
            return Files((path,))

        return load


class TestDuckdbOnArrow(EngineContract):
    forbidden = READING_FILES

    @pytest.fixture
    def engine(self):
        return DuckdbEngine()

    @pytest.fixture
    def load(self, tmp_path):
        pytest.importorskip("pyarrow")
        from arrow_written import arrow_table, write_arrow

        return lambda table: Files((write_arrow(arrow_table(table), tmp_path / f"{table.name}.feather"),))


class TestDuckdbOnItsOwnTables(EngineContract):
    forbidden = (*READING_FILES, "DELETE FROM database0.main.small", "DETACH database0")

    @pytest.fixture
    def engine(self):
        return DuckdbEngine()

    @pytest.fixture
    def load(self, tmp_path):
        def load(table):
            path = tmp_path / "warehouse.duckdb"
            parquet = str(write_parquet(table, tmp_path)).replace("'", "''")
            with duckdb.connect(path) as connection:
                connection.execute(f"CREATE OR REPLACE TABLE {_quoted(table.name)} AS FROM read_parquet('{parquet}')")
            return DatabaseTable(str(path), table.name)

        return load


class TestSqlite(EngineContract):
    """Every cell has a type of its own; NaN is NULL to SQLite itself."""

    cells = "json"
    unknown = frozenset({"nan", "nested"})
    forbidden = READING_FILES

    @pytest.fixture
    def engine(self):
        return adapter("engines", "sqlite")()

    @pytest.fixture
    def load(self, tmp_path):
        def load(table):
            path = tmp_path / "app.sqlite"
            declared = {"bool": "BOOLEAN", "date": "DATE", "time": "DATETIME"}
            columns = ", ".join(f"{_quoted(name)} {declared.get(kind, '')}" for name, kind in table.columns.items())
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute(f"DROP TABLE IF EXISTS {_quoted(table.name)}")
                connection.execute(f"CREATE TABLE {_quoted(table.name)} ({columns})")
                marks = ", ".join("?" * len(table.columns))
                rows = [[_as_json(cell) for cell in row] for row in table.rows]
                connection.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({marks})", rows)
            return DatabaseTable(str(path), table.name)

        return load


def _quoted(name):
    return '"' + name.replace('"', '""') + '"'


def _as_json(cell):
    return cell if cell is None or isinstance(cell, bool | int | float | str) else _number_or_text(cell)


def _number_or_text(cell):
    try:
        return float(cell)
    except TypeError:
        return str(cell)


class TestPostgres(EngineContract):
    forbidden = (
        "SELECT pg_read_file('/etc/passwd') AS a0",
        "SELECT * FROM pg_ls_dir('/')",
        "SELECT lo_import('/etc/passwd') AS a0",
        "COPY (SELECT 1) TO '/tmp/written.csv'",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT set_config('transaction_read_only', 'off', false) AS a0",
        "SELECT nextval('numbers') AS a0",
        "SET TRANSACTION READ WRITE",
        "COMMIT",
        "WITH gone AS (DELETE FROM small RETURNING 1) SELECT count(*) AS a0 FROM gone",
    )

    @pytest.fixture
    def engine(self):
        return PostgresEngine()

    @pytest.fixture
    def load(self, database):
        return lambda table: DatabaseTable(database.address, database.holding(table))

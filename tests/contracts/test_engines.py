"""Every engine passes the engines' suite."""

import csv
import json

import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.core.dataset import Files
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


def _as_json(cell):
    return cell if cell is None or isinstance(cell, bool | int | float | str) else _number_or_text(cell)


def _number_or_text(cell):
    try:
        return float(cell)
    except TypeError:
        return str(cell)

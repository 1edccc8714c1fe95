"""Random rows under random rules: PostgreSQL finds what DuckDB finds, to the row."""

from datetime import date, datetime

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.postgres import PostgresEngine
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable, Files
from assay.core.digest import digest_of
from assay.core.rules import RowRule, Rules, Terms, Tolerance, parse_column
from assay.testing.small_tables import SmallTable, write_parquet

ROWS = Artifact("rows", digest_of(b"rows"), "table", 0, 0)
INTS = st.none() | st.sampled_from([0, 1, -1, 7, 2**63 - 1, -(2**63)]) | st.integers(-20, 20)
FLOATS = st.none() | st.floats(allow_nan=True, allow_infinity=True, width=64)
TEXTS = (
    st.none()
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)
    | st.sampled_from(["a", "B", "é"])
)
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1))
MOMENTS = st.none() | st.builds(datetime.combine, st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.times())
TABLES = st.lists(st.tuples(INTS, INTS, FLOATS, TEXTS, DAYS, MOMENTS, st.none() | st.booleans()), max_size=12)
LINES = {
    "i": (
        "int",
        "int? -5..5",
        "int? in [0, 7], allow 2 rows",
        "int? unique",
        "int? -5..5 unique, allow 2 rows",
        "int? p50 <= 3, p90 > 0",
        "float? nulls <= 20%",
    ),
    "j": ("int? median 0..5", "float? < 3.5", "int? > -3, < 3, warn"),
    "f": ("float", "float? 0..1", "int?", "float? unique", "float? p75 <= 1e3", "float? in [0, 1.5]"),
    "t": ("str", "str? len 1..3", "str? in [a, B]", r"str? ~ '^[a-zé]*$'", r"str? ~ '\s|[^\w.]'", "str? unique"),
    "day": ("date", "date? 1950-01-01..2000-01-01", "time? > 1970-01-01 12:00", "date? unique"),
    "moment": ("time? ..2000-01-01", "time", "time? < 2000-01-01 00:00:00.5", "date?"),
    "b": ("bool", "bool? in [true]"),
}
CONDITIONS = (
    *("i <= j", "f > 0 or i > 0", "t < 'b'", "lower(t) = t", "length(trim(t)) > 0", "day < moment", "b is not true"),
    *("coalesce(i, j) % 3 = 0", "i / j > 0.5", "year(day) > 1970", "upper(t) like 'A%'", "i in (1, 7) = b"),
    *("greatest(i, j) > 0", "floor(f) = f", "epoch(moment) > 0", "case when b then i > 0 else j > 0 end"),
)
LINE = st.sampled_from([(name, line) for name, lines in LINES.items() for line in lines])


def told(report):
    return msgspec.to_builtins(report.findings)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    rows=TABLES,
    lines=st.lists(LINE, max_size=4, unique_by=lambda line: line[0]),
    conditions=st.lists(st.sampled_from(CONDITIONS), max_size=3, unique=True),
    slices=st.sampled_from([(), ("b",), ("t", "i")]),
)
def test_postgres_finds_what_duckdb_finds(database, tmp_path_factory, rows, lines, conditions, slices):
    table = SmallTable(
        {"id": "int", "i": "int", "j": "int", "f": "float", "t": "text", "day": "date", "moment": "time", "b": "bool"},
        tuple((place, *row) for place, row in enumerate(rows)),
    )
    rules = Rules(
        columns=(parse_column("id", "int"), *(parse_column(*line) for line in lines)),
        row_rules=tuple(RowRule(f"r{place}", condition) for place, condition in enumerate(conditions)),
        unique=(("id",), ("i", "b"), ("t", "day")),
        distinct_rows=True,
        terms=(Terms("key i, b", "warn", Tolerance(1)), Terms("distinct rows", allow=Tolerance(share=0.2))),
        slices=slices,
    )
    parquet = Files((write_parquet(table, tmp_path_factory.mktemp("rows")),))
    in_postgres = DatabaseTable(database.address, database.holding(table))
    found = told(check(ROWS, in_postgres, rules, PostgresEngine()))
    expected = told(check(ROWS, parquet, rules, DuckdbEngine()))
    for mine, theirs in zip(found, expected, strict=True):
        if "cannot be computed" in theirs["detail"]:  # each engine has words of its own
            assert "cannot be computed" in mine["detail"]
        else:
            assert mine == theirs


@pytest.fixture(autouse=True)
def _with_the_driver():
    pytest.importorskip("psycopg")

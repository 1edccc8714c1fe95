"""Rows held against other rows: PostgreSQL finds what DuckDB finds."""

import duckdb
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.postgres import PostgresEngine
from assay.check import Beside, check
from assay.check.drift_asked import Since
from assay.check.drifting import drift
from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable
from assay.core.digest import digest_of
from assay.core.rules import DriftRule, Rules
from assay.testing.suites import ComparisonContract

ORDERS = Artifact("orders", digest_of(b"orders"), "table", 0, 0)


class TestPostgres(ComparisonContract):
    @pytest.fixture
    def engine(self):
        return PostgresEngine()

    @pytest.fixture
    def load(self, database):
        return lambda table: DatabaseTable(database.address, database.holding(table))


@pytest.fixture
def both(database, tmp_path):
    """Runs statements that both read, and gives for each the engine and the place of its tables."""
    path = str(tmp_path / "orders.duckdb")

    def run(*statements):
        with duckdb.connect(path) as connection:
            for statement in statements:
                connection.execute(statement)
                database.execute(statement)
        return (DuckdbEngine(), path), (PostgresEngine(), database.address)

    return run


@pytest.mark.parametrize("type_", ["date", "timestamp", "timestamptz"])
def test_times_without_end_are_in_no_batch(both, type_):
    days = ", ".join(f"('2013-01-{day:02}', {day})" for day in range(1, 31))
    engines = both(
        f"CREATE TABLE orders (seen {type_}, n int)",
        f"INSERT INTO orders VALUES {days}, ('infinity', 1), ('-infinity', 2), (NULL, 3)",
    )
    rule, since = DriftRule(batch_s=86400.0, time="seen"), Since("champion", missing="there is no champion yet")
    profiles = [drift(ORDERS, DatabaseTable(at, "orders"), rule, since, engine).profile for engine, at in engines]
    assert [(profile.rows, profile.undated, profile.batches) for profile in profiles] == [(30, 3, 30)] * 2
    assert profiles[0] == profiles[1]


@pytest.mark.parametrize(("here", "there", "shared"), [("small", "large", 5), ("large", "small", 4)])
def test_numbers_of_32_bits_are_compared_with_those_of_64(both, here, there, shared):
    """What 32 bits cannot hold is none of their numbers, and what is too small for them is 0."""
    engines = both(
        "CREATE TABLE small (a real)",
        "INSERT INTO small VALUES (0.1), ('infinity'), (1e38), (0), (NULL), ('nan')",
        "CREATE TABLE large (a double precision)",
        "INSERT INTO large VALUES (0.1), (1e300), (-1e300), ('infinity'), (1e-300), (NULL)",
    )
    found = []
    for engine, at in engines:
        beside = Beside({"there": DatabaseTable(at, there)})
        found += check(ORDERS, DatabaseTable(at, here), Rules(apart_from=("there",)), engine, beside).findings
    assert [finding.failing_rows for finding in found] == [shared, shared]

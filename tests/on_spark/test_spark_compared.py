"""Rows held against other rows: Spark finds what DuckDB finds."""

import pytest
from both import DATA, assert_alike, written

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check.drift_asked import Since
from assay.check.drifting import drift
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.rules import DriftRule, Rules
from assay.testing.small_tables import write_parquet
from assay.testing.suites import ComparisonContract

pytestmark = pytest.mark.spark


class TestSpark(ComparisonContract):
    @pytest.fixture
    def engine(self, spark):
        return spark

    @pytest.fixture
    def load(self, tmp_path):
        return lambda table: Files((write_parquet(table, tmp_path),))


def test_files_are_batches(spark, tmp_path):
    """The last one has another column, a type that is wider, and no ``word``."""
    cells = "i AS n, [NULL, 'a', 'b'][1 + i % 3] AS word"
    old = [
        written(tmp_path, f"SELECT {cells} FROM range({n}, {n + 30}) AS t(i)", f"b{n:02}.parquet") for n in range(21)
    ]
    now = [
        written(tmp_path, f"SELECT {cells} FROM range(25) AS t(i)", "n0.parquet"),
        written(tmp_path, "SELECT i + .5::DOUBLE AS n, 7 AS new FROM range(60, 90) AS t(i)", "n1.parquet"),
    ]
    rule = DriftRule("before")
    before = drift(DATA, Files(tuple(old)), rule, Since("before", missing="it is the reference"), DuckdbEngine())
    since = Since("before", digest_of(b"before"), before.profile)
    told = [drift(DATA, Files(tuple(now)), rule, since, engine) for engine in (DuckdbEngine(), spark)]
    assert told[0] == told[1]
    assert [finding.column for finding in told[0].findings] == ["word", "n", None]
    assert told[0].profile.batches == 2


def test_nested_cells_that_are_written_alike_are_other_cells(spark, tmp_path):
    here = written(
        tmp_path,
        "SELECT * FROM (VALUES (1, ['a, b'], {'x': 'null'}), (2, ['a', 'b'], {'x': NULL})) AS t(id, list, struct)",
    )
    there = written(tmp_path, "SELECT ['a', 'b'] AS list, {'x': NULL::VARCHAR} AS struct", "there.parquet")
    rules = Rules(apart_from=("there",), unique=(("id",),))
    findings = assert_alike(spark, [here], rules, others={"there": Files((there,))})
    assert [row["id"] for row in findings[-1]["sample"]] == [2]


def test_numbers_of_32_bits_are_compared_with_those_of_64(spark, tmp_path):
    here = written(tmp_path, "SELECT unnest([1, 2, 3, 4, 5]) AS id, unnest([.1, 'inf', 0, NULL, 1e38]::FLOAT[]) AS a")
    there = written(tmp_path, "SELECT unnest([.1, 1e300, 'inf', 1e-300, NULL]::DOUBLE[]) AS a", "there.parquet")
    rules = Rules(apart_from=("there",), unique=(("id",),))
    findings = assert_alike(spark, [here], rules, others={"there": Files((there,))})
    assert [row["id"] for row in findings[-1]["sample"]] == [1, 2, 3, 4]

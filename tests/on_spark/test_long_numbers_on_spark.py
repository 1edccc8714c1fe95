"""Numbers that no double tells apart, on Spark as by DuckDB."""

import pytest
from both import both, written

from assay.core.dataset import Files
from assay.core.rules import RowRule, Rules, parse_column

pytestmark = pytest.mark.spark

BASE = "1750000000000000000"


@pytest.mark.parametrize("type_", ["DECIMAL(38, 0)", "DECIMAL(20, 0)", "DECIMAL(30, 2)"])
def test_long_numbers_are_told_apart_alike(spark, tmp_path, type_):
    ids = f"CAST({BASE} + 2 * range AS {type_})"
    here = written(tmp_path, f"SELECT {ids} AS id, {ids} + 1 AS next, range AS n FROM range(200)")
    there = written(tmp_path, f"SELECT {ids} + 1 AS id, range AS n FROM range(100, 300)", "other.parquet")
    rules = Rules(
        columns=(
            parse_column("id", "float in other.parquet:id"),
            parse_column("next", "float"),
            parse_column("n", "int"),
        ),
        row_rules=(RowRule("same", "id = next"), RowRule("before", "id < next"), RowRule("one", f"id <> {BASE}")),
        unique=(("id",), ("next",)),
        apart_from=("other.parquet",),
    )
    beside = {"others": {"other.parquet": Files((there,))}}
    of_duckdb, of_spark = both(spark, [here], rules, **beside)
    assert of_spark == of_duckdb
    assert {each["rule"].partition(":")[0]: each["failing_rows"] for each in of_spark if not each["passed"]} == {
        "id": 200,
        "same": 200,
        "one": 1,
    }

"""Operators mean what DuckDB means by them, and bind as they do there."""

import duckdb
import pytest

from assay.check.compile.conditions import condition
from assay.check.compile.tree import sql
from assay.core.dataset import DataColumn
from assay.core.rules import ColumnType

TABLE = """
CREATE TABLE source AS SELECT a, b, p, s, d, a AS c0, b AS c1, p AS c2, s AS c3, d AS c4 FROM (VALUES
  (1::BIGINT, 2::BIGINT, true, 'abc', DATE '2020-01-01'), (NULL, 2, false, NULL, NULL), (2, NULL, NULL, 'bc', DATE '2021-02-03'),
  (-7, 3, false, 'a%', DATE '1969-12-31'), (0, 0, true, '', DATE '2020-01-02')) AS t(a, b, p, s, d)
"""
COLUMNS = {
    "a": DataColumn("a", "BIGINT", "int", "c0"),
    "b": DataColumn("b", "BIGINT", "int", "c1"),
    "p": DataColumn("p", "BOOLEAN", "bool", "c2"),
    "s": DataColumn("s", "VARCHAR", "text", "c3"),
    "d": DataColumn("d", "DATE", "date", "c4"),
}
TYPES: dict[str, ColumnType] = {"a": "int", "b": "int", "p": "bool", "s": "str", "d": "date"}

SAME = [
    *("a = b", "a == b", "a <> b", "a != b", "a < b", "a <= b", "a > b", "a >= b", "not a = b"),
    *("a + b * 2 - 1 = 3", "- a % 2 = 1", "a % -2 = -1", "a / 2 = 0.5", "a / (b + 1) * 2 < 1", "a - b - 1 < 0"),
    *("2 * -a > 0", "+a = 1", "a - -1 = 2", "a = 1_0", "a = .5", "a = 2.", "a < 1e1"),
    *("a = b is null", "a < b is not null", "a > 1 is true", "not a < b is true", "p = true is null", "true = p is null"),
    *("a isnull", "a notnull", "a not null", "p is unknown", "p is not true", "a is null is null", "a is null = true"),
    *("a is distinct from b", "a is not distinct from b", "p is distinct from true is null", "a <> b is distinct from p"),
    *("p is distinct from a = b", "a between 1 and 2", "a not between 1 and 2", "a between asymmetric 1 and 2"),
    *("a between 1 and 2 = true", "a in (1, 2)", "a in (1,)", "a not in (1, 2)", "a in (1, null)", "a in (1, 2) is true"),
    *("s like 'a%'", "s not like 'a%'", "s like '_c'", "s like 'a%' is null", "s not like 'a%' is null", "p = s like 'a%'"),
    *("s || 'x' = 'abcx'", "s || 'x' like '%cx'", "s || a::varchar || 'z' = 'abc1z'", "s || a::varchar is null"),
    *("a > 0 or b > 0 and p", "not p or p", "p and a is null or b is null", "a::double / 2 = 0.5", "cast(a as double) < 1.5"),
    *("d > date '2020-01-01'", "d >= '2020-01-02'", "d < timestamp '2020-01-01 05:00:00'", "d between '2020-01-01' and '2020-12-31'"),
    *("case when a > 1 then p else b > 1 end", "extract('year' from d) = 2020", "extract(day from d) = 1"),
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_an_operator_means_what_duckdb_means_by_it(text: str) -> None:
    ours = sql(condition("r", text, COLUMNS, TYPES, "duckdb"), "duckdb")
    with duckdb.connect() as connection:
        connection.execute(TABLE)
        found = connection.execute(f"SELECT ({ours}), ({text}) FROM source").fetchall()
    assert [one for one, _ in found] == [other for _, other in found]

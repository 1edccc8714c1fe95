"""Queries of the user's own: which may be asked."""

import pytest

from assay.core.dataset import Dialect
from assay.core.rules.query_sql import QueryMistake, read_query

DIALECTS: tuple[Dialect, ...] = ("duckdb", "postgres", "spark")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("SELECT * FROM data WHERE a > 1 ; -- done", "SELECT * FROM data WHERE a > 1"),
        ("-- x\nWITH x AS (SELECT * FROM data) SELECT * FROM x;;\n/* end */", None),
        ("(SELECT a FROM data) UNION ALL (SELECT b FROM data)", None),
        (
            "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r WHERE a < 3) SELECT * FROM data JOIN r USING (a)",
            None,
        ),
        ("SELECT * FROM (WITH q AS (SELECT * FROM data) SELECT * FROM q) AS z", None),
        ("SELECT * FROM DATA AS d WHERE a IN (SELECT max(a) FROM data GROUP BY b)", None),
        ("SELECT ';' AS semicolon FROM data", None),
    ],
)
def test_one_query_that_reads_the_dataset_is_taken_as_it_stands(dialect: Dialect, text: str, query: str | None) -> None:
    found = read_query(text, dialect)
    assert query is None or found == query
    assert found in text
    assert not found.endswith((";", "--"))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    ("text", "what", "place"),
    [
        ("", "the query is empty", (1, 1)),
        ("-- nothing\n", "the query is empty", (1, 1)),
        ("SELECT 1", "the query does not read `data`", (1, 1)),
        ("\n  DROP VIEW source", "`DROP` is no query", (2, 3)),
        ("INSERT INTO data VALUES (1)", "`INSERT` is no query", (1, 1)),
        ("COPY data TO '/tmp/x'", "`COPY` is no query", (1, 1)),
        ("ATTACH 'x.duckdb'", "`ATTACH` is no query", (1, 1)),
        ("PRAGMA version", "`PRAGMA` is no query", (1, 1)),
        ("SET threads = 1", "`SET` is no query", (1, 1)),
        ("INSTALL httpfs", "`INSTALL` is no query", (1, 1)),
        ("EXPLAIN SELECT * FROM data", "`EXPLAIN` is no query", (1, 1)),
        ("SELECT * FROM data;\nSELECT 2", "it is more than one query", (1, 19)),
        ("SELECT 1) AS x; DROP VIEW source; --", "it is more than one query", (1, 15)),
        ("SELECT *\nFROM main.data", "the query reads `main.data`", (2, 11)),
        ("SELECT * FROM data,\n source", "the query reads `source`", (2, 2)),
        ("WITH data AS (SELECT 1) SELECT * FROM data", "WITH calls a query `data`", (1, 6)),
        ("WITH x AS (SELECT * FROM x) SELECT * FROM data", "the query reads `x`", (1, 26)),
        (
            "SELECT * FROM (SELECT * FROM y) AS a, (WITH y AS (SELECT * FROM data) SELECT * FROM y) AS b",
            "the query reads `y`",
            (1, 30),
        ),
        ("SELECT * FROM data, read_files('x')", "the table function read_files is not allowed", None),
        ("SELECT pg_read_file('x') FROM data", "the function pg_read_file is not allowed", None),
        ("SELECT reflect('java.lang.System', 'exit') FROM data", "the function reflect is not allowed", None),
        ("SELECT * INTO x FROM data", "INTO writes a table", None),
        ("SELECT * FROM data FOR UPDATE", "FOR UPDATE locks rows", None),
        ("WITH x AS (DELETE FROM data RETURNING *) SELECT * FROM data", "DELETE is no part of a query", None),
        ("SELECT * FROM data WHERE (", "the query does not read", None),
        ("SELECT 'open FROM data", "the query does not read", None),
    ],
)
def test_everything_else_is_refused_with_its_place(
    dialect: Dialect, text: str, what: str, place: tuple[int, int] | None
) -> None:
    with pytest.raises(QueryMistake) as caught:
        read_query(text, dialect)
    assert caught.value.what == what
    assert caught.value.fix
    assert place is None or (caught.value.line, caught.value.column) == place


def test_the_near_miss_of_a_table_is_said() -> None:
    with pytest.raises(QueryMistake) as caught:
        read_query("SELECT * FROM dta", "duckdb")
    assert caught.value.fix == "did you mean `data`?"


@pytest.mark.parametrize(
    "text", ["FROM data WHERE a > 1", "SELECT * FROM 'x.csv'", "SELECT * FROM read_csv('x'), data"]
)
def test_duckdbs_own_ways_to_begin_and_to_read_files(text: str) -> None:
    if text.startswith("FROM"):
        assert read_query(text, "duckdb") == text
    else:
        with pytest.raises(QueryMistake):
            read_query(text, "duckdb")


def test_functions_that_unfold_are_tables_too() -> None:
    read_query("SELECT * FROM data, unnest([1, 2]) AS u(x), generate_series(1, 2) AS g", "duckdb")
    read_query("SELECT * FROM data, generate_series(1, 2) AS g", "postgres")
    read_query("SELECT * FROM data LATERAL VIEW explode(array(1, 2)) t AS x", "spark")

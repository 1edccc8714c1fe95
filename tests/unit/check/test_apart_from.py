"""Rows that stand in another dataset too."""

from pathlib import Path

import duckdb
import pytest
import sqlglot

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import Beside, check
from assay.check.compile import compile_details, compile_probe, compile_scan, ruled_dataset
from assay.check.questions import Subject, Wanted
from assay.core.artifact import Artifact
from assay.core.dataset import DataColumn, Dialect, Files
from assay.core.digest import digest_of
from assay.core.finding import CheckReport, SliceCount
from assay.core.rules import Rules, parse_column

TEST = Artifact("data/test.csv", digest_of(b"test"), "file", 7)
TRAIN = "data/train.csv"


def held(tmp_path: Path, here: str, there: str, rules: Rules) -> CheckReport:
    """``here`` and ``there`` are texts of CSV, or selects that become Parquet."""
    paths = []
    for name, text in (("here", here), ("there", there)):
        path = tmp_path / f"{name}.{'parquet' if text.startswith('SELECT') else 'csv'}"
        if path.suffix == ".parquet":
            duckdb.execute(f"COPY ({text}) TO '{path}'")
        else:
            path.write_text(text)
        paths.append(path)
    beside = Beside({TRAIN: Files((paths[1],))})
    return check(TEST, Files((paths[0],)), rules, DuckdbEngine(), beside)


APART = Rules(apart_from=(TRAIN,))


def test_rows_of_both_are_counted_and_shown_in_the_order_of_the_data(tmp_path: Path) -> None:
    here, there = "a,b\n9,x\n1,y\n5,z\n1,y\n", "b,a\ny,1\nq,5\nx,9\nx,9\n"
    (finding,) = held(tmp_path, here, there, APART).findings
    assert (finding.rule, finding.failing_rows) == (f"apart_from: [{TRAIN}]", 3)
    assert finding.detail == f"3 of 4 rows (75 %) stand in {TRAIN} too, compared by a, b"
    assert finding.sample == ({"a": "9", "b": "x"}, {"a": "1", "b": "y"}, {"a": "1", "b": "y"})


def test_a_dataset_that_is_apart_says_by_what_it_was_compared(tmp_path: Path) -> None:
    (finding,) = held(tmp_path, "a,b\n1,x\n", "a,c\n2,x\n", APART).findings
    assert (finding.passed, finding.detail) == (True, "compared by a")


def test_the_first_key_that_both_have_names_the_rows(tmp_path: Path) -> None:
    rules = Rules(unique=(("a", "z"), ("a",)), apart_from=(TRAIN,), slices=("b",))
    report = held(tmp_path, "a,b,z\n1,x,1\n2,x,1\n3,y,1\n", "a,b\n1,other\n3,other\n", rules)
    finding = report.findings[-1]
    assert finding.detail == f"2 of 3 rows (66.7 %) stand in {TRAIN} too, compared by a"
    assert finding.slices == (SliceCount("b", "x", 1, 2), SliceCount("b", "y", 1, 1))


def test_nothing_in_common_shows_nothing_and_fails(tmp_path: Path) -> None:
    (finding,) = held(tmp_path, "a\n1\n", "b\n1\n", APART).findings
    assert (finding.passed, finding.severity) == (False, "error")
    assert finding.detail == f"it cannot be told from {TRAIN}: no column of one is a column of the other"


@pytest.mark.parametrize(
    ("here", "there", "shared"),
    [
        ("a\n7\n", "a\n007\n", 1),
        ("a\n7\n", "SELECT 7.0::DOUBLE AS a", 1),
        ("a\n7\n", "SELECT '7' AS a", 0),  # no text is a number
        ("SELECT '7' AS a", "a\n7\n", 1),  # what a CSV holds is text as well
        ("SELECT 0.0::DOUBLE AS a", "SELECT -0.0::DOUBLE AS a", 1),
        ("SELECT 0.1::DOUBLE AS a", "SELECT 0.1::FLOAT AS a", 1),
        ("SELECT 'nan'::DOUBLE AS a", "SELECT NULL::DOUBLE AS a", 1),
        ("SELECT NULL::INT AS a, 1 AS b", "SELECT NULL::INT AS a, 1 AS b", 1),
        ("SELECT NULL::INT AS a, 1 AS b", "SELECT 0 AS a, 1 AS b", 0),
        ("SELECT DATE '2013-01-01' AS a", "SELECT TIMESTAMP '2013-01-01 00:00:00' AS a", 1),
        ("SELECT DATE '2013-01-01' AS a", "a\n2013-01-01 05:00:00\n", 0),
        ("SELECT TIMESTAMPTZ '2013-01-01 05:00:00+05' AS a", "a\n2013-01-01T00:00:00\n", 1),
        ("SELECT true AS a", "a\nt\n", 1),
        ("SELECT 12.50::DECIMAL(9,2) AS a", "a\n12.5\n", 1),
        ("SELECT [1, 2] AS a", "SELECT [1, 2] AS a", 1),
        ("SELECT {'x': NULL} AS a", "SELECT {'x': NULL} AS a", 1),
        ("SELECT 'x' AS a", "SELECT 'x ' AS a", 0),
    ],
)
def test_cells_are_compared_as_what_they_are_here(tmp_path: Path, here: str, there: str, shared: int) -> None:
    (finding,) = held(tmp_path, here, there, APART).findings
    assert finding.failing_rows == shared
    assert len(finding.sample) == shared


def test_what_cannot_be_compared_is_named_and_left_out(tmp_path: Path) -> None:
    here, there = "SELECT 1 AS a, [1] AS b", "SELECT 1 AS a, ['x'] AS b"
    (finding,) = held(tmp_path, here, there, APART).findings
    assert finding.detail.endswith("compared by a; not by b, INTEGER[] here and VARCHAR[] there")


def test_a_declared_type_decides_and_cells_that_break_it_equal_none(tmp_path: Path) -> None:
    rules = Rules(columns=(parse_column("a", "int?"),), apart_from=(TRAIN,))
    finding = held(tmp_path, "a\nx\n1\n", "a\nx\n1.0\n", rules).findings[-1]
    assert finding.failing_rows == 1
    assert finding.sample == ({"a": 1},)


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "bigquery", "snowflake", "trino"])
def test_every_dialect_reads_the_queries(dialect: Dialect) -> None:
    helds = ("int", "float", "decimal", "text", "bool", "date", "time", "zoned", "other")
    columns = tuple(DataColumn(f"x{n}", "T", held, f"c{n}") for n, held in enumerate(helds))
    rules, subject = Rules(apart_from=("b",), slices=("x3",)), Subject(columns, dialect, {"b": columns})
    data = ruled_dataset(rules, subject)
    (scan,), (details,) = compile_scan(data), compile_details(data, ["apart b"])
    for query in (scan.query, details.query, compile_probe(data, "apart b", "shared", Wanted(10)).first):
        assert dialect == "duckdb" or "IS NOT DISTINCT" not in query
        sqlglot.parse_one(query, read=dialect)

"""Columns that give the label away."""

import math
import random
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import sqlglot

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import check
from assay.check.compile import giving_away
from assay.check.findings import leaks
from assay.check.questions import Seen
from assay.core.artifact import Artifact
from assay.core.dataset import DataColumn, Dialect, Files
from assay.core.digest import digest_of
from assay.core.finding import CheckReport
from assay.core.rules import Leakage, Rules

FLIGHTS = Artifact("data/flights.csv", digest_of(b"flights"), "file", 7)
ROWS = 400


def held(tmp_path: Path, select: str, leakage: Leakage | None = None, rows: int = ROWS) -> CheckReport:
    """The rows of a select over i = 0 .. rows - 1, as Parquet."""
    path = tmp_path / "flights.parquet"
    duckdb.execute(f"COPY (SELECT {select} FROM range({rows}) AS r(i) ORDER BY i) TO '{path}'")
    return check(FLIGHTS, Files((path,)), Rules(leakage=leakage or Leakage("late")), DuckdbEngine())


def told(report: CheckReport, severity: str = "error") -> list[tuple[str | None, str]]:
    return [(f.column, f.detail) for f in report.findings if not f.passed and f.severity == severity]


LATE = "i % 4 = 0 AS late"


@pytest.mark.parametrize(
    ("column", "detail"),
    [
        ("late", "each of its 2 values has one late only: false is false, true is true"),
        ("CASE WHEN late THEN 1 ELSE 0 END", "each of its 2 values has one late only: 0 is false, 1 is true"),
        ("CASE WHEN late THEN 'D' ELSE 'ABC'[i % 3 + 1] END", "each of its 4 values has one late only: "),
        (
            "CASE WHEN late THEN 16 + i % 90 ELSE i % 16 END",
            "its values lie apart by late: 1 .. 15 where it is false, 16 .. ",
        ),
        ("CASE WHEN late THEN random() ELSE -random() - 1e-9 END", "its values lie apart by late: -"),
        (
            "DATE '2013-01-01' + (CASE WHEN late THEN 100 ELSE 0 END + i % 90)::INT",
            "its values lie apart by late: 2013-",
        ),
        ("CASE WHEN NOT late THEN random() END", "it is NULL where late is true, and there alone"),
        ("CASE WHEN late THEN [i] END", "it is not NULL where late is true, and there alone"),
    ],
)
def test_a_column_that_gives_the_label_away_is_told_with_how_it_does(tmp_path: Path, column: str, detail: str) -> None:
    report = held(tmp_path, f"{LATE}, i % 7 AS other, {column} AS given")
    ((name, said),) = told(report)
    assert name == "given"
    assert said.startswith(f"given gives late away: {detail}")


@pytest.mark.parametrize(
    "column",
    [
        "i",  # names rows
        "i * 7919 % 400",
        "CASE WHEN late THEN 1000 + i ELSE i END",  # names rows, in the order of the classes
        "(CASE WHEN late THEN 1000 + i ELSE i END)::DOUBLE",
        "'N' || i",
        "'N' || (i // 4)",  # four rows a value, which tell no class
        "random()",
        "i % 2",
        "CASE WHEN late THEN 10 + i % 50 ELSE i % 50 END",  # strong, and honest
        "CASE WHEN i % 100 = 0 THEN NULL ELSE 1 END",
        "NULL",
        "1",
        "CASE WHEN late AND i % 8 = 0 THEN 'x' END",  # of some late rows alone
    ],
)
def test_other_columns_are_not(tmp_path: Path, column: str) -> None:
    report = held(tmp_path, f"{LATE}, {column} AS honest")
    assert [finding.passed for finding in report.findings] == [True]


def test_columns_may_be_allowed_and_keys_name_rows(tmp_path: Path) -> None:
    select = f"{LATE}, late AS copy, CASE WHEN late THEN 16 + i % 90 ELSE i % 16 END AS delay"
    assert [name for name, _ in told(held(tmp_path, select))] == ["copy", "delay"]
    report = held(tmp_path, select, Leakage("late", ("copy",)))
    assert report.findings[0].rule == "leakage: {label: late, allow: [copy]}"
    assert [name for name, _ in told(report)] == ["delay"]
    assert held(tmp_path, select, Leakage("late", ("copy", "delay"))).passed


def test_too_few_rows_of_the_rarer_class_tell_nothing_and_that_is_said(tmp_path: Path) -> None:
    (finding,) = held(tmp_path, f"{LATE}, late AS copy", rows=116).findings
    assert finding.passed
    assert finding.detail == "too few rows to tell: 29 rows outside the most frequent class, 30 are needed"
    assert not held(tmp_path, f"{LATE}, late AS copy", rows=120).passed


def test_rows_without_a_label_say_nothing(tmp_path: Path) -> None:
    select = (
        "CASE WHEN i % 5 < 4 THEN i % 4 = 0 END AS late, CASE WHEN i % 5 < 4 THEN i % 4 = 0 ELSE i % 2 = 0 END AS copy"
    )
    assert [name for name, _ in told(held(tmp_path, select))] == ["copy"]


def test_several_classes(tmp_path: Path) -> None:
    select = "'abc'[i % 3 + 1] AS kind, i % 3 * 100 + i % 50 AS number, CASE WHEN i % 3 = 1 THEN 7 END AS seven, i % 30 AS part"
    found = dict(told(held(tmp_path, select, Leakage("kind"))))
    assert sorted(map(str, found)) == ["number", "part", "seven"]
    assert found["seven"].endswith('it is not NULL where kind is "b", and there alone')
    assert '100 .. 149 where it is "b"' in found["number"]


def test_nearly_all_rows_are_a_warning_with_the_number(tmp_path: Path) -> None:
    select = f"{LATE}, CASE WHEN i % 4 = 0 AND i > 20 THEN 'x' ELSE 'y' END AS given"
    assert held(tmp_path, select).passed  # 100 late rows are too few for a "nearly"
    report = held(tmp_path, select, rows=4000)
    assert report.passed
    ((name, said),) = told(report, "warn")
    assert name == "given"
    assert said.startswith("given nearly gives late away: each of its 2 values has one late in all but 6 rows: ")


@pytest.mark.parametrize(
    ("column", "gives"),
    [
        ("delay * 60", True),
        ("32 - 1.8 * delay", True),
        ("delay::FLOAT", True),
        ("round(delay, 2)", True),
        ("delay + i % 10", False),
        ("CASE WHEN i = 3 THEN 1e12 ELSE random() END", False),  # one far value beside that of the label
        ("CASE WHEN i % 3 = 0 THEN delay * 2 END", True),
        ("CASE WHEN i % 7 = 0 THEN 'inf'::DOUBLE ELSE i END", False),
        ("delay::VARCHAR", False),  # no number, and another type
    ],
)
def test_a_label_that_is_a_number(tmp_path: Path, column: str, gives: bool) -> None:
    label = "CASE WHEN i = 3 THEN 1e12 ELSE (i * 7919 % 997) / 7 END" if "1e12" in column else "(i * 7919 % 997) / 7"
    report = held(tmp_path, f"{label} AS delay, {column} AS given", Leakage("delay"))
    assert bool(told(report)) is gives


def test_a_text_label_of_many_values_and_its_copy(tmp_path: Path) -> None:
    report = held(tmp_path, "'t' || i AS title, 't' || i AS copy, i AS id", Leakage("title"))
    assert told(report) == [("copy", "copy gives title away: it holds the same in every row")]


def test_a_label_that_is_not_there_names_the_near_miss(tmp_path: Path) -> None:
    (finding,) = held(tmp_path, f"{LATE}, 1 AS a", Leakage("lat")).findings
    assert (finding.passed, finding.detail) == (False, "no column `lat`; did you mean `late`?")


def test_csv_and_json_lines_are_read_as_what_their_values_are(tmp_path: Path) -> None:
    random.seed(0)
    rows = [(i, int(i % 4 == 0), 16 + i % 90 if i % 4 == 0 else i % 16, random.random()) for i in range(ROWS)]
    (tmp_path / "a.csv").write_text("id,late,delay,x\n" + "".join(f"{','.join(map(str, row))}\n" for row in rows))
    lines = ('{{"id": {}, "late": {}, "delay": {}, "x": {}}}\n'.format(*row) for row in rows)
    (tmp_path / "a.jsonl").write_text("".join(lines))
    for name in ("a.csv", "a.jsonl"):
        report = check(FLIGHTS, Files((tmp_path / name,)), Rules(leakage=Leakage("late")), DuckdbEngine())
        ((column, said),) = told(report)
        assert column == "delay"
        assert "1 .. 15 where it is" in said


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark", "bigquery", "snowflake", "trino"])
def test_every_dialect_reads_the_queries(dialect: Dialect) -> None:
    types = {
        "int": "int",
        "float": "float",
        "decimal": "float",
        "text": "str",
        "bool": "bool",
        "date": "date",
        "time": "time",
    }
    seen = [Seen(DataColumn(f"x{n}", "T", held, f"c{n}"), of) for n, (held, of) in enumerate(types.items())]  # type: ignore[arg-type]
    label, rest = seen[0], seen[1:]
    asked: list[Callable[[], object]] = [
        lambda: giving_away.compile_look([each.column for each in seen], {}, dialect).query,
        lambda: giving_away.compile_classes(label, rest, dialect, 50).query,
        lambda: giving_away.compile_copies(label, rest, dialect).query,
        lambda: giving_away.compile_inner_correlation(label, rest[0], dialect).query,
        lambda: giving_away.compile_values(label, rest, dialect),
        lambda: giving_away.compile_pairs(label, rest[2], dialect, 10),
        lambda: giving_away.compile_keys(label, rest[:2], dialect).query,
    ]
    for each in asked:
        sqlglot.parse_one(str(each()), read=dialect)


# The decisions


def test_the_bound_on_chance_is_above_what_chance_does() -> None:
    """Counted out: of all ways to put 3 labels of 1 among 6 rows, those that leave each of 3 pairs with one label."""
    pure = sum(
        all((mask >> 2 * pair & 3) in (0, 3) for pair in range(3)) for mask in range(64) if mask.bit_count() == 4
    )
    bound = math.exp(3 * math.log(2) - leaks._labellings((2, 4)))
    assert 0 < pure / math.comb(6, 4) <= bound


def test_many_values_may_be_pure_by_chance_and_are_not_told() -> None:
    assert leaks.by_values((9970, 30), 2, 10_000) is not None
    assert leaks.by_values((9970, 30), 900, 10_000) is None  # 2 ** 900 labellings are pure: more than C(10000, 30)
    assert leaks.by_values((5000, 5000), 900, 10_000) is not None
    assert leaks.by_values((5000, 5000), 1001, 10_000) is None

"""What change of a rule is proposed, and that the data passes under it."""

from pathlib import Path

import duckdb
import msgspec
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.finding import CheckReport
from assay.core.rules import RowRule, Rules, parse_column, parse_rows

FLIGHTS = Artifact("data/flights.csv", digest_of(b"flights"), "file", 7)


def held(path: Path, line: str) -> CheckReport:
    rules = Rules(columns=(parse_column("v", line),))
    return check(FLIGHTS, Files((path,)), rules, DuckdbEngine())


@pytest.mark.parametrize(
    ("line", "cells", "says", "proposed"),
    [
        ("str in [EWR, JFK]", ["EWR", "ZZ", "ZZ"], "new v ZZ (2 rows)", "str in [EWR, JFK, ZZ]"),
        ("str in [a], allow 1 row", ["b", "c"], "new v b (1 row), c (1 row)", "str in [a, b, c], allow 1 row"),
        ("int in [1, 2]", ["3"], "new v 3 (1 row)", "int in [1, 2, 3]"),
        ("int 1..12", ["0", "5"], "v from 0", "int 0..12"),
        ("int 1..12", ["-117", "1384"], "v from -117 and up to 1384", "int -120..1400"),
        ("float 0..1", ["1.234"], "v up to 1.234", "float 0..1.3"),
        ("int > 0", ["0", "1"], "v from 0", "int >= 0"),
        ("date ..2013-01-01", ["2013-02-03"], "v up to 2013-02-03", "date ..2013-02-03"),
        ("int", ["1", "", "3", "4"], "NULL in v, 25 % of the rows", "int?, nulls <= 31.3%"),
        ("int?, nulls <= 5%", ["1", "", "3", "4"], "NULL in v, 25 % of the rows", "int?, nulls <= 31.3%"),
        ("int mean 5..20", ["30"], "mean 30 of v", "int mean 5..32"),
        ("float p95 <= 36, warn, allow 1 row", ["1", "99"], "p95 99 of v", "float p95 <= 110, warn, allow 1 row"),
        ("int median 5..9, p95 < 36", ["1", "2", "3"], "median 2 of v", "int median 1.6..9, p95 < 36"),
        ("int 0..5 p95 <= 9, warn", ["7"], "v up to 7", "int 0..7 p95 <= 9, warn"),
        ("int >0 <5, allow 1 row", ["-7", "8", "9"], "v from -7 and up to 9", "int >= -7 <= 9, allow 1 row"),
        ("float 0..1, allow 10%", ["", "1"], "NULL in v, 50 % of the rows", "float? 0..1, nulls <= 62.5%, allow 10%"),
    ],
)
def test_under_what_is_proposed_the_data_passes(
    tmp_path: Path, line: str, cells: list[str], says: str, proposed: str
) -> None:
    path = tmp_path / "flights.csv"
    path.write_text("v,k\n" + "".join(f"{cell},1\n" for cell in cells))
    finding = next(each for each in held(path, line).findings if not each.passed and each.column == "v")
    assert finding.proposal is not None
    assert (finding.proposal.says, finding.proposal.line) == (says, proposed)
    assert finding.proposal.column == "v"
    assert held(path, proposed).passed


def test_changes_of_one_line_build_on_one_another(tmp_path: Path) -> None:
    path = tmp_path / "flights.csv"
    path.write_text("v,k\n0,1\n,1\n5,1\n7,1\n")
    lines = [each.proposal.line for each in held(path, "int 1..6").findings if each.proposal is not None]
    assert lines == ["int? 1..6, nulls <= 31.3%", "int? 0..7, nulls <= 31.3%"]
    assert held(path, lines[-1]).passed


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        ("int", ["x"]),
        ("str ~ '^N'", ["x"]),
        ("str len 3", ["x"]),
        ("str in [a]", [f"v{n}" for n in range(12)]),
        ("float 0..1", ["inf"]),
        ("int unique", ["1", "1"]),
    ],
)
def test_what_would_take_the_rules_sense_away_is_not_proposed(tmp_path: Path, line: str, cells: list[str]) -> None:
    path = tmp_path / "flights.csv"
    path.write_text("v,k\n" + "".join(f"{cell},1\n" for cell in cells))
    report = held(path, line)
    assert not report.passed
    assert [finding.proposal for finding in report.findings] == [None] * len(report.findings)


@pytest.mark.parametrize(("text", "proposed"), [("5..", "2.."), ("..2", "..4"), ("5", "2.."), ("4..9", "2..9")])
def test_a_number_of_rows_is_widened(tmp_path: Path, text: str, proposed: str) -> None:
    path = tmp_path / "flights.csv"
    path.write_text("v\n1\n2\n3\n")
    rules = Rules(rows=parse_rows(text))
    (finding,) = check(FLIGHTS, Files((path,)), rules, DuckdbEngine()).findings
    assert finding.proposal is not None
    assert (finding.proposal.key, finding.proposal.line) == ("rows", proposed)
    wider = msgspec.structs.replace(rules, rows=parse_rows(proposed))
    assert check(FLIGHTS, Files((path,)), wider, DuckdbEngine()).passed


@pytest.mark.parametrize(
    ("line", "values", "proposed"),
    [
        ("time 2020-01-01..2020-12-31", "TIMESTAMP '2021-01-01 12:00:00.5'", "time 2020-01-01..2021-01-01 12:00:01"),
        ("time ..2020-12-31 04:00", "TIMESTAMP '2020-12-31 05:00:00'", "time ..2020-12-31 05:00:00"),
        ("date < 2020-12-31", "DATE '2020-12-31'", "date <= 2020-12-31"),
        ("date 2020-01-01..", "DATE '0044-03-15 (BC)'", None),
        ("date ..2020-01-01", "DATE 'infinity'", None),
        ("time ..2020-01-01", "TIMESTAMP '29999-01-01 00:00:00'", None),
        ("int 0..5", "9223372036854775807", "int 0..9223372036854775807"),
        ("int 0..5", "-9223372036854775808", "int -9223372036854775808..5"),
        ("float 0.5..2", "5e-324", "float 5e-324..2"),
        ("float 0.5..2", "1.79e308", "float 0.5..1.79e+308"),
        ("float 0.5..2", "'inf'::DOUBLE", None),
        ("str len > 2 < 5", "NULL::VARCHAR), ('abc'", "str? len > 2 < 5, nulls <= 62.5%"),
        ("str in [a]", "'b''c\"d'", """str in [a, 'b''c"d']"""),
    ],
)
def test_what_is_proposed_reads_and_lets_the_data_pass(
    tmp_path: Path, line: str, values: str, proposed: str | None
) -> None:
    path = tmp_path / "v.parquet"
    duckdb.execute(f"COPY (SELECT * FROM (VALUES ({values})) AS t(v)) TO '{path}'")
    (finding,) = (each for each in held(path, line).findings if not each.passed)
    told = finding.proposal.line if finding.proposal is not None else None
    assert told == proposed
    if told is not None:
        assert held(path, told).passed


def test_a_nearly_whole_share_of_null_is_not_told_as_none(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    duckdb.execute(f"COPY (SELECT nullif(range, 7) AS v FROM range(100_000)) TO '{path}'")
    (finding,) = (each for each in held(path, "int").findings if not each.passed)
    assert finding.proposal is not None
    assert finding.proposal.says == "NULL in v, <0.1 % of the rows"


@pytest.mark.parametrize("name", ["rows", "unique", "mean"])
def test_rules_that_are_called_like_others_are_only_called_so(tmp_path: Path, name: str) -> None:
    path = tmp_path / "v.csv"
    path.write_text(f"{name}\n" + "".join(f"{number % 9}\n" for number in range(10)))
    rules = Rules(
        columns=(parse_column(name, "int 0..5"),),
        rows=parse_rows("10..20"),
        unique=((name,),),
        row_rules=(RowRule("rows", f"{name} < 5"),),
    )
    report = check(FLIGHTS, Files((path,)), rules, DuckdbEngine())
    proposals = [(each.rule, each.proposal.line) for each in report.findings if each.proposal is not None]
    assert proposals == [(f"{name}: int 0..5", "int 0..8")]

"""Suites that real tools wrote: nothing of them vanishes, and what comes out reads."""

import msgspec
import pytest
from suites_written import FIXTURES, Expected, values_of

from assay.check.suites import read_suite
from assay.core.rules import parse_column, parse_rows
from assay.core.rules.pattern import parse_pattern


def numbers(each):
    return {one.number for one in each}


def test_every_rule_is_carried_over_or_named(written):
    assert numbers(written.carried) | numbers(written.left) == set(range(1, written.rules_in_suite + 1))


def test_what_is_both_is_said_to_be_a_part(written):
    both = numbers(written.carried) & numbers(written.left)
    assert {left.number for left in written.left if left.is_in_part} == both


def test_every_line_reads(written):
    for column in written.columns:
        rule = parse_column(column.column, column.line)
        assert rule.pattern is None or parse_pattern(rule.pattern)
    assert not written.rows or parse_rows(written.rows)


def test_every_rule_on_rows_reads(written):
    row_sql = pytest.importorskip("assay.core.rules.row_sql")
    for rule in written.rules:
        assert row_sql.read_row_sql(rule.holds).columns
        assert not rule.given or row_sql.read_row_sql(rule.given).columns


def test_where_each_went_is_there(written):
    places = {
        *(f"columns.{each.column}" for each in written.columns),
        *(f"rules.{each.name}" for each in written.rules),
        *("rules", "columns", "rows", "unique", "closed"),
    }
    assert {each.to for each in written.carried} <= places
    assert len({each.name for each in written.rules}) == len(written.rules)


def test_why_something_was_left_is_always_said(written):
    assert all(each.because and each.rule for each in written.left)


def test_great_expectations_1():
    found = Expected(read_suite(values_of("gx-1.24.json")))
    assert found.found.origin == 'a suite of Great Expectations "flights", version 1.24.1'
    assert found.found.rows == "1000..5000"
    assert found.lines == {
        "month": "int 1..12",
        "origin": "str in [EWR, JFK, LGA], len 3",
        "tail": "str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', nulls <= 5%, allow 9.5%",
        "dest": "str? len 2..4",
        "distance": "float? 50..5000, nulls <= 0%, allow 1%",
        "delay": "float? > -60 <= 1500, mean 5..20, stddev 10..90, median >= -5 < 10, p5 -30.., p95 ..120, nulls <= 10%",
        "day": "time? 2013-01-01..2013-12-31 00:00",
        "carrier": "str? in [AA, UA]",
        "wind": "int? in [1, 2, 3], warn",
        "rain": "float",
    }


def test_great_expectations_0_18_is_the_same_language():
    found = Expected(read_suite(values_of("gx-0.18.json")))
    assert found.found.closed
    assert found.lines["origin"] == "str? nulls <= 10%"
    assert found.rules["origin_set"].allow == "9%"
    assert found.rules["a_b_range"].given == "carrier = 'AA'"


NEWER = {"wind": "float?", "distance": "int > 0"}
"""What versions of pandera before 0.22 did not write down: ignore_na and raise_warning."""


@pytest.mark.parametrize("name", sorted(each.name for each in FIXTURES.glob("pandera-*-flights*")))
def test_pandera_says_the_same_whatever_version_wrote_it(name):
    found = Expected(read_suite(values_of(name)))
    is_older = name in {"pandera-0.17-flights.yaml", "pandera-0.17-flights.json"}
    assert found.lines == {
        "month": "int 1..12",
        "origin": "str in [EWR, JFK, LGA]",
        "dest": "str ~ '^(?:[A-Z]+|x)', len 3",
        "tail": "str? ~ '^N'",
        "delay": "float? >= -60 < 1500",
        "distance": "int > 0 < 5000",
        "carrier": "str in [AA, UA]",
        "cancelled": "bool",
        "day": "time 2013-01-01..",
        "flight_id": "int unique",
        "zone": "int in [1]",
        "wind": "float? 0..",
        "code": "str ~ '#1$'",
    } | ({} if is_older else NEWER)
    assert found.found.unique == (("month", "flight_id"),)


@pytest.mark.parametrize(("name", "check"), [("flights", "month: even month"), ("Weather", "temp: not_zero")])
@pytest.mark.parametrize("version", ["0.17", "0.35"])
def test_only_a_schema_from_python_knows_checks_of_ones_own(version, name, check):
    found = read_suite(values_of(f"pandera-{version}-{name}-program.json"))
    assert check in {left.rule for left in found.left}
    assert not found.notes or "leaves checks" not in found.notes[0]


def test_yaml_of_pandera_is_said_to_lack_checks_of_ones_own():
    assert "leaves checks of your own out" in read_suite(values_of("pandera-0.35-Weather.yaml")).notes[0]


def test_the_result_is_a_value_that_json_holds(written):
    assert msgspec.json.decode(msgspec.json.encode(written), type=type(written)) == written

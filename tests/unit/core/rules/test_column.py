"""The language of column rules: what reads, and what does not and where."""

import msgspec
import pytest

from assay.core.rules import (
    Bounds,
    ColumnRule,
    MembersOf,
    QuantileBounds,
    RuleMistake,
    Tolerance,
    parse_column,
    parse_rows,
)

READS = {
    "int": ColumnRule("c", "int"),
    "int 1..12": ColumnRule("c", "int", bounds=Bounds(1, 12)),
    "int 0..": ColumnRule("c", "int", bounds=Bounds(0)),
    "int ..12": ColumnRule("c", "int", bounds=Bounds(None, 12)),
    "int -60..1440": ColumnRule("c", "int", bounds=Bounds(-60, 1440)),
    "int 300_000..": ColumnRule("c", "int", bounds=Bounds(300_000)),
    "int? 1..2400": ColumnRule("c", "int", nullable=True, bounds=Bounds(1, 2400)),
    "float 0..1.5": ColumnRule("c", "float", bounds=Bounds(0, 1.5)),
    "float 1e3..": ColumnRule("c", "float", bounds=Bounds(1000.0)),
    "float > 0": ColumnRule("c", "float", bounds=Bounds(0, low_open=True)),
    "float >= 0": ColumnRule("c", "float", bounds=Bounds(0)),
    "int < 5": ColumnRule("c", "int", bounds=Bounds(None, 5, high_open=True)),
    "float > 0, <= 5": ColumnRule("c", "float", bounds=Bounds(0, 5, low_open=True)),
    "str": ColumnRule("c", "str"),
    "str in [EWR, JFK]": ColumnRule("c", "str", one_of=("EWR", "JFK")),
    "str in [New York, 'a, b', \"]\"]": ColumnRule("c", "str", one_of=("New York", "a, b", "]")),
    "str in ['']": ColumnRule("c", "str", one_of=("",)),
    'str in [\'O\'\'Hare\', "O\'Hare", "a""b"]': ColumnRule("c", "str", one_of=("O'Hare", "O'Hare", 'a"b')),
    "str ~ '^a''b$'": ColumnRule("c", "str", pattern="^a'b$"),
    "int -9223372036854775808..9223372036854775807": ColumnRule("c", "int", bounds=Bounds(-(2**63), 2**63 - 1)),
    "float 99999999999999999999..": ColumnRule("c", "float", bounds=Bounds(1e20)),
    "float in [99999999999999999999, 0e-400]": ColumnRule("c", "float", one_of=(1e20, 0.0)),
    "int mean ..99999999999999999999": ColumnRule("c", "int", mean=Bounds(None, 1e20)),
    "int in [1, -2]": ColumnRule("c", "int", one_of=(1, -2)),
    "float in [1, 2.5]": ColumnRule("c", "float", one_of=(1, 2.5)),
    "bool in [true]": ColumnRule("c", "bool", one_of=(True,)),
    "str? len 3": ColumnRule("c", "str", nullable=True, length=Bounds(3, 3)),
    "str len 2..4": ColumnRule("c", "str", length=Bounds(2, 4)),
    "str len ..4": ColumnRule("c", "str", length=Bounds(None, 4)),
    "date": ColumnRule("c", "date"),
    "time?": ColumnRule("c", "time", nullable=True),
    "int? 1..2400, nulls <= 5%": ColumnRule("c", "int", nullable=True, bounds=Bounds(1, 2400), max_null_share=0.05),
    "int? nulls<=99.9%": ColumnRule("c", "int", nullable=True, max_null_share=0.999),
    "int 50..5000, allow 1 row": ColumnRule("c", "int", bounds=Bounds(50, 5000), allow=Tolerance(1)),
    "int allow 7%": ColumnRule("c", "int", allow=Tolerance(share=0.07)),
    "int allow 3 rows, allow 0.5 %": ColumnRule("c", "int", allow=Tolerance(3, 0.005)),
    "int unique": ColumnRule("c", "int", is_unique=True),
    "int 0..5, warn": ColumnRule("c", "int", bounds=Bounds(0, 5), severity="warn"),
    "int severity error": ColumnRule("c", "int"),
    "int? -60..1440, mean 5..20": ColumnRule("c", "int", nullable=True, bounds=Bounds(-60, 1440), mean=Bounds(5, 20)),
    "float mean > 0 <= 2.5": ColumnRule("c", "float", mean=Bounds(0, 2.5, low_open=True)),
    "int? > 0, stddev 50..150": ColumnRule(
        "c", "int", nullable=True, bounds=Bounds(0, low_open=True), stddev=Bounds(50, 150)
    ),
    "int?, p95 <= 120, nulls <= 3%": ColumnRule(
        "c", "int", nullable=True, max_null_share=0.03, quantiles=(QuantileBounds(0.95, Bounds(None, 120)),)
    ),
    "int median 5..10 p99.9 < 50": ColumnRule(
        "c",
        "int",
        quantiles=(QuantileBounds(0.5, Bounds(5, 10)), QuantileBounds(0.999, Bounds(None, 50, high_open=True))),
    ),
    "str? ~ '^N[0-9]{1,5}[A-Z]{0,2}$', allow 7%": ColumnRule(
        "c", "str", nullable=True, pattern="^N[0-9]{1,5}[A-Z]{0,2}$", allow=Tolerance(share=0.07)
    ),
    'str ~ "it\'s"': ColumnRule("c", "str", pattern="it's"),
    "str in data/airlines.parquet:carrier": ColumnRule(
        "c", "str", members=MembersOf("data/airlines.parquet", "carrier")
    ),
    "str in 'data/air lines.csv:the carrier', allow 1 row": ColumnRule(
        "c", "str", members=MembersOf("data/air lines.csv", "the carrier"), allow=Tolerance(1)
    ),
    "str in postgresql://host/base#public.airlines:carrier": ColumnRule(
        "c", "str", members=MembersOf("postgresql://host/base#public.airlines", "carrier")
    ),
    "date 2013-01-01..2013-12-31": ColumnRule("c", "date", bounds=Bounds("2013-01-01", "2013-12-31")),
    "date > 2013-01-01": ColumnRule("c", "date", bounds=Bounds("2013-01-01", low_open=True)),
    "time 2013-12-31 05:00..2013-12-31": ColumnRule("c", "time", bounds=Bounds("2013-12-31 05:00", "2013-12-31")),
    "time >= 2013-01-01T05:00": ColumnRule("c", "time", bounds=Bounds("2013-01-01 05:00")),
    "date in [2013-01-01, 2013-12-25]": ColumnRule("c", "date", one_of=("2013-01-01", "2013-12-25")),
}


@pytest.mark.parametrize("line", READS)
def test_a_line_says_what_the_docs_say(line: str) -> None:
    assert parse_column("c", line) == msgspec.structs.replace(READS[line], text=line)


def test_commas_between_clauses_and_spaces_change_nothing_but_the_text() -> None:
    one = parse_column("c", "int? 0..5, nulls <= 5%, allow 1 row")
    other = parse_column("c", "  int?0 .. 5 nulls<=5 %   allow 1 rows ")
    assert msgspec.structs.replace(one, text="") == msgspec.structs.replace(other, text="")


REFUSED = {
    "": (0, "a type (int, float, str, bool, date, time)"),
    "integer 1..12": (0, "a type (int, float, str, bool, date, time); did you mean int?"),
    "String": (0, "a type (int, float, str, bool, date, time); did you mean str?"),
    "timestamp": (0, "a type (int, float, str, bool, date, time); did you mean time?"),
    "5..6": (0, "a type (int, float, str, bool, date, time)"),
    "int 12..1": (4, "the lower end first"),
    "float > 5, < 5": (11, "the lower end first"),
    "int ..": (4, "a range such as 1..12"),
    "int 5": (5, ".. (a range such as 1..12)"),
    "int 1..2, 3..4": (10, "one range only"),
    "int > 1, >= 2": (9, "one lower end only"),
    "int 0.5..3": (4, "whole numbers, as the column's are"),
    "int 0..99999999999999999999": (7, "a number that fits 64 bits"),
    "int -9223372036854775809..": (4, "a number that fits 64 bits"),
    "int allow 99999999999999999999 rows": (10, "a number that fits 64 bits"),
    "float 1e-400..": (6, "a number that fits 64 bits"),
    "float 1e999..": (6, "a number that fits 64 bits"),
    "str 1..3": (4, "a clause for str (a range is for numbers, days and times); did you mean len?"),
    "bool > 0": (5, "a clause for bool (a comparison is for numbers, days and times)"),
    "int len 3": (4, "a clause for int (len is for str)"),
    "str len -1..3": (8, "whole numbers from 0"),
    "str in []": (8, "a value"),
    "str in [a, ]": (11, "a value"),
    "str in [a": (9, "a comma or ]"),
    "int in [1, 2.5]": (11, "a whole number"),
    "int in [1, 99999999999999999999]": (11, "a number that fits 64 bits"),
    "bool in [yes]": (9, "true or false"),
    "int nulls <= 5%": (4, "int? where NULL is allowed; nulls is about such columns"),
    "int? nulls > 5%": (11, "<= (such as nulls <= 5%)"),
    "int? nulls <= 5": (14, "a percentage such as 5%"),
    "int? nulls <= 500%": (14, "a percentage from 0% to 100%"),
    "int allow 1.5 rows": (10, "a whole number of rows"),
    "int allow 3": (11, "rows or %"),
}
CLAUSES = "a range such as 1..12, a comparison such as > 0, in [..], ~ '..', len, unique, mean, stddev, p95, nulls, allow or warn"
REFUSED |= {
    "date 2013-02-30..": (5, "a day that the calendar has"),
    "date > 2013": (7, "a day such as 2013-01-31"),
    "date 2013-01-01 05:00..": (5, "a day without a time of day, as the column's are"),
    "time >= 2013-12-31 05:00, < 2013-12-31": (26, "the lower end first"),
    "time 2013-12-31 05:00..2013-12-30": (5, "the lower end first"),
    "date 2013-12-31..2013-01-01": (5, "the lower end first"),
    "date in [a]": (9, "a day such as 2013-01-31"),
    "time 1..2": (5, "a day such as 2013-01-31"),
    "str ~ N": (6, "a pattern in quotes, such as ~ '^N[0-9]'"),
    "str in airlines": (7, "a set such as [EWR, JFK], or a column such as data/airlines.csv:carrier"),
    "int ~ 'x'": (4, "a clause for int (a pattern is for str)"),
    "str mean 1..2": (4, "a clause for str (mean is for int and float)"),
    "int p0 <= 3": (4, "a quantile from p1 to p99.9"),
    "int p95 <= 3, p95 >= 1": (14, "one range of p95 only"),
    "int mean": (8, "a range such as mean 5..20"),
    "int unique unique": (11, "one `unique` only"),
    "int warn error": (9, CLAUSES),
    "int severity high": (13, "warn or error"),
    "int average 3..4": (4, f"{CLAUSES}; did you mean mean?"),
}
REFUSED |= {
    "int,": (4, CLAUSES),
    "int 1...12": (7, CLAUSES),
    "int 1..12 foo": (10, CLAUSES),
    "int alow 1 row": (4, f"{CLAUSES}; did you mean allow?"),
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_mistake_says_where_and_what_was_expected(line: str) -> None:
    with pytest.raises(RuleMistake) as caught:
        parse_column("c", line)
    assert (caught.value.offset, caught.value.expected) == REFUSED[line]
    assert not caught.value.because


@pytest.mark.parametrize(
    "line, offset, expected, because",
    [
        ("str ~ '(?=x)'", 7, "a plain group: (..) or (?:..)", "look-around, named groups and flags within a pattern"),
        ("str ~ 'a\\b'", 8, "an escape such as \\. or \\d", "back references and word boundaries do not mean the same"),
        (
            "str ~ 'it''s(?=x)'",
            12,
            "a plain group: (..) or (?:..)",
            "look-around, named groups and flags within a pattern",
        ),
        ("str in [O'Hare]", 8, 'the value in quotes, "O\'Hare"', "a value that holds a quote or a bracket"),
        ('str in [a, O\'Hare "x", b]', 11, "the value in quotes, 'O''Hare \"x\"'", "a value that holds a quote"),
        ("str in [b[0], c]", 8, "the value in quotes, 'b[0'", "a value that holds a quote or a bracket"),
        ("str ~ 'a", 8, "the closing quote", "YAML ends a line at ` #`"),
        ("int mean 5.., <= 20", 14, "both ends in one range, such as mean 5..20", "a range of the values themselves"),
    ],
)
def test_where_more_is_to_be_said_it_is_said(line: str, offset: int, expected: str, because: str) -> None:
    with pytest.raises(RuleMistake) as caught:
        parse_column("c", line)
    assert (caught.value.offset, caught.value.expected) == (offset, expected)
    assert caught.value.because.startswith(because)


@pytest.mark.parametrize(
    "text, bounds",
    [
        ("1000", Bounds(1000, 1000)),
        ("1000..", Bounds(1000)),
        ("..5_000", Bounds(None, 5000)),
        ("10 .. 20", Bounds(10, 20)),
    ],
)
def test_a_number_of_rows_is_exact_or_a_range(text: str, bounds: Bounds) -> None:
    assert parse_rows(text) == bounds


@pytest.mark.parametrize("text", ["", "x", "-1..", "1.5", "5..1", "..", "1000 rows", "1e3"])
def test_what_is_no_number_of_rows_is_refused(text: str) -> None:
    with pytest.raises(RuleMistake):
        parse_rows(text)


@pytest.mark.parametrize(
    "bounds, text",
    [
        (Bounds(1, 12), "1..12"),
        (Bounds(0), "0.."),
        (Bounds(None, 12), "..12"),
        (Bounds(0, low_open=True), "> 0"),
        (Bounds(None, 5, high_open=True), "< 5"),
        (Bounds(0, 5, low_open=True), "> 0, <= 5"),
    ],
)
def test_bounds_read_as_they_are_written(bounds: Bounds, text: str) -> None:
    assert str(bounds) == text


@pytest.mark.parametrize(
    "bounds, of_times",
    [
        (Bounds("2013-01-01", "2013-12-31"), Bounds("2013-01-01", "2014-01-01", high_open=True)),
        (Bounds(None, "2013-12-31", high_open=True), Bounds(None, "2013-12-31", high_open=True)),
        (Bounds(None, "2013-12-31 00:00"), Bounds(None, "2013-12-31 00:00")),
        (Bounds(None, "9999-12-31"), Bounds(None, "9999-12-31 23:59:59.999999")),
        (Bounds("2013-01-01"), Bounds("2013-01-01")),
    ],
)
def test_a_day_as_the_upper_end_of_times_is_a_whole_day(bounds: Bounds, of_times: Bounds) -> None:
    assert bounds.of_times == of_times


def test_every_rule_that_reads_is_kept_by_json_and_msgpack() -> None:
    for line in READS:
        rule = parse_column("c", line)
        assert msgspec.json.decode(msgspec.json.encode(rule), type=ColumnRule) == rule
        assert msgspec.msgpack.decode(msgspec.msgpack.encode(rule), type=ColumnRule) == rule

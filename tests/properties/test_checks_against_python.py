"""For random small tables and rules, what the engine and the room find is what a slow, obvious loop over the cells finds."""

import csv
import io
import json
import math
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.finding import CheckReport
from assay.core.rules import COLUMN_TYPES, Bounds, ColumnRule, ColumnType, QuantileBounds, Rules, Terms, Tolerance

Cell = Any
NAMES = ("a", 'b "c"', "A d;")
PLACE = "place"
"""A column with the number of the row, by which samples are compared."""
FLIGHTS = Artifact("data/flights", digest_of(b"flights"), "file", 7)


class Frame(NamedTuple):
    """A table as Python sees it. ``types`` are DuckDB's, for Parquet alone."""

    format: str
    columns: dict[str, list[Cell]]
    types: dict[str, str]

    @property
    def rows(self) -> int:
        return len(self.columns[PLACE])


# --- the slow, obvious way -------------------------------------------------------------------------------------------

NULL, WRONG = object(), object()
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
PARQUET_TYPES: dict[str, set[str]] = {
    "int": {"BIGINT", "UTINYINT", "DOUBLE", "DECIMAL(9,2)", "HUGEINT"},
    "float": {"BIGINT", "UTINYINT", "DOUBLE", "DECIMAL(9,2)", "HUGEINT"},
    "str": {"VARCHAR"},
    "bool": {"BOOLEAN"},
    "date": {"DATE", "TIMESTAMP"},
    "time": {"DATE", "TIMESTAMP"},
}


def instance(cell: Cell, declared: ColumnType, frame: Frame, column: str) -> Any:
    """The cell as an instance of the declared type; NULL or WRONG where it is none."""
    if cell is None:
        return NULL
    if frame.format == "csv":
        return from_text(str(cell), declared)
    if frame.format == "jsonl":
        return from_json(cell, declared)
    if isinstance(cell, float) and math.isnan(cell):
        return NULL
    if frame.types.get(column, "BIGINT") not in PARQUET_TYPES[declared]:
        return WRONG
    return from_python(cell, declared)


def from_text(text: str, declared: ColumnType) -> Any:
    match declared:
        case "int" | "float":
            if text.lower() in ("nan", "inf", "-inf"):
                return NULL if text.lower() == "nan" else from_python(float(text), declared)
            if not NUMBER.fullmatch(text.strip()):
                return WRONG
            return whole(Fraction(text.strip())) if declared == "int" else float(text)
        case "bool":
            return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}.get(text.lower(), WRONG)
        case "str":
            return text
        case _:
            try:
                moment = datetime.fromisoformat(text.removesuffix("Z"))
            except ValueError:
                return WRONG
            return from_python(moment, declared)


def from_json(cell: Cell, declared: ColumnType) -> Any:
    match cell:
        case str():
            return from_text(cell, declared) if declared in ("str", "date", "time") else WRONG
        case bool():
            return cell if declared == "bool" else WRONG
        case int() | float() if declared in ("int", "float"):
            return NULL if math.isnan(cell) else from_python(cell, declared)
        case _:
            return WRONG


def from_python(cell: Cell, declared: ColumnType) -> Any:
    match declared:
        case "int":
            return WRONG if cell in (math.inf, -math.inf) else whole(Fraction(cell))
        case "float":
            return float(cell)
        case "date":
            if isinstance(cell, datetime):
                return WRONG if cell.time() != datetime.min.time() else cell.date()
            return cell
        case "time":
            return cell if isinstance(cell, datetime) else datetime.combine(cell, datetime.min.time())
        case _:
            return cell


def whole(number: Fraction) -> Any:
    return int(number) if number.denominator == 1 and -(2**63) <= number < 2**63 else WRONG


def inside(value: Any, bounds: Bounds) -> bool:
    if bounds.low is not None and (value < bounds.low or (bounds.low_open and value == bounds.low)):
        return False
    return not (bounds.high is not None and (value > bounds.high or (bounds.high_open and value == bounds.high)))


def told_apart(frame: Frame, column: str, place: int, declared: ColumnType | None) -> Any:
    """What a cell is within a key: its value, and as it stands where it has none of its column's type."""
    cell = frame.columns[column][place]
    is_ruled_out = (
        frame.format == "parquet" and declared and frame.types.get(column, "BIGINT") not in PARQUET_TYPES[declared]
    )
    if declared is None or is_ruled_out:
        return repr(None if is_nan(frame, cell) else cell)
    value = instance(cell, declared, frame, column)
    told = None if value is NULL else all_digits(value, cell)
    return ("as it stands", repr(cell)) if value is WRONG else (value is NULL, told)


def rank(frame: Frame, column: str, place: int, declared: ColumnType | None) -> tuple[Any, ...]:
    """Where a cell stands among others in the order of a key: its value first, then as it stands, NULL last."""
    cell, none = frame.columns[column][place], (1, 0)
    raw = none if cell is None or is_nan(frame, cell) else (0, raw_rank(frame, cell))
    is_ruled_out = (
        frame.format == "parquet" and declared and frame.types.get(column, "BIGINT") not in PARQUET_TYPES[declared]
    )
    if declared is None or is_ruled_out:
        return (raw,)
    value = instance(cell, declared, frame, column)
    told = none if value is NULL or value is WRONG else (0, all_digits(value, cell))
    return (told, raw if value is WRONG else none)


def all_digits(value: Any, cell: Cell) -> Any:
    """Numbers are told apart by all their digits, of which a double has no more than sixteen."""
    is_far = isinstance(value, float) and 2**53 <= abs(value) < math.inf
    return int(cell) if is_far and isinstance(cell, int | str) else value  # type: ignore[arg-type]


def raw_rank(frame: Frame, cell: Cell) -> Any:
    """Of a cell that no rule gives a type."""
    match frame.format:
        case "csv":
            return str(cell)
        case "jsonl":
            return json.dumps(cell)
        case _:
            return cell


def is_nan(frame: Frame, cell: Cell) -> bool:
    """In Parquet it is NULL; in a text of JSON it is a word."""
    return frame.format == "parquet" and isinstance(cell, float) and math.isnan(cell)


class Expected(NamedTuple):
    """A finding, as far as it can be compared."""

    column: str | None
    passed: bool
    severity: str
    failing_rows: int
    sample: list[int]


def expected(frame: Frame, rules: Rules) -> Iterator[Expected]:
    """Every finding, from one loop over rules and rows."""
    if rules.rows is not None:
        yield Expected(None, inside(frame.rows, rules.rows), severity_of("rows", rules), 0, [])
    for rule in rules.columns:
        if rule.column in frame.columns:
            yield from expected_of_column(frame, rule)
        else:
            yield Expected(rule.column, False, rule.severity, 0, [])
    for key in rules.unique:
        seen: set[tuple[Any, ...]] = set()
        repeats = []
        types = {rule.column: rule.type for rule in rules.columns}
        for place in range(frame.rows):
            values = tuple(told_apart(frame, name, place, types.get(name)) for name in key)
            if values in seen:
                repeats.append(place)
            seen.add(values)
        column, subject = key[0] if len(key) == 1 else None, f"key {', '.join(key)}"
        may = next((terms.allow.rows for terms in rules.terms if terms.subject == subject), 0)
        is_well = len(repeats) <= may
        ranks = {
            place: tuple(part for name in key for part in rank(frame, name, place, types.get(name)))
            for place in repeats
        }
        sample = [] if is_well else sorted(repeats, key=lambda place: (ranks[place], place))[:10]
        yield Expected(column, is_well, severity_of(subject, rules), len(repeats), sample)
    if rules.distinct_rows:  # no two rows have the same place
        yield Expected(None, True, severity_of("distinct rows", rules), 0, [])
    known = {rule.column for rule in rules.columns} | {name for key in rules.unique for name in key}
    unknown = set(frame.columns) - known
    if rules.closed:
        yield Expected(None, not unknown, severity_of("closed", rules), 0, [])
    elif unknown and rules.columns:
        yield Expected(None, False, "warn", 0, [])


def severity_of(subject: str, rules: Rules) -> str:
    return next((terms.severity for terms in rules.terms if terms.subject == subject), "error")


def expected_of_column(frame: Frame, rule: ColumnRule) -> Iterator[Expected]:
    values = [instance(cell, rule.type, frame, rule.column) for cell in frame.columns[rule.column]]
    fails: dict[str, Callable[[Any], bool]] = {
        "null": lambda value: value is NULL and not rule.nullable,
        "wrong": lambda value: value is WRONG,
        "bounds": lambda value: rule.bounds is not None and not inside(value, as_compared(rule.bounds, rule.type)),
        "set": lambda value: rule.one_of is not None and value not in rule.one_of,
        "length": lambda value: rule.length is not None and not inside(len(value), rule.length),
        "pattern": lambda value: rule.pattern is not None and re.search(PATTERNS[rule.pattern], value) is None,
    }
    failing = {
        aspect: [
            place
            for place, value in enumerate(values)
            if ((value is NULL or value is WRONG) is (aspect in ("null", "wrong"))) and test(value)
        ]
        for aspect, test in fails.items()
    }
    is_ruled_out = frame.format == "parquet" and frame.types.get(rule.column, "BIGINT") not in PARQUET_TYPES[rule.type]
    digits = [all_digits(value, cell) for value, cell in zip(values, frame.columns[rule.column], strict=True)]
    repeats = repeated(digits) if rule.is_unique and not is_ruled_out else []
    alone = {place for places in failing.values() for place in places}
    breaking = alone | {place for place in repeats if place not in alone}
    allowed = max(Fraction(rule.allow.rows), Fraction(str(rule.allow.share or 0)) * frame.rows)
    nulls = [place for place, value in enumerate(values) if value is NULL]
    found = []
    if rule.max_null_share is not None and len(nulls) > Fraction(str(rule.max_null_share)) * frame.rows:
        found.append(Expected(rule.column, False, "error", len(nulls), nulls[:10]))
    if len(breaking) > allowed:
        for aspect, places in failing.items():
            sample = [] if aspect == "wrong" and is_ruled_out else places[:10]
            if places:
                found.append(Expected(rule.column, False, "error", len(places), sample))
    if not is_ruled_out:
        found += expected_of_all(rule, values)
    if repeats and len(breaking) > allowed:
        first = sorted(repeats, key=lambda place: (digits[place], place))[:10]
        found.append(Expected(rule.column, False, "error", len(repeats), first))
    for each in found or [Expected(rule.column, True, "error", len(breaking), [])]:
        yield each._replace(severity=rule.severity)


def as_compared(bounds: Bounds, type_: ColumnType) -> Any:
    """The range with days and times as Python has them."""
    if type_ not in ("date", "time"):
        return bounds
    read = date.fromisoformat if type_ == "date" else datetime.fromisoformat
    low, high = (None if end is None else read(end) for end in (bounds.low, bounds.high))
    if type_ == "time" and high is not None and not bounds.high_open:
        high += timedelta(days=1, microseconds=-1)
    return Range(low, high, bounds.low_open, bounds.high_open)


class Range(NamedTuple):
    low: Any
    high: Any
    low_open: bool
    high_open: bool


def expected_of_all(rule: ColumnRule, values: list[Any]) -> Iterator[Expected]:
    there = [(place, value) for place, value in enumerate(values) if value is not NULL and value is not WRONG]
    for bounds, least, measure in ((rule.mean, 1, statistics.fmean), (rule.stddev, 2, statistics.stdev)):
        if bounds is not None and len(there) >= least:
            numbers = [float(value) for _, value in there]
            value = measure(numbers) if all(map(math.isfinite, numbers)) else math.nan
            if not inside_or_nan(value, bounds):
                yield Expected(rule.column, False, "error", 0, [])
    for quantile in rule.quantiles if there else ():
        yield from expected_of_quantile(rule, quantile, there)


def repeated(values: list[Any]) -> list[int]:
    """The places of values that stand at an earlier place too."""
    places: dict[Any, list[int]] = defaultdict(list)
    for place, value in enumerate(values):
        if value is not NULL and value is not WRONG:
            places[value].append(place)
    return sorted(place for each in places.values() for place in each[1:])


def expected_of_quantile(rule: ColumnRule, quantile: QuantileBounds, there: list[Any]) -> Iterator[Expected]:
    bounds, part, n = quantile.bounds, Fraction(str(quantile.share)), len(there)
    upper = Bounds(high=bounds.high, high_open=bounds.high_open)
    lower = Bounds(low=bounds.low, low_open=bounds.low_open)
    above = [place for place, value in there if not inside(value, upper)]
    below = [place for place, value in there if not inside(value, lower)]
    if bounds.high is not None and n - len(above) < part * n:
        yield Expected(rule.column, False, "error", len(above), above[:10])
    if bounds.low is not None and len(below) >= part * n:
        yield Expected(rule.column, False, "error", len(below), below[:10])


def inside_or_nan(value: float, bounds: Bounds) -> bool:
    return not math.isnan(value) and inside(value, bounds)


def observed(report: CheckReport) -> list[Expected]:
    return [
        Expected(
            finding.column,
            finding.passed,
            finding.severity,
            finding.failing_rows,
            [int(row[PLACE]) for row in finding.sample],
        )
        for finding in report.findings
    ]


# --- random tables and rules -----------------------------------------------------------------------------------------

TEXTS = ["EWR", "ü", "x,y", 'say "hi"', "'; --", "true", "F", "nan", "2013-02-01", "2013-02-30", "2013-02-01T05:00:00"]
NUMBERS = ["0", "1", "2", "3", "13", "-1", "3.0", "2.5", "1e1", "9223372036854775807", "9223372036854775808", "inf"]
csv_cells = st.one_of(st.none(), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS[:6]), st.sampled_from(TEXTS))
json_cells = st.one_of(
    st.none(),
    st.sampled_from([0, 1, 2, 3, 13, -1, 2**63 - 1, 2**63]),
    st.sampled_from([1.0, 2.5, math.nan, math.inf, True, False, [1]]),
    st.sampled_from(["", *TEXTS]),
)
parquet_cells: dict[str, st.SearchStrategy[Any]] = {
    "BIGINT": st.sampled_from([0, 1, 2, 3, 13, -1, 2**63 - 1]),
    "UTINYINT": st.sampled_from([0, 1, 2, 13]),
    "DOUBLE": st.sampled_from([0.0, 1.0, 2.0, 2.5, 13.0, math.nan, math.inf]),
    "DECIMAL(9,2)": st.sampled_from([1.0, 2.0, 2.5]),
    "VARCHAR": st.sampled_from(["", "1", *TEXTS]),
    "BOOLEAN": st.booleans(),
    "DATE": st.sampled_from([date(2013, 2, 1), date(2013, 2, 2)]),
    "TIMESTAMP": st.sampled_from([datetime(2013, 2, 1), datetime(2013, 2, 1, 5)]),  # noqa: DTZ001
}


@st.composite
def frames(draw: st.DrawFn, format_: str) -> Frame:
    rows = draw(st.integers(0, 14))
    types = {name: draw(st.sampled_from(sorted(parquet_cells))) for name in NAMES} if format_ == "parquet" else {}
    columns: dict[str, list[Cell]] = {}
    for name in NAMES:
        cells = st.none() | parquet_cells[types[name]] if types else {"csv": csv_cells, "jsonl": json_cells}[format_]
        columns[name] = draw(st.lists(cells, min_size=rows, max_size=rows))
    return Frame(format_, columns | {PLACE: list(range(rows))}, types)


PATTERNS = {
    "^E": "^E",
    "[0-9]+$": r"[0-9]+\Z",
    "a?u|ü": "a?u|ü",
    "(?i)ewr": "[eE][wW][rR]",
    "^.{1,3}$": r"^[^\n]{1,3}\Z",
}
"""Ours, and what Python calls the same."""
ends = st.one_of(st.none(), st.sampled_from([0, 1, 2, 3, 13, 0.5, 2.5]))
shares = st.one_of(st.none(), st.sampled_from([0.0, 0.1, 0.29, 0.5, 1.0]))
days = st.sampled_from(["2013-02-01", "2013-02-02", "2013-01-31"])
members: dict[ColumnType, st.SearchStrategy[Any]] = {
    "int": st.integers(-1, 3),
    "float": st.sampled_from([1, 2.5, 3.0]),
    "str": st.sampled_from(["1", *TEXTS]),
    "bool": st.booleans(),
}


@st.composite
def ranges(draw: st.DrawFn) -> Bounds:
    low, high = draw(ends), draw(ends)
    return Bounds(low, high, draw(st.booleans()) and low is not None, draw(st.booleans()) and high is not None)


@st.composite
def day_ranges(draw: st.DrawFn) -> Bounds:
    low, high = sorted([draw(days), draw(days)])
    return Bounds(low, high) if low != high or draw(st.booleans()) else Bounds(low, low_open=True)


quantiles = st.builds(QuantileBounds, st.sampled_from([0.1, 0.5, 0.95]), ranges())


@st.composite
def column_rules(draw: st.DrawFn, name: str) -> ColumnRule:
    type_ = draw(st.sampled_from(COLUMN_TYPES))
    nullable = draw(st.booleans())
    is_number = type_ in ("int", "float")
    sets = st.none() | st.lists(members[type_], max_size=3).map(tuple) if type_ in members else st.none()
    return ColumnRule(
        name,
        type_,
        nullable,
        bounds=draw(st.none() | bounds_of(type_)),
        one_of=draw(sets),
        length=draw(st.none() | ranges()) if type_ == "str" else None,
        max_null_share=draw(shares) if nullable else None,
        allow=Tolerance(draw(st.sampled_from([0, 0, 1, 3])), draw(shares)),
        pattern=draw(st.none() | st.sampled_from(sorted(PATTERNS))) if type_ == "str" else None,
        mean=draw(st.none() | ranges()) if type_ == "int" else None,
        stddev=draw(st.none() | ranges()) if type_ == "int" else None,
        quantiles=tuple(draw(st.lists(quantiles, max_size=2, unique_by=lambda q: q.share))) if is_number else (),
        is_unique=draw(st.booleans()),
        severity=draw(st.sampled_from(["error", "error", "warn"])),
    )


def bounds_of(type_: ColumnType) -> st.SearchStrategy[Any]:
    if type_ in ("int", "float"):
        return ranges()
    return day_ranges() if type_ in ("date", "time") else st.none()


@st.composite
def rule_sets(draw: st.DrawFn) -> Rules:
    ruled = draw(st.lists(st.sampled_from([*NAMES, "absent"]), unique=True))
    keys = st.lists(st.sampled_from(NAMES), unique=True, min_size=1).map(tuple)
    has_key = draw(st.booleans())  # rows are shown in the order of the first key: that of the data
    unique = ((PLACE,), *draw(st.lists(keys, unique=True, max_size=2))) if has_key else ()
    subjects = ["rows", "closed", "distinct rows", *(f"key {', '.join(key)}" for key in unique)]
    terms = st.builds(
        Terms, st.sampled_from(subjects), st.sampled_from(["error", "warn"]), st.builds(Tolerance, st.integers(0, 3))
    )
    return Rules(
        columns=(ColumnRule(PLACE, "int"), *(draw(column_rules(name)) for name in ruled)),
        rows=draw(st.none() | ranges()),
        unique=unique,
        closed=draw(st.booleans()),
        distinct_rows=draw(st.booleans()),
        terms=tuple(draw(st.lists(terms, max_size=4, unique_by=lambda each: each.subject))),
    )


def write(frame: Frame, path: Path) -> None:
    rows = list(zip(*frame.columns.values(), strict=True))
    match frame.format:
        case "csv":
            stream = io.StringIO()
            csv.writer(stream, lineterminator="\n").writerows([list(frame.columns), *rows])
            path.write_text(stream.getvalue(), encoding="utf-8")
        case "jsonl":
            lines = [json.dumps(dict(zip(frame.columns, row, strict=True))) for row in rows]
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        case _:
            with duckdb.connect(config={"threads": "1"}) as connection:
                names = [f'"{name.replace(chr(34), chr(34) * 2)}"' for name in frame.columns]
                fields = [
                    f"{name} {type_}" for name, type_ in zip(names, [*frame.types.values(), "BIGINT"], strict=True)
                ]
                connection.execute(f"CREATE TABLE t ({', '.join(fields)})")
                if rows:
                    connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(names))})", rows)
                connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


@pytest.mark.parametrize("format_", ["csv", "jsonl", "parquet"])
def test_findings_are_those_of_a_loop_over_the_cells(format_: str, tmp_path: Path) -> None:
    path = tmp_path / f"frame.{format_}"
    engine = DuckdbEngine()

    @given(frames(format_), rule_sets())
    @settings(max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def holds(frame: Frame, rules: Rules) -> None:
        if frame.format == "jsonl" and not frame.rows:
            return  # JSON Lines without a line name no columns: that is an error, tested where errors are
        write(frame, path)
        report = check(FLIGHTS, Files((path,)), rules, engine)
        assert report.rows == frame.rows
        assert observed(report) == list(expected(frame, rules))

    holds()

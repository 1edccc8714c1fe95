"""The clauses of a column's line, as they are written."""

import re
from datetime import datetime
from decimal import Decimal

import msgspec

from assay.check.suites.demands import OnColumn, Value
from assay.check.suites.sql_text import number_text
from assay.core.rules import Bounds, ColumnType, QuantileBounds, RuleMistake, Scalar, parse_column
from assay.core.rules.writing import quoted

_BARE = re.compile(r"[^\W\d_][\w-]*(?: [\w-]+)*")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
_MIDNIGHT = re.compile(r"(?<=-[0-9]{2}) 00:00(?::00(?:\.0+)?)?\Z")


def clause(slot: str, value: Value, kind: ColumnType | None = None) -> str | None:
    """What is asked, as a clause of a line of that type; None where a line has no words for it."""
    match slot, value:
        case "bounds", Bounds():
            return range_text(_of_moments(value) if kind == "time" else value)
        case "set", tuple():
            return f"in [{', '.join(map(_member, value))}]"
        case "pattern", str():
            return f"~ {quoted(value)}"
        case (("length" | "mean" | "stddev"), Bounds()):
            return f"{'len' if slot == 'length' else slot} {range_text(value, is_count=slot == 'length')}"
        case "quantile", QuantileBounds():
            word = "median" if value.share == 0.5 else f"p{number_text(round(value.share * 100, 6))}"
            return f"{word} {range_text(value.bounds)}"
        case "unique", _:
            return "unique"
        case _:
            return None


def range_text(bounds: Bounds, *, is_count: bool = False) -> str:
    """``1..12``, or comparisons where an end does not belong to it; ``3`` for a count of exactly 3."""
    low, high = _end(bounds.low), _end(bounds.high)
    if is_count and low == high:
        return low
    if bounds.low_open or bounds.high_open:
        sides = (
            low and f"{'>' if bounds.low_open else '>='} {low}",
            high and f"{'<' if bounds.high_open else '<='} {high}",
        )
        return " ".join(side for side in sides if side)
    return f"{low}..{high}"


def percent(share: float) -> str:
    """``5%``: a share in figures that read back as the same."""
    figures = f"{Decimal(repr(share)) * 100:.10f}".rstrip("0").rstrip(".")
    return f"{figures}%"


def moment(text: str) -> str | None:
    """A day, or a day with a time of day, as a line has it; None for any other text."""
    if _MOMENT.fullmatch(text) is None:
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return _MIDNIGHT.sub("", text.replace("T", " "))


def mistake_in(column: str, line: str) -> RuleMistake | None:
    """What is wrong with a column's line; None where it reads."""
    try:
        parse_column(column, line)
    except RuleMistake as mistake:
        return mistake
    return None


def reads(demand: OnColumn, kind: ColumnType) -> bool:
    """Whether a column of that type can be asked this in its line."""
    found = clause(demand.slot, demand.value, kind)
    return found is not None and mistake_in(demand.column, f"{kind}? {found}") is None


def _of_moments(bounds: Bounds) -> Bounds:
    """A day is its midnight to other tools, and as the upper end of times the whole day here."""
    is_day = isinstance(bounds.high, str) and len(bounds.high) == len("2013-01-31") and not bounds.high_open
    return msgspec.structs.replace(bounds, high=f"{bounds.high} 00:00") if is_day else bounds


def _end(end: float | str | None) -> str:
    if end is None:
        return ""
    return end if isinstance(end, str) else number_text(end)


def _member(value: Scalar) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            is_bare = (_BARE.fullmatch(value) and value.isascii()) or moment(value) == value
            return value if is_bare else quoted(value)
        case _:
            return number_text(value)

# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""A sample of rows, and what it says of each column: which types its values have, what is frequent, where quantiles lie.

The sample is drawn by lot, always the same: the rows whose hashed place comes first. Texts in it are cut, so that it stays
small whatever stands in them.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from assay.check.profile.reading import Reading, is_tried, is_wide, reading, types_of
from assay.check.questions import TRIED
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType

CUT = 100
"""Texts are told apart by so many characters."""
_ROWS, _LEAST_ROWS, _CELLS = 20_000, 2_000, 2_000_000
_LONGEST_JSON = 2_000

Kind = Literal["number", "moment", "text", "truth"]
KIND: dict[ColumnType, Kind] = {
    "int": "number",
    "float": "number",
    "date": "moment",
    "time": "moment",
    "str": "text",
    "bool": "truth",
}
_WIDEST: dict[Kind, ColumnType] = {"number": "float", "moment": "time", "text": "str"}

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the quantiles that are told."""
_AROUND = (-0.006, -0.002, 0.0, 0.002, 0.006)
"""The share of a sample of 20,000 rows below a median is off by .0035, one standard error."""
POINTS = tuple(
    sorted({0.0, 0.01, 0.99, 1.0, *(each / 16 for each in range(1, 16)), *(s + d for s in SHARES for d in _AROUND)})
)


class Sampled(msgspec.Struct, frozen=True):
    """What the sample says of a column."""

    values: int
    """Those that are not NULL."""
    fits: dict[ColumnType, int]
    """Of these, values of each type that was tried."""
    points: dict[Kind, tuple[Any, ...]]
    """The sample's quantiles at ``POINTS``: numbers, and microseconds since 1970 for moments."""
    frequent: dict[Kind, tuple[Any, ...]]
    """The most frequent first."""


class SampleQuestion(msgspec.Struct, frozen=True):
    """A query with one row, and what its columns say: of which column what."""

    query: str
    asked: tuple[tuple[str, str, str], ...]


def sample_rows(columns: int) -> int:
    """So many rows; of very wide tables fewer."""
    return min(_ROWS, max(_LEAST_ROWS, _CELLS // max(1, columns)))


def drawn(relation: str, rows: int, columns: str = "*") -> str:
    """The sample as a relation of a query: the same rows for the same data, always."""
    placed = f"SELECT {columns}, hash(row_number() OVER ()) AS place FROM {relation}"
    return f"(SELECT * FROM ({placed}) AS placed ORDER BY place LIMIT {rows}) AS drawn"


def ask_sample(columns: Sequence[DataColumn], dialect: Dialect, relation: str, frequent: int) -> SampleQuestion:
    """What is asked of the sample; up to so many frequent values a column."""
    asked = [
        (column.name, what, which, text)
        for column in columns
        for what, which, text in _asked(column, dialect, frequent)
    ]
    texts = ", ".join(("count(*)", *(text for *_, text in asked)))
    cells = ", ".join(_cut(column) for column in columns)
    rows = drawn(relation, sample_rows(len(columns)))
    query = f"WITH sampled AS MATERIALIZED (SELECT {cells} FROM {rows}) SELECT {texts} FROM sampled"
    return SampleQuestion(query, (("", "rows", ""), *((name, what, which) for name, what, which, _ in asked)))


def read_sample(question: SampleQuestion, row: Sequence[Any]) -> tuple[int, dict[str, Sampled]]:
    """How many rows there were, and what was found of each column."""
    found: dict[str, Sampled] = {}
    for (name, what, which), answer in zip(question.asked[1:], row[1:], strict=True):
        known = found.setdefault(name, Sampled(0, {}, {}, {}))
        match what:
            case "values":
                found[name] = msgspec.structs.replace(known, values=int(answer or 0))
            case "fits":
                known.fits[which] = int(answer or 0)  # type: ignore[index]
            case "points":
                known.points[which] = tuple(answer or ())  # type: ignore[index]
            case _:
                known.frequent[which] = tuple(each for each in answer or () if each is not None)  # type: ignore[index]
    return int(row[0]), found


def seems(column: DataColumn, sampled: Sampled) -> tuple[ColumnType, ...]:
    """The types that all values of the sample have, the narrowest first."""
    types = types_of(column)
    if not is_tried(column):
        return types
    last = types[-1]
    if not sampled.values:
        return types if is_wide(column) else ("str",)
    return tuple(type_ for type_ in types if type_ == last or sampled.fits.get(type_) == sampled.values)


def _asked(column: DataColumn, dialect: Dialect, frequent: int) -> Iterator[tuple[str, str, str]]:
    types = types_of(column)
    if not types:
        return
    if is_tried(column):
        tried = {type_: reading(column, type_, dialect) for type_ in (*TRIED, "str") if type_ in types}
        yield "values", "", f"count(*) - count_if({tried['int'].null})"
        for type_ in types:
            if type_ in TRIED or column.held == "json":
                yield "fits", type_, f"count({tried[type_].value})"
    kinds = dict.fromkeys(KIND[type_] for type_ in types)
    for kind in kinds:
        widest = types[-1] if len(kinds) == 1 else _WIDEST.get(kind)
        if kind != "truth" and widest is not None:
            yield from _asked_of_kind(kind, reading(column, widest, dialect), frequent)


def _asked_of_kind(kind: Kind, read: Reading, frequent: int) -> Iterator[tuple[str, str, str]]:
    if kind == "text":
        yield "frequent", kind, f"approx_top_k({read.value}, {frequent})"
        return
    number = read.number
    if read.type == "float":  # infinities are values, and no edges
        number = f"CASE WHEN isfinite({number}) THEN {number} END"
    yield "points", kind, f"quantile_disc({number}, {list(POINTS)})"
    yield "frequent", kind, f"approx_top_k({number}, {frequent})"


def _cut(column: DataColumn) -> str:
    match column.held:
        case "text" | "csv":
            return f"left({column.ref}, {CUT}) AS {column.ref}"
        case "json":
            is_short = f"length(CAST({column.ref} AS VARCHAR)) <= {_LONGEST_JSON}"
            return f"CASE WHEN {is_short} THEN {column.ref} END AS {column.ref}"
        case "other":
            return f"{column.ref} IS NULL AS {column.ref}"
        case _:
            return column.ref

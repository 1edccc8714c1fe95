"""Rows of a request -> the columns that a model reads, or every way in which they do not fit. Pure.

A column's mistakes of one kind are one line, however many rows have it, so that a report is as long as the schema and not as
the request. Rows count from 1.
"""

import difflib
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from assay.core.table import Field, FieldType, Schema, Table

Row = Mapping[str, Any]

INT64 = range(-(2**63), 2**63)
EXACT_WHOLE = 2.0**53
"""Beyond this a float says nothing about single whole numbers."""
EXPECTED: dict[FieldType, str] = {"int": "a whole number", "float": "a number", "text": "text", "bool": "true or false"}
LONGEST_VALUE = 60
MOST_UNEXPECTED = 20
"""A body can hold half a million names: no more than these are compared with the schema's."""

_ABSENT = object()


def read_columns(rows: Sequence[Row], schema: Schema, other: Sequence[str] = ()) -> tuple[Table, list[str]]:
    """The columns with the types that the gate saw, and every mistake in words; the table means nothing where there are
    mistakes. ``other`` names columns that may be there besides."""
    mistakes = _unexpected(rows, schema, other)
    table = {}
    for field in schema:
        values = [row.get(field.name, _ABSENT) for row in rows]
        found = _mistakes_of(field, values)
        mistakes += found
        if not found:
            table[field.name] = _array(field, values)
    return table, mistakes


def schema_as_sent(rows: Sequence[Row], other: Sequence[str] = ()) -> Schema:
    """The columns of rows for a release that has no schema, because no rows were seen when it was judged: each typed by what it
    holds, all numbers as floats, so that 5 and 5.5 are one type in every request."""
    names = dict.fromkeys(name for row in rows for name in row if name not in other)
    return tuple(_field_as_sent(name, [row[name] for row in rows if name in row]) for name in names)


def _field_as_sent(name: str, values: Sequence[Any]) -> Field:
    kinds = {type(value) for value in values if value is not None}
    kind: FieldType = "bool" if kinds == {bool} else "text" if str in kinds else "float"
    return Field(name, kind, None in values)


def example_row(schema: Schema) -> str:
    """What a row must look like: ``{"hour": <a whole number>, "tailnum": <text or null>}``."""
    fields = (f'"{field.name}": <{_expected(field)}>' for field in schema)
    return "{" + ", ".join(fields) + "}"


def show_value(value: Any) -> str:
    """A value of a request in a few words, however long it is: ``text 'five'``."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            text = repr(value) if isinstance(value, float) else _digits(value)
            return f"the number {text}"
        case str():
            return f"text {value[:LONGEST_VALUE]!r}{'...' if len(value) > LONGEST_VALUE else ''}"
        case list():
            return "a list"
        case _:
            return "an object"


def and_more(rows: int) -> str:
    """In brackets, that so many other rows are the same; nothing for 0."""
    return f" (and {rows} more row{'s' if rows > 1 else ''})" if rows else ""


def _digits(value: int) -> str:
    return str(value) if value.bit_length() <= 200 else f"of {value.bit_length()} bits"


def _unexpected(rows: Sequence[Row], schema: Schema, other: Sequence[str]) -> list[str]:
    known = {field.name for field in schema} | set(other)
    first_rows: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if not row.keys() <= known:
            for name in row.keys() - known:
                first_rows.setdefault(name, number)
    ordered = sorted(first_rows, key=lambda name: (first_rows[name], name))
    lines = [_unexpected_line(name, first_rows[name], sorted(known)) for name in ordered[:MOST_UNEXPECTED]]
    if len(ordered) > MOST_UNEXPECTED:
        lines.append(f"{len(ordered) - MOST_UNEXPECTED} more columns that the model does not read")
    return lines


def _unexpected_line(name: str, row: int, known: list[str]) -> str:
    close = difflib.get_close_matches(name[:LONGEST_VALUE], known, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"{name[:LONGEST_VALUE]}: row {row} has this column, which the model does not read{meant}"


def _mistakes_of(field: Field, values: Sequence[Any]) -> list[str]:
    fault_of = _FAULTS[field.type]
    found: dict[str, list[int]] = {}
    for number, value in enumerate(values, 1):
        if value is _ABSENT:
            found.setdefault("missing", []).append(number)
        elif value is None:
            if not field.nullable:
                found.setdefault("null", []).append(number)
        else:
            fault = fault_of(value)
            if fault is not None:
                found.setdefault(fault, []).append(number)
    return [_line(field, kind, numbers, values) for kind, numbers in found.items()]


def _line(field: Field, kind: str, numbers: list[int], values: Sequence[Any]) -> str:
    first = numbers[0]
    more = and_more(len(numbers) - 1)
    if kind == "missing":
        return f"{field.name}: row {first} has no such column{more}; expected {_expected(field)}"
    if kind == "null":
        return f"{field.name}: row {first} holds null{more}; no NULL was seen when the model was judged"
    seen = show_value(values[first - 1])
    if kind == "range":
        return f"{field.name}: row {first} holds {seen}{more}; expected {_expected(field)} of 64 bits"
    return f"{field.name}: row {first} holds {seen}{more}; expected {_expected(field)}"


def _expected(field: Field) -> str:
    return EXPECTED[field.type] + (" or null" if field.nullable else "")


def _int_fault(value: Any) -> str | None:
    if type(value) is int:
        return None if value in INT64 else "range"
    is_whole = type(value) is float and value.is_integer() and abs(value) <= EXACT_WHOLE
    return None if is_whole else "type"


def _float_fault(value: Any) -> str | None:
    if type(value) is int:
        return None if abs(value) <= sys.float_info.max else "range"
    return None if type(value) is float else "type"


def _text_fault(value: Any) -> str | None:
    return None if type(value) is str else "type"


def _bool_fault(value: Any) -> str | None:
    return None if type(value) is bool else "type"


_FAULTS: dict[FieldType, Callable[[Any], str | None]] = {
    "int": _int_fault,
    "float": _float_fault,
    "text": _text_fault,
    "bool": _bool_fault,
}


def _array(field: Field, values: Sequence[Any]) -> np.ndarray:
    if field.type == "text" or (field.type == "bool" and field.nullable):
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array
    if field.type == "bool":
        return np.array(values, dtype=bool)
    if field.type == "int" and not field.nullable:
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)

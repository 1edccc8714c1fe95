"""Cells under a declared type, as SQL: each is NULL, or an instance of the type, or neither.

What counts as an instance, the same for every format:

    int     a whole number within 64 bits, also one written 3.0 or 3e2 or kept in a float column
    float   any number; infinities count
    bool    true or false; in a CSV, whose cells are text, also t, f, 1, 0, in any case
    str     text; a cell of a CSV always is
    date    a day, also as a time at midnight; as text YYYY-MM-DD
    time    a day with a time of day, or without: midnight; as text YYYY-MM-DD HH:MM:SS, with T or a zone if you like

NaN is NULL in numbers (what pandas writes for a missing one), and so is the text ``nan`` where a CSV should hold a number.
Empty cells of a CSV are NULL; empty texts of other formats are texts.
"""

import msgspec

from assay.adapters.engines.column_types import FLOATS, INTEGERS, TEXTS, TIMES, WIDE_INTEGERS, ZONED, family
from assay.adapters.engines.source import Cells, Column
from assay.core.rules import ColumnType


class Cell(msgspec.Struct, frozen=True):
    """A column under a rule, as SQL expressions."""

    null: str
    value: str
    """The cell as an instance of the declared type; NULL where it is none."""
    is_ruled_out: bool = False
    """The column's type admits no instance at all."""


def cell(declared: ColumnType, column: Column, cells: Cells) -> Cell:
    """The column, held against a type."""
    match cells:
        case "text":
            return _text_cell(declared, column.ref)
        case "json":
            return _json_cell(declared, column.ref)
        case "typed":
            return _typed_cell(declared, column)


def _text_cell(declared: ColumnType, ref: str) -> Cell:
    if declared in ("int", "float"):
        return Cell(f"({ref} IS NULL OR coalesce(isnan({_double(ref)}), false))", _parsed(declared, ref))
    return Cell(f"{ref} IS NULL", _parsed(declared, ref))


def _json_cell(declared: ColumnType, ref: str) -> Cell:
    kind, plain = f"json_type({ref})", f"({ref} ->> '$')"
    if declared in ("int", "float"):
        is_number = f"{kind} IN ('BIGINT', 'UBIGINT', 'DOUBLE')"
        null = f"({ref} IS NULL OR coalesce({is_number} AND isnan({_double(plain)}), false))"
        return Cell(null, f"CASE WHEN {is_number} THEN {_parsed(declared, plain)} END")
    expected = "BOOLEAN" if declared == "bool" else "VARCHAR"
    return Cell(f"{ref} IS NULL", f"CASE WHEN {kind} = '{expected}' THEN {_parsed(declared, plain)} END")


def _parsed(declared: ColumnType, ref: str) -> str:
    """The value that a text spells; NULL where it spells none."""
    match declared:
        case "int":
            return f"CASE WHEN {_double(ref)} = {_int(ref)} THEN {_int(ref)} END"
        case "float":
            return f"nullif({_double(ref)}, CAST('nan' AS DOUBLE))"
        case "str":
            return ref
        case "bool":
            return f"CASE WHEN lower({ref}) IN ('true', 't', '1') THEN true WHEN lower({ref}) IN ('false', 'f', '0') THEN false END"
        case "date":
            return _midnight(_time(ref))
        case "time":
            return _time(ref)


def _double(ref: str) -> str:
    """DuckDB reads 1_000 as a number; other readers do not."""
    return f"TRY_CAST(CASE WHEN NOT contains({ref}, '_') THEN {ref} END AS DOUBLE)"


def _int(ref: str) -> str:
    return f"TRY_CAST({ref} AS BIGINT)"


def _time(ref: str) -> str:
    """DuckDB also reads ``epoch``, ``infinity`` and 2013/1/2 as times."""
    return f"TRY_CAST(CASE WHEN {ref} LIKE '____-__-__%' THEN {ref} END AS TIMESTAMP)"


def _midnight(time: str) -> str:
    return f"CASE WHEN {time} = TRY_CAST({time} AS DATE) THEN TRY_CAST({time} AS DATE) END"


def _typed_cell(declared: ColumnType, column: Column) -> Cell:
    ref, held = column.ref, family(column.type)
    null = f"({ref} IS NULL OR isnan({ref}))" if held in FLOATS else f"{ref} IS NULL"
    value = _typed_value(declared, ref, held)
    return Cell(null, "NULL", is_ruled_out=True) if value is None else Cell(null, value)


def _typed_value(declared: ColumnType, ref: str, held: str) -> str | None:
    match declared:
        case "int" | "float":
            return _typed_number(declared, ref, held)
        case "str":
            return f"CAST({ref} AS VARCHAR)" if held in TEXTS else None
        case "bool":
            return ref if held == "BOOLEAN" else None
        case "date" | "time":
            return _typed_time(declared, ref, held)


def _typed_number(declared: ColumnType, ref: str, held: str) -> str | None:
    if held not in INTEGERS | WIDE_INTEGERS | FLOATS | {"DECIMAL"}:
        return None
    if declared == "float":
        return f"nullif(CAST({ref} AS DOUBLE), CAST('nan' AS DOUBLE))"
    if held in INTEGERS | WIDE_INTEGERS:
        return _int(ref)
    return f"CASE WHEN CAST({ref} AS DOUBLE) = {_int(ref)} THEN {_int(ref)} END"


def _typed_time(declared: ColumnType, ref: str, held: str) -> str | None:
    if held == "DATE":
        return ref if declared == "date" else f"CAST({ref} AS TIMESTAMP)"
    if held in TIMES:
        time = f"CAST({ref} AS TIMESTAMP)"
        return _midnight(time) if declared == "date" else time
    return f"make_timestamp(epoch_us({ref}))" if held == ZONED and declared == "time" else None

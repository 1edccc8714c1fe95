# ruff: noqa: S608 -- what comes from people passes through quoting.py
"""A table of PostgreSQL as one SELECT, its columns under c0, c1, ... and of the few types that every engine has.

Whole numbers are ``bigint``, numbers with a point ``double precision``, and what is text in any way is text in the order of code
points. Decimals stay; NaN among them is NULL, and what no double can hold becomes endless, or 0. Everything else is its text.
"""

from typing import NamedTuple

from assay.adapters.engines.quoting import identifier
from assay.core.dataset import DataColumn, Held

DESCRIBED = """
WITH RECURSIVE described AS (
  SELECT a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod) AS said, a.atttypid AS type, a.atttypmod AS typmod
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped
  UNION ALL
  SELECT d.attnum, d.attname, d.said, t.typbasetype, t.typtypmod
  FROM described d JOIN pg_catalog.pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
)
SELECT d.attname::text, d.said, t.typname::text, t.typtype::text, d.typmod
FROM described d JOIN pg_catalog.pg_type t ON t.oid = d.type WHERE t.typtype <> 'd' ORDER BY d.attnum
"""
"""Asks for the columns of a table by its oid: name, type as people write it, and what the type is below any domain."""

_HELD: dict[str, Held] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), "int"),
    **dict.fromkeys(("float4", "float8"), "float"),
    "numeric": "decimal",
    **dict.fromkeys(("text", "varchar", "bpchar", "name", "char", "uuid", "citext"), "text"),
    "bool": "bool",
    "date": "date",
    "timestamp": "time",
    "timestamptz": "zoned",
}
_GREATEST, _LEAST = "1.7e308", "2.3e-308"
"""Of a double, as far as its digits are whole."""


class Described(NamedTuple):
    """A column as the catalogue has it."""

    name: str
    said: str
    type: str
    kind: str
    """``b`` for a base type, ``e`` for an enumeration, ``c`` for a row, ..."""
    modifier: int
    """Of a numeric: -1 where it has no precision."""


def columns(described: list[Described]) -> tuple[DataColumn, ...]:
    """What the columns hold."""
    return tuple(DataColumn(each.name, each.said, _held(each), f"c{place}") for place, each in enumerate(described))


def select(schema: str, table: str, described: list[Described]) -> str:
    """The SELECT of all rows."""
    shown = ", ".join(f"{_canonical(each)} AS c{place}" for place, each in enumerate(described))
    return f"SELECT {shown} FROM {identifier(schema)}.{identifier(table)}"


def _held(column: Described) -> Held:
    return "text" if column.kind == "e" else _HELD.get(column.type, "other") if column.kind == "b" else "other"


def _canonical(column: Described) -> str:
    x = identifier(column.name)
    match _held(column):
        case "int":
            return f"CAST({x} AS bigint)"
        case "float":
            return f"CAST({x} AS double precision)"
        case "decimal" if column.modifier >= 0:
            return f"nullif({x}, 'NaN')"
        case "decimal":
            return (
                f"CASE WHEN {x} = 'NaN' THEN NULL WHEN {x} > {_GREATEST} THEN 'Infinity' WHEN {x} < -{_GREATEST} THEN '-Infinity'"
                f" WHEN abs({x}) < {_LEAST} THEN 0 ELSE {x} END"
            )
        case "bool" | "date" | "time" | "zoned":
            return x
        case _:
            return f'CAST({x} AS text) COLLATE "C"'

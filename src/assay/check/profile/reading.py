"""How a column's cells are read: as values of a type, each NULL, or such a value, or neither, as ``compile/cells.py`` says.

Columns whose type says it all are read without sqlglot, whose import costs as much as a scan of a million rows.
"""

import re

import msgspec

from assay.check.questions import OWN_TYPES, TRIED
from assay.core import spelling
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType


class Reading(msgspec.Struct, frozen=True):
    """A column under a type, in SQL."""

    column: DataColumn
    type: ColumnType | None
    value: str
    """The cell as a value of the type; NULL where it is none."""
    null: str
    """The condition that it is NULL."""

    @property
    def is_plain(self) -> bool:
        """The value is the column itself."""
        return self.value == self.column.ref

    @property
    def number(self) -> str:
        """The value as a number that has its order: microseconds since 1970 for days and times."""
        return f"epoch_us({self.value})" if self.type in ("date", "time") else self.value


_WHOLE_DECIMAL = re.compile(r"\w+\(([12]?\d|3[0-8])(, *0)?\)", re.IGNORECASE)
"""As DuckDB holds it: of no more than 38 digits."""


def is_wide(column: DataColumn) -> bool:
    """The column holds whole numbers that may be beyond 64 bits."""
    is_whole_decimal = column.held == "decimal" and _WHOLE_DECIMAL.fullmatch(column.type) is not None
    return column.held == "wide_int" or is_whole_decimal


def is_tried(column: DataColumn) -> bool:
    """Its values say what it is, and not its type."""
    return column.held in ("csv", "json") or is_wide(column)


def types_of(column: DataColumn) -> tuple[ColumnType, ...]:
    """As what the column may be read, the narrowest first; empty for what is nested or unknown."""
    match column.held:
        case "csv" | "json":
            return (*TRIED, "str")
        case _ if is_wide(column):
            return ("int", "float")
        case held:
            return (OWN_TYPES[held],) if held in OWN_TYPES else ()


def reading(column: DataColumn, type_: ColumnType | None, dialect: Dialect) -> Reading:
    """The column, read as values of a type; None: as it is."""
    ref = column.ref
    if type_ is None or (column.held in ("int", "text", "bool", "date", "time") and type_ == OWN_TYPES[column.held]):
        return Reading(column, type_, ref, f"{ref} IS NULL")
    if dialect == "duckdb" and column.held == "float" and type_ == "float":
        return Reading(column, type_, f"NULLIF({ref}, CAST('nan' AS DOUBLE))", f"{ref} IS NULL OR ISNAN({ref})")
    if dialect == "duckdb" and is_wide(column) and type_ in ("int", "float"):
        value = f"TRY_CAST({ref} AS BIGINT)" if type_ == "int" else f"CAST({ref} AS DOUBLE)"
        return Reading(column, type_, value, f"{ref} IS NULL")
    from assay.check.compile.cells import cell
    from assay.check.compile.tree import sql

    found = cell(type_, column, dialect)
    value = sql(found.value, dialect)
    if column.held == "csv" and type_ == "float":  # by text no identifier loses digits
        value = f"CASE WHEN NOT ({spelling.is_long_text(ref, value)}) THEN {value} END"
    return Reading(column, type_, value, sql(found.null, dialect))

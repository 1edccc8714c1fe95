"""What a column becomes when it is read or shown: its kind in a Table, and the SQL for its values.

Typed columns have their kind by declaration. Cells that are text, and those of JSON Lines, are tried: a column has the
narrowest kind that every value of it fits, found in one aggregate over all rows and not from a sample.
"""

from assay.adapters.engines.source import Cells, Column
from assay.core.table import FieldType

INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
WIDE_INTEGERS = frozenset({"UBIGINT", "HUGEINT", "UHUGEINT", "BIGNUM"})
"""They may exceed 64 bits with a sign."""
FLOATS = frozenset({"FLOAT", "DOUBLE"})
TEXTS = frozenset({"VARCHAR", "UUID", "JSON", "ENUM"})
TIMES = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
ZONED = "TIMESTAMP WITH TIME ZONE"

_WHOLE = r"\s*[+-]?[0-9]+\s*"
_NUMBER = r"(?i)\s*[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|nan|inf|infinity)\s*"


def family(type_: str) -> str:
    """A type's name without precision or members: DECIMAL for DECIMAL(9,2)."""
    return type_.split("(", maxsplit=1)[0]


def declared_kind(column: Column, cells: Cells) -> FieldType | None:
    """The kind that the column's type alone decides; None where its values have to be tried."""
    held = family(column.type)
    if cells != "typed" or held in WIDE_INTEGERS:
        return None
    if held in INTEGERS:
        return "int"
    if held in FLOATS or held == "DECIMAL":
        return "float"
    return "bool" if held == "BOOLEAN" else "text"


def tried_kind(column: Column, cells: Cells) -> str:
    """An aggregate that yields the kind of a column whose type does not decide it."""
    ref = column.ref
    if cells == "typed":
        return f"CASE WHEN count(TRY_CAST({ref} AS BIGINT)) = count({ref}) THEN 'int' ELSE 'float' END"
    plain = _plain(ref, cells)
    is_whole, is_number, is_bool = _tests(ref, plain, cells)
    fits = f"CASE WHEN {is_whole} THEN TRY_CAST({plain} AS BIGINT) END IS NOT NULL"
    return (
        f"CASE WHEN count({ref}) = 0 THEN 'text'"
        f" WHEN count(*) FILTER (WHERE {is_bool}) = count({ref}) THEN 'bool'"
        f" WHEN count(*) FILTER (WHERE {fits}) = count({ref}) THEN 'int'"
        f" WHEN count(*) FILTER (WHERE {is_whole} AND NOT ({fits})) > 0 THEN 'text'"
        f" WHEN count(*) FILTER (WHERE {is_number}) = count({ref}) THEN 'float' ELSE 'text' END"
    )


def typed_value(column: Column, kind: FieldType, cells: Cells) -> str:
    """The values of a column of that kind."""
    plain = _plain(column.ref, cells)
    match kind:
        case "int":
            return f"CAST({plain} AS BIGINT)"
        case "float":
            return f"CAST({plain} AS DOUBLE)"
        case "bool":
            return column.ref if cells == "typed" else f"lower({plain}) = 'true'"
        case "text":
            return shown_value(column, cells)


def shown_value(column: Column, cells: Cells) -> str:
    """The values as people read them and JSON can hold them: numbers and booleans stay, times become ISO 8601, all else text."""
    ref, held = column.ref, family(column.type)
    if cells != "typed" or held in INTEGERS | WIDE_INTEGERS | FLOATS | {"BOOLEAN", "VARCHAR"}:
        return _plain(ref, cells)
    if held == "DECIMAL":
        return f"CAST({ref} AS DOUBLE)"
    if held in TIMES:
        return f"replace(CAST({ref} AS VARCHAR), ' ', 'T')"
    if held == ZONED:
        return f"replace(CAST(make_timestamp(epoch_us({ref})) AS VARCHAR), ' ', 'T') || 'Z'"
    return f"CAST({ref} AS VARCHAR)"


def _plain(ref: str, cells: Cells) -> str:
    return f"({ref} ->> '$')" if cells == "json" else ref


def _tests(ref: str, plain: str, cells: Cells) -> tuple[str, str, str]:
    """Conditions: the cell is a whole number, a number, a truth value."""
    if cells == "json":
        kind = f"json_type({ref})"
        return f"{kind} IN ('BIGINT', 'UBIGINT')", f"{kind} IN ('BIGINT', 'UBIGINT', 'DOUBLE')", f"{kind} = 'BOOLEAN'"
    return (
        f"regexp_full_match({plain}, '{_WHOLE}')",
        f"regexp_full_match({plain}, '{_NUMBER}')",
        f"lower({plain}) IN ('true', 'false')",
    )

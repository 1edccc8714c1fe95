"""Cells under a declared type: each is NULL, or an instance of the type, or neither.

What counts as an instance is the same for every format and engine: what a text spells (``assay.core.spelling``), a whole number that is kept
as a float, a time at midnight as a day. NaN is NULL in numbers.
Empty cells of a CSV are NULL; empty texts of other formats are texts.
"""

import msgspec
from sqlglot import exp

from assay.check.compile.tree import ref, tree
from assay.core import spelling
from assay.core.dataset import DataColumn, Dialect, Held
from assay.core.rules import ColumnType


class Cell(msgspec.Struct, frozen=True):
    """A column under a rule."""

    null: exp.Expr
    """The condition that it is NULL."""
    value: exp.Expr
    """The cell as an instance of the declared type; NULL where it is none."""
    may_be_wrong: bool = True
    """The column's type does not say that every cell is NULL or an instance."""
    is_ruled_out: bool = False
    """The column's type admits no instance at all."""

    @property
    def is_plain(self) -> bool:
        """The value is the column itself."""
        return isinstance(self.value, exp.Column)


def cell(declared: ColumnType, column: DataColumn, dialect: Dialect) -> Cell:
    """The column, held against a type."""
    x = ref(column.ref)
    match column.held:
        case "csv":
            null, value = spelling.text_is_null(declared, "x"), spelling.text_value(declared, "x")
            return Cell(tree(null, x=x), tree(value, x=x), may_be_wrong=declared != "str")
        case "json":
            return Cell(tree(spelling.json_is_null(declared, "x"), x=x), tree(spelling.json_value(declared, "x"), x=x))
        case _:
            return _typed_cell(declared, x, column.held, dialect)


def is_instance(declared: ColumnType, column: DataColumn, dialect: Dialect) -> exp.Expr:
    """The condition that a cell of texts is an instance of the type, or NaN where that is NULL."""
    found = cell(declared, column, dialect)
    return tree("x IS NOT NULL AND (n OR v IS NOT NULL)", x=ref(column.ref), n=found.null, v=found.value)


def is_tried_as(declared: ColumnType, column: DataColumn, dialect: Dialect) -> exp.Expr:
    """The same where nobody has declared the type: of a whole number beyond 64 bits in a CSV it is text, by which no identifier loses
    digits. JSON has no other type for it than numbers."""
    found = is_instance(declared, column, dialect)
    if declared != "float" or column.held != "csv":
        return found
    x, value = ref(column.ref), cell(declared, column, dialect).value
    return tree("f AND NOT coalesce(long, false)", f=found, long=tree(spelling.is_long_text("x", "v"), x=x, v=value))


# Columns of a type


def _typed_cell(declared: ColumnType, x: exp.Expr, held: Held, dialect: Dialect) -> Cell:
    null = tree("x IS NULL", x=x)
    if held == "float":
        null = tree("x IS NULL OR is_nan", x=x, is_nan=is_nan(x, dialect))
    match declared, held:
        case (
            ("int", "int") | ("float", "int") | ("str", "text") | ("bool", "bool") | ("date", "date") | ("time", "time")
        ):
            return Cell(null, x, may_be_wrong=False)
        case "int", ("wide_int" | "decimal"):
            return Cell(null, _whole_exactly(x, dialect))
        case "int", "float":
            return Cell(null, _whole(x, dialect))
        case "float", ("wide_int" | "decimal"):
            return Cell(null, tree("CAST(x AS DOUBLE)", x=x), may_be_wrong=False)
        case "float", "float":
            return Cell(null, _without_nan(x, dialect), may_be_wrong=False)
        case "date", "time":
            return Cell(null, _midnight(x))
        case "time", "date":
            return Cell(null, tree("CAST(x AS TIMESTAMP)", x=x), may_be_wrong=False)
        case "time", "zoned":
            return Cell(null, utc(x, dialect), may_be_wrong=False)
        case _:
            return Cell(null, exp.null(), is_ruled_out=True)


def _midnight(time: exp.Expr) -> exp.Expr:
    return tree("CASE WHEN t = CAST(CAST(t AS DATE) AS TIMESTAMP) THEN CAST(t AS DATE) END", t=time)


def _whole(x: exp.Expr, dialect: Dialect) -> exp.Expr:
    """NaN is greater than every number, or compares as false: either way it is none."""
    as_double = tree("CAST(x AS DOUBLE)", x=x)
    if dialect == "duckdb":
        return tree("CASE WHEN d = TRY_CAST(x AS BIGINT) THEN TRY_CAST(x AS BIGINT) END", d=as_double, x=x)
    fits = "d >= -9.223372036854775808e18 AND d < 9.223372036854775808e18"
    # One CASE in the other: Spark's floor fails where the result does not fit, and AND promises no order.
    whole = "CASE WHEN x = floor(x) THEN CAST(x AS BIGINT) END"
    return tree(f"CASE WHEN {fits} THEN {whole} END", d=as_double, x=x)


def _whole_exactly(x: exp.Expr, dialect: Dialect) -> exp.Expr:
    """Of numbers that a double would round: 9007199254740993.5 is none."""
    if dialect == "duckdb":
        return tree("CASE WHEN x = trunc(x) THEN TRY_CAST(x AS BIGINT) END", x=x)
    fits = "x >= -9223372036854775808 AND x <= 9223372036854775807 AND x = floor(x)"
    return tree(f"CASE WHEN {fits} THEN CAST(x AS BIGINT) END", x=x)


def is_nan(x: exp.Expr, dialect: Dialect) -> exp.Expr:
    """The condition that a float is NaN; never NULL but where x is."""
    if dialect in ("postgres", "snowflake"):
        return tree("x = CAST('NaN' AS DOUBLE)", x=x)
    name = {"bigquery": "IS_NAN", "trino": "IS_NAN"}.get(dialect, "ISNAN")
    return exp.Anonymous(this=name, expressions=[x.copy()])


def _without_nan(x: exp.Expr, dialect: Dialect) -> exp.Expr:
    if dialect == "duckdb":
        return tree("nullif(x, CAST('nan' AS DOUBLE))", x=x)
    return tree("CASE WHEN NOT is_nan THEN x END", is_nan=is_nan(x, dialect), x=x)


def utc(x: exp.Expr, dialect: Dialect) -> exp.Expr:
    """A time with a zone as the time of day that it was in UTC. DuckDB's own words for it need an extension."""
    match dialect:
        case "duckdb":
            return tree("make_timestamp(epoch_us(x))", x=x)
        case "bigquery":
            return exp.Anonymous(this="DATETIME", expressions=[x.copy(), exp.Literal.string("UTC")])
        case "spark":  # its session is in UTC
            return exp.cast(x.copy(), "TIMESTAMP_NTZ")
        case "snowflake":
            zone = [exp.Literal.string("UTC"), x.copy()]
            return exp.cast(exp.Anonymous(this="CONVERT_TIMEZONE", expressions=zone), "TIMESTAMP_NTZ")
        case "trino":
            return exp.cast(tree("x AT TIME ZONE 'UTC'", x=x), "TIMESTAMP")
        case _:
            return tree("x AT TIME ZONE 'UTC'", x=x)


def as_json(column: DataColumn, x: exp.Expr, dialect: Dialect) -> exp.Expr | None:
    """A nested cell as a text of JSON, which engines write alike; None where the column is of another kind."""
    type_ = column.type
    if dialect == "duckdb" and (type_.startswith(("STRUCT(", "MAP(")) or type_.endswith("]")):
        return tree("CASE WHEN x IS NOT NULL THEN CAST(to_json(x) AS TEXT) END", x=x)
    if dialect == "spark" and type_.startswith(("array<", "struct<", "map<")):
        words = [exp.Literal.string(word) for pair in _SPARK_JSON.items() for word in pair]
        options = exp.Anonymous(this="MAP", expressions=words)
        return exp.Anonymous(this="TO_JSON", expressions=[x.copy(), options])
    return None


_SPARK_JSON = {
    "ignoreNullFields": "false",
    "timestampFormat": "yyyy-MM-dd HH:mm:ssXXX",
    "timestampNTZFormat": "yyyy-MM-dd HH:mm:ss",
}

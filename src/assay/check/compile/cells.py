"""Cells under a declared type: each is NULL, or an instance of the type, or neither.

What counts as an instance, the same for every format and engine:

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
from sqlglot import exp

from assay.check.compile.tree import ref, tree
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
            return _text_cell(declared, x)
        case "json":
            return _json_cell(declared, x)
        case _:
            return _typed_cell(declared, x, column.held, dialect)


# Texts that may spell anything: DuckDB alone reads them


def _text_cell(declared: ColumnType, x: exp.Expr) -> Cell:
    if declared in ("int", "float"):
        null = tree("x IS NULL OR coalesce(isnan(d), false)", x=x, d=_double(x))
        return Cell(null, _parsed(declared, x))
    return Cell(tree("x IS NULL", x=x), _parsed(declared, x), may_be_wrong=declared != "str")


def _json_cell(declared: ColumnType, x: exp.Expr) -> Cell:
    kind, plain = tree("json_type(x)", x=x), tree("x ->> '$'", x=x)
    if declared in ("int", "float"):
        is_number = tree("kind IN ('BIGINT', 'UBIGINT', 'DOUBLE')", kind=kind)
        null = tree("x IS NULL OR coalesce(is_number AND isnan(d), false)", x=x, is_number=is_number, d=_double(plain))
        return Cell(null, tree("CASE WHEN is_number THEN v END", is_number=is_number, v=_parsed(declared, plain)))
    expected = exp.Literal.string("BOOLEAN" if declared == "bool" else "VARCHAR")
    value = tree("CASE WHEN kind = expected THEN v END", kind=kind, expected=expected, v=_parsed(declared, plain))
    return Cell(tree("x IS NULL", x=x), value)


def _parsed(declared: ColumnType, x: exp.Expr) -> exp.Expr:
    """The value that a text spells; NULL where it spells none."""
    match declared:
        case "int":
            return tree("CASE WHEN d = TRY_CAST(x AS BIGINT) THEN TRY_CAST(x AS BIGINT) END", d=_double(x), x=x)
        case "float":
            return tree("nullif(d, CAST('nan' AS DOUBLE))", d=_double(x))
        case "str":
            return x.copy()
        case "bool":
            truth = (
                "CASE WHEN lower(x) IN ('true', 't', '1') THEN true WHEN lower(x) IN ('false', 'f', '0') THEN false END"
            )
            return tree(truth, x=x)
        case "date":
            return _midnight(_time(x))
        case "time":
            return _time(x)


def _double(x: exp.Expr) -> exp.Expr:
    """DuckDB reads 1_000 as a number; other readers do not."""
    return tree("TRY_CAST(CASE WHEN NOT contains(x, '_') THEN x END AS DOUBLE)", x=x)


def _time(x: exp.Expr) -> exp.Expr:
    """DuckDB also reads ``epoch``, ``infinity`` and 2013/1/2 as times, and would pass over a zone."""
    has_zone = r"regexp_matches(x, ':[0-9.]+ ?(?:Z|UTC|[+-][0-9][0-9](?::?[0-9][0-9])?)$')"
    read = f"CASE WHEN {has_zone} THEN make_timestamp(epoch_us(TRY_CAST(y AS TIMESTAMPTZ))) ELSE TRY_CAST(y AS TIMESTAMP) END"
    return tree(read, x=x, y=tree("CASE WHEN x LIKE '____-__-__%' THEN x END", x=x))


def _midnight(time: exp.Expr) -> exp.Expr:
    return tree("CASE WHEN t = CAST(CAST(t AS DATE) AS TIMESTAMP) THEN CAST(t AS DATE) END", t=time)


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

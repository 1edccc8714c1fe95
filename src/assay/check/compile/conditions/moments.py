"""The parts of days and times."""

from typing import Any

from sqlglot import exp

from assay.check.compile.conditions.reading import Readers, Reading
from assay.check.compile.conditions.typed import Typed
from assay.check.compile.tree import tree


def _extracted(reading: Reading, node: Any) -> Typed:
    return _part_of(reading, node.name, node.expression)


def _one_part(reading: Reading, node: Any) -> Typed:
    return _part_of(reading, type(node).__name__, node.this)


def _part_of(reading: Reading, part: str, node: Any) -> Typed:
    moment = reading.moment(node)
    found = tree("CAST(floor(x) AS BIGINT)", x=exp.Extract(this=exp.var(part.upper()), expression=moment))
    if reading.dialect == "postgres":  # the year of what is endless is endless there, and NULL in DuckDB
        found = tree("CASE WHEN isfinite(t) THEN x END", t=moment, x=found)
    return Typed(found, "int")


def _seconds(reading: Reading, node: Any) -> Typed:
    """Since 1970, of ``epoch(x)``."""
    x = reading.moment(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this)
    match reading.dialect:
        case "duckdb":
            return Typed(exp.Anonymous(this="epoch", expressions=[x]), "float")
        case "postgres":
            return Typed(exp.cast(exp.Extract(this=exp.var("EPOCH"), expression=x), "DOUBLE"), "float")
        case "spark":
            return Typed(exp.cast(exp.Cast(this=x, to=exp.DataType.build("TIMESTAMPLTZ")), "DOUBLE"), "float")
        case "bigquery":
            micros = exp.Anonymous(this="UNIX_MICROS", expressions=[exp.Anonymous(this="TIMESTAMP", expressions=[x])])
            return Typed(tree("x / 1000000.0", x=micros), "float")
        case "snowflake":
            micros = exp.Anonymous(this="DATE_PART", expressions=[exp.var("EPOCH_MICROSECOND"), x])
            return Typed(tree("CAST(x AS DOUBLE) / 1000000.0", x=micros), "float")
        case "trino":
            return Typed(exp.Anonymous(this="TO_UNIXTIME", expressions=[x]), "float")


MOMENTS: Readers = (
    ((exp.Extract,), _extracted),
    ((exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second), _one_part),
    ((exp.Expr,), _seconds),
)
"""The last is ``epoch``, which sqlglot has no word of its own for: nothing else that ``parse_row_sql`` lets through is left."""

"""Cells as people read them, in what every engine's driver can hand over."""

from sqlglot import exp

from assay.check.compile.cells import as_json, utc
from assay.check.compile.tree import tree
from assay.core.dataset import DataColumn, Dialect, Held


def told(column: DataColumn, x: exp.Expr, dialect: Dialect) -> exp.Expr:
    """A cell of the column; what is nested as a text of JSON."""
    return as_json(column, x, dialect) or handed(x, column.held, dialect)


def handed(x: exp.Expr, held: Held, dialect: Dialect) -> exp.Expr:
    """A value: numbers, texts and truths as they are; decimals, of which a double may lose digits, days and times as texts."""
    match held:
        case "zoned":
            return tree("CAST(t AS TEXT)", t=utc(x, dialect))
        case "other" if dialect == "bigquery":
            return exp.Anonymous(this="TO_JSON_STRING", expressions=[x.copy()])
        case "other" if dialect == "trino":
            return exp.Anonymous(this="JSON_FORMAT", expressions=[exp.cast(x.copy(), "JSON")])
        case "decimal" | "date" | "time" | "other" | "json":
            return tree("CAST(x AS TEXT)", x=x)
        case _:
            return x.copy()


def ascending(expression: exp.Expr) -> exp.Expr:
    """In ascending order, NULL last."""
    return exp.Ordered(this=expression, desc=False, nulls_first=False)

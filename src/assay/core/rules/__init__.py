"""Rules on a dataset, and the small languages in which they are written: ``column.py`` for a column's line, ``pattern.py``
for what a text is like, ``row_sql.py`` for what must hold of a row."""

from assay.core.rules.column import parse_column, parse_rows, parse_tolerance
from assay.core.rules.nouns import (
    COLUMN_TYPES,
    Bounds,
    ColumnRule,
    ColumnType,
    DriftRule,
    Environment,
    Fresh,
    Leakage,
    MembersOf,
    QuantileBounds,
    QueryRule,
    RowRule,
    RuleMistake,
    Rules,
    Scalar,
    Terms,
    Tolerance,
)

__all__ = [
    "COLUMN_TYPES",
    "Bounds",
    "ColumnRule",
    "ColumnType",
    "DriftRule",
    "Environment",
    "Fresh",
    "Leakage",
    "MembersOf",
    "QuantileBounds",
    "QueryRule",
    "RowRule",
    "RuleMistake",
    "Rules",
    "Scalar",
    "Terms",
    "Tolerance",
    "parse_column",
    "parse_rows",
    "parse_tolerance",
]

"""The columns that a condition speaks of."""

from collections.abc import Mapping
from typing import Any

from sqlglot import exp

from assay.core.rules.row_sql import parse_row_sql


def columns_of(text: str) -> tuple[str, ...]:
    """The columns that a condition speaks of, as it writes them."""
    return tuple(dict.fromkeys(column.name for column in parse_row_sql(text).find_all(exp.Column)))


def resolved(name: str, names: Mapping[str, Any] | tuple[str, ...]) -> str | None:
    """The column that a name in SQL means: in its very letters, else the only one that differs in upper and lower case alone."""
    if name in names:
        return name
    alike = [each for each in names if each.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None

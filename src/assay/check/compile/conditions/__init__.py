"""A condition on rows over the cells of a dataset: every word is given the meaning that all engines share, or is refused.

Whole numbers are of 64 bits, times have no zone, a day is its midnight beside a time, a division is one of numbers with a point and by
nothing gives NULL. Mixtures that engines would settle each in its own way (a text beside a number, ``%`` of fractions) are
refused with the names of the columns.
"""

from collections.abc import Mapping

from sqlglot import exp

from assay.check.compile.conditions.functions import FUNCTIONS
from assay.check.compile.conditions.moments import MOMENTS
from assay.check.compile.conditions.names import columns_of, resolved
from assay.check.compile.conditions.operators import OPERATORS
from assay.check.compile.conditions.reading import Reading
from assay.check.compile.conditions.typed import SAID, Typed
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType
from assay.core.rules.row_sql import parse_row_sql

__all__ = ["columns_of", "condition", "resolved", "typed_value"]


def condition(
    rule: str, text: str, columns: Mapping[str, DataColumn], types: Mapping[str, ColumnType], dialect: Dialect
) -> exp.Expr:
    """The condition that ``text`` spells. ``rule`` is its name, for errors; ``types`` says as what each column is read.

    ``EvidenceError`` where a column is not there, or a word has no meaning for what the columns hold.
    """
    reading = _reading(rule, text, columns, types, dialect)
    found = reading.typed(parse_row_sql(text))
    if found.kind not in ("bool", "null"):
        raise reading.senseless(f"it gives {SAID[found.kind]}, and not true or false")
    return found.part


def typed_value(
    node: exp.Expr, columns: Mapping[str, DataColumn], types: Mapping[str, ColumnType], dialect: Dialect
) -> Typed:
    """Any value that a part of a condition may have."""
    return _reading("value", node.sql(), columns, types, dialect).typed(node)


def _reading(
    rule: str, text: str, columns: Mapping[str, DataColumn], types: Mapping[str, ColumnType], dialect: Dialect
) -> Reading:
    return Reading(rule, text, columns, types, dialect, (*OPERATORS, *FUNCTIONS, *MOMENTS))

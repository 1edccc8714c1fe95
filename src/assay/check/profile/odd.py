# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""Columns most of whose values are of a type, and the values that are not."""

import json
import math
from collections.abc import Sequence
from typing import Any

from assay.check.profile.reading import Reading, types_of
from assay.check.profile.sample import CUT, Sampled
from assay.core.dataset import DataColumn
from assay.core.ports import Opened
from assay.core.profile import Frequent
from assay.core.rules import ColumnType

_FREQUENT = 5
_LEAST_SHARE = 0.85
"""Of the texts in a sample; that nearly all are of the type is said by the count of all rows."""


def most_fits(read: Reading, sampled: Sampled) -> ColumnType | None:
    """The narrowest type that most values of the sample have, of texts nearly all; None where there is none, or they have one."""
    fits = {type_: sampled.fits.get(type_, 0) for type_ in types_of(read.column) if type_ != read.type}
    best = max(fits, key=lambda type_: fits[type_], default=None)
    if best is None or not fits[best]:
        return None
    return best if read.type is None or fits[best] >= _LEAST_SHARE * sampled.values else None


def odd_values(opened: Opened, relation: str, reads: Sequence[Reading]) -> list[tuple[Frequent, ...]]:
    """Of each column the most frequent values that are neither NULL nor of the type, by one scan of all rows."""
    if not reads:
        return []
    are_odd = [f"(NOT coalesce({read.null}, false) AND {read.value} IS NULL)" for read in reads]
    texts = [f"CASE WHEN {odd} THEN {_text(read.column)} END" for odd, read in zip(are_odd, reads, strict=True)]
    odd = (
        f"SELECT unnest({list(range(len(reads)))}) AS place, unnest([{', '.join(texts)}]) AS told"
        f" FROM {relation} WHERE {' OR '.join(are_odd)}"
    )
    rank = "row_number() OVER (PARTITION BY place ORDER BY count(*) DESC, told)"
    query = (
        f"SELECT place, told, count(*) AS times FROM ({odd}) AS odd WHERE told IS NOT NULL GROUP BY place, told"
        f" QUALIFY {rank} <= {_FREQUENT} ORDER BY place, times DESC, told"
    )
    found: list[list[Frequent]] = [[] for _ in reads]
    for place, told, times in opened.rows(query):
        found[place].append(Frequent(_value(reads[place].column, told), times))
    return [tuple(each) for each in found]


def _text(column: DataColumn) -> str:
    return f"left(CAST({column.ref} AS VARCHAR), {CUT})"


def _value(column: DataColumn, told: str) -> Any:
    """What JSON says, as far as it is a single value that was not cut."""
    if column.held != "json":
        return told
    try:
        value = json.loads(told)
    except ValueError:
        return told
    is_single = isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_single else told

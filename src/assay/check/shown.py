"""Cells as people read them and JSON can hold them."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import PurePath
from typing import Any

from assay.core.dataset import DataColumn, Held, in_32_bits
from assay.core.rules import ColumnType
from assay.core.text import recordable_text

_LONGEST = 200
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")


def shown_row(columns: Sequence[DataColumn], row: Sequence[Any], types: Mapping[str, ColumnType]) -> dict[str, Any]:
    """A whole row by the names of its columns. ``types``: as what a rule reads each, which says what the texts of a CSV are."""
    return {
        column.name: as_declared(shown_value(column, cell), types.get(column.name) if column.held == "csv" else None)
        for column, cell in zip(columns, row, strict=True)
    }


def as_declared(value: Any, declared: ColumnType | None) -> Any:
    """A text that plainly spells a number or a truth of the declared type, as that; every other value as it is, ``1_000`` and ``007``."""
    if not isinstance(value, str):
        return value
    if declared == "int" and _WHOLE.fullmatch(value):
        return int(value)
    if declared == "float" and _NUMBER.fullmatch(value):
        return float(value)
    return {"true": True, "false": False}.get(value, value) if declared == "bool" else value


def names_within(paths: Sequence[PurePath]) -> dict[str, str]:
    """What each of several files is called in the folder that holds them all, by its whole path."""
    folders = [path.parent.parts for path in paths]
    shared = next(
        (at for at, parts in enumerate(zip(*folders, strict=False)) if len(set(parts)) > 1), min(map(len, folders))
    )
    return {str(path): str(PurePath(*path.parts[shared:])) for path in paths}


def shown_value(column: DataColumn | None, value: Any) -> Any:
    """Numbers and booleans stay, times become ISO 8601, NaN is None, long texts are cut at 200 characters, all else is text: a decimal
    too of which a number would lose digits."""
    held: Held | None = None if column is None else column.held
    match value:
        case None | bool() | int():
            return value
        case Decimal():
            return _of_decimal(value)
        case float() if column is not None and column.is_single and math.isfinite(value):
            return _of_single(value)
        case float():
            return value if math.isfinite(value) else None if math.isnan(value) else str(value)
        case datetime() | date():
            return value.isoformat()
        case str() if held == "decimal":
            return _of_decimal(Decimal(value))
        case str() if held == "json":
            return _of_json(value)
        case str() if held == "zoned":
            return value.replace(" ", "T") + "Z"
        case str() if held == "time":
            return value.replace(" ", "T")
        case _:
            return _cut(str(value))


def _of_single(value: float) -> float:
    """With the fewest digits that are this number in 32 bits."""
    shorter = (float(f"{value:.{digits}g}") for digits in range(6, 9))
    return next((each for each in shorter if in_32_bits(each) == value), value)


def _of_decimal(value: Decimal) -> Any:
    if not value.is_finite():
        return shown_value(None, float(value))
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


def _of_json(text: str) -> Any:
    try:
        value = json.loads(text)
    except ValueError:
        return _cut(text)
    return (
        _cut(value)
        if isinstance(value, str)
        else shown_value(None, value)
        if not isinstance(value, list | dict)
        else _cut(text)
    )


def _cut(text: str) -> str:
    safe = recordable_text(text)
    return safe if len(safe) <= _LONGEST else safe[:_LONGEST] + "…"

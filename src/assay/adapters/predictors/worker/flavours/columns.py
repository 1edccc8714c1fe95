"""Rows as libraries take them: the right columns in the right order, as a matrix of numbers or a DataFrame."""

from __future__ import annotations

import difflib
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from .unfit import Unfit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Columns = dict[str, np.ndarray]

LONGEST_LIST = 12
NAMELESS = (re.compile(r"Column_\d+"), re.compile(r"\d+"))
"""What LightGBM and CatBoost call columns that came without names."""


def wanted(columns: Columns, names: Sequence[str] | None, count: int | None = None) -> Columns:
    """The columns that the model reads, in its order; all of them, as they come, where it knows no names but perhaps their number.

    ``Unfit`` where one is missing, or where there are more or fewer than the model was trained with.
    """
    if names is not None:
        if all(name in columns for name in names) or not are_nameless(names):
            return {name: columns[name] for name in present(columns, names)}
        count = len(names)
    if count is not None and len(columns) != count:
        reads = f"the model reads {count}, and the file does not say which"
        raise Unfit("model-column-count", reads, f"the rows have {len(columns)}: {listed(columns)}")
    return columns


def present(columns: Columns, names: Sequence[str]) -> Sequence[str]:
    """``names``, all of which are columns."""
    lost = [name for name in names if name not in columns]
    if lost:
        near = [(name, difflib.get_close_matches(name, list(columns), n=1)) for name in lost[:LONGEST_LIST]]
        meant = [f"{name}: did you mean {found[0]}?" for name, found in near if found]
        facts = (*meant, f"the model reads {listed(names)}", f"the rows have {listed(columns)}")
        raise Unfit("model-column-missing", *facts, columns=listed(lost))
    return names


def are_nameless(names: Sequence[str]) -> bool:
    """A library counted the columns, for want of names."""
    return any(all(pattern.fullmatch(name) for name in names) for pattern in NAMELESS)


def matrix(columns: Columns) -> np.ndarray:
    """The columns side by side, as float64; NULL is NaN. ``Unfit`` where one holds text."""
    return np.column_stack([numbers(name, values).astype(np.float64) for name, values in columns.items()])


def numbers(name: str, values: np.ndarray) -> np.ndarray:
    """The column; ``Unfit`` where it holds text."""
    if values.dtype == object:
        shown = next((repr(value) for value in values if value is not None), "None")
        raise Unfit("model-column-unfit", f"it holds text, such as {shown}; the model takes numbers", column=name)
    return values


def table(columns: Columns) -> Any:
    """The columns as a DataFrame with their names; a matrix where there is no pandas and no text. NULL is NaN."""
    pandas = pandas_if_there()
    if pandas is not None:
        return pandas.DataFrame({name: with_nan(values) for name, values in columns.items()})
    text = next((name for name, values in columns.items() if values.dtype == object), None)
    if text is not None:
        raise Unfit("module-missing", f'column "{text}" holds text, which goes in as a DataFrame', module="pandas")
    return matrix(columns)


def with_nan(values: np.ndarray) -> np.ndarray:
    """The column as pandas reads it from a file: a missing text is NaN, not None."""
    if values.dtype != object:
        return values
    filled = np.empty(len(values), dtype=object)
    filled[:] = [np.nan if value is None else value for value in values]
    return filled


def pandas_if_there() -> Any:
    """The module, or None where this Python has none."""
    try:
        return import_module("pandas")
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        return None


def listed(names: Iterable[str]) -> str:
    """Names in a row, the first few of them."""
    known = [str(name) for name in names]
    more = f" and {len(known) - LONGEST_LIST} more" if len(known) > LONGEST_LIST else ""
    return (", ".join(known[:LONGEST_LIST]) or "none") + more

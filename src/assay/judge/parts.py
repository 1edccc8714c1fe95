"""Columns cut into parts for a search: each value of text, truths and small whole numbers; other numbers by quartiles.

Quick rather than exhaustive: what would name more than ``MOST_VALUES`` parts, and the label itself, names none.
"""

from collections.abc import Iterator
from itertools import pairwise

import msgspec
import numpy as np

from assay.core.table import Table
from assay.judge.disagreement import answer_differently
from assay.judge.observe.values import Floats, spelled

MOST_VALUES = 1_000
MOST_NUMBERS = 50
"""A column of more different numbers is cut at its quartiles."""
_SAMPLED = 1_000
_NONE = "(none)"


class Parts(msgspec.Struct, frozen=True, eq=False):
    """A column, cut."""

    names: list[str]
    """``carrier=AA``, ``distance 500..1000`` (from the first to just under the second; the last part to its end)."""
    of_row: np.ndarray
    """For each row, the position of its part's name."""

    def at(self, which: np.ndarray | slice) -> "Parts":
        """The parts of some of the rows."""
        return Parts(self.names, self.of_row[which])


def parts_of(columns: Table, labels: np.ndarray) -> Iterator[Parts]:
    """The columns that can be cut, in their order."""
    for name, values in columns.items():
        if is_label(values, labels):
            continue
        found = _of_numbers(name, values) if values.dtype.kind in "iuf" else _of_values(name, values)
        if found is not None and len(found.names) > 1:
            yield found


def is_label(values: np.ndarray, labels: np.ndarray) -> bool:
    """The column repeats the labels: that rows of one label are hard is no news."""
    head = slice(0, _SAMPLED)
    return not answer_differently(values[head], labels[head]).any() and not answer_differently(values, labels).any()


def _of_values(column: str, values: np.ndarray) -> Parts | None:
    cells = values.tolist()
    distinct = set(cells)
    if len(distinct) > MOST_VALUES:
        return None
    written = {cell: _NONE if cell is None or cell != cell else spelled(cell) for cell in distinct}  # noqa: PLR0124
    names = sorted(set(written.values()))
    position = {name: at for at, name in enumerate(names)}
    codes = {cell: position[name] for cell, name in written.items()}
    of_row = np.fromiter(map(codes.__getitem__, cells), np.int16, len(cells))
    return Parts([f"{column}={name}" for name in names], of_row)


def _of_numbers(column: str, values: np.ndarray) -> Parts | None:
    there = np.isfinite(values)
    known = values if there.all() else values[there]
    if not len(known):
        return None
    distinct = np.unique(known[:: max(1, len(known) // _SAMPLED)])
    if len(distinct) <= MOST_NUMBERS:
        distinct = np.unique(known)
    is_few = len(distinct) <= MOST_NUMBERS
    names, codes = _by_number(column, known, distinct) if is_few else _by_quartile(column, known)
    if len(known) == len(values):
        return Parts(names, codes)
    of_row = np.full(len(values), len(names), np.int16)
    of_row[there] = codes
    return Parts([*names, f"{column}={_NONE}"], of_row)


def _by_number(column: str, values: np.ndarray, distinct: np.ndarray) -> tuple[list[str], np.ndarray]:
    names = [f"{column}={spelled(value)}" for value in distinct.tolist()]
    return names, np.searchsorted(distinct, values).astype(np.int16)


def _by_quartile(column: str, values: np.ndarray) -> tuple[list[str], np.ndarray]:
    edges: Floats = np.unique(np.quantile(values, (0, 0.25, 0.5, 0.75, 1)))
    codes = np.zeros(len(values), np.int16)
    for edge in edges[1:-1]:
        codes += values >= edge
    ends = [f"{edge:.6g}" for edge in edges.tolist()]
    return [f"{column} {low}..{high}" for low, high in pairwise(ends)], codes

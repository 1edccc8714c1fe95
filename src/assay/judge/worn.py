"""What the rows of a gate have been through: earlier decisions that saw some of them.

A labelled row is known by the hash of what names it: its id (and its time, where one is declared), else every column but the
label. A test set that shares a row with an earlier one inherits all decisions on that: taking a row out, or changing the
order, resets nothing. Rows that no decision has seen may be judged alone, at the full level, where they show more than all of
them together do at the level that is left; no label has a part in that choice.
"""

import re
from collections.abc import Sequence

import blake3
import msgspec
import numpy as np

from assay.core.table import Table
from assay.judge.levels import is_spent
from assay.judge.observe import has_value
from assay.judge.tails import normal_quantile

KEY_BYTES = 8
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")
_POWER = 0.9


class Decision(msgspec.Struct, frozen=True, eq=False):
    """An earlier verdict on labelled rows."""

    seq: int
    decisions: int
    passes: int
    keys: np.ndarray | None
    """The keys of its rows, sorted; None where they are not known any more: then it counts as having seen every row."""
    is_open: bool = False
    """It told more of the labels than its verdict."""


class Worn(msgspec.Struct, frozen=True, eq=False):
    """How often some rows were asked before."""

    earlier: tuple[int, ...]
    decisions: int
    passes: int
    open: int
    """How many of the decisions told more of the labels than their verdict."""
    fresh: np.ndarray
    """For each row, whether no earlier decision has seen it."""


def row_keys(columns: Table, names: Sequence[str]) -> np.ndarray:
    """A key for each row, from the columns that name it: equal rows have equal keys, in any file format and order of columns."""
    cells = zip(*(_written(columns[name]) for name in sorted(names)), strict=True)
    digests = b"".join(blake3.blake3("\x1f".join(row).encode()).digest(KEY_BYTES) for row in cells)
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def packed(keys: np.ndarray) -> bytes:
    """Keys as the store keeps them: each once, sorted."""
    return np.unique(keys).astype(">u8").tobytes()


def unpacked(data: bytes) -> np.ndarray:
    """What ``packed`` wrote."""
    return np.frombuffer(data, ">u8").astype(np.uint64)


def wear_of_rows(keys: np.ndarray, decisions: Sequence[Decision]) -> Worn:
    """What rows with these keys have been through."""
    seen = [(each, _is_in(keys, each.keys)) for each in decisions]
    overlapping = [(each, known) for each, known in seen if known.any()]
    fresh = np.ones(len(keys), bool)
    for _, known in overlapping:
        fresh &= ~known
    return Worn(
        tuple(each.seq for each, _ in overlapping),
        sum(each.decisions for each, _ in overlapping),
        sum(each.passes for each, _ in overlapping),
        sum(each.decisions for each, _ in overlapping if each.is_open),
        fresh,
    )


def shows_more(fresh: int, delta_fresh: float, rows: int, delta_worn: float) -> bool:
    """``fresh`` rows alone show a smaller gain at ``delta_fresh`` than all ``rows`` at what is left, by the normal approximation:
    what a test shows 9 times in 10 is (z_delta + z_.9) / sqrt(rows) standard deviations."""
    if not fresh or is_spent(delta_worn):
        return bool(fresh)

    def shown(count: int, delta: float) -> float:
        return (normal_quantile(delta) + normal_quantile(1 - _POWER)) / float(np.sqrt(count))

    return shown(fresh, delta_fresh) < shown(rows, delta_worn)


def _is_in(keys: np.ndarray, others: np.ndarray | None) -> np.ndarray:
    return np.ones(len(keys), bool) if others is None else np.isin(keys, others)


def _written(values: np.ndarray) -> list[str]:
    """Cells as text, alike in any file format: whole numbers whether the file holds them as integers or not, others to the six
    digits that every kind of float keeps, moments with and without their T, nothing as an empty text."""
    if values.dtype.kind in "iu":
        return list(map(str, values.tolist()))
    there = has_value(values)
    return [_cell(value) if known else "" for value, known in zip(values.tolist(), there.tolist(), strict=True)]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6g}"
    text = str(value)
    return f"{text[:10]} {text[11:]}" if _MOMENT.match(text) else text

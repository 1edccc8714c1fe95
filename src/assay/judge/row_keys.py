"""What a row is known by: a key of the columns that name it, a key of all that it holds, and a key of what it belongs to.

- ``row_keys`` name a row by the text of its cells. Ledgers hold these since the first verdict, so they never change.
- ``value_keys`` and ``content_keys`` are arithmetic on whole columns: of 100,000 rows with 20 columns they take a fraction of a second.

Equal cells have equal keys in any file format: whole numbers whether the file holds them as integers or not, others to the six digits
that every kind of float keeps, moments with and without their T, nothing as nothing.
"""

import re
from collections.abc import Sequence

import blake3
import numpy as np
import numpy.typing as npt

from assay.core.table import Table
from assay.judge.observe import Floats, has_value

Keys = npt.NDArray[np.uint64]

KEY_BYTES = 8
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:")
_EXACT = 2.0**53
"""Whole numbers below it are the same as a float and as an integer."""
_LEAST_SIZE = -300.0
_NOTHING = np.uint64(1 << 63)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_ROUNDS = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT = np.uint64(31)


def row_keys(columns: Table, names: Sequence[str]) -> Keys:
    """A key for each row, from the columns that name it: equal rows have equal keys, in any file format and order of columns."""
    cells = zip(*(_written(columns[name]) for name in sorted(names)), strict=True)
    digests = b"".join(blake3.blake3("\x1f".join(row).encode()).digest(KEY_BYTES) for row in cells)
    return np.frombuffer(digests, ">u8").astype(np.uint64)


def content_keys(columns: Table, names: Sequence[str]) -> Keys:
    """A key for each row, from what it holds in the columns, of which there is one at least; their order does not matter."""
    first, *others = sorted(names)
    keys = _keys_in(columns, first)
    for name in others:
        keys = _mixed(keys) + _keys_in(columns, name)
    return keys


def value_keys(values: np.ndarray) -> Keys:
    """A key for each cell of a column."""
    if values.dtype.kind in "iu":
        return _mixed(values.astype(np.int64).view(np.uint64))
    if values.dtype.kind == "f":
        return _keys_of_floats(values.astype(np.float64))
    cells = values.tolist()
    of_cell = {cell: _text_key(_cell(cell)) for cell in set(cells)}
    keys = np.fromiter(map(of_cell.__getitem__, cells), np.uint64, len(cells))
    return _mixed(np.where(has_value(values), keys, _NOTHING))


def packed(keys: Keys) -> bytes:
    """Keys as the store keeps them: each once, sorted."""
    return np.unique(keys).astype(">u8").tobytes()


def packed_each(keys: Keys) -> bytes:
    """The same, with a key as often as it stands there."""
    return np.sort(keys).astype(">u8").tobytes()


def unpacked(data: bytes) -> Keys:
    """What ``packed`` or ``packed_each`` wrote."""
    return np.frombuffer(data, ">u8").astype(np.uint64)


def _keys_in(columns: Table, name: str) -> Keys:
    return _mixed(value_keys(columns[name]) ^ np.uint64(_text_key(name)))


def _written(values: np.ndarray) -> list[str]:
    if values.dtype.kind in "iu":
        return list(map(str, values.tolist()))
    there = has_value(values)
    return [_cell(value) if known else "" for value, known in zip(values.tolist(), there.tolist(), strict=True)]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else f"{value:.6g}"
    text = str(value)
    return f"{text[:10]} {text[11:]}" if _MOMENT.match(text) else text


def _text_key(text: str) -> int:
    return int.from_bytes(blake3.blake3(text.encode()).digest(KEY_BYTES), "big")


def _keys_of_floats(values: Floats) -> Keys:
    is_whole = (np.abs(values) < _EXACT) & (values == np.rint(values))
    whole = np.where(is_whole, values, 0.0).astype(np.int64).view(np.uint64)
    keys = np.where(is_whole, whole, _six_digits(np.where(np.isfinite(values) & ~is_whole, values, 0.5)))
    keys = np.where(np.isinf(values), values.view(np.uint64), keys)
    return _mixed(np.where(np.isnan(values), _NOTHING, keys))


def _six_digits(values: Floats) -> Keys:
    """For each, what its first six digits and its size make."""
    size = np.maximum(np.floor(np.log10(np.abs(values))), _LEAST_SIZE)
    digits = np.rint(values / 10.0**size * 1e5)
    is_next = np.abs(digits) >= 1e6
    digits, size = np.where(is_next, digits / 10, digits), size + is_next
    return _mixed(digits.astype(np.int64).view(np.uint64)) + size.astype(np.int64).view(np.uint64)


def _mixed(keys: Keys) -> Keys:
    """Each bit of a key changes half of the others (the finaliser of splitmix64: Steele, Lea and Flood, OOPSLA 2014)."""
    keys = keys + _STEP
    for shift, factor in _ROUNDS:
        keys = (keys ^ (keys >> shift)) * factor
    return keys ^ (keys >> _LAST_SHIFT)

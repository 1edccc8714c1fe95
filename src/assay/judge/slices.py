"""Rows by the values of a column; values with few rows are pooled."""

from collections.abc import Sequence

import msgspec
import numpy as np

from assay.core.near import near_miss
from assay.core.sentence import SliceOf
from assay.judge.observe import has_value
from assay.judge.observe.values import spelled

OTHER = "other"
MOST_SLICES = 1_000


class Slice(msgspec.Struct, frozen=True, eq=False):
    """Rows that have one value, or one of several that were too small alone."""

    name: str
    """``carrier=AA``."""
    rows: np.ndarray
    """Their positions."""
    pooled: tuple[str, ...] = ()


def slices_of(column: str, values: np.ndarray, min_rows: int) -> list[Slice]:
    """A slice for each value, in the order of the values; those below ``min_rows`` are one, ``other``. Rows without a value
    are a value of their own, written ``(none)``."""
    names, codes = _coded(values)
    counts = np.bincount(codes, minlength=len(names))
    order = np.argsort(codes, kind="stable")
    parts = np.split(order, np.cumsum(counts)[:-1])
    large = [Slice(f"{column}={name}", part) for name, part in zip(names, parts, strict=True) if len(part) >= min_rows]
    small = [(name, part) for name, part in zip(names, parts, strict=True) if len(part) < min_rows]
    if not small:
        return large
    pooled = np.sort(np.concatenate([part for _, part in small]))
    return [*large, Slice(f"{column}={OTHER}", pooled, tuple(name for name, _ in small))]


def slice_of(which: SliceOf, values: np.ndarray) -> Slice | str:
    """The rows with one value; in words why there are none."""
    assert which.value is not None
    names, codes = _coded(values)
    wanted = which.value if which.value in names else _number_spelled(which.value)
    if wanted not in names:
        near = near_miss(which.value, names)
        hint = f"; did you mean {near}?" if near else f"; it holds {_listed(names)}"
        return f"no labelled row has {which.column}={which.value}{hint}"
    return Slice(f"{which.column}={wanted}", np.flatnonzero(codes == names.index(wanted)))


def _coded(values: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The values as people write them, in order, and for each row which one it has."""
    there = has_value(values)
    distinct, codes = (
        np.unique(values[there], return_inverse=True) if values.dtype.kind != "O" else _of_objects(values[there])
    )
    names = [spelled(value) for value in distinct.tolist()]
    if there.all():
        return names, codes
    every = np.full(len(values), len(names))
    every[there] = codes
    return [*names, "(none)"], every


def _of_objects(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    cells = values.tolist()
    written = {cell: spelled(cell) for cell in set(cells)}
    names = sorted(set(written.values()))
    code_of = {name: code for code, name in enumerate(names)}
    codes = {cell: code_of[name] for cell, name in written.items()}
    return np.array(names, object), np.fromiter(map(codes.__getitem__, cells), np.int64, len(cells))


def _number_spelled(text: str) -> str:
    try:
        return spelled(float(text))
    except ValueError:
        return text


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10:,} more" if len(names) > 10 else "")

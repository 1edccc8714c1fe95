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
_NONE = np.empty(0, np.intp)


class ByValue(msgspec.Struct, frozen=True, eq=False):
    """A column as it is sliced."""

    names: list[str]
    """The distinct values as people write them, in order; ``(none)``, the last, for rows without a value."""
    of_row: np.ndarray
    """For each row, the position of its value's name."""
    has_gaps: bool = False
    """Some rows have no value: the last name is theirs."""

    @property
    def keys(self) -> list[str | None]:
        """What tells the values apart in other rows too: a text may read as rows without a value are named."""
        return [*self.names[:-1], None] if self.has_gaps else [*self.names]


class Slice(msgspec.Struct, frozen=True, eq=False):
    """Rows that have one value, or one of several that were too small alone."""

    name: str
    """``carrier=AA``."""
    rows: np.ndarray
    """Their positions, in order."""
    pooled: tuple[str, ...] = ()
    rest: np.ndarray = _NONE
    """The positions of the unlabelled rows that belong to it."""


def by_value(values: np.ndarray) -> ByValue:
    """Which value each row has. It costs a sort of the column, so it is found once for all sentences that slice by it."""
    there = has_value(values)
    distinct, codes = (
        np.unique(values[there], return_inverse=True) if values.dtype.kind != "O" else _of_objects(values[there])
    )
    names = [spelled(value) for value in distinct.tolist()]
    of_row = np.full(len(values), len(names), np.min_scalar_type(len(names)))  # numpy sorts small integers by counting
    of_row[there] = codes
    return ByValue(names, of_row) if there.all() else ByValue([*names, _name_of_gaps(names)], of_row, has_gaps=True)


def slices_of(column: str, values: ByValue, rest: ByValue | None, min_rows: int) -> list[Slice]:
    """A slice for each value, in the order of the values; those below ``min_rows`` are one, ``other``. ``rest`` are the values
    of the unlabelled rows, which make no slice of their own."""
    unlabelled = {} if rest is None else dict(zip(rest.keys, _rows_of_each(rest), strict=True))
    every = [
        (name, Slice(f"{column}={name}", part, (), unlabelled.get(key, _NONE)))
        for name, key, part in zip(values.names, values.keys, _rows_of_each(values), strict=True)
    ]
    small = {name: each for name, each in every if len(each.rows) < min_rows}
    large = [each for _, each in every if len(each.rows) >= min_rows]
    return [*large, _pooled(column, small)] if small else large


def slice_of(which: SliceOf, values: ByValue, rest: ByValue | None) -> Slice | str:
    """The rows with one value; in words why there are none. ``rest`` as for ``slices_of``."""
    assert which.value is not None
    names = values.names
    wanted = which.value if which.value in names else _number_spelled(which.value)
    if wanted not in names:
        near = near_miss(which.value, names)
        hint = f"; did you mean {near}?" if near else f"; it holds {_listed(names)}"
        return f"no labelled row has {which.column}={which.value}{hint}"
    key = values.keys[names.index(wanted)]
    unlabelled = _NONE if rest is None else _rows_with(rest, key)
    return Slice(f"{which.column}={wanted}", _rows_with(values, key), (), unlabelled)


def _rows_of_each(values: ByValue) -> list[np.ndarray]:
    ends = np.cumsum(np.bincount(values.of_row, minlength=len(values.names)))
    return np.split(np.argsort(values.of_row, kind="stable"), ends[:-1])


def _rows_with(values: ByValue, key: str | None) -> np.ndarray:
    return np.flatnonzero(values.of_row == values.keys.index(key)) if key in values.keys else _NONE


def _name_of_gaps(names: list[str]) -> str:
    """``(none)``, in more brackets where that is a value of the column."""
    name = "(none)"
    while name in names:
        name = f"({name})"
    return name


def _pooled(column: str, small: dict[str, Slice]) -> Slice:
    rows = np.concatenate([each.rows for each in small.values()])
    rest = np.concatenate([each.rest for each in small.values()])
    return Slice(f"{column}={OTHER}", np.sort(rows), tuple(small), np.sort(rest))


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

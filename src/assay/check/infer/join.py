"""What several batches say of a column, joined."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from assay.core.profile import ColumnProfile, Mostly
from assay.core.rules import ColumnType

_FEW_ODD = 3


class Batch(msgspec.Struct, frozen=True):
    """One batch of data, as it was profiled."""

    name: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    texts: dict[str, tuple[str, ...]] = {}
    """Of columns of text, some different values."""


class JoinedColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column over all batches."""

    name: str
    type: ColumnType | None
    """None: there is no single type."""
    stored: str
    rows: int
    values: int
    batches: int
    """That have it."""
    max_null_share: float
    distinct: int
    """As far as is known: of the batch that has most."""
    are_distinct: bool = False
    """In each batch nearly every row has a value of its own."""
    are_dense: bool = False
    """In each batch these are whole numbers nearly without gaps."""
    least: Any = None
    greatest: Any = None
    p5: Any = None
    median: Any = None
    p95: Any = None
    stddev: float | None = None
    means: tuple[float, ...] = ()
    """Of each batch with values, as are the next."""
    p95s: tuple[float, ...] = ()
    counts: dict[Any, int] | None = None
    """Every value and its rows, where all are known."""
    lengths: tuple[int, int] | None = None
    texts: tuple[str, ...] = ()
    odd: int = 0
    """Values that are not of the type, which nearly all are of."""
    max_odd_share: float = 0.0
    """Of a batch's rows."""
    frequent_odd: tuple[Any, ...] = ()


def joined(batches: Sequence[Batch]) -> tuple[JoinedColumn, ...]:
    """The columns of all batches, in the order in which they come up."""
    names = dict.fromkeys(column.name for batch in batches for column in batch.columns)
    return tuple(_joined(name, batches) for name in names)


class _Held(NamedTuple):
    """A column of one batch."""

    batch: Batch
    column: ColumnProfile
    mostly: Mostly | None = None
    """Where not all values are of the column's type."""

    @property
    def values(self) -> int:
        return self.batch.rows - self.column.nulls - self.odd

    @property
    def odd(self) -> int:
        return self.mostly.others if self.mostly is not None else 0


def common_type(columns: Sequence[ColumnProfile]) -> ColumnType | None:
    """The narrowest type that all values have; None where there is none. Cells of a CSV are always text."""
    types = dict.fromkeys(column.type for column in columns)
    if len(types) == 1:
        return next(iter(types))
    if set(types) <= {"int", "float"}:
        return "float"
    if set(types) <= {"date", "time"}:
        return "time"
    return "str" if all(column.type is not None and column.stored == "VARCHAR" for column in columns) else None


def _joined(name: str, batches: Sequence[Batch]) -> JoinedColumn:
    found = _without_odd([_Held(batch, column) for batch in batches for column in batch.columns if column.name == name])
    filled = [each.column for each in found if each.values] or [each.column for each in found]
    type_ = common_type(filled)
    quantiles = [{each.share: each.value for each in column.quantiles} for column in filled]
    is_number = type_ in ("int", "float") and all(column.type in ("int", "float") for column in filled)
    # Where a text says how another batch's numbers are to be read, their numbers say nothing of it.
    are_alike = is_number or all(column.type == type_ for column in filled)
    lengths = [column.lengths for column in filled if column.lengths is not None]
    return JoinedColumn(
        name=name,
        type=type_,
        stored=filled[0].stored,
        rows=sum(each.batch.rows for each in found),
        values=sum(each.values for each in found),
        batches=len(found),
        max_null_share=max((each.column.nulls / each.batch.rows for each in found if each.batch.rows), default=0.0),
        distinct=max((column.distinct or 0 for column in filled), default=0),
        are_distinct=all((each.column.distinct or 0) >= 0.9 * each.values for each in found),
        are_dense=all(_is_dense(column) for column in filled),
        least=_extreme(min, [column.least for column in filled]) if are_alike else None,
        greatest=_extreme(max, [column.greatest for column in filled]) if are_alike else None,
        p5=_extreme(min, [each.get(0.05) for each in quantiles]) if is_number else None,
        median=_extreme(max, [each.get(0.5) for each in quantiles]) if is_number else None,
        p95=_extreme(max, [each.get(0.95) for each in quantiles]) if is_number else None,
        stddev=max((column.stddev or 0.0 for column in filled), default=None),
        means=tuple(column.mean for column in filled if column.mean is not None) if is_number else (),
        p95s=tuple(float(each[0.95]) for each in quantiles if _is_number(each.get(0.95))) if is_number else (),
        counts=_counts(filled) if are_alike else None,
        lengths=(min(a for a, _ in lengths), max(b for _, b in lengths)) if lengths and are_alike else None,
        texts=tuple(text for each in found for text in each.batch.texts.get(name, ())),
        odd=sum(each.odd for each in found),
        max_odd_share=max((each.odd / each.batch.rows for each in found if each.batch.rows), default=0.0),
        frequent_odd=_frequent_odd(found),
    )


def _without_odd(found: list[_Held]) -> list[_Held]:
    """Of each batch the values of the type that nearly all of them have, where the batches have that type in common."""
    nearly = [
        _Held(each.batch, each.column.mostly.profile, each.column.mostly)
        if each.column.mostly is not None and each.column.mostly.is_nearly_all
        else each
        for each in found
    ]
    type_ = common_type([each.column for each in nearly if each.values])
    return found if type_ in (None, "str") and common_type([each.column for each in found]) is not None else nearly


def _frequent_odd(found: Sequence[_Held]) -> tuple[Any, ...]:
    total: Counter[Any] = Counter()
    for each in found:
        if each.mostly is not None:
            total.update({odd.value: odd.rows for odd in each.mostly.frequent_others})
    return tuple(value for value, _ in total.most_common(_FEW_ODD))


def _counts(columns: Sequence[ColumnProfile]) -> dict[Any, int] | None:
    if not all(column.are_all for column in columns):
        return None
    total: Counter[Any] = Counter()
    for column in columns:
        total.update({each.value: each.rows for each in column.frequent})
    return dict(total)


def _is_dense(column: ColumnProfile) -> bool:
    if not (_is_number(column.least) and _is_number(column.greatest)):
        return False
    return bool(column.greatest - column.least < 1.1 * (column.distinct or 0))


def _extreme(choose: Any, values: Sequence[Any]) -> Any:
    """Of those that are known; an infinite number is told as a text, and no end of a range."""
    known = [value for value in values if value is not None]
    if any(isinstance(value, str) for value in known) and not all(isinstance(value, str) for value in known):
        return None
    return choose(known, default=None)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

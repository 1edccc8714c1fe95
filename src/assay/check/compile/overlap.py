"""Which rows of the dataset stand in another one too.

Both sides are read as what a column is in the dataset that is checked, so that 7, 7.0 and 007 are one number, and a day is its
midnight. NULL equals NULL, and so is NaN. A cell over there that is no instance of that type equals none here, nor does one here that its
own rule tells of. Numbers are compared by all their digits where both sides have these. What is nested is compared by its text where both
sides are of one type; columns that cannot be compared at all are
named and left out.

Rows are put together and grouped, which engines do by hashing, spilling what does not fit: they need not join by IS NOT DISTINCT FROM,
which PostgreSQL does pair by pair. DuckDB hashes for that too, and a join of its holds a fifth of the memory.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from assay.check.compile.cells import as_json, cell
from assay.check.compile.exact import equal_numbers, have_far_digits, near_and_far
from assay.check.compile.tree import any_of, literal, ref, tree
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType

MARK = "mark"
"""What ``Overlap.rows`` has beside the dataset's columns: NULL where a row does not stand over there."""
_NONE: dict[ColumnType, exp.Expr] = {
    "int": literal(0),
    "float": exp.cast(literal(0), "DOUBLE"),
    "str": literal(""),
    "bool": literal(value=False),
    "date": exp.cast(literal("1970-01-01"), "DATE"),
    "time": exp.cast(literal("1970-01-01 00:00:00"), "TIMESTAMP", dialect="duckdb"),
}


class _Side(NamedTuple):
    """A cell on one side."""

    value: exp.Expr
    is_wrong: exp.Expr | None
    """The condition that it is no instance; None where it always is one."""


class _Compared(NamedTuple):
    none: exp.Expr
    """What stands for NULL in a join by equality, beside a mark that says so."""
    here: _Side
    there: _Side


class Overlap(NamedTuple):
    """The dataset beside another one."""

    other: str
    """What queries call the other one."""
    names: tuple[str, ...]
    left_out: tuple[str, ...]
    """Columns that both have and cannot be compared, with their types."""
    cells: tuple[_Compared, ...]
    dialect: Dialect

    def shared(self, source: str, *, exactly: bool) -> exp.Expr:
        """How many rows stand over there too. Where DuckDB is not to count ``exactly`` it tells rows apart by 64 bits of each:
        nothing is missed, and only where that finds any they are counted in full."""
        if self.dialect == "duckdb":
            found = exp.select(tree("count(*)")).from_(self._also(*self._sides(source), exactly=exactly))
        else:
            found = exp.select(tree("coalesce(sum(number), 0)")).from_(
                _met(self._sides(source), self._keys).subquery("met")
            )
        return exp.Subquery(this=found)

    def rows(self, source: exp.Expr, raw: str) -> exp.Expr:
        """The rows of ``source`` with ``MARK``. ``raw`` is the dataset's name, whose columns ``source`` has."""
        here, there = self._sides(raw)
        if self.dialect == "duckdb":
            keys = exp.select(*self._keys).distinct().from_(self._also(there, here, exactly=True))
        else:
            keys = _met((here, there), self._keys)
        met = exp.select(*self._keys, exp.alias_(literal(1), MARK)).from_(keys.subquery("keys"))
        same = [each for place, one in enumerate(self.cells) for each in _same(one, ref(f"k{place}"))]
        joined = (
            exp.select(exp.Star()).from_(source.copy()).join(met.subquery("met"), on=exp.and_(*same), join_type="left")
        )
        return joined.subquery("marked")

    @property
    def _keys(self) -> list[str]:
        return [f"k{place}" for place in range(len(self.cells))]

    def _sides(self, source: str) -> tuple[exp.Select, exp.Select]:
        here = _side((each.here for each in self.cells), source, here=1)
        return here, _side((each.there for each in self.cells), self.other, here=0)

    def _also(self, some: exp.Select, others: exp.Select, *, exactly: bool) -> exp.Expr:
        """What of ``some`` stands among ``others`` too: DuckDB keeps the smaller of them in memory, and no more."""
        keys = self._keys if exactly else ["k"]
        if not exactly:
            some, others = (self._hashed(each) for each in (some, others))
        same = [exp.NullSafeEQ(this=exp.column(key, "some"), expression=exp.column(key, "others")) for key in keys]
        joined = exp.select(exp.Star()).from_(some.subquery("some"))
        joined = joined.join(others.subquery("others"), on=exp.and_(*same), join_type="semi")
        return joined.subquery("met")

    def _hashed(self, side: exp.Select) -> exp.Select:
        hashed = exp.Anonymous(this="hash", expressions=[ref(key) for key in self._keys])
        return exp.select(exp.alias_(hashed, "k")).from_(side.subquery("side"))


def overlap(
    names: Sequence[str],
    here: Mapping[str, DataColumn],
    there: Mapping[str, DataColumn],
    types: Mapping[str, ColumnType],
    dialect: Dialect,
    other: str,
) -> Overlap:
    """The columns ``names``, which both sides have. ``types`` says as what those of the dataset are read."""
    found = {name: _compared(types.get(name), here[name], there[name], dialect) for name in names}
    left_out = tuple(
        f"{name}, {here[name].type} here and {there[name].type} there" for name, each in found.items() if not each
    )
    kept = tuple(name for name, each in found.items() if each)
    return Overlap(other, kept, left_out, tuple(one for each in found.values() for one in each), dialect)


def _compared(type_: ColumnType | None, here: DataColumn, there: DataColumn, dialect: Dialect) -> tuple[_Compared, ...]:
    """The equations that say that a cell is the same on both sides; none where the columns cannot be compared."""
    if type_ is None:  # nested or binary: no type of ours says what it is
        if here.type != there.type or "json" in (here.held, there.held):
            return ()
        as_text = tuple(_Side(_text(each, dialect), None) for each in (here, there))
        return (_Compared(_NONE["str"], *as_text),)
    exactly = equal_numbers(here, there, dialect) if type_ == "float" else None
    if exactly is not None:
        return (_Compared(literal(0), *(_Side(each, None) for each in exactly)),)
    is_single = type_ == "float" and any(each.is_single for each in (here, there))
    ours, theirs = (_side_of(type_, each, dialect, is_single=is_single) for each in (here, there))
    if ours is None or theirs is None:
        return ()
    if type_ != "float" or not have_far_digits(here, there):
        return (_Compared(_NONE[type_], ours, theirs),)
    near, far = near_and_far(ours.value, here, dialect)
    near_there, far_there = near_and_far(theirs.value, there, dialect)
    return (
        _Compared(_NONE[type_], _Side(near, ours.is_wrong), _Side(near_there, theirs.is_wrong)),
        _Compared(literal(0), _Side(far, None), _Side(far_there, None)),
    )


def _side_of(type_: ColumnType, column: DataColumn, dialect: Dialect, *, is_single: bool) -> _Side | None:
    found = cell(type_, column, dialect)
    if found.is_ruled_out:
        return None
    value = found.value
    wrong = [tree("NOT n AND v IS NULL", n=exp.paren(found.null), v=value)] if found.may_be_wrong else []
    if type_ == "float":  # one zero, not two
        value = tree("CAST(CASE WHEN v = 0 THEN 0 ELSE CAST(v AS DOUBLE) END AS DOUBLE)", v=value)
        if is_single:
            wrong.append(tree(f"v IS NOT NULL AND {_BEYOND}", v=value, **_ENDS))
            value = tree(_SINGLY, v=value, **_ENDS)
    elif type_ == "int":
        value = exp.cast(value, "BIGINT")
    return _Side(value, any_of(wrong) if wrong else None)


_ENDS = {"most": literal(3.4028235e38), "last": literal(sys.float_info.max), "least": literal(7.1e-46)}
_BEYOND = "abs(v) > most AND abs(v) <= last"
_SINGLY = f"CAST(CASE WHEN {_BEYOND} THEN NULL WHEN abs(v) < least THEN 0 ELSE v END AS FLOAT)"
"""A number in 32 bits, where one side has no more: what is too small for them is 0, and what they cannot hold is none over there."""


def _text(column: DataColumn, dialect: Dialect) -> exp.Expr:
    """Spark writes a list of "a, b" and one of "a" and "b" alike, and as JSON apart."""
    x = ref(column.ref)
    as_text = tree("CAST(x AS TEXT)", x=x)
    return (as_json(column, x, dialect) or as_text) if dialect == "spark" else as_text


def _side(cells: Iterable[_Side], relation: str, *, here: int) -> exp.Select:
    cells = tuple(cells)
    columns = [exp.alias_(each.value.copy(), f"k{place}") for place, each in enumerate(cells)]
    marks = (exp.alias_(literal(here), "here"), exp.alias_(literal(1 - here), "there"))
    found = exp.select(*marks, *columns).from_(relation)
    wrong = [each.is_wrong for each in cells if each.is_wrong is not None]
    return found.where(exp.not_(exp.paren(exp.or_(*(each.copy() for each in wrong))))) if wrong else found


def _met(sides: tuple[exp.Select, exp.Select], keys: Sequence[str]) -> exp.Select:
    """What stands on both sides, and the number of rows here that have it."""
    both = exp.union(*sides, distinct=False)
    found = exp.select(*keys, exp.alias_(tree("sum(here)"), "number")).from_(both.subquery("both_sides"))
    return found.group_by(*keys).having(tree("sum(here) > 0 AND sum(there) > 0"))


def _same(one: _Compared, key: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
    """Equal, or NULL both: as equalities, by which every engine can hash."""
    value, none = one.here.value, one.none
    right = tree("NOT coalesce(w, false)", w=one.here.is_wrong) if one.here.is_wrong is not None else exp.true()
    return (
        tree("coalesce(v, none_) = coalesce(k, none_)", v=value, k=key, none_=none),
        exp.and_(tree("(v IS NULL) = (k IS NULL)", v=value, k=key), right),
    )

"""The first rows for which something holds: in which order, and as what they are asked for.

By the key where one is declared, so that every engine shows the same rows, else as the data has them, where the engine keeps that. Where
rows are found again by their places these are asked for, and what stands there afterwards: on the way to rows that lie far apart only
that is read which decides.
"""

from collections.abc import Sequence

from sqlglot import exp

from assay.check.compile.ruled import RuledDataset
from assay.check.compile.shown import ascending, told
from assay.check.compile.tree import literal, ref, sql, tree
from assay.check.questions import SOURCE, RowsAt, Wanted

_PLACE = "place"
MOST_ORDERING = 50
"""Columns that put rows in order: to sort by all of a thousand takes more memory than there is."""


def first_where(data: RuledDataset, condition: exp.Expr, wanted: Wanted) -> str:
    """The query for the first rows for which the condition holds."""
    if data.key or not data.subject.has_order:
        order = _order(data, wanted)
        if data.subject.places and wanted.are_few:
            return _few_ordered(data, condition, order, wanted)
        return ordered(data, data.rows(condition, *order), condition, order, wanted)
    found = _where(data, data.rows(condition), condition)
    if not wanted.is_near:
        return sql(found.limit(wanted.rows, copy=False), data.dialect)
    # Where DuckDB knows the number beforehand, each of its threads looks for that many.
    number = exp.Subquery(this=exp.select(literal(wanted.rows)))
    return sql(found.limit(number, copy=False), data.dialect)


def ordered(data: RuledDataset, rows: exp.Expr, condition: exp.Expr, order: Sequence[exp.Expr], wanted: Wanted) -> str:
    """The query for the first of ``rows``, in that order, for which the condition holds."""
    found = _where(data, rows, condition).order_by(*(each.copy() for each in order), copy=False)
    return sql(found.limit(wanted.rows, copy=False), data.dialect)


def in_order(data: RuledDataset, wanted: Wanted, asked: Sequence[exp.Expr]) -> tuple[exp.Expr, list[exp.Expr]]:
    """All rows, with the cells of which ``asked`` speaks, and what keeps them in order beyond a join or a window."""
    by_columns = data.key or not data.subject.has_order
    order = _order(data, wanted) if by_columns else [ref(each) for each in data.subject.places or (_PLACE,)]
    return _placed(data, [*asked, *order]), order


def ordered_beyond(
    data: RuledDataset, rows: exp.Expr, condition: exp.Expr, order: Sequence[exp.Expr], wanted: Wanted, *carried: str
) -> str:
    """The same of rows of ``in_order`` that were joined or put into windows; ``carried`` are columns of ``order`` that came with that. Of
    files without places, which are read whole anyway, only a number goes through all of it, and the cells are read once more."""
    if data.subject.places or not data.subject.has_order:
        return ordered(data, rows, condition, order, wanted)
    few = _select([ref(_PLACE), *map(ref, carried)], rows).where(condition.copy(), copy=False)
    few = few.order_by(*(each.copy() for each in order), copy=False).limit(wanted.rows, copy=False)
    found = _select(_cells(data), _placed(data, order))
    found.join(few.subquery("few", copy=False), using=[_PLACE], copy=False)
    return sql(found.order_by(*(each.copy() for each in order), copy=False), data.dialect)


def _placed(data: RuledDataset, asked: Sequence[exp.Expr]) -> exp.Expr:
    """All rows, with a number where the engine keeps their order and nothing else says where they stand."""
    if data.subject.places or not data.subject.has_order:
        return data.rows(*asked)
    place = exp.alias_(tree("row_number() OVER ()"), _PLACE)
    return exp.select(exp.Star(), place).from_(data.rows(*asked)).subquery("placed")


def compile_rows_at(data: RuledDataset) -> RowsAt:
    """What stands at places of the data."""
    places = data.subject.places
    rows = _select([*map(ref, places), *_cells(data)], exp.to_table(SOURCE))
    return RowsAt(sql(rows, data.dialect), places)


def _few_ordered(data: RuledDataset, condition: exp.Expr, order: Sequence[exp.Expr], wanted: Wanted) -> str:
    """Of all rows only what the condition asks about is read, and of the few that are found what puts them in order."""
    few = _where(data, data.rows(condition), condition).subquery("few", copy=False)
    found = _select([ref(place) for place in data.subject.places], data.rows(*order))
    found.join(few, using=list(data.subject.places), join_type="semi", copy=False)
    found.order_by(*(each.copy() for each in order), copy=False).limit(wanted.rows, copy=False)
    return sql(found, data.dialect)


def _where(data: RuledDataset, rows: exp.Expr, condition: exp.Expr) -> exp.Select:
    shown = [ref(place) for place in data.subject.places] or _cells(data)
    return _select(shown, rows).where(condition.copy(), copy=False)


def _select(columns: Sequence[exp.Expr], rows: exp.Expr) -> exp.Select:
    """Nothing is copied: sqlglot would do so at each word, of hundreds of columns."""
    return exp.Select().select(*columns, copy=False).from_(rows, copy=False)


def _order(data: RuledDataset, wanted: Wanted) -> list[exp.Expr]:
    """By the key where one is declared, and where that may stand twice by all columns; of equal values by how they are spelt."""
    names = data.key if wanted.is_key_whole else tuple(dict.fromkeys((*data.key, *data.columns)))[:MOST_ORDERING]
    there, values = [data.columns[name] for name in names], data.values
    found = data.refs(names)
    if not wanted.is_key_whole:
        found += [ref(each.ref) for each in there if each.held in ("csv", "json") and each.name in values]
    return [ascending(each) for each in found]


def _cells(data: RuledDataset) -> list[exp.Expr]:
    return [
        exp.alias_(told(column, ref(column.ref), data.dialect), f"s{place}", copy=False)
        for place, column in enumerate(data.columns.values())
    ]

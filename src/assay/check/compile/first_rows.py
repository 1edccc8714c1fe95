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
    if data.key or not data.subject.has_order:
        order = _order(data, wanted)
        return data.rows(*asked, *order), order
    if data.subject.places:
        return data.rows(*asked), [ref(each) for each in data.subject.places]
    placed = exp.select(exp.Star(), exp.alias_(tree("row_number() OVER ()"), "place")).from_(data.rows(*asked))
    return placed.subquery("placed"), [ref("place")]


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
    names = data.key if wanted.is_key_whole else dict.fromkeys((*data.key, *data.columns))
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

"""What is asked about one way in which rows fail: the first of them, their values, and where they are."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from assay.check.compile.column import RuledColumn, beyond_quantile
from assay.check.compile.first_rows import first_where, in_order, ordered_beyond
from assay.check.compile.overlap import MARK
from assay.check.compile.repeats import columns_of_key, first_repeats, repeated_keys
from assay.check.compile.ruled import RuledDataset
from assay.check.compile.shown import ascending, handed, told
from assay.check.compile.tree import ref, sql, tree
from assay.check.findings.keys import DISTINCT
from assay.check.questions import FILE, SOURCE, Probe, Wanted
from assay.core.dataset import Held
from assay.core.rules import ColumnType

SHOWN_VALUES = 10
SHOWN_SLICES = 10


def compile_probe(data: RuledDataset, subject: str, aspect: str, wanted: Wanted) -> Probe:
    """What may be asked where ``subject`` fails in that way."""
    kind, _, name = subject.partition(" ")
    match kind:
        case "row":
            return _probe(data, _Way(data.fails(data.row_rule(name))), wanted)
        case "apart":
            return _of_overlap(data, name, wanted)
        case "column" if aspect == "repeats":
            column = data.ruled_column(name)
            there = tree("v IS NOT NULL", v=column.value)
            return _repeats(data, {name: column.apart}, wanted, there)
        case "column":
            return _probe(data, _way(data, data.ruled_column(name), aspect), wanted)
        case _:
            key = {each: data.told_apart_by(each) for each in columns_of_key(data, subject)}
            return _repeats(data, key, wanted, is_told=subject != DISTINCT)


class _Way(NamedTuple):
    """One way in which rows fail."""

    fails: exp.Expr
    value: exp.Expr | None = None
    """By which failing rows are counted."""
    held: Held = "int"
    """What the value is."""


def _way(data: RuledDataset, column: RuledColumn, aspect: str) -> _Way:
    beyond = {
        what: each
        for quantile in column.rule.quantiles
        for what, each in beyond_quantile(quantile, column.value).items()
    }
    if aspect in beyond:
        return _Way(beyond[aspect])
    as_what: dict[ColumnType, Held] = {"date": "date", "time": "time"}
    own, held = data.columns[column.rule.column], as_what.get(column.rule.type, "int")
    match aspect:
        case "nulls":
            return _Way(column.failing[aspect])
        case "wrong_type":
            return _Way(column.failing[aspect], ref(own.ref), own.held)
        case "not_in_set" if column.members is not None:
            return _Way(data.stranger(column), column.value, held)
        case _:
            return _Way(column.failing[aspect], column.value, held)


def _probe(data: RuledDataset, way: _Way, wanted: Wanted) -> Probe:
    values = None if way.value is None else _values(data, way.fails, way.value, way.held)
    return Probe(first_where(data, way.fails, wanted), values, _slices(data, way.fails, data.rows(way.fails)))


def _repeats(
    data: RuledDataset,
    key: Mapping[str, Sequence[exp.Expr]],
    wanted: Wanted,
    there: exp.Expr | None = None,
    *,
    is_told: bool = True,
) -> Probe:
    """``key``: by what each of its columns is told apart. ``is_told``: which keys repeat is told, too."""
    rows = first_repeats(data, [each for told_apart_by in key.values() for each in told_apart_by], wanted, there)
    if not is_told:
        return Probe(rows)
    return Probe(rows, keys=repeated_keys(data, key, there), key=tuple(key))


def _of_overlap(data: RuledDataset, dataset: str, wanted: Wanted) -> Probe:
    found = data.overlap(dataset)
    rows, order = in_order(data, wanted, [])
    marked, is_shared = found.rows(rows, SOURCE), tree(f"{MARK} IS NOT NULL")
    return Probe(ordered_beyond(data, marked, is_shared, order, wanted), None, _slices(data, is_shared, marked))


def _values(data: RuledDataset, fails: exp.Expr, value: exp.Expr, held: Held) -> str:
    """The most frequent of those that fail."""
    counted = exp.select(exp.alias_(value.copy(), "part"), exp.alias_(tree("count(*)"), "number"))
    counted = counted.from_(data.rows(fails, value)).where(fails.copy()).group_by(value.copy())
    most = exp.select(exp.alias_(handed(ref("part"), held, data.dialect), "s0"), "number")
    most = most.from_(counted.subquery("counted")).order_by(_descending("number"), ascending(ref("part")))
    return sql(most.limit(SHOWN_VALUES), data.dialect)


def _slices(data: RuledDataset, fails: exp.Expr, rows: exp.Expr) -> tuple[tuple[str, str], ...]:
    """By file where there are several, and by each column that is asked for."""
    found = []
    if data.subject.file and FILE not in data.columns:
        found.append((FILE, _parts(data, fails, rows, ref(data.subject.file), ref("part"))))
    for name in data.rules.slices:
        column = data.columns.get(name)
        if column is not None:
            part = data.comparable(column)
            shown = told(column, ref("part"), data.dialect) if isinstance(part, exp.Column) else ref("part")
            found.append((name, _parts(data, fails, rows, part, shown)))
    return tuple(found)


def _parts(data: RuledDataset, fails: exp.Expr, rows: exp.Expr, part: exp.Expr, shown: exp.Expr) -> str:
    """In one pass, for each value the rows that fail and all that have it."""
    failing = exp.alias_(tree("CASE WHEN f THEN 1 ELSE 0 END", f=fails), "fails")
    marked = exp.select(exp.alias_(part, "part"), failing).from_(rows.copy())
    parts = exp.select(
        exp.alias_(shown, "s0"), exp.alias_(tree("sum(fails)"), "number"), exp.alias_(tree("count(*)"), "all_rows")
    )
    parts = parts.from_(marked.subquery("marked")).group_by("part").having("sum(fails) > 0")
    return sql(parts.order_by(_descending("number"), ascending(ref("part"))).limit(SHOWN_SLICES), data.dialect)


def _descending(name: str) -> exp.Expr:
    return exp.Ordered(this=ref(name), desc=True)

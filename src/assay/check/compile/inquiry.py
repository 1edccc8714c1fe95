"""What is asked where rules fail: in which ways, and for each of them its first rows, its values, and where they are."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlglot import exp

from assay.check.compile.column import RuledColumn, above, below
from assay.check.compile.overlap import MARK
from assay.check.compile.ruled import RuledDataset, ways
from assay.check.compile.shown import first, handed, told
from assay.check.compile.tree import count_if, literal, ref, sql, tree
from assay.check.questions import FILE, SOURCE, Asked, Inquiry, Probe, Question
from assay.core.dataset import Held
from assay.core.rules import Bounds, ColumnType, Tolerance

SHOWN_VALUES = 10
SHOWN_SLICES = 10


def compile_inquiry(data: RuledDataset, what: str, sample_rows: int) -> Inquiry:
    """What may be asked where ``what`` fails, with so many rows at most for each way to fail."""
    kind, _, name = what.partition(" ")
    match kind:
        case "column":
            return _of_column(data, next(each for each in data.ruled if each.rule.column == name), sample_rows)
        case "row":
            rule = next(each for each in data.rules.row_rules if each.name == name)
            return Inquiry(None, (_probe(data, _Way("row", data.fails(rule)), sample_rows),))
        case "quantile":
            word, _, column = name.partition(" ")
            return _of_quantile(data, next(each for each in data.ruled if each.rule.column == column), float(word))
        case "apart":
            return _of_overlap(data, name, sample_rows)
        case _:
            key = tuple(data.columns) if what == "distinct rows" else next(k for k in data.keys if ", ".join(k) == name)
            refs = data.refs(key)
            details = data.question({("repeats", what): _repeat_count(data, refs)})
            probe = _repeats(data, refs, sample_rows)
            if what != "distinct rows":
                probe = _with_keys(probe, data, {name: data.told_apart_by(name) for name in key})
            return Inquiry(details, (probe,))


class _Way(NamedTuple):
    """One way in which rows fail."""

    aspect: str
    fails: exp.Expr
    value: exp.Expr | None = None
    """By which failing rows are counted."""
    held: Held = "int"
    """What the value is."""


# Columns


def _of_column(data: RuledDataset, column: RuledColumn, sample_rows: int) -> Inquiry:
    probes = [_probe(data, way, sample_rows) for way in (*_ways_of_rows(data, column), *_beyond(column))]
    if column.rule.is_unique:
        there = tree("v IS NOT NULL", v=column.value)
        probe = _repeats(data, [column.value], sample_rows, there)
        probes.append(_with_keys(probe, data, {column.rule.column: [column.value]}, there))
    return Inquiry(_details(data, column), tuple(probes))


def _details(data: RuledDataset, column: RuledColumn) -> Question | None:
    if column.cell.is_ruled_out:
        return None
    name, alone = column.rule.column, ways(column)
    asked: dict[Asked, exp.Expr] = {}
    if len(alone) + (column.members is not None) > 1:
        asked |= {(aspect, name): count_if(fails) for aspect, fails in alone.items()}
        if column.members is not None:
            asked["not_in_set", name] = data.count_of(data.stranger(column))
    if column.rule.bounds is not None:
        asked |= _farthest_outside(column, column.rule.bounds)
    if column.rule.is_unique:
        there = tree("v IS NOT NULL", v=column.value)
        asked["repeats", name] = _repeat_count(data, [column.value], there)
        if column.rule.allow != Tolerance():
            asked["further repeats", name] = _repeat_count(data, [column.value], exp.and_(there, *_well(data, column)))
    return data.question(asked) if asked else None


def _farthest_outside(column: RuledColumn, bounds: Bounds) -> dict[Asked, exp.Expr]:
    """The least of the values below the range, and the greatest of those above; NULL where there are none."""
    name, type_, value = column.rule.column, column.rule.type, column.value
    as_what = "CAST(x AS TEXT)" if type_ in ("date", "time") else "x"
    asked: dict[Asked, exp.Expr] = {}
    for what, most, side in (
        ("least", "min", below(bounds, value, type_)),
        ("greatest", "max", above(bounds, value, type_)),
    ):
        if side is not None:
            farthest = tree(f"{most}(CASE WHEN o THEN v END)", o=side, v=value)
            asked[what, name] = tree(as_what, x=farthest)
    return asked


def _well(data: RuledDataset, column: RuledColumn) -> list[exp.Expr]:
    """The row breaks the rule in no way that the row alone shows."""
    broken = [*ways(column).values(), *([data.stranger(column)] if column.members is not None else ())]
    return [tree("NOT coalesce(b, false)", b=each) for each in broken]


def _ways_of_rows(data: RuledDataset, column: RuledColumn) -> list[_Way]:
    as_what: dict[ColumnType, Held] = {"date": "date", "time": "time"}
    value, held = column.value, as_what.get(column.rule.type, "int")
    own = data.columns[column.rule.column]
    found = []
    for aspect, fails in column.failing.items():
        match aspect:
            case "nulls":
                found.append(_Way(aspect, fails))
            case "wrong_type":
                found.append(_Way(aspect, fails, ref(own.ref), own.held))
            case _:
                found.append(_Way(aspect, fails, value, held))
    if column.members is not None:
        found.append(_Way("not_in_set", data.stranger(column), value, held))
    return found


def _beyond(column: RuledColumn) -> list[_Way]:
    """On the wrong side of a bound on a quantile."""
    found = []
    for quantile in column.rule.quantiles:
        bounds, value = quantile.bounds, column.value
        if bounds.high is not None:
            over = tree("v >= h" if bounds.high_open else "v > h", v=value, h=literal(bounds.high))
            found.append(_Way(f"above/{quantile.share}", over))
        if bounds.low is not None:
            under = tree("v <= l" if bounds.low_open else "v < l", v=value, l=literal(bounds.low))
            found.append(_Way(f"below/{quantile.share}", under))
    return found


def _of_quantile(data: RuledDataset, column: RuledColumn, share: float) -> Inquiry:
    """Where a quantile lies. Engines have a word of their own for it or none, and DuckDB's takes a tenth of the time of a sort."""
    value, part = column.value, literal(share)
    if data.dialect == "duckdb":
        quantile: exp.Expr = exp.Anonymous(this="quantile_disc", expressions=[value.copy(), part])
    else:
        numbered = exp.select(
            exp.alias_(value.copy(), "v"),
            exp.alias_(exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[first(value.copy())])), "place"),
            exp.alias_(exp.Window(this=tree("count(*)")), "number"),
        )
        numbered = numbered.from_(data.rows(value)).where(tree("v IS NOT NULL", v=value))
        least = exp.select(tree("min(v)")).from_(numbered.subquery("numbered"))
        quantile = exp.Subquery(this=least.where(tree("place >= p * number", p=part)))
    return Inquiry(data.question({(f"quantile/{share}", column.rule.column): quantile}), ())


# Rows that fail


def _probe(data: RuledDataset, way: _Way, sample_rows: int) -> Probe:
    values = None if way.value is None else _values(data, way.fails, way.value, way.held)
    rows = data.rows(way.fails)
    return Probe(way.aspect, _first_rows(data, way.fails, sample_rows), values, _slices(data, way.fails, rows))


def _first_rows(data: RuledDataset, fails: exp.Expr, sample_rows: int) -> str:
    """By the key where one is declared, else as the data has them, where the engine keeps that. Where rows are found again by their
    places, these are looked for first: on the way to rows that lie far apart only what the condition asks about is read."""
    places = data.subject.places
    if data.key or not data.subject.has_order:
        order = _order(data)
        chosen = _where(_shown(data), data.rows(fails, *order), fails).order_by(*order, copy=False)
        return sql(chosen.limit(sample_rows, copy=False), data.dialect)
    if not places:
        return sql(_where(_shown(data), data.rows(fails), fails).limit(sample_rows, copy=False), data.dialect)
    failing = _where([ref(place) for place in places], data.rows(fails), fails).limit(sample_rows, copy=False)
    chosen = _select(_shown(data), exp.to_table(SOURCE))
    chosen.join(failing.subquery("failing", copy=False), using=list(places), join_type="semi", copy=False)
    return sql(chosen.order_by(*places, copy=False), data.dialect)


def _select(columns: Sequence[exp.Expr], rows: exp.Expr) -> exp.Select:
    """Nothing is copied: sqlglot would do so at each word, of hundreds of columns."""
    return exp.Select().select(*columns, copy=False).from_(rows, copy=False)


def _where(columns: Sequence[exp.Expr], rows: exp.Expr, condition: exp.Expr) -> exp.Select:
    return _select(columns, rows).where(condition.copy(), copy=False)


def _values(data: RuledDataset, fails: exp.Expr, value: exp.Expr, held: Held) -> str:
    """The most frequent of those that fail."""
    counted = exp.select(exp.alias_(value.copy(), "part"), exp.alias_(tree("count(*)"), "number"))
    counted = counted.from_(data.rows(fails, value)).where(fails.copy()).group_by(value.copy())
    most = exp.select(exp.alias_(handed(ref("part"), held, data.dialect), "s0"), "number")
    most = most.from_(counted.subquery("counted")).order_by(_descending("number"), first(ref("part")))
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
    return sql(parts.order_by(_descending("number"), first(ref("part"))).limit(SHOWN_SLICES), data.dialect)


def _descending(name: str) -> exp.Expr:
    return exp.Ordered(this=ref(name), desc=True)


def _of_overlap(data: RuledDataset, dataset: str, sample_rows: int) -> Inquiry:
    found = data.overlap(dataset)
    details = data.question({("shared", dataset): found.shared(SOURCE, exactly=True)})
    rows, order = _placed(data, [])
    marked, is_shared = found.rows(rows, SOURCE), tree(f"{MARK} IS NOT NULL")
    chosen = _where(_shown(data), marked.copy(), is_shared)
    chosen.order_by(*(each.copy() for each in order), copy=False).limit(sample_rows, copy=False)
    shown = sql(chosen, data.dialect)
    return Inquiry(details, (Probe("shared", shown, None, _slices(data, is_shared, marked)),))


# Repeated keys


def _repeat_count(data: RuledDataset, refs: Sequence[exp.Expr], there: exp.Expr | None = None) -> exp.Expr:
    inner = _repeated(exp.select(exp.alias_(tree("count(*)"), "number")), data, refs, there)
    return exp.Subquery(this=exp.select(tree("coalesce(sum(number - 1), 0)")).from_(inner.subquery("keys")))


def _repeated(
    chosen: exp.Select, data: RuledDataset, refs: Sequence[exp.Expr], there: exp.Expr | None = None
) -> exp.Select:
    """The keys that more than one row has."""
    found = chosen.from_(data.rows(*refs, *([] if there is None else [there])))
    if there is not None:
        found = found.where(there.copy())
    return found.group_by(*(each.copy() for each in refs)).having(tree("count(*) > 1"))


def _with_keys(
    probe: Probe, data: RuledDataset, key: Mapping[str, Sequence[exp.Expr]], there: exp.Expr | None = None
) -> Probe:
    """The probe, with the keys that repeat and how often each stands. ``key``: by what each of its columns is told apart."""
    refs = [each for told_apart_by in key.values() for each in told_apart_by]
    parts = {f"k{place}": name for place, name in enumerate(key)}
    named = [exp.alias_(_of_group(data, name, key[name]), part) for part, name in parts.items()]
    counted = _repeated(exp.select(*named, exp.alias_(tree("count(*)"), "number")), data, refs, there)
    shown = [exp.alias_(_as_shown(data, name, key[name], part), part.replace("k", "s")) for part, name in parts.items()]
    most = exp.select(*shown, "number").from_(counted.subquery("keys"))
    most = most.order_by(_descending("number"), *(first(ref(part)) for part in parts)).limit(SHOWN_VALUES)
    return Probe(probe.aspect, probe.rows, probe.values, probe.slices, sql(most, data.dialect), tuple(key))


def _of_group(data: RuledDataset, name: str, told_apart_by: Sequence[exp.Expr]) -> exp.Expr:
    """What stands for a column in a group of equal keys: its value, or of cells that are texts the first of them."""
    if len(told_apart_by) == 1:
        return told_apart_by[0].copy()
    column = data.columns[name]
    return tree("min(x)", x=told(column, ref(column.ref), data.dialect))


def _as_shown(data: RuledDataset, name: str, told_apart_by: Sequence[exp.Expr], part: str) -> exp.Expr:
    """A value that rows were grouped by: a rule's as its type has it, else as cells of the column are shown."""
    column, value = data.columns[name], told_apart_by[0]
    if len(told_apart_by) > 1:
        return ref(part)
    if value == ref(column.ref):
        return told(column, ref(part), data.dialect)
    ruled = next((each.rule.type for each in data.ruled if each.value == value), None)
    return handed(ref(part), ruled, data.dialect) if ruled in ("date", "time") else ref(part)


def _repeats(data: RuledDataset, refs: Sequence[exp.Expr], sample_rows: int, there: exp.Expr | None = None) -> Probe:
    """The rows whose key an earlier row has."""
    rows, order = _placed(data, refs)
    turn = exp.Window(
        this=exp.RowNumber(), partition_by=[each.copy() for each in refs], order=exp.Order(expressions=order)
    )
    inner = _select([exp.Star(), exp.alias_(turn, "turn")], rows)
    if there is not None:
        inner.where(there.copy(), copy=False)
    chosen = _where(_shown(data), inner.subquery("turns", copy=False), tree("turn > 1"))
    chosen.order_by(*(each.copy() for each in order), copy=False).limit(sample_rows, copy=False)
    return Probe("repeats", sql(chosen, data.dialect), None, ())


# In which order, and as what rows are shown


def _placed(data: RuledDataset, asked: Sequence[exp.Expr]) -> tuple[exp.Expr, list[exp.Expr]]:
    """All rows, with the cells of which ``asked`` speaks, and what keeps them in order beyond a join or a window."""
    if data.key or not data.subject.has_order:
        order = _order(data)
        return data.rows(*asked, *order), order
    if data.subject.places:
        return data.rows(*asked), [ref(each) for each in data.subject.places]
    placed = exp.select(exp.Star(), exp.alias_(tree("row_number() OVER ()"), "place")).from_(data.rows(*asked))
    return placed.subquery("placed"), [ref("place")]


def _order(data: RuledDataset) -> list[exp.Expr]:
    """By the key where one is declared, then by all columns, so that every engine shows the same rows; of equal values by how they
    are spelt."""
    there = [data.columns[name] for name in dict.fromkeys((*data.key, *data.columns))]
    values = data.values
    found = [values.get(each.name, ref(each.ref)).copy() for each in there if each.held != "other"]
    found += [ref(each.ref) for each in there if each.held in ("csv", "json") and each.name in values]
    return [first(each) for each in found]


def _shown(data: RuledDataset) -> list[exp.Expr]:
    columns = data.columns.values()
    return [
        exp.alias_(told(column, ref(column.ref), data.dialect), f"s{place}", copy=False)
        for place, column in enumerate(columns)
    ]

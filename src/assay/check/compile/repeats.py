"""Rows whose key an earlier row has: how many there are, the first of them, and the keys."""

from collections.abc import Mapping, Sequence

from sqlglot import exp

from assay.check.compile.first_rows import MOST_ORDERING, in_order, ordered_beyond
from assay.check.compile.ruled import RuledDataset
from assay.check.compile.shown import ascending, handed, told
from assay.check.compile.tree import literal, ref, sql, tree
from assay.check.findings.keys import DISTINCT
from assay.check.questions import Wanted

SHOWN_KEYS = 10


def columns_of_key(data: RuledDataset, subject: str) -> tuple[str, ...]:
    """The columns of ``key A, B``; all of them for ``distinct rows``."""
    if subject == DISTINCT:
        return tuple(data.columns)
    return next(key for key in data.keys if subject == f"key {', '.join(key)}")


def repeat_count(data: RuledDataset, refs: Sequence[exp.Expr], there: exp.Expr | None = None) -> exp.Expr:
    """How many rows have the key of an earlier one."""
    inner = _repeated(exp.select(exp.alias_(tree("count(*)"), "number")), data, refs, there)
    return exp.Subquery(this=exp.select(tree("coalesce(sum(number - 1), 0)")).from_(inner.subquery("keys")))


def first_repeats(data: RuledDataset, refs: Sequence[exp.Expr], wanted: Wanted, there: exp.Expr | None = None) -> str:
    """The first of those rows, in the order of their keys.

    They have one of the first keys that repeat; and of n such keys the first 2n rows, of which n at most are the first with their
    key. So no more is ever put in order. Ten keys are few enough to be looked for one by one, as engines do that cannot hash what may
    be NULL.
    """
    if data.dialect == "duckdb" and len(refs) > MOST_ORDERING:
        refs = _hashed(refs)
    names = [f"k{place}" for place in range(len(refs))]
    keys = [ref(name) for name in names]
    repeated = _repeated(
        exp.select(*(exp.alias_(each.copy(), name) for each, name in zip(refs, names, strict=True))), data, refs, there
    )
    repeated = repeated.order_by(*(ascending(key.copy()) for key in keys)).limit(wanted.rows)
    number = exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[ascending(key.copy()) for key in keys]))
    numbered = exp.select(*names, exp.alias_(number, "key_place")).from_(repeated.subquery("repeated"))
    same = [exp.NullSafeEQ(this=each.copy(), expression=key.copy()) for each, key in zip(refs, keys, strict=True)]
    rows, order = in_order(data, wanted, [*refs, *([] if there is None else [there])])
    every = exp.Column(this=exp.Star(), table=exp.to_identifier(rows.alias_or_name))
    met = exp.select(every, "key_place").from_(rows).join(numbered.subquery("keys"), on=exp.and_(*same))
    met = met.order_by(ascending(ref("key_place")), *(each.copy() for each in order)).limit(2 * wanted.rows)
    turn = exp.Window(
        this=exp.RowNumber(),
        partition_by=[ref("key_place")],
        order=exp.Order(expressions=[each.copy() for each in order]),
    )
    turns = exp.select(exp.Star(), exp.alias_(turn, "turn")).from_(met.subquery("met"))
    order = [ascending(ref("key_place")), *order]
    return ordered_beyond(data, turns.subquery("turns"), tree("turn > 1"), order, wanted, "key_place")


def repeated_keys(data: RuledDataset, key: Mapping[str, Sequence[exp.Expr]], there: exp.Expr | None = None) -> str:
    """The keys that repeat and how often each stands, the most frequent first. ``key``: by what each of its columns is told apart."""
    refs = [each for told_apart_by in key.values() for each in told_apart_by]
    parts = {f"k{place}": name for place, name in enumerate(key)}
    named = [exp.alias_(_of_group(data, name, key[name]), part) for part, name in parts.items()]
    counted = _repeated(exp.select(*named, exp.alias_(tree("count(*)"), "number")), data, refs, there)
    shown = [exp.alias_(_as_shown(data, name, key[name], part), part.replace("k", "s")) for part, name in parts.items()]
    most = exp.select(*shown, "number").from_(counted.subquery("keys"))
    often = exp.Ordered(this=ref("number"), desc=True)
    return sql(most.order_by(often, *(ascending(ref(part)) for part in parts)).limit(SHOWN_KEYS), data.dialect)


def _hashed(refs: Sequence[exp.Expr]) -> list[exp.Expr]:
    """What stands for a key of very many columns: 128 bits of it, so that the same bits are the same key."""
    salts: tuple[list[exp.Expr], ...] = ([], [literal("salt")])
    return [exp.Anonymous(this="hash", expressions=[*salt, *(each.copy() for each in refs)]) for salt in salts]


def _repeated(
    chosen: exp.Select, data: RuledDataset, refs: Sequence[exp.Expr], there: exp.Expr | None = None
) -> exp.Select:
    """The keys that more than one row has."""
    found = chosen.from_(data.rows(*refs, *([] if there is None else [there])))
    if there is not None:
        found = found.where(there.copy())
    return found.group_by(*(each.copy() for each in refs)).having(tree("count(*) > 1"))


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

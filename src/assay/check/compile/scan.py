"""The one query that counts everything that rules ask of a dataset."""

from collections.abc import Sequence

from sqlglot import exp

from assay.check.compile.cells import cell
from assay.check.compile.column import RuledColumn, asked_of_all
from assay.check.compile.ruled import RuledDataset, ways
from assay.check.compile.tree import count_if, literal, tree
from assay.check.questions import SOURCE, Asked, Question


def compile_scan(data: RuledDataset) -> tuple[Question, ...]:
    """The one query that counts everything, or as few as the engine takes; rules on columns that are not there are left out."""
    rules = data.rules
    asked: dict[Asked, exp.Expr] = {("rows", ""): tree("count(*)")}
    for column in data.ruled:
        asked |= _asked_of(data, column)
    for fresh in rules.fresh:
        if fresh.column in data.columns:
            asked["newest", fresh.column] = _newest(data, fresh.column)
    for rule in rules.row_rules:
        asked["row", rule.name] = count_if(data.fails(rule))
    for key in data.keys:
        asked["distinct", ", ".join(key)] = _distinct(data, data.refs(key))
    if rules.distinct_rows and data.columns:
        asked["distinct rows", ""] = _distinct(data, data.refs(data.columns))
    for dataset in rules.apart_from:
        asked |= _asked_apart(data, dataset)
    return data.questions(asked)


def _asked_of(data: RuledDataset, column: RuledColumn) -> dict[Asked, exp.Expr]:
    name = column.rule.column
    asked: dict[Asked, exp.Expr] = {("nulls", name): _nulls(column)}
    if column.cell.is_ruled_out:
        return asked | {("ruled out", name): exp.true()}
    asked |= _failures(data, column)
    if column.rule.is_unique:
        asked["values", name] = tree("count(v)", v=column.value)
        asked["distinct values", name] = _distinct_values(data, column)
    return asked | {(what, name): each for what, each in asked_of_all(column).items()}


def _nulls(column: RuledColumn) -> exp.Expr:
    if isinstance(column.null, exp.Is):
        return tree("count(*) - count(c)", c=column.null.this)
    return count_if(column.null)


def _failures(data: RuledDataset, column: RuledColumn) -> dict[Asked, exp.Expr]:
    """Rows that break the rule, each once."""
    name, alone = column.rule.column, ways(column)
    asked: dict[Asked, exp.Expr] = {}
    if column.members is not None and not alone:
        asked["not_in_set", name] = data.count_of(data.stranger(column))
    elif column.members is not None:
        stranger = tree("NOT coalesce(b, false) AND s", b=column.broken, s=data.stranger(column))
        asked["strangers", name] = data.count_of(stranger)
    if len(alone) == 1:
        asked |= {(aspect, name): count_if(fails) for aspect, fails in alone.items()}
    elif alone:
        asked["broken", name] = count_if(column.broken)
    return asked


def _newest(data: RuledDataset, name: str) -> exp.Expr:
    """As text: engines and their drivers have types of their own for times."""
    value = cell("time", data.columns[name], data.dialect).value
    if data.dialect in ("duckdb", "postgres"):  # they know a time after all others
        value = tree("CASE WHEN isfinite(v) THEN v END", v=value)
    return tree("CAST(max(v) AS TEXT)", v=value)


def _distinct(data: RuledDataset, refs: Sequence[exp.Expr]) -> exp.Expr:
    """How many different keys there are, where NULL equals NULL. DuckDB tells apart 64 bits of each: where that gives as many
    as there are rows no two can be equal, and fewer are counted again in full."""
    return _count_of_all(_keys(data, refs).from_(data.rows(*refs)))


def _distinct_values(data: RuledDataset, column: RuledColumn) -> exp.Expr:
    keys = _keys(data, column.apart).from_(data.rows(*column.apart, column.value))
    return _count_of_all(keys.where(tree("v IS NOT NULL", v=column.value)))


def _keys(data: RuledDataset, refs: Sequence[exp.Expr]) -> exp.Select:
    if data.dialect == "duckdb":
        refs = [exp.Anonymous(this="hash", expressions=[each.copy() for each in refs])]
    return exp.select(*(exp.alias_(each.copy(), f"k{place}") for place, each in enumerate(refs))).distinct()


def _count_of_all(keys: exp.Select) -> exp.Expr:
    return exp.Subquery(this=exp.select(tree("count(*)")).from_(keys.subquery("keys")))


def _asked_apart(data: RuledDataset, dataset: str) -> dict[Asked, exp.Expr]:
    found = data.overlap(dataset)
    asked: dict[Asked, exp.Expr] = {
        ("compared by", dataset): literal(", ".join(found.names)),
        ("not compared", dataset): literal("; ".join(found.left_out)),
    }
    if found.names:
        asked["shared", dataset] = found.shared(SOURCE, exactly=False)
    return asked

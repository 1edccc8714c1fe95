"""What is asked where a rule fails before it can be told how: in which ways, how many, how far."""

from collections.abc import Sequence

from sqlglot import exp

from assay.check.compile.column import RuledColumn, above, below
from assay.check.compile.repeats import columns_of_key, repeat_count
from assay.check.compile.ruled import RuledDataset, ways
from assay.check.compile.shown import ascending
from assay.check.compile.tree import count_if, literal, tree
from assay.check.questions import SOURCE, Asked, Question
from assay.core.rules import Bounds, Tolerance

_EXTREMES = ("least", "greatest")


def compile_details(data: RuledDataset, subjects: Sequence[str]) -> tuple[Question, ...]:
    """The numbers behind ``column NAME``, ``quantile SHARE NAME``, ``row NAME``, ``key A, B``, ``distinct rows`` and ``apart DATASET``, as
    far as the scan has not said them, for all that fails in one query. Of extremes that files keep notes of there is another: no
    row is read for them."""
    asked = {key: each for subject in subjects for key, each in _asked(data, subject).items()}
    noted = {key: each for key, each in asked.items() if key[0] in _EXTREMES and _is_noted(data, key[1])}
    return (*data.questions(noted), *data.questions({key: each for key, each in asked.items() if key not in noted}))


def _asked(data: RuledDataset, subject: str) -> dict[Asked, exp.Expr]:
    kind, _, name = subject.partition(" ")
    match kind:
        case "column":
            return _of_column(data, data.ruled_column(name))
        case "row":
            return {}
        case "quantile":
            word, _, column = name.partition(" ")
            return _of_quantile(data, data.ruled_column(column), float(word))
        case "apart":
            return {("shared", name): data.overlap(name).shared(SOURCE, exactly=True)}
        case _:
            return {("repeats", subject): repeat_count(data, data.refs(columns_of_key(data, subject)))}


def _is_noted(data: RuledDataset, name: str) -> bool:
    return bool(data.subject.places) and data.ruled_column(name).cell.is_plain


def _of_column(data: RuledDataset, column: RuledColumn) -> dict[Asked, exp.Expr]:
    if column.cell.is_ruled_out:
        return {}
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
        asked["repeats", name] = repeat_count(data, column.apart, there)
        if column.rule.allow != Tolerance():
            asked["further repeats", name] = repeat_count(data, column.apart, exp.and_(there, *_well(data, column)))
    return asked


def _farthest_outside(column: RuledColumn, bounds: Bounds) -> dict[Asked, exp.Expr]:
    """The least of all values where it lies below the range, and the greatest where it lies above; else NULL. Engines know both from what
    a file says of its parts."""
    name, type_ = column.rule.column, column.rule.type
    as_what = "CAST(x AS TEXT)" if type_ in ("date", "time") else "x"
    asked: dict[Asked, exp.Expr] = {}
    for what, most, lies_outside in (("least", "min", below), ("greatest", "max", above)):
        farthest = tree(f"{most}(v)", v=column.value)
        outside = lies_outside(bounds, farthest, type_)
        if outside is not None:
            asked[what, name] = tree(as_what, x=tree("CASE WHEN o THEN v END", o=outside, v=farthest))
    return asked


def _well(data: RuledDataset, column: RuledColumn) -> list[exp.Expr]:
    """The row breaks the rule in no way that the row alone shows."""
    broken = [*ways(column).values(), *([data.stranger(column)] if column.members is not None else ())]
    return [tree("NOT coalesce(b, false)", b=each) for each in broken]


def _of_quantile(data: RuledDataset, column: RuledColumn, share: float) -> dict[Asked, exp.Expr]:
    """Where a quantile lies. Engines have a word of their own for it or none, and DuckDB's takes a tenth of the time of a sort."""
    value, part = column.value, literal(share)
    if data.dialect == "duckdb":
        quantile: exp.Expr = exp.Anonymous(this="quantile_disc", expressions=[value.copy(), part])
    else:
        numbered = exp.select(
            exp.alias_(value.copy(), "v"),
            exp.alias_(
                exp.Window(this=exp.RowNumber(), order=exp.Order(expressions=[ascending(value.copy())])), "place"
            ),
            exp.alias_(exp.Window(this=tree("count(*)")), "number"),
        )
        numbered = numbered.from_(data.rows(value)).where(tree("v IS NOT NULL", v=value))
        least = exp.select(tree("min(v)")).from_(numbered.subquery("numbered"))
        quantile = exp.Subquery(this=least.where(tree("place >= p * number * (1 - 1e-12)", p=part)))
    return {(f"quantile/{share}", column.rule.column): quantile}

"""One rule on one column: the conditions under which a row fails, and what is asked of all values together.

A NULL breaks no rule but those on NULLs, and a cell of the wrong type no rule but that on types: a cell is counted once.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlglot import exp

from assay.check.compile.cells import Cell, cell
from assay.check.compile.exact import among_exactly, apart
from assay.check.compile.patterns import is_matched
from assay.check.compile.tree import any_of, count_if, literal, ref, tree, with_seconds
from assay.core.dataset import DataColumn, Dialect, in_32_bits
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import Bounds, ColumnRule, ColumnType, QuantileBounds, Scalar

ASPECTS = ("nulls", "wrong_type", "out_of_bounds", "not_in_set", "wrong_length", "no_match")
"""The ways in which a row breaks a column's rule; the fields of ``Measurements`` that count them."""
_FEW = 8
"""A set of so many texts is compared one by one, which engines that keep texts in dictionaries do in a quarter of the time."""


class RuledColumn(msgspec.Struct, frozen=True):
    """A rule on a column that is there, compiled."""

    rule: ColumnRule
    place: int
    """Which of the rules it is."""
    cell: Cell
    null: exp.Expr
    """The condition that the cell is NULL, and below its value, as queries over ``projected`` say them."""
    value: exp.Expr
    projected: tuple[exp.Expr, ...]
    """What a subquery has to select beside the columns themselves; nothing where the column is its own value."""
    failing: Mapping[str, exp.Expr]
    """For each aspect that the rule asks about: the condition under which a row fails."""
    members: str | None
    """The relation that holds the values that there may be."""
    apart: tuple[exp.Expr, ...]
    """By what its values are told apart."""

    @property
    def broken(self) -> exp.Expr:
        """A row breaks the rule in any way, but by being no member of another dataset."""
        null_may_be = self.rule.nullable or self.rule.max_null_share is not None
        return any_of([each for aspect, each in self.failing.items() if aspect != "nulls" or not null_may_be])


def ruled_column(
    place: int, rule: ColumnRule, column: DataColumn, dialect: Dialect, members: str | None = None
) -> RuledColumn:
    """The rule against the column. ``EvidenceError`` for a rule that was made in Python and asks what its type cannot answer."""
    _demand_sense(rule)
    if column.is_single and dialect not in ("bigquery", "snowflake"):  # whose FLOAT has 64
        rule = _in_single(rule)
    found = cell(rule.type, column, dialect)
    if found.is_ruled_out:
        return RuledColumn(rule, place, found, found.null, found.value, (), {"nulls": found.null}, None, ())
    null, value = found.null, found.value
    projected: tuple[exp.Expr, ...] = ()
    if not found.is_plain:
        null, value = ref(f"n{place}"), ref(f"v{place}")
        projected = (exp.alias_(found.null.copy(), f"n{place}"), exp.alias_(found.value.copy(), f"v{place}"))
    failing = {"nulls": null}
    if found.may_be_wrong:
        failing["wrong_type"] = tree("NOT null_ AND value IS NULL", null_=null, value=value)
    if rule.bounds is not None:
        failing["out_of_bounds"] = out_of(rule.bounds, value, rule.type)
    if rule.one_of is not None:
        exactly = among_exactly(column, rule.one_of, dialect) if rule.type == "float" else None
        failing["not_in_set"] = _outside(value, rule.one_of, rule.type) if exactly is None else exp.not_(exactly)
    if rule.length is not None:
        failing["wrong_length"] = out_of(rule.length, tree("length(value)", value=value), "int")
    if rule.pattern is not None:
        failing["no_match"] = tree("NOT matched", matched=is_matched(value, rule.pattern, dialect))
    return RuledColumn(
        rule, place, found, null, value, projected, failing, members, apart(rule.type, column, value, dialect)
    )


def _in_single(rule: ColumnRule) -> ColumnRule:
    """The rule with its numbers as 32 bits hold them: .1 is what such a column holds for .1."""
    members = None if rule.one_of is None else tuple(_single(each) for each in rule.one_of)
    quantiles = tuple(msgspec.structs.replace(each, bounds=_single_ends(each.bounds)) for each in rule.quantiles)
    bounds = None if rule.bounds is None else _single_ends(rule.bounds)
    return msgspec.structs.replace(rule, one_of=members, bounds=bounds, quantiles=quantiles)


def _single_ends(bounds: Bounds) -> Bounds:
    return msgspec.structs.replace(bounds, low=_single(bounds.low), high=_single(bounds.high))


def _single(end: Any) -> Any:
    return in_32_bits(end) if isinstance(end, float) else end


def _demand_sense(rule: ColumnRule) -> None:
    asked = (
        (rule.bounds, "a range", ("int", "float", "date", "time")),
        (rule.length, "a length", ("str",)),
        (rule.pattern, "a pattern", ("str",)),
        (rule.mean or rule.stddev or rule.quantiles, "a mean, deviation or quantile", ("int", "float")),
    )
    for said, what, types in asked:
        if said and rule.type not in types:
            raise EvidenceError(
                Problem(
                    "rule-without-sense",
                    f"{what} cannot be asked of {rule.column!r}, which is declared {rule.type}",
                    (f"{what} is for {', '.join(types)}",),
                    "change the type, or write the values as a set: in [..]",
                )
            )


def out_of(bounds: Bounds, value: exp.Expr, type_: ColumnType) -> exp.Expr:
    """The value lies outside."""
    return any_of([side for side in (below(bounds, value, type_), above(bounds, value, type_)) if side is not None])


def below(bounds: Bounds, value: exp.Expr, type_: ColumnType) -> exp.Expr | None:
    """The value lies below the range; None where it has no lower end."""
    if bounds.low is None:
        return None
    return tree("v <= low" if bounds.low_open else "v < low", v=value, low=_end(bounds.low, type_))


def above(bounds: Bounds, value: exp.Expr, type_: ColumnType) -> exp.Expr | None:
    """The value lies above the range; None where it has no upper end."""
    if type_ == "time":
        bounds = bounds.of_times
    if bounds.high is None:
        return None
    return tree("v >= high" if bounds.high_open else "v > high", v=value, high=_end(bounds.high, type_))


def _end(end: float | str, type_: ColumnType) -> exp.Expr:
    if type_ == "date":
        return exp.cast(literal(str(end)), "DATE")
    if type_ == "time":
        return exp.cast(literal(with_seconds(str(end))), "TIMESTAMP", dialect="duckdb")
    return literal(end)


def _outside(value: exp.Expr, members: tuple[Scalar, ...], type_: ColumnType) -> exp.Expr:
    known = [found for each in members if (found := _member(each, type_)) is not None]
    if not known:
        return tree("v IS NOT NULL", v=value)
    if type_ == "str" and len(known) <= _FEW:
        return exp.and_(*(tree("v <> m", v=value, m=each) for each in known))
    return exp.not_(exp.In(this=value.copy(), expressions=known))


def _member(member: Scalar, type_: ColumnType) -> exp.Expr | None:
    """A member of a set; None for one that no value of the type can equal."""
    match type_:
        case "int" | "float":
            return None if isinstance(member, str | bool) else literal(member)
        case "bool":
            return literal(member) if isinstance(member, bool) else None
        case "date" | "time":
            return _end(str(member), type_)
        case "str":
            return literal(str(member))


def asked_of_all(column: RuledColumn) -> dict[str, exp.Expr]:
    """Aggregates by what they are: the mean, the deviation, and for each end of a quantile's range the rows on one side of it."""
    rule, value = column.rule, column.value
    asked: dict[str, exp.Expr] = {}
    if rule.mean is not None:
        asked["mean"] = tree("avg(CAST(v AS DOUBLE))", v=value)
    if rule.stddev is not None:
        asked["stddev"] = _deviation(value, is_whole=rule.type == "int")
    if rule.quantiles:
        asked["filled"] = tree("count(v)", v=value)
    for each in rule.quantiles:
        asked |= {aspect: count_if(beyond) for aspect, beyond in beyond_quantile(each, value).items()}
    return asked


def _deviation(value: exp.Expr, *, is_whole: bool) -> exp.Expr:
    """Of a sample. Where a value is so great that its square is no number, it is infinite: some engines would fail on it."""
    if is_whole:
        return tree("stddev_samp(CAST(v AS DOUBLE))", v=value)
    is_great = tree("abs(v) > 1e150", v=value)
    return tree(
        "CASE WHEN great > 0 THEN CAST('inf' AS DOUBLE) ELSE stddev_samp(CASE WHEN NOT is_great THEN v END) END",
        great=count_if(is_great),
        is_great=is_great,
        v=value,
    )


def beyond_quantile(quantile: QuantileBounds, value: exp.Expr) -> dict[str, exp.Expr]:
    """The conditions under which a value lies beyond an end of the quantile's range: ``below/0.95``, ``above/0.95``."""
    bounds, beyond = quantile.bounds, {}
    if bounds.low is not None:
        low = tree("v <= low" if bounds.low_open else "v < low", v=value, low=literal(bounds.low))
        beyond[f"below/{quantile.share}"] = low
    if bounds.high is not None:
        high = tree("v >= high" if bounds.high_open else "v > high", v=value, high=literal(bounds.high))
        beyond[f"above/{quantile.share}"] = high
    return beyond

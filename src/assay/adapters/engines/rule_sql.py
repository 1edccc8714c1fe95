# ruff: noqa: S608 -- names are c0, c1, ..., and what comes from people passes through quoting.py
"""Rules as SQL: the conditions under which a row fails, the one query that counts them, and those that fetch rows.

A NULL breaks no rule but those on NULLs, and a cell of the wrong type no rule but that on types: a cell is counted once.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import msgspec

from assay.adapters.engines.cells import Cell, cell
from assay.adapters.engines.quoting import number, text
from assay.adapters.engines.source import Cells, Column, Source
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import Bounds, ColumnRule, ColumnType, Rules, Scalar

ASPECTS = ("nulls", "wrong_type", "out_of_bounds", "not_in_set", "wrong_length")
"""The fields of ``Measurements`` that count failing rows of a column."""
Asked: TypeAlias = tuple[str, str]


class RuledColumn(msgspec.Struct, frozen=True):
    """One rule on one column, compiled against a projection that names its cell."""

    rule: ColumnRule
    cell: Cell
    projected: str
    """The SQL that a subquery has to select, beside the columns themselves."""
    value: str
    failing: Mapping[str, str]
    """For each aspect that the rule asks about: the condition under which a row fails."""
    breaking: str
    """The condition under which a row breaks the rule in any way."""


def ruled_columns(source: Source, rules: Rules) -> tuple[RuledColumn, ...]:
    """The rules whose column is there, compiled."""
    found = [(rule, source.column(rule.column)) for rule in rules.columns]
    return tuple(
        _ruled(place, rule, column, source.cells) for place, (rule, column) in enumerate(found) if column is not None
    )


def keys(source: Source, rules: Rules) -> dict[str, tuple[str, ...]]:
    """The keys whose columns are all there: their names joined with ", ", and what SQL calls them."""
    found = {}
    for key in rules.unique:
        columns = [column for name in key if (column := source.column(name)) is not None]
        if len(columns) == len(key):
            found[", ".join(key)] = tuple(column.ref for column in columns)
    return found


def _ruled(place: int, rule: ColumnRule, column: Column, cells: Cells) -> RuledColumn:
    ruled = cell(rule.type, column, cells)
    null, value = f"n{place}", f"v{place}"
    failing: dict[str, str] = {"nulls": null, "wrong_type": f"NOT {null} AND {value} IS NULL"}
    if rule.bounds is not None:
        _demand(rule, {"int", "float"}, "a range")
        failing["out_of_bounds"] = _out_of(rule.bounds, value)
    if rule.one_of is not None:
        failing["not_in_set"] = _outside(value, rule)
    if rule.length is not None:
        _demand(rule, {"str"}, "a length")
        failing["wrong_length"] = _out_of(rule.length, f"length({value})")
    null_may_be = rule.nullable or rule.max_null_share is not None
    broken = [f"({condition})" for aspect, condition in failing.items() if aspect != "nulls" or not null_may_be]
    return RuledColumn(
        rule, ruled, f"{ruled.null} AS {null}, {ruled.value} AS {value}", value, failing, " OR ".join(broken)
    )


def _demand(rule: ColumnRule, types: set[ColumnType], what: str) -> None:
    if rule.type not in types:
        raise EvidenceError(
            Problem(
                "rule-without-sense",
                f"{what} cannot be asked of {rule.column!r}, which is declared {rule.type}",
                (f"{what} is for {' and '.join(sorted(types))}",),
                "change the type, or write the values as a set: in [..]",
            )
        )


def _out_of(bounds: Bounds, value: str) -> str:
    sides = []
    if bounds.low is not None:
        sides.append(f"{value} {'<=' if bounds.low_open else '<'} {number(bounds.low)}")
    if bounds.high is not None:
        sides.append(f"{value} {'>=' if bounds.high_open else '>'} {number(bounds.high)}")
    return " OR ".join(sides) or "false"


def _outside(value: str, rule: ColumnRule) -> str:
    members = [member for each in rule.one_of or () if (member := _member(each, rule.type)) is not None]
    compared = f"CAST({value} AS VARCHAR)" if rule.type in ("date", "time") else value
    return f"{compared} NOT IN ({', '.join(members)})" if members else f"{value} IS NOT NULL"


def _member(member: Scalar, type_: ColumnType) -> str | None:
    """A member of a set as SQL; None for one that no value of the type can equal."""
    match type_:
        case "int" | "float":
            return None if isinstance(member, str | bool) else number(member)
        case "bool":
            return str(member).lower() if isinstance(member, bool) else None
        case "time":
            return text(str(member).replace("T", " "))
        case "str" | "date":
            return text(str(member))


def aggregates(ruled: Sequence[RuledColumn], key_refs: Mapping[str, Sequence[str]]) -> dict[Asked, str]:
    """Every number that is wanted, by the field of ``Measurements`` and the column or key that it belongs to."""
    asked: dict[Asked, str] = {("rows", ""): "count(*)"}
    for column in ruled:
        name = column.rule.column
        asked |= {(aspect, name): _count(condition) for aspect, condition in column.failing.items()}
        asked["breaking", name] = _count(column.breaking)
        if column.rule.bounds is not None:
            asked["least", name] = f"min({column.value})"
            asked["greatest", name] = f"max({column.value})"
    for key, refs in key_refs.items():
        asked["duplicates", key] = f"count(*) - count(DISTINCT row({', '.join(refs)}))"
    return asked


def _count(condition: str) -> str:
    return f"count(*) FILTER (WHERE {condition})"


def projected(source: Source, ruled: Sequence[RuledColumn]) -> str:
    """All rows, with what the conditions of these rules speak of."""
    return f"(SELECT {', '.join(['*', *(column.projected for column in ruled)])} FROM ({source.sql}))"


def failing_rows(source: Source, ruled: RuledColumn, aspect: str, limit: int) -> str:
    """The first rows that fail. DuckDB keeps the order of files and rows through WHERE and LIMIT
    (``preserve_insertion_order``)."""
    condition = ruled.breaking if aspect == "breaking" else ruled.failing[aspect]
    return f"SELECT * FROM {projected(source, (ruled,))} WHERE {condition} LIMIT {limit}"


def repeating_rows(source: Source, refs: Sequence[str], limit: int) -> str:
    """The first rows whose key an earlier row has. Only the keys are sorted, then the few rows found are fetched by their place."""
    numbered = f"(SELECT *, row_number() OVER () AS place FROM ({source.sql}))"
    turn = f"row_number() OVER (PARTITION BY {', '.join(refs)} ORDER BY place)"
    places = (
        f"SELECT place FROM (SELECT place, {turn} AS turn FROM {numbered}) WHERE turn > 1 ORDER BY place LIMIT {limit}"
    )
    return f"SELECT * FROM {numbered} WHERE place IN ({places}) ORDER BY place LIMIT {limit}"

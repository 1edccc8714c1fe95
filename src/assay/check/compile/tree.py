"""Expression trees, written as SQL with named parts, and the text that they become for an engine.

A tree is built from DuckDB's SQL, which sqlglot reads, and becomes the SQL of any engine. What names and values people wrote only
ever enters as a node of the tree, never as text.
"""

from collections.abc import Sequence
from functools import lru_cache

from sqlglot import exp, parse_one

from assay.core.dataset import Dialect

INT64 = range(-(2**63), 2**63)
_WHOLE = (exp.Column, exp.Literal, exp.Func, exp.Paren, exp.Null, exp.Boolean, exp.Subquery, exp.Cast, exp.Case)


def tree(template: str, **parts: exp.Expr) -> exp.Expr:
    """The expression that ``template`` spells, with ``parts`` in place of the columns of their names."""
    found = _parsed(template).copy()
    if isinstance(found, exp.Column) and found.name in parts:
        return parts[found.name].copy()
    for column in list(found.find_all(exp.Column)):
        if column.name in parts:
            part = parts[column.name].copy()
            column.replace(part if isinstance(part, _WHOLE) else exp.paren(part))
    return found


def ref(name: str) -> exp.Expr:
    """A column of the source: ``c0``."""
    return exp.column(name)


def literal(value: float | str | bool) -> exp.Expr:
    """A value that somebody wrote."""
    match value:
        case bool():
            return exp.Boolean(this=value)
        case str():
            return exp.Literal.string(value)
        case int() if value in INT64:
            return exp.Literal.number(value)
        case _:
            return exp.cast(exp.Literal.string(repr(float(value))), "double")


def any_of(conditions: Sequence[exp.Expr]) -> exp.Expr:
    """One of the conditions holds; false where there are none."""
    return exp.or_(*conditions) if conditions else exp.false()


def count_if(condition: exp.Expr) -> exp.Expr:
    """How many rows it holds for. Where there is no row some engines say NULL."""
    return exp.CountIf(this=condition.copy())


def with_seconds(moment: str) -> str:
    """A time as every engine reads it: ``2013-01-31 05:00`` has none to some of them."""
    return f"{moment}:00" if len(moment) == len("2013-01-31 05:00") else moment


def sql(query: exp.Expr, dialect: Dialect) -> str:
    """The query as an engine reads it."""
    own = _TIMES.get(dialect)
    if own is not None:
        query = query.transform(lambda node: exp.DataType.build(own, dialect=dialect) if _is_time(node) else node)
    return query.sql(dialect=dialect)


_TIMES: dict[Dialect, str] = {"snowflake": "TIMESTAMP_NTZ", "trino": "TIMESTAMP(6)"}
"""A time without a zone, to the microsecond, where a plain TIMESTAMP may be something else."""


def _is_time(node: exp.Expr) -> bool:
    return isinstance(node, exp.DataType) and node.this in (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ)


@lru_cache(maxsize=512)
def _parsed(template: str) -> exp.Expr:
    return parse_one(template, read="duckdb")

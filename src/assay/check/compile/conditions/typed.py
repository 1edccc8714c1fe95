"""Parts of a condition, and what their values are: a whole number, a text, a day, ..."""

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from sqlglot import exp

from assay.check.compile.exact import WHOLE_DOUBLES, Exact, exact_literal, exact_whole
from assay.check.compile.tree import INT64, literal, tree, with_seconds
from assay.core.rules import ColumnType, line

Kind: TypeAlias = Literal["int", "float", "text", "bool", "date", "time", "null"]
KINDS: dict[ColumnType, Kind] = {
    "int": "int",
    "float": "float",
    "str": "text",
    "bool": "bool",
    "date": "date",
    "time": "time",
}
SAID: dict[Kind, str] = {
    "int": "a whole number",
    "float": "a number",
    "text": "a text",
    "bool": "true or false",
    "date": "a day",
    "time": "a time",
    "null": "NULL",
}


class Typed(NamedTuple):
    """A part of the condition as an engine reads it, and what its values are."""

    part: exp.Expr
    kind: Kind
    exact: Exact | None = None
    """The same number with all its digits, where ``part`` is a double that may have lost some."""

    far: exp.Expr | None = None
    """What a text spells where ``part`` is beyond 2^53, as a whole number; else 0."""

    @property
    def further_digits(self) -> exp.Expr | None:
        """The same of any number: DuckDB's words, which alone reads such texts. None where there is none beyond 2^53."""
        full = self.in_full
        if self.far is not None or full is None:
            return self.far
        if isinstance(full.part, exp.Literal) and abs(int(full.part.name)) < WHOLE_DOUBLES:
            return None
        return tree(
            f"CASE WHEN p >= {WHOLE_DOUBLES} OR p <= -{WHOLE_DOUBLES} THEN CAST(p AS HUGEINT) ELSE CAST(0 AS HUGEINT) END",
            p=full.part,
        )

    @property
    def in_full(self) -> Exact | None:
        """The number with all its digits; None where it has none beyond a double's."""
        return exact_whole(self.part) if self.kind == "int" else self.exact


def bracketed(part: exp.Expr) -> exp.Expr:
    """In brackets where its neighbours could tear it apart."""
    is_loose = isinstance(part, (exp.Binary, exp.Connector, exp.Not, exp.Neg, exp.Between, exp.In))
    return exp.paren(part) if is_loose else part


def number(text: str) -> Typed:
    """A number that is written out; engines differ in what they make of one beyond 64 bits."""
    if not set(".eE") & set(text) and int(text) in INT64:
        return Typed(exp.Literal.number(text), "int")
    is_whole = text.lstrip("-").isdecimal()
    return Typed(exp.cast(exp.Literal.string(text), "DOUBLE"), "float", exact_literal(text) if is_whole else None)


def common(values: Sequence[Typed]) -> Kind:
    """What all of them are."""
    kinds = {each.kind for each in values} - {"null"}
    if kinds == {"int", "float"}:
        return "float"
    return next(iter(kinds)) if kinds else "null"


def as_time(found: Typed) -> Typed:
    """A day as its midnight."""
    return Typed(exp.cast(found.part, "TIMESTAMP", dialect="duckdb"), "time") if found.kind == "date" else found


def is_moment(part: exp.Expr) -> bool:
    """A text that is written out and spells a day of the calendar, or a time."""
    return isinstance(part, exp.Literal) and bool(part.is_string) and line.is_moment(part.name)


def spelt_moment(part: exp.Expr) -> Typed:
    """What it spells."""
    text = part.name.replace("T", " ")
    if len(text) == len("2013-01-31"):
        return Typed(exp.cast(literal(text), "DATE"), "date")
    return Typed(exp.cast(literal(with_seconds(text)), "TIMESTAMP", dialect="duckdb"), "time")

"""A condition on rows over the cells of a dataset: every word is given the meaning that all engines share, or is refused.

Whole numbers are of 64 bits, times have no zone, a day is its midnight beside a time, a division is one of numbers with a point and by
nothing gives NULL. Mixtures that engines would settle each in its own way (a text beside a number, ``%`` of fractions) are
refused with the names of the columns.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

from sqlglot import exp

from assay.check.compile.cells import cell
from assay.check.compile.patterns import is_matched
from assay.check.compile.tree import INT64, literal, tree, with_seconds
from assay.core.dataset import DataColumn, Dialect
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnType
from assay.core.rules.letters import TO_LOWER, TO_UPPER
from assay.core.rules.line import MOMENT
from assay.core.rules.row_sql import parse_row_sql

Kind: TypeAlias = Literal["int", "float", "text", "bool", "date", "time", "null"]
_KINDS: dict[ColumnType, Kind] = {
    "int": "int",
    "float": "float",
    "str": "text",
    "bool": "bool",
    "date": "date",
    "time": "time",
}
_SAID: dict[Kind, str] = {
    "int": "a whole number",
    "float": "a number",
    "text": "a text",
    "bool": "true or false",
    "date": "a day",
    "time": "a time",
    "null": "NULL",
}
_NUMBERS = ("int", "float")
_MOMENTS = ("date", "time")


class Typed(NamedTuple):
    """A part of the condition as an engine reads it, and what its values are."""

    part: exp.Expr
    kind: Kind


def condition(
    rule: str, text: str, columns: Mapping[str, DataColumn], types: Mapping[str, ColumnType], dialect: Dialect
) -> exp.Expr:
    """The condition that ``text`` spells. ``rule`` is its name, for errors; ``types`` says as what each column is read.

    ``EvidenceError`` where a column is not there, or a word has no meaning for what the columns hold.
    """
    return _Reader(rule, text, columns, types, dialect).condition()


def columns_of(text: str) -> tuple[str, ...]:
    """The columns that a condition speaks of, as it writes them."""
    return tuple(dict.fromkeys(column.name for column in parse_row_sql(text).find_all(exp.Column)))


def resolved(name: str, names: Mapping[str, Any] | tuple[str, ...]) -> str | None:
    """The column that a name in SQL means: in its very letters, else the only one that differs in upper and lower case alone."""
    if name in names:
        return name
    alike = [each for each in names if each.lower() == name.lower()]
    return alike[0] if len(alike) == 1 else None


class _Reader:
    def __init__(
        self,
        rule: str,
        text: str,
        columns: Mapping[str, DataColumn],
        types: Mapping[str, ColumnType],
        dialect: Dialect,
    ) -> None:
        self.rule = rule
        self.text = text
        self.columns = columns
        self.types = types
        self.dialect = dialect

    def condition(self) -> exp.Expr:
        found = self.typed(parse_row_sql(self.text))
        if found.kind not in ("bool", "null"):
            raise self.senseless(f"it gives {_SAID[found.kind]}, and not true or false")
        return found.part

    def senseless(self, because: str, fix: str = "write a condition on values of one kind") -> EvidenceError:
        what = f"the rule {self.rule} makes no sense here"
        return EvidenceError(Problem("rule-without-sense", what, (because, f"it says: {self.text}"), fix))

    def typed(self, node: Any) -> Typed:
        """The node with the columns' cells in it."""
        read = next(read for kinds, read in _READERS if isinstance(node, kinds))
        return read(self, node)

    def bracketed(self, node: Any) -> Typed:
        inner = self.typed(node.this)
        return Typed(exp.paren(inner.part), inner.kind)

    def literal(self, node: Any) -> Typed:
        if node.is_string:
            return Typed(node.copy(), "text")
        return _number(str(node.this))

    def truth(self, node: Any) -> Typed:
        return Typed(node.copy(), "bool")

    def nothing(self, node: Any) -> Typed:
        return Typed(node.copy(), "null")

    def connected(self, node: Any) -> Typed:
        one, other = self.boolean(node.this), self.boolean(node.expression)
        return Typed(type(node)(this=_bracketed(one), expression=_bracketed(other)), "bool")

    def negated(self, node: Any) -> Typed:
        return Typed(exp.Not(this=exp.paren(self.boolean(node.this))), "bool")

    def compared(self, node: Any) -> Typed:
        left, right = self.alike(node, node.this, node.expression)
        return Typed(type(node)(this=_bracketed(left.part), expression=_bracketed(right.part)), "bool")

    def is_so(self, node: Any) -> Typed:
        if isinstance(node.expression, exp.Boolean):
            return self.is_truth(node)
        inner = self.typed(node.this)
        return Typed(exp.Is(this=_bracketed(inner.part), expression=node.expression.copy()), "bool")

    def is_truth(self, node: Any) -> Typed:
        """Never NULL. Not all engines know IS TRUE, and sqlglot drops it for those."""
        asked = self.boolean(node.this)
        wanted = asked if node.expression.this else exp.Not(this=exp.paren(asked))
        return Typed(exp.Coalesce(this=wanted, expressions=[exp.false()]), "bool")

    def between(self, node: Any) -> Typed:
        value, low, high = self.alike(node, node.this, node.args["low"], node.args["high"])
        return Typed(exp.Between(this=_bracketed(value.part), low=low.part, high=high.part), "bool")

    def among(self, node: Any) -> Typed:
        value, *members = self.alike(node, node.this, *node.expressions)
        return Typed(exp.In(this=_bracketed(value.part), expressions=[each.part for each in members]), "bool")

    def minus(self, node: Any) -> Typed:
        if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return _number(f"-{node.this.this}")
        inner = self.number(node.this)
        return Typed(exp.Neg(this=_bracketed(inner.part)), inner.kind)

    def boolean(self, node: Any) -> exp.Expr:
        found = self.typed(node)
        if found.kind not in ("bool", "null"):
            raise self.senseless(f"`{node.sql()}` is {_SAID[found.kind]} where true or false is asked")
        return found.part

    def number(self, node: Any) -> Typed:
        found = self.typed(node)
        if found.kind not in (*_NUMBERS, "null"):
            raise self.senseless(f"`{node.sql()}` is {_SAID[found.kind]} where a number is asked")
        return found

    def text_of(self, node: Any) -> exp.Expr:
        found = self.typed(node)
        if found.kind not in ("text", "null"):
            raise self.senseless(f"`{node.sql()}` is {_SAID[found.kind]} where a text is asked")
        return found.part

    def moment(self, node: Any) -> exp.Expr:
        found = self.typed(node)
        if found.kind not in _MOMENTS:
            raise self.senseless(f"`{node.sql()}` is {_SAID[found.kind]} where a day or a time is asked")
        return found.part if found.kind == "time" else exp.cast(found.part, "TIMESTAMP", dialect="duckdb")

    def column(self, node: Any) -> Typed:
        name = node.name
        known = resolved(name, self.columns)
        if known is None:
            near = near_miss(name, self.columns)
            listed = ", ".join(self.columns)
            fix = f"did you mean `{near}`?" if near else 'a column whose name is no plain word stands in quotes: "a b"'
            what = f"the rule {self.rule} speaks of a column that is not there: `{name}`"
            raise EvidenceError(Problem("no-column", what, (f"the columns are {listed}",), fix))
        column = self.columns[known]
        declared = self.types.get(known)
        if declared is None:
            raise self.senseless(
                f"`{known}` is {column.type}, of which a rule cannot speak", "leave the column out of it"
            )
        found = cell(declared, column, self.dialect)
        if found.is_ruled_out:
            raise self.senseless(f"`{known}` is declared {declared} and holds {column.type}", "correct its type")
        value = found.value
        if declared == "int" and found.is_plain and self.dialect == "duckdb" and column.type != "BIGINT":
            value = exp.cast(value, "BIGINT")
        return Typed(value, _KINDS[declared])

    def alike(self, whole: Any, *nodes: Any) -> list[Typed]:
        """Values that are to be compared, as values of one kind."""
        found = [self.typed(node) for node in nodes]
        kinds = {each.kind for each in found} - {"null"}
        if kinds <= {"int", "float"} or len(kinds) <= 1:
            return found
        if kinds <= {"date", "time"}:
            return [_as_time(each) for each in found]
        if kinds <= {"date", "time", "text"} and all(each.kind != "text" or _is_moment(each.part) for each in found):
            moments = [self.spelt_moment(each) if each.kind == "text" else each for each in found]
            return moments if {each.kind for each in moments} == {"date"} else [_as_time(each) for each in moments]
        odd = " and ".join(f"`{node.sql()}` is {_SAID[each.kind]}" for node, each in zip(nodes, found, strict=True))
        raise self.senseless(f"in `{whole.sql()}` {odd}")

    def spelt_moment(self, found: Typed) -> Typed:
        """A text that spells a day or a time, as that."""
        text = found.part.name.replace("T", " ")
        if len(text) == len("2013-01-31"):
            return Typed(exp.cast(literal(text), "DATE"), "date")
        return Typed(exp.cast(literal(with_seconds(text)), "TIMESTAMP", dialect="duckdb"), "time")

    def case(self, node: Any) -> Typed:
        if node.this is not None:
            raise self.senseless("a CASE compares one value with others", "write CASE WHEN a = 1 THEN ..")
        ifs = node.args["ifs"]
        results = [each.args["true"] for each in ifs]
        default = node.args.get("default")
        values = self.alike(node, *results, *([default] if default is not None else []))
        found = exp.Case(
            ifs=[
                exp.If(this=self.boolean(each.this), true=value.part) for each, value in zip(ifs, values, strict=False)
            ],
            default=values[-1].part if default is not None else None,
        )
        return Typed(found, _common(values))

    def cast(self, node: Any) -> Typed:
        inner, to = self.typed(node.this), node.to.this.name
        match to, inner.kind:
            case (("BIGINT" | "INT"), "int"):
                return inner
            case "DOUBLE", ("int" | "float"):
                return Typed(exp.cast(inner.part, "DOUBLE"), "float")
            case (("VARCHAR" | "TEXT"), ("int" | "text")):
                return Typed(exp.cast(inner.part, "TEXT"), "text")
            case (("DATE" | "TIMESTAMP" | "TIMESTAMPNTZ"), "text") if _is_moment(inner.part):
                found = self.spelt_moment(inner)
                return found if to == "DATE" else _as_time(found)
            case "DATE", ("date" | "time"):
                return Typed(exp.cast(inner.part, "DATE"), "date")
            case (("TIMESTAMP" | "TIMESTAMPNTZ"), ("date" | "time")):
                return _as_time(inner)
            case _:
                because = f"engines turn {_SAID[inner.kind]} into {to.lower()} each in a way of its own"
                raise self.senseless(because, "declare the column's type, or write floor(x)")

    def arithmetic(self, node: Any) -> Typed:
        left, right = self.number(node.this), self.number(node.expression)
        a, b = _of_64_bits(_bracketed(left.part)), _of_64_bits(_bracketed(right.part))
        is_whole = left.kind == right.kind == "int"
        match node:
            case exp.Div():
                return Typed(tree("CAST(a AS DOUBLE) / nullif(b, 0)", a=a, b=b), "float")
            case exp.Mod():
                if not is_whole:
                    raise self.senseless(f"in `{node.sql()}` not both are whole numbers", "use % of whole numbers")
                return Typed(tree("a % nullif(b, 0)", a=a, b=b), "int")
            case _:
                return Typed(type(node)(this=a, expression=b), "int" if is_whole else "float")

    def absolute(self, node: Any) -> Typed:
        inner = self.number(node.this)
        return Typed(exp.Abs(this=inner.part), inner.kind)

    def rounded(self, node: Any) -> Typed:
        """Spark gives a whole number of 64 bits, and fails where it does not fit: beyond 2^53 every number is whole."""
        x = exp.cast(self.number(node.this).part, "DOUBLE")
        found = type(node)(this=x)
        if self.dialect == "spark":
            template = "CASE WHEN abs(x) < 9007199254740992 THEN CAST(f AS DOUBLE) ELSE x END"
            return Typed(tree(template, x=x, f=found.copy()), "float")
        return Typed(found, "float")

    def root(self, node: Any) -> Typed:
        x = self.number(node.this).part
        return Typed(tree("CASE WHEN x >= 0 THEN sqrt(CAST(x AS DOUBLE)) END", x=x), "float")

    def first_known(self, node: Any) -> Typed:
        values = self.alike(node, node.this, *node.expressions)
        first, *rest = (each.part for each in values)
        return Typed(exp.Coalesce(this=first, expressions=rest), _common(values))

    def nullif(self, node: Any) -> Typed:
        values = self.alike(node, node.this, node.expression)
        return Typed(exp.Nullif(this=values[0].part, expression=values[1].part), values[0].kind)

    def extreme(self, node: Any) -> Typed:
        values = self.alike(node, node.this, *node.expressions)
        return Typed(_extreme(values, ">=" if isinstance(node, exp.Greatest) else "<="), _common(values))

    def length(self, node: Any) -> Typed:
        return Typed(exp.cast(exp.Length(this=self.text_of(node.this)), "BIGINT"), "int")

    def other_case(self, node: Any) -> Typed:
        letters = TO_LOWER if isinstance(node, exp.Lower) else TO_UPPER
        return Typed(_in_other_case(type(node), self.text_of(node.this), letters, self.dialect), "text")

    def trimmed(self, node: Any) -> Typed:
        """Of spaces alone: many engines would take more."""
        return Typed(exp.Trim(this=self.text_of(node.this), expression=literal(" ")), "text")

    def joined(self, node: Any) -> Typed:
        parts = [self.text_of(node.this), self.text_of(node.expression)]
        return Typed(exp.DPipe(this=_bracketed(parts[0]), expression=_bracketed(parts[1]), safe=True), "text")

    def matched(self, node: Any) -> Typed:
        return Typed(is_matched(self.text_of(node.this), node.expression.name, self.dialect), "bool")

    def extracted(self, node: Any) -> Typed:
        return self.part_of(node.name.lower(), node.expression)

    def one_part(self, node: Any) -> Typed:
        return self.part_of(type(node).__name__.lower(), node.this)

    def seconds(self, node: Any) -> Typed:
        return self.epoch(node.expressions[0] if isinstance(node, exp.Anonymous) else node.this)

    def substring(self, node: Any) -> Typed:
        start, length = node.args.get("start"), node.args.get("length")
        ends = [each for each in (start, length) if each is not None]
        if not all(isinstance(each, exp.Literal) and not each.is_string and str(each.this).isdigit() for each in ends):
            raise self.senseless("substring counts from 1, by numbers that are written out", "write substring(x, 1, 2)")
        if start is None or int(str(start.this)) < 1:
            raise self.senseless("substring counts from 1", "write substring(x, 1, 2)")
        return Typed(
            exp.Substring(this=self.text_of(node.this), start=start.copy(), length=length and length.copy()), "text"
        )

    def like(self, node: Any) -> Typed:
        pattern = node.expression
        if not (isinstance(pattern, exp.Literal) and pattern.is_string) or "\\" in pattern.name:
            because = (
                "what LIKE compares with must be written out, without a backslash: engines differ in what that means"
            )
            raise self.senseless(because, "write it out, or use regexp_matches(x, '..')")
        found = exp.Like(this=_bracketed(self.text_of(node.this)), expression=pattern.copy())
        return Typed(exp.Not(this=exp.paren(found)) if node.args.get("negate") else found, "bool")

    def part_of(self, part: str, node: Any) -> Typed:
        moment = self.moment(node)
        found = tree("CAST(floor(x) AS BIGINT)", x=exp.Extract(this=exp.var(part.upper()), expression=moment))
        if self.dialect == "postgres":  # the year of what is endless is endless there, and NULL in DuckDB
            found = tree("CASE WHEN isfinite(t) THEN x END", t=moment, x=found)
        return Typed(found, "int")

    def epoch(self, node: Any) -> Typed:
        x = self.moment(node)
        match self.dialect:
            case "duckdb":
                return Typed(exp.Anonymous(this="epoch", expressions=[x]), "float")
            case "postgres":
                return Typed(exp.cast(exp.Extract(this=exp.var("EPOCH"), expression=x), "DOUBLE"), "float")
            case "spark":
                return Typed(exp.cast(exp.Cast(this=x, to=exp.DataType.build("TIMESTAMPLTZ")), "DOUBLE"), "float")
            case "bigquery":
                micros = exp.Anonymous(
                    this="UNIX_MICROS", expressions=[exp.Anonymous(this="TIMESTAMP", expressions=[x])]
                )
                return Typed(tree("x / 1000000.0", x=micros), "float")
            case "snowflake":
                micros = exp.Anonymous(this="DATE_PART", expressions=[exp.var("EPOCH_MICROSECOND"), x])
                return Typed(tree("CAST(x AS DOUBLE) / 1000000.0", x=micros), "float")
            case "trino":
                return Typed(exp.Anonymous(this="TO_UNIXTIME", expressions=[x]), "float")


def _bracketed(part: exp.Expr) -> exp.Expr:
    return (
        exp.paren(part)
        if isinstance(part, (exp.Binary, exp.Connector, exp.Not, exp.Neg, exp.Between, exp.In))
        else part
    )


def _as_time(found: Typed) -> Typed:
    return Typed(exp.cast(found.part, "TIMESTAMP", dialect="duckdb"), "time") if found.kind == "date" else found


def _is_moment(part: exp.Expr) -> bool:
    return isinstance(part, exp.Literal) and bool(part.is_string) and re.fullmatch(MOMENT, part.name) is not None


def _common(values: list[Typed]) -> Kind:
    kinds = {each.kind for each in values} - {"null"}
    if kinds == {"int", "float"}:
        return "float"
    return next(iter(kinds)) if kinds else "null"


def _extreme(values: list[Typed], mark: str) -> exp.Expr:
    """The greatest or least of the values that are not NULL, as some engines have it and others do not."""
    found = values[0].part
    for each in values[1:]:
        template = f"CASE WHEN a IS NULL THEN b WHEN b IS NULL OR a {mark} b THEN a ELSE b END"
        found = tree(template, a=found, b=each.part)
    return found


def _number(text: str) -> Typed:
    """A number that is written out; engines differ in what they make of one beyond 64 bits."""
    if not set(".eE") & set(text) and int(text) in INT64:
        return Typed(exp.Literal.number(text), "int")
    return Typed(exp.cast(exp.Literal.string(text), "DOUBLE"), "float")


def _of_64_bits(part: exp.Expr) -> exp.Expr:
    """Numbers that are written out have 32 bits to some engines, and so has what is computed from them."""
    is_whole = isinstance(part.unnest() if isinstance(part, exp.Paren) else part, (exp.Literal, exp.Neg))
    return exp.cast(part, "BIGINT") if is_whole else part


_BYTE_LENGTHS: dict[Dialect, str] = {"duckdb": "STRLEN", "bigquery": "BYTE_LENGTH"}


def _in_other_case(
    function: type[exp.Lower | exp.Upper], text: exp.Expr, letters: tuple[str, str], dialect: Dialect
) -> exp.Expr:
    """By our own table of letters; a text of ASCII alone by the engine's, which is quick."""
    table = [text.copy(), literal(letters[0]), literal(letters[1])]
    turned = exp.Anonymous(this="TRANSLATE", expressions=table)
    if dialect == "trino":
        return turned
    size = exp.Anonymous(this=_BYTE_LENGTHS.get(dialect, "OCTET_LENGTH"), expressions=[text.copy()])
    is_ascii = tree("size = length(t)", size=size, t=text)
    return tree("CASE WHEN a THEN b ELSE c END", a=is_ascii, b=function(this=text.copy()), c=turned)


_READERS: tuple[tuple[tuple[type[exp.Expr], ...], Callable[[_Reader, Any], Typed]], ...] = (
    ((exp.Paren,), _Reader.bracketed),
    ((exp.Column,), _Reader.column),
    ((exp.Literal,), _Reader.literal),
    ((exp.Boolean,), _Reader.truth),
    ((exp.Null,), _Reader.nothing),
    ((exp.And, exp.Or), _Reader.connected),
    ((exp.Not,), _Reader.negated),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ), _Reader.compared),
    ((exp.Is,), _Reader.is_so),
    ((exp.Between,), _Reader.between),
    ((exp.In,), _Reader.among),
    ((exp.Case,), _Reader.case),
    ((exp.Cast,), _Reader.cast),
    ((exp.Neg,), _Reader.minus),
    ((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), _Reader.arithmetic),
    ((exp.Abs,), _Reader.absolute),
    ((exp.Floor, exp.Ceil), _Reader.rounded),
    ((exp.Sqrt,), _Reader.root),
    ((exp.Coalesce,), _Reader.first_known),
    ((exp.Nullif,), _Reader.nullif),
    ((exp.Greatest, exp.Least), _Reader.extreme),
    ((exp.Length,), _Reader.length),
    ((exp.Lower, exp.Upper), _Reader.other_case),
    ((exp.Trim,), _Reader.trimmed),
    ((exp.Substring,), _Reader.substring),
    ((exp.DPipe,), _Reader.joined),
    ((exp.Like,), _Reader.like),
    ((exp.RegexpLike,), _Reader.matched),
    ((exp.Extract,), _Reader.extracted),
    ((exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second), _Reader.one_part),
    ((exp.Expr,), _Reader.seconds),
)
"""What reads each node that ``parse_row_sql`` lets through; the last is ``epoch``."""

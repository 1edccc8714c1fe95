"""The functions of numbers and texts, and those that choose among values."""

from collections.abc import Sequence
from typing import Any

from sqlglot import exp

from assay.check.compile.conditions.reading import Readers, Reading
from assay.check.compile.conditions.typed import Typed, common
from assay.check.compile.patterns import is_matched
from assay.check.compile.tree import literal, tree
from assay.core.dataset import Dialect
from assay.core.rules.letters import TO_LOWER, TO_UPPER


def _absolute(reading: Reading, node: Any) -> Typed:
    inner = reading.number(node.this)
    return Typed(exp.Abs(this=inner.part), inner.kind)


def _rounded(reading: Reading, node: Any) -> Typed:
    """Spark gives a whole number of 64 bits, and fails where it does not fit: beyond 2^53 every number is whole."""
    x = exp.cast(reading.number(node.this).part, "DOUBLE")
    found = type(node)(this=x)
    if reading.dialect == "spark":
        template = "CASE WHEN abs(x) < 9007199254740992 THEN CAST(f AS DOUBLE) ELSE x END"
        return Typed(tree(template, x=x, f=found.copy()), "float")
    return Typed(found, "float")


def _root(reading: Reading, node: Any) -> Typed:
    x = reading.number(node.this).part
    return Typed(tree("CASE WHEN x >= 0 THEN sqrt(CAST(x AS DOUBLE)) END", x=x), "float")


def _first_known(reading: Reading, node: Any) -> Typed:
    values = reading.alike(node, node.this, *node.expressions)
    first, *rest = (each.part for each in values)
    return Typed(exp.Coalesce(this=first, expressions=rest), common(values))


def _nullif(reading: Reading, node: Any) -> Typed:
    value, other = reading.alike(node, node.this, node.expression)
    return Typed(exp.Nullif(this=value.part, expression=other.part), value.kind)


def _extreme(reading: Reading, node: Any) -> Typed:
    values = reading.alike(node, node.this, *node.expressions)
    return Typed(_outermost(values, ">=" if isinstance(node, exp.Greatest) else "<="), common(values))


def _outermost(values: Sequence[Typed], mark: str) -> exp.Expr:
    """The greatest or least of the values that are not NULL, as some engines have it and others do not."""
    found = values[0].part
    for each in values[1:]:
        template = f"CASE WHEN a IS NULL THEN b WHEN b IS NULL OR a {mark} b THEN a ELSE b END"
        found = tree(template, a=found, b=each.part)
    return found


def _length(reading: Reading, node: Any) -> Typed:
    return Typed(exp.cast(exp.Length(this=reading.text(node.this)), "BIGINT"), "int")


def _other_case(reading: Reading, node: Any) -> Typed:
    letters = TO_LOWER if isinstance(node, exp.Lower) else TO_UPPER
    return Typed(_in_other_case(type(node), reading.text(node.this), letters, reading.dialect), "text")


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


def _trimmed(reading: Reading, node: Any) -> Typed:
    """Of spaces alone: many engines would take more."""
    return Typed(exp.Trim(this=reading.text(node.this), expression=literal(" ")), "text")


def _substring(reading: Reading, node: Any) -> Typed:
    start, length = node.args.get("start"), node.args.get("length")
    ends = [each for each in (start, length) if each is not None]
    if not all(isinstance(each, exp.Literal) and not each.is_string and str(each.this).isdigit() for each in ends):
        raise reading.senseless("substring counts from 1, by numbers that are written out", "write substring(x, 1, 2)")
    if start is None or int(str(start.this)) < 1:
        raise reading.senseless("substring counts from 1", "write substring(x, 1, 2)")
    text = reading.text(node.this)
    return Typed(exp.Substring(this=text, start=start.copy(), length=length and length.copy()), "text")


def _matched(reading: Reading, node: Any) -> Typed:
    return Typed(is_matched(reading.text(node.this), node.expression.name, reading.dialect), "bool")


FUNCTIONS: Readers = (
    ((exp.Abs,), _absolute),
    ((exp.Floor, exp.Ceil), _rounded),
    ((exp.Sqrt,), _root),
    ((exp.Coalesce,), _first_known),
    ((exp.Nullif,), _nullif),
    ((exp.Greatest, exp.Least), _extreme),
    ((exp.Length,), _length),
    ((exp.Lower, exp.Upper), _other_case),
    ((exp.Trim,), _trimmed),
    ((exp.Substring,), _substring),
    ((exp.RegexpLike,), _matched),
)

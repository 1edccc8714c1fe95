"""What stands between values: AND and OR, comparisons, arithmetic, CASE and CAST."""

from typing import Any

from sqlglot import exp

from assay.check.compile.conditions.reading import Readers, Reading
from assay.check.compile.conditions.typed import (
    SAID,
    Typed,
    as_time,
    bracketed,
    common,
    is_moment,
    number,
    spelt_moment,
)
from assay.check.compile.tree import tree


def _in_brackets(reading: Reading, node: Any) -> Typed:
    inner = reading.typed(node.this)
    return inner._replace(part=exp.paren(inner.part))


def _column(reading: Reading, node: Any) -> Typed:
    return reading.column(node)


def _literal(reading: Reading, node: Any) -> Typed:
    return Typed(node.copy(), "text") if node.is_string else number(str(node.this))


def _truth(reading: Reading, node: Any) -> Typed:
    return Typed(node.copy(), "bool")


def _nothing(reading: Reading, node: Any) -> Typed:
    return Typed(node.copy(), "null")


def _connected(reading: Reading, node: Any) -> Typed:
    one, other = reading.boolean(node.this), reading.boolean(node.expression)
    return Typed(type(node)(this=bracketed(one), expression=bracketed(other)), "bool")


def _negated(reading: Reading, node: Any) -> Typed:
    return Typed(exp.Not(this=exp.paren(reading.boolean(node.this))), "bool")


def _compared(reading: Reading, node: Any) -> Typed:
    left, right = reading.comparable(node, node.this, node.expression)
    return Typed(_comparison(type(node), left, right), "bool")


def _comparison(sign: type[exp.Binary], left: Typed, right: Typed) -> exp.Expr:
    found = sign(this=bracketed(left.part), expression=bracketed(right.part))
    far, other = left.further_digits, right.further_digits
    if far is None or other is None or (left.far is None and right.far is None):
        return found
    digits = sign(this=far, expression=other)
    return tree("CASE WHEN l <> 0 AND r <> 0 THEN digits ELSE near END", l=far, r=other, digits=digits, near=found)


def _is_so(reading: Reading, node: Any) -> Typed:
    """IS TRUE is never NULL. Not all engines know it, and sqlglot drops it for those."""
    if isinstance(node.expression, exp.Boolean):
        asked = reading.boolean(node.this)
        wanted = asked if node.expression.this else exp.Not(this=exp.paren(asked))
        return Typed(exp.Coalesce(this=wanted, expressions=[exp.false()]), "bool")
    inner = reading.typed(node.this)
    return Typed(exp.Is(this=bracketed(inner.part), expression=node.expression.copy()), "bool")


def _between(reading: Reading, node: Any) -> Typed:
    value, low, high = reading.comparable(node, node.this, node.args["low"], node.args["high"])
    if value.far is not None:
        return Typed(exp.and_(_comparison(exp.GTE, value, low), _comparison(exp.LTE, value, high)), "bool")
    return Typed(exp.Between(this=bracketed(value.part), low=low.part, high=high.part), "bool")


def _among(reading: Reading, node: Any) -> Typed:
    value, *members = reading.comparable(node, node.this, *node.expressions)
    if value.far is not None:
        return Typed(exp.or_(*(_comparison(exp.EQ, value, each) for each in members)), "bool")
    return Typed(exp.In(this=bracketed(value.part), expressions=[each.part for each in members]), "bool")


def _case(reading: Reading, node: Any) -> Typed:
    if node.this is not None:
        raise reading.senseless("a CASE compares one value with others", "write CASE WHEN a = 1 THEN ..")
    ifs, default = node.args["ifs"], node.args.get("default")
    results = [each.args["true"] for each in ifs]
    values = reading.alike(node, *results, *([default] if default is not None else []))
    found = exp.Case(
        ifs=[
            exp.If(this=reading.boolean(each.this), true=value.part) for each, value in zip(ifs, values, strict=False)
        ],
        default=values[-1].part if default is not None else None,
    )
    return Typed(found, common(values))


def _cast(reading: Reading, node: Any) -> Typed:
    inner, to = reading.typed(node.this), node.to.this.name
    match to, inner.kind:
        case (("BIGINT" | "INT"), "int"):
            return inner
        case "DOUBLE", ("int" | "float"):
            return Typed(exp.cast(inner.part, "DOUBLE"), "float")
        case (("VARCHAR" | "TEXT"), ("int" | "text")):
            return Typed(exp.cast(inner.part, "TEXT"), "text")
        case (("DATE" | "TIMESTAMP" | "TIMESTAMPNTZ"), "text") if is_moment(inner.part):
            found = spelt_moment(inner.part)
            return found if to == "DATE" else as_time(found)
        case "DATE", ("date" | "time"):
            return Typed(exp.cast(inner.part, "DATE"), "date")
        case (("TIMESTAMP" | "TIMESTAMPNTZ"), ("date" | "time")):
            return as_time(inner)
        case _:
            because = f"engines turn {SAID[inner.kind]} into {to.lower()} each in a way of its own"
            raise reading.senseless(because, "declare the column's type, or write floor(x)")


def _minus(reading: Reading, node: Any) -> Typed:
    if isinstance(node.this, exp.Literal) and not node.this.is_string:
        return number(f"-{node.this.this}")
    inner = reading.number(node.this)
    return Typed(exp.Neg(this=bracketed(inner.part)), inner.kind)


def _arithmetic(reading: Reading, node: Any) -> Typed:
    left, right = reading.number(node.this), reading.number(node.expression)
    a, b = _of_64_bits(bracketed(left.part)), _of_64_bits(bracketed(right.part))
    is_whole = left.kind == right.kind == "int"
    match node:
        case exp.Div():
            return Typed(tree("CAST(a AS DOUBLE) / nullif(b, 0)", a=a, b=b), "float")
        case exp.Mod():
            if not is_whole:
                raise reading.senseless(f"in `{node.sql()}` not both are whole numbers", "use % of whole numbers")
            return Typed(tree("a % nullif(b, 0)", a=a, b=b), "int")
        case _:
            return Typed(type(node)(this=a, expression=b), "int" if is_whole else "float")


def _of_64_bits(part: exp.Expr) -> exp.Expr:
    """Numbers that are written out have 32 bits to some engines, and so has what is computed from them."""
    is_whole = isinstance(part.unnest() if isinstance(part, exp.Paren) else part, (exp.Literal, exp.Neg))
    return exp.cast(part, "BIGINT") if is_whole else part


def _joined(reading: Reading, node: Any) -> Typed:
    parts = [reading.text(node.this), reading.text(node.expression)]
    return Typed(exp.DPipe(this=bracketed(parts[0]), expression=bracketed(parts[1]), safe=True), "text")


def _like(reading: Reading, node: Any) -> Typed:
    pattern = node.expression
    if not (isinstance(pattern, exp.Literal) and pattern.is_string) or "\\" in pattern.name:
        because = "what LIKE compares with must be written out, without a backslash: engines differ in what that means"
        raise reading.senseless(because, "write it out, or use regexp_matches(x, '..')")
    found = exp.Like(this=bracketed(reading.text(node.this)), expression=pattern.copy())
    return Typed(exp.Not(this=exp.paren(found)) if node.args.get("negate") else found, "bool")


OPERATORS: Readers = (
    ((exp.Paren,), _in_brackets),
    ((exp.Column,), _column),
    ((exp.Literal,), _literal),
    ((exp.Boolean,), _truth),
    ((exp.Null,), _nothing),
    ((exp.And, exp.Or), _connected),
    ((exp.Not,), _negated),
    ((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ), _compared),
    ((exp.Is,), _is_so),
    ((exp.Between,), _between),
    ((exp.In,), _among),
    ((exp.Case,), _case),
    ((exp.Cast,), _cast),
    ((exp.Neg,), _minus),
    ((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), _arithmetic),
    ((exp.DPipe,), _joined),
    ((exp.Like,), _like),
)

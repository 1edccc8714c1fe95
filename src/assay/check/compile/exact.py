"""Numbers with all their digits, of which a double has no more than sixteen: by them rows are told apart and cells compared.

Whole numbers and decimals are compared as they are, as the narrowest decimal that holds both sides, or as DuckDB's HUGEINT. Where none
does, and where texts spell the numbers, doubles are compared, and beside them the digits of those that are beyond 2^53.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sqlglot import exp

from assay.check.compile.cells import cell
from assay.check.compile.tree import ref, tree
from assay.core.dataset import DataColumn, Dialect
from assay.core.rules import ColumnType, Scalar

_MOST_DIGITS = 38
"""Of a decimal, in every engine that bounds them."""
_PRECISION = re.compile(r"\((\d+)(?:, *(\d+))?\)")
_WHOLE_DIGITS = {"UBIGINT": 20, "HUGEINT": _MOST_DIGITS + 1}
_INT64_DIGITS = 19
WHOLE_DOUBLES = 2**53
"""Below it every whole number is a double of its own."""
_UNBOUND: frozenset[Dialect] = frozenset({"postgres", "bigquery"})
"""They compare whole numbers and decimals of any size as they are."""


class Exact(NamedTuple):
    """A number without a loss."""

    part: exp.Expr
    type: str
    """Numbers of one type are compared as they are."""
    whole: int | None
    """So many digits before the point it may have; None: nobody knows."""
    fraction: int = 0
    """And behind it."""


def exact_column(column: DataColumn) -> Exact | None:
    """A column of whole numbers or decimals; None for any other."""
    x = ref(column.ref)
    if column.held == "int":
        return Exact(x, "int", _INT64_DIGITS)
    if column.held not in ("wide_int", "decimal"):
        return None
    found = _PRECISION.search(column.type)
    if found is None:
        return Exact(x, column.type, _WHOLE_DIGITS.get(column.type))
    fraction = int(found[2] or 0)
    return Exact(x, column.type, int(found[1]) - fraction, fraction)


def exact_whole(part: exp.Expr) -> Exact:
    """A value that is a whole number of 64 bits."""
    return Exact(part, "int", _INT64_DIGITS)


def exact_literal(text: str) -> Exact | None:
    """A whole number that is written out; None where it has more digits than a decimal."""
    digits = len(text.lstrip("+-"))
    if digits > _MOST_DIGITS:
        return None
    return Exact(exp.cast(exp.Literal.string(text), f"DECIMAL({digits}, 0)"), f"DECIMAL({digits}, 0)", digits)


def comparable(numbers: Sequence[Exact | None], dialect: Dialect) -> list[exp.Expr] | None:
    """The numbers as values that the engine compares without a loss; None where no type of its holds them all."""
    known = [each for each in numbers if each is not None]
    if len(known) < len(numbers):
        return None
    if dialect in _UNBOUND or len({each.type for each in known}) == 1:
        return [each.part for each in known]
    sizes = [each.whole for each in known if each.whole is not None]
    if len(sizes) < len(known):
        return None
    whole, fraction = max(sizes), max(each.fraction for each in known)
    if whole + fraction <= _MOST_DIGITS:
        type_ = f"DECIMAL({whole + fraction}, {fraction})"
    elif dialect == "duckdb" and not fraction:
        type_ = "HUGEINT"
    else:
        return None
    return [exp.cast(each.part, type_, dialect="duckdb") for each in known]


def apart(declared: ColumnType, column: DataColumn, value: exp.Expr, dialect: Dialect) -> tuple[exp.Expr, ...]:
    """By what the values of a column are told apart, of which ``value`` is how its rule reads it."""
    if declared != "float" or column.held == "float":
        return (value,)
    if column.held in ("csv", "json"):
        return value, far_digits(value, column, dialect)
    return (ref(column.ref),)


def members_apart(
    declared: ColumnType, here: DataColumn, there: DataColumn, value: exp.Expr, dialect: Dialect
) -> list[tuple[exp.Expr, exp.Expr]]:
    """By what a value here, which ``value`` is, and one over there are equal: the two sides of one equation, or of two."""
    theirs = cell(declared, there, dialect).value
    found = equal_numbers(here, there, dialect) if declared == "float" else None
    if found is not None:
        return [found]
    if declared == "float" and have_far_digits(here, there):
        ours, others = near_and_far(value, here, dialect), near_and_far(theirs, there, dialect)
        return list(zip(ours, others, strict=True))
    return [(value, theirs)]


def among_exactly(column: DataColumn, members: Sequence[Scalar], dialect: Dialect) -> exp.Expr | None:
    """The condition that the column is one of these numbers; None where doubles say it as well."""
    if not any(type(each) is int and abs(each) >= WHOLE_DOUBLES for each in members):
        return None
    numbers = [exact_literal(str(each)) if type(each) is int else None for each in members]
    found = comparable([exact_column(column), *numbers], dialect)
    return None if found is None else exp.In(this=found[0], expressions=found[1:])


def equal_numbers(here: DataColumn, there: DataColumn, dialect: Dialect) -> tuple[exp.Expr, exp.Expr] | None:
    """The cells of both as values that the engine compares without a loss; None where it has none such."""
    found = comparable([exact_column(here), exact_column(there)], dialect)
    return None if found is None else (found[0], found[1])


def have_far_digits(here: DataColumn, there: DataColumn) -> bool:
    """Both may spell numbers that doubles have no digits for."""
    return all(each.held in ("int", "wide_int", "decimal", "csv", "json") for each in (here, there))


def near_and_far(value: exp.Expr, column: DataColumn, dialect: Dialect) -> tuple[exp.Expr, exp.Expr]:
    """A number as a double and its further digits. Where it has these the double is 0: engines round what a text spells and what a decimal
    is to different ones."""
    digits = far_digits(value, column, dialect)
    return tree("CAST(CASE WHEN f = 0 THEN v ELSE 0 END AS DOUBLE)", f=digits, v=value), digits


def far_digits(double: exp.Expr, column: DataColumn, dialect: Dialect) -> exp.Expr:
    """The whole number that the cell holds where ``double`` is beyond 2^53, and so may stand for several; else 0."""
    x = tree("x ->> '$'", x=ref(column.ref)) if column.held == "json" else ref(column.ref)
    if dialect == "duckdb":
        digits = tree("coalesce(TRY_CAST(x AS HUGEINT), 0)", x=x)
    else:
        digits = tree(f"CAST(x AS DECIMAL({_MOST_DIGITS}, 0))", x=x)
    zero = "CAST(0 AS HUGEINT)" if dialect == "duckdb" else f"CAST(0 AS DECIMAL({_MOST_DIGITS}, 0))"
    return tree(
        f"CASE WHEN d >= {WHOLE_DOUBLES} OR d <= -{WHOLE_DOUBLES} THEN digits ELSE {zero} END", d=double, digits=digits
    )

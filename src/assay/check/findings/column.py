"""One column against its line."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from assay.check.findings.cause import Cause, Judged
from assay.check.measured import Measured
from assay.check.wording import listed, percent, ranged, significant, written
from assay.core.counted import counted, share
from assay.core.finding import Finding
from assay.core.rules import Bounds, ColumnRule, QuantileBounds, Tolerance
from assay.core.rules.writing import quantile_word


class Failure(NamedTuple):
    """One thing that is wrong."""

    rows: int
    detail: str
    aspect: str
    """Empty where each row would be a sample, or none, and nothing is to be done but to change the type."""


_OF_ALL = ("mean", "stddev")
"""Aspects of all values together."""


def column_findings(rule: ColumnRule, measured: Measured) -> Iterator[Judged]:
    """One finding where the line holds, else one for each thing that is wrong."""
    name, rows = rule.column, measured.rows
    line, uncounted = f"{name}: {written(rule)}", measured.value("cannot", f"column {name}")
    if uncounted is not None:
        yield Judged(Finding(line, False, rule.severity, f"it cannot be counted: {uncounted}", name, rows=rows))
        return
    breaking, may = measured.breaking(rule) + measured.further_repeats(name), allowed(rule.allow, rows)
    failures = [*_too_many_nulls(rule, measured), *(_broken(rule, measured) if breaking > may else ())]
    failures += _of_all_values(rule, measured)
    if breaking > may:
        failures += _repeated(rule, measured)
    for count, detail, aspect in failures:
        cause = Cause(f"column {name}", aspect, aspect not in _OF_ALL) if aspect else None
        yield Judged(Finding(line, False, rule.severity, detail, name, count, rows), cause)
    if not failures:
        detail = f"{share(breaking, rows)} break it, {may:,} may" if breaking else ""
        yield Judged(Finding(line, True, rule.severity, detail, name, breaking, rows))


def misses(rule: ColumnRule, measured: Measured) -> bool:
    """More has to be asked before the failures can be told."""
    if measured.is_ruled_out(rule) or measured.value("cannot", f"column {rule.column}") is not None:
        return False
    is_repeated = rule.is_unique and measured.count("values", rule.column) != measured.count(
        "distinct values", rule.column
    )
    return is_repeated or measured.breaking(rule) > allowed(rule.allow, measured.rows)


def broken_quantiles(rule: ColumnRule, measured: Measured) -> Iterator[str]:
    """The quantiles of the column that do not lie where they must, as ``details`` calls them."""
    if not measured.is_ruled_out(rule):
        for each in rule.quantiles:
            if any(_off_quantile(each, rule, measured)):
                yield f"quantile {each.share} {rule.column}"


def allowed(tolerance: Tolerance, rows: int) -> int:
    """So many rows may break the rule."""
    return max(tolerance.rows, rows_of(tolerance.share or 0.0, rows))


def rows_of(part: float, rows: int) -> int:
    """The most rows that are no more than this share of all: 29 of 100 for .29, though .29 * 100 is a little less."""
    return math.floor(part * rows * (1 + 1e-12))


def within(value: float, bounds: Bounds) -> bool:
    """The value lies in the range."""
    low, high = bounds.low, bounds.high
    assert not isinstance(low, str)
    assert not isinstance(high, str)
    above = low is None or (value > low if bounds.low_open else value >= low)
    below = high is None or (value < high if bounds.high_open else value <= high)
    return above and below


def _too_many_nulls(rule: ColumnRule, measured: Measured) -> list[Failure]:
    nulls, rows = measured.count("nulls", rule.column), measured.rows
    if rule.max_null_share is None or nulls <= rows_of(rule.max_null_share, rows):
        return []
    limit = f"{percent(rule.max_null_share)}: {counted(rows_of(rule.max_null_share, rows), 'row')}"
    return [Failure(nulls, f"{share(nulls, rows)} are NULL, more than {limit}", "nulls")]


def _broken(rule: ColumnRule, measured: Measured) -> list[Failure]:
    name, rows = rule.column, measured.rows
    nulls = measured.count("nulls", name)
    may_be_null = rule.nullable or rule.max_null_share is not None
    where = rule.members or listed(rule.one_of or ())
    found = [
        (0 if may_be_null else nulls, "are NULL", "nulls"),
        (measured.count("wrong_type", name), f"are not {rule.type}", "wrong_type"),
        (measured.count("out_of_bounds", name), _out_of_bounds(rule, measured), "out_of_bounds"),
        (measured.count("not_in_set", name), f"not in {where}", "not_in_set"),
        (
            measured.count("wrong_length", name),
            f"not of length {ranged(rule.length)}" if rule.length else "",
            "wrong_length",
        ),
        (measured.count("no_match", name), f"do not match {rule.pattern!r}", "no_match"),
    ]
    failed = [Failure(count, f"{share(count, rows)} {what}", aspect) for count, what, aspect in found if count]
    if measured.is_ruled_out(rule) and rows > nulls:
        detail = f"the column holds {measured.type_of(name)}, not {rule.type}"
        failed.append(Failure(rows - nulls, detail, ""))
    return failed


def _out_of_bounds(rule: ColumnRule, measured: Measured) -> str:
    """With how far the values go that lie outside: on the side where there are any."""
    least, greatest = measured.value("least", rule.column), measured.value("greatest", rule.column)
    is_range = ".." in str(rule.bounds)
    if least is not None:
        reach = f"down to {least}" if greatest is None else f"from {least}, up to {greatest}"
    else:
        reach = f"up to {greatest}"
    return f"{'outside' if is_range else 'not'} {rule.bounds}: {reach}"


def _of_all_values(rule: ColumnRule, measured: Measured) -> Iterator[Failure]:
    name = rule.column
    if measured.is_ruled_out(rule):
        return
    for what, bounds in zip(_OF_ALL, (rule.mean, rule.stddev), strict=True):
        value = measured.value(what, name)
        if bounds is not None and value is not None and not within(value, bounds):
            yield Failure(0, f"{what} {significant(value)}, not {ranged(bounds)}", what)
    for quantile in rule.quantiles:
        yield from _off_quantile(quantile, rule, measured)


def _repeated(rule: ColumnRule, measured: Measured) -> Iterator[Failure]:
    repeats = measured.count("repeats", rule.column)
    if repeats:
        yield Failure(repeats, f"{share(repeats, measured.rows)} repeat an earlier value", "repeats")


def _off_quantile(quantile: QuantileBounds, rule: ColumnRule, measured: Measured) -> Iterator[Failure]:
    """Counts decide, exactly: of n values at least ``share`` x n are at or below the upper end, fewer below the lower."""
    n, part = measured.filled(rule.column), Fraction(str(quantile.share))
    if n <= 0:
        return
    bounds, word = quantile.bounds, quantile_word(quantile.share)
    if bounds.high is not None:
        above = measured.count(f"above/{quantile.share}", rule.column)
        if n - above < part * n:
            side = "are not below" if bounds.high_open else "are above"
            may = f"{percent(float(1 - part))} may be"
            yield Failure(above, f"{word}: {share(above, n)} {side} {bounds.high}, {may}", f"above/{quantile.share}")
    if bounds.low is not None:
        below = measured.count(f"below/{quantile.share}", rule.column)
        if below >= part * n:
            side = "are not above" if bounds.low_open else "are below"
            may = f"less than {percent(float(part))} may be"
            yield Failure(below, f"{word}: {share(below, n)} {side} {bounds.low}, {may}", f"below/{quantile.share}")

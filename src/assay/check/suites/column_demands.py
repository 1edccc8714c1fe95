"""What suites commonly ask of a column, as demands: each as a clause of its line, and as a condition in SQL beside it.

Raises ``NotCarried`` for what Assay has no words for, such as a pattern that does not mean the same to every engine.
"""

import math
from collections.abc import Iterable
from typing import Any

from assay.check.suites.demands import OnColumn
from assay.check.suites.line_text import moment
from assay.check.suites.nouns import NotCarried
from assay.check.suites.sql_text import among, literal, matched, name, within
from assay.check.suites.type_names import ANYTHING, bare, column_type
from assay.core.rules import COLUMN_TYPES, Bounds, Scalar
from assay.core.rules.pattern import PatternMistake, parse_pattern

_LARGEST = 2**63 - 1
_SPECIAL = frozenset(".^$|()[]{}*+?\\/")


def exists(column: str) -> OnColumn:
    """The column is there."""
    return OnColumn(column=column, slot="exists")


def not_null(column: str, null_share: float = 0.0) -> OnColumn:
    """At most so many of its values are NULL."""
    holds = f"{name(column)} is not null"
    return OnColumn(column=column, slot="nulls", value=null_share, holds=holds, called="not_null")


def all_null(column: str) -> OnColumn:
    """Every value is NULL."""
    return OnColumn(column=column, slot="condition", holds=f"{name(column)} is null", called="null")


def of_type(column: str, names: Iterable[str]) -> OnColumn:
    """Of one of the types that another tool calls so."""
    words = [*names]
    kinds = {kind for word in words if (kind := column_type(word)) is not None}
    if not kinds and words and all(bare(word) in ANYTHING for word in words):
        return OnColumn(column=column, slot="type", value=None)
    for wider, narrower in (("float", "int"), ("time", "date")):
        if kinds == {wider, narrower}:
            kinds = {kind for kind in kinds if kind == wider}
    if len(kinds) != 1:
        said = (
            f"it takes {' or '.join(sorted(kinds))}" if kinds else f"no type here is what it calls {' or '.join(words)}"
        )
        raise NotCarried(said, f"write a line `TYPE?` for the column, with one of {', '.join(COLUMN_TYPES)}")
    return OnColumn(column=column, slot="type", value=kinds.pop())


def in_range(column: str, bounds: Bounds, called: str = "range") -> OnColumn:
    """Every value lies in the range."""
    return OnColumn(column=column, slot="bounds", value=bounds, holds=within(name(column), bounds), called=called)


def one_of(column: str, values: tuple[Scalar, ...], called: str = "set") -> OnColumn:
    """Every value is one of these."""
    return OnColumn(column=column, slot="set", value=values, holds=among(name(column), values), called=called)


def none_of(column: str, values: tuple[Scalar, ...], called: str = "not_in") -> OnColumn:
    """No value is one of these."""
    holds = f"{name(column)} not in ({', '.join(map(literal, values))})"
    return OnColumn(column=column, slot="condition", holds=holds, called=called)


def has_length(column: str, bounds: Bounds) -> OnColumn:
    """Every text has so many characters."""
    return OnColumn(
        column=column, slot="length", value=bounds, holds=within(f"length({name(column)})", bounds), called="length"
    )


def matches(column: str, pattern: str, called: str = "pattern") -> OnColumn:
    """Some part of every text is matched."""
    holds = matched(name(column), readable(pattern))
    return OnColumn(column=column, slot="pattern", value=pattern, holds=holds, called=called)


def matches_none(column: str, patterns: Iterable[str], called: str = "no_match") -> OnColumn:
    """No part of any text is matched by one of these."""
    holds = " and ".join(f"not {matched(name(column), readable(pattern))}" for pattern in patterns)
    return OnColumn(column=column, slot="condition", holds=holds, called=called)


def is_unique(column: str) -> OnColumn:
    """No value stands twice, NULL aside."""
    return OnColumn(column=column, slot="unique")


def readable(pattern: str) -> str:
    """The pattern, if it is in the language that means the same to every engine."""
    try:
        parse_pattern(pattern)
    except PatternMistake as mistake:
        because = mistake.because or f"expected {mistake.expected} at character {mistake.offset + 1}"
        raise NotCarried(f"the pattern {pattern!r} does not read here: {because}", "write it without that") from mistake
    return pattern


def escaped(text: str) -> str:
    """A pattern that matches this very text."""
    return "".join(f"\\{character}" if character in _SPECIAL else character for character in text)


def bounds_of(low: Any, high: Any, *, low_open: bool = False, high_open: bool = False) -> Bounds:
    """A range of numbers, or of days and times, from what a suite wrote; at least one end is there."""
    found = Bounds(_end(low), _end(high), low is not None and low_open, high is not None and high_open)
    if found.low is None and found.high is None:
        raise NotCarried("it has neither a lower nor an upper end")
    if isinstance(found.low, str) != isinstance(found.high, str) and None not in (found.low, found.high):
        raise NotCarried(f"its ends {low!r} and {high!r} are of two kinds")
    if is_empty(found):
        raise NotCarried("no value lies in its range")
    return found


def is_empty(bounds: Bounds) -> bool:
    """No value can lie in the range, whose ends are of one kind."""
    low, high = bounds.low, bounds.high
    if low is None or high is None:
        return False
    is_after = str(low) > str(high) if isinstance(low, str) or isinstance(high, str) else low > high
    return is_after or (low == high and (bounds.low_open or bounds.high_open))


def members_of(values: Any) -> tuple[Scalar, ...]:
    """The values of a set, each once; None is passed over, for NULL breaks no set."""
    if not isinstance(values, list | tuple):
        raise NotCarried(f"its set is no list of values: {values!r:.60}")
    found = [_scalar(each) for each in values if each is not None]
    if not found:
        raise NotCarried("its set has no value")
    kinds = {"number" if isinstance(each, int | float) and not isinstance(each, bool) else type(each) for each in found}
    if len(kinds) > 1:
        raise NotCarried("its set holds values of several types, and a column has one")
    return tuple(dict.fromkeys(found))


def number_of(value: Any) -> int | float:
    """A number that 64 bits hold."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or abs(value) > _LARGEST:
        raise NotCarried(f"{value!r:.60} is no number that 64 bits hold")
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def _scalar(value: Any) -> Scalar:
    if isinstance(value, bool | str):
        return value
    return number_of(value)


def _end(value: Any) -> int | float | str | None:
    if value is None:
        return None
    if isinstance(value, str):
        found = moment(value)
        if found is None:
            raise NotCarried(f"{value!r:.60} is neither a number nor a day such as 2013-01-31 05:00:00")
        return found
    return number_of(value)

"""The range of a column of numbers: rounded outward, with slack, and natural ends where the values show them."""

from math import isfinite
from typing import Any, NamedTuple

from assay.check.infer.join import JoinedColumn
from assay.check.infer.names import calendar_range, is_named_like_an_id
from assay.check.infer.rounding import Number, down_to, round_step, up_to, written

_KNOWN = ((0, 1), (1, 4), (1, 5), (0, 6), (1, 7), (0, 10), (1, 10), (1, 12), (0, 23), (1, 31), (0, 59), (1, 53))
"""Ranges of which all numbers come up where they are meant."""
_MOST_CHOICES = 12
_YEARS = range(1900, 2101)
LEAST_ROWS = 20
"""Of a value that is to count as usual."""
_ENOUGH = 100
_LIGHT, _HEAVY = 0.5, 1.0
"""Slack beyond an end, as a share of its distance from the median; that of a tail in which single values lie far apart."""
_LARGEST = 2**63 - 1


class Range(NamedTuple):
    """A range as it is written, and what it rests on beyond what was seen."""

    text: str
    why: str = ""


def is_id(column: JoinedColumn) -> bool:
    """Nearly every row has a whole number of its own, which it is called after or which runs on without gaps: it will grow."""
    if column.type != "int" or column.values < _ENOUGH or not column.are_distinct:
        return False
    return column.are_dense or is_named_like_an_id(column.name)


def find_range(column: JoinedColumn) -> Range:
    """The range; an empty text where none can be said."""
    least, greatest = column.least, column.greatest
    if not (_is_number(least) and _is_number(greatest)):
        return Range("")
    if column.type == "float" and any(isinstance(end, int) and abs(end) > _LARGEST for end in (least, greatest)):
        return Range("", "whole numbers beyond 64 bits")
    calendar = calendar_range(column.name)
    if calendar and column.type == "int" and calendar[0] <= least and greatest <= calendar[1]:
        return Range(f"{calendar[0]}..{calendar[1]}", "what its name says")
    if is_id(column):
        return Range(">= 0" if least >= 0 else "", "it looks like an id")
    if (least, greatest) in _KNOWN and _is_covered(column, least, greatest):
        return Range(f"{least}..{greatest}", "each of them came up, often")
    if least == greatest:
        return Range("", "no range from a single value")
    choices = _choices(column)
    if choices:
        is_whole = len(choices) == greatest - least + 1
        text = f"{least}..{greatest}" if is_whole else f"in [{', '.join(map(str, choices))}]"
        return Range(text, "each of them came up, often")
    return Range(_with_slack(column, least, greatest))


def _is_covered(column: JoinedColumn, least: int, greatest: int) -> bool:
    """All whole numbers of the range are usual, and the last is no fading tail."""
    counts = column.counts
    if column.type != "int" or counts is None or len(counts) != greatest - least + 1:
        return False
    return min(counts.values()) >= LEAST_ROWS and 4 * counts[greatest] * len(counts) >= sum(counts.values())


def _choices(column: JoinedColumn) -> list[int]:
    """The few different whole numbers that there are, each usual, the first and the last too; none where they fade out,
    or are years, which go on."""
    counts = column.counts
    if column.type != "int" or counts is None or not 1 < len(counts) <= _MOST_CHOICES:
        return []
    choices = sorted(counts)
    if min(counts.values()) < LEAST_ROWS or (choices[0] in _YEARS and choices[-1] in _YEARS):
        return []
    ends = min(counts[choices[0]], counts[choices[-1]])
    return choices if 4 * ends * len(counts) >= sum(counts.values()) else []


def _with_slack(column: JoinedColumn, least: Number, greatest: Number) -> str:
    width = float(greatest) - float(least)
    if not isfinite(width) or width <= 0:
        return ""
    step = round_step(max(width / 10, 1.0) if column.type == "int" else width / 10)
    low = down_to(least, step) - up_to(_slack(column, width, is_high=False), step)
    high = up_to(greatest, step) + up_to(_slack(column, width, is_high=True), step)
    if least >= 0 and low < 0 and (column.type == "int" or _reaches_zero(column, least, greatest)):
        low = low * 0
    if column.type == "float" and least >= 0 and 0.9 < greatest <= 1 and low <= 0:
        low, high = low * 0, high * 0 + 1
    if column.type == "int" and max(abs(low), abs(high)) > _LARGEST:
        return ""
    low_text, high_text = written(low), written(high)
    return f"{low_text}..{high_text}" if low_text and high_text else ""


def _slack(column: JoinedColumn, width: float, *, is_high: bool) -> float:
    middle, end = column.median, column.p95 if is_high else column.p5
    if not (_is_number(middle) and _is_number(end)):
        return _LIGHT / 2 * width
    tail = float(column.greatest - middle) if is_high else float(middle - column.least)
    usual = abs(float(end - middle))
    return (_HEAVY if tail > 4 * usual else _LIGHT) * tail


def _reaches_zero(column: JoinedColumn, least: Number, greatest: Number) -> bool:
    """Of many values none is below 0, though some come close to it."""
    return column.values >= _ENOUGH and least <= 0.05 * greatest


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

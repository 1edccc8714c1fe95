"""Does a column give the label away? Decided from counts; pure.

Of ``n`` rows with a label of ``K`` classes (at most ``MOST_CLASSES`` values), a column does where

- **values**: it has ``d`` different values (NULL is one), at most ``MOST_VALUES`` and a tenth of the rows, and each goes with one
  label only. A copy of the label under another name is of this kind, and so is a grade of which the label is a part.
- **NULL or not** says whether a row is of some class.
- **order**: the values of each class, least to greatest, lie apart from those of every other. A column of whole numbers in which nine of
  ten rows have a value of their own names rows, and says nothing.
- **line**: the label is a number, and the column goes with it on a straight line (correlation of at least ``LINE``, also among the rows
  that hold neither the least nor the greatest value of the two).
- **same**: it holds the label itself in every row.

What chance can do is bounded for labels that are given to rows at random, whatever the column is: ``n! / (n_1! .. n_K!)`` labellings are
alike likely; at most ``K^d`` of them leave each of ``d`` values with one label, ``K!`` put the classes in order, two for each class follow
NULL. A column is told only where that share is at most ``CHANCE``, and ``LEAST_ROWS`` rows or more are not of the most frequent class.
So chance alone tells of no more than one column in a thousand million. That is all that is promised: a column that honestly follows
the label, known before it, is told all the same and needs ``allow``; one that is only strong (departure delay for being late) is
not told, and neither is what two columns give away together, or a column that gives away some classes of many.

A column that fails **values** or **NULL or not** by at most ``NEARLY`` of the rows outside the most frequent class, ``LEAST_NEARLY`` or
more, is a warning: the same chance, with the rows that do not fit chosen at will.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

LEAST_ROWS = 30
LEAST_NEARLY = 300
NEARLY = 0.01
CHANCE = 1e-9
MOST_CLASSES = 50
MOST_VALUES = 1000
ROWS_A_VALUE = 10
LINE = 0.999_999
KEY_SHARE = 0.9


class Interval(NamedTuple):
    """The values of one class."""

    label: object
    values: int
    least: object
    greatest: object


class Fit(NamedTuple):
    """How well something tells the label."""

    errors: int
    """Rows that do not fit."""
    is_whole: bool
    """All rows fit; otherwise nearly all."""


def has_enough(classes: Sequence[int]) -> bool:
    """The labels can show anything at all: so many rows are of another class than the most frequent one."""
    return sum(classes) - max(classes, default=0) >= LEAST_ROWS


def by_values(classes: Sequence[int], kinds: int, right: int) -> Fit | None:
    """Each value goes with one label. ``right`` rows have the most frequent label of their value; None where that is no news."""
    rows = sum(classes)
    if kinds > min(MOST_VALUES, rows // ROWS_A_VALUE):
        return None
    return _fit(classes, rows - right, kinds * math.log(max(len(classes), 2)))


def by_null(classes: Sequence[int], filled: Sequence[int], place: int) -> Fit | None:
    """Whether a column is NULL says whether a row is of the class at ``place``. ``filled`` are the rows of each class where it is not."""
    own, others = classes[place], sum(classes) - classes[place]
    own_filled = filled[place]
    others_filled = sum(filled) - own_filled
    errors = min(own_filled + others - others_filled, own - own_filled + others_filled)
    if 0 in (own, others) or sum(filled) in (0, sum(classes)):
        return None
    return _fit((own, others), errors, math.log(2 * len(classes)))


def are_apart(intervals: Sequence[Interval]) -> bool:
    """The values of the classes lie in ranges that do not meet, more clearly than chance puts them."""
    there = [each for each in intervals if each.values]
    sizes = [each.values for each in there]
    if len(there) < 2 or not has_enough(sizes):
        return False
    in_order = sorted(there, key=lambda each: each.least)  # type: ignore[arg-type,return-value] # of one type, which has an order
    if any(not one.greatest < other.least for one, other in pairwise(in_order)):  # type: ignore[operator]
        return False
    return math.lgamma(len(there) + 1) - _labellings(sizes) <= math.log(CHANCE)


def is_line(correlation: object, pairs: int) -> bool:
    """Two columns of numbers go together as on a line."""
    if not isinstance(correlation, float) or not math.isfinite(correlation):
        return False
    return pairs >= LEAST_ROWS and abs(correlation) >= LINE


def _fit(classes: Sequence[int], errors: int, log_ways: float) -> Fit | None:
    rows, rest = sum(classes), sum(classes) - max(classes)
    is_whole = errors == 0
    if rest < (LEAST_ROWS if is_whole else LEAST_NEARLY) or errors > NEARLY * rest:
        return None
    log_ways += _choices(rows, errors) + errors * math.log(max(len(classes) - 1, 1))
    return Fit(errors, is_whole) if log_ways - _labellings(classes) <= math.log(CHANCE) else None


def _labellings(sizes: Sequence[int]) -> float:
    """The logarithm of the number of ways to give out labels of which so many are of each class."""
    return math.lgamma(sum(sizes) + 1) - sum(math.lgamma(size + 1) for size in sizes)


def _choices(rows: int, chosen: int) -> float:
    return math.lgamma(rows + 1) - math.lgamma(chosen + 1) - math.lgamma(rows - chosen + 1)

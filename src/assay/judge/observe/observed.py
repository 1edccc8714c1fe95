"""What a metric saw in rows, in the few forms that tests tell apart, and what follows from each.

``linearised`` brings every form down to a value and each row's pull on it (the influence function), so that the value's error is
that of a mean: the delta method (A. W. van der Vaart, Asymptotic Statistics, 1998, sections 3.1 and 20.1). It assumes
independent rows.
"""

import math
from typing import TypeAlias

import msgspec
import numpy as np

from assay.judge.observe.undefined import UndefinedMetric
from assay.judge.observe.values import Bools, Floats


class Counted(msgspec.Struct, frozen=True, eq=False):
    """The metric is the share of the rows ``among`` that count."""

    counts: Bools
    """No row counts that is not among."""
    among: Bools | None = None
    """None: all rows."""
    is_among_fixed: bool = True
    """``among`` depends on the labels alone (recall), and not on the model (precision)."""


class Averaged(msgspec.Struct, frozen=True, eq=False):
    """The metric is the mean of the values."""

    values: Floats
    low: float = -math.inf
    """No row's value can lie below, whatever the model."""
    high: float = math.inf


class Rooted(msgspec.Struct, frozen=True, eq=False):
    """The metric is the root of the mean of the squares."""

    squares: Floats


class Ratio(msgspec.Struct, frozen=True, eq=False):
    """The metric is the mean of ``above`` by the mean of ``below``. It is c where ``above - c * below`` is 0 on average."""

    above: Floats
    below: Floats
    pairs: tuple[tuple[float, float], ...] = ()
    """Every (above, below) that a row can have; empty where there is no end to them."""

    def range_of(self, c: float) -> tuple[float, float]:
        """The least and the greatest that ``above - c * below`` can be in a row; infinite where there is no end."""
        differences = [above - c * below for above, below in self.pairs]
        return (min(differences), max(differences)) if differences else (-math.inf, math.inf)


class Linearised(msgspec.Struct, frozen=True, eq=False):
    """A value, and by how much each row pulled it: 0 on average; the value's variance is var(influence) / n."""

    value: float
    influence: Floats
    bias: float = 0.0
    """By how much the value of so many rows is expected to lie above that of all the rows there could be."""
    caution: float = 1.0
    """How many times the influence tests take, where it alone is known to say too little of the value's error."""

    @property
    def row_values(self) -> Floats:
        """A value a row, whose mean is the value without its bias, and whose spread is what tests go by."""
        return self.value - self.bias + self.caution * self.influence


Observed: TypeAlias = Counted | Averaged | Rooted | Ratio | Linearised


def value_of(observed: Observed) -> float:
    """The metric's value. ``UndefinedMetric`` where there is none: no rows, or none that the metric speaks of."""
    match observed:
        case Counted(counts=counts, among=among):
            rows = len(counts) if among is None else int(np.count_nonzero(among))
            return int(np.count_nonzero(counts)) / _at_least_one(rows, observed)
        case Averaged(values=values):
            return float(values.sum()) / _at_least_one(len(values), observed)
        case Rooted(squares=squares):
            return math.sqrt(float(squares.sum()) / _at_least_one(len(squares), observed))
        case Ratio(above=above, below=below):
            return float(above.sum()) / _at_least_one(float(below.sum()), observed)
        case Linearised(value=value):
            return value


def linearised(observed: Observed) -> Linearised:
    """Any observation as a value and the pull of each row on it. ``UndefinedMetric`` as for ``value_of``."""
    value = value_of(observed)
    match observed:
        case Counted(counts=counts, among=None):
            return Linearised(value, counts.astype(np.float64) - value)
        case Counted(counts=counts, among=among):
            assert among is not None
            return Linearised(value, (counts.astype(np.float64) - value * among) / among.mean())
        case Averaged(values=values):
            return Linearised(value, values - value)
        case Rooted(squares=squares):
            # At 0 every square is 0, and so is every pull.
            return Linearised(value, (squares - value**2) / (2 * value or 1.0))
        case Ratio(above=above, below=below):
            return Linearised(value, (above - value * below) / below.mean())
        case Linearised():
            return observed


def _at_least_one(rows: float, observed: Observed) -> float:
    if rows > 0:
        return rows
    match observed:
        case Counted(counts=counts, is_among_fixed=False) if len(counts):
            raise UndefinedMetric(
                "no row is predicted positive",
                "nothing-predicted-positive",
                "let predict answer the positive class for some rows: a constant answer has no precision",
            )
        case Counted(counts=counts) if len(counts):
            raise UndefinedMetric("none of the rows is one that it speaks of", "undefined-metric")
        case Ratio(below=below) if len(below):
            raise UndefinedMetric("all that it would be divided by is 0", "undefined-metric")
    raise UndefinedMetric("there are no labelled rows", "undefined-metric")

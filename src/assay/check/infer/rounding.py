"""Round numbers, outward."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, isfinite, log10

Number = int | float
_STEPS = (5, 2, 1)


def round_step(size: float) -> Decimal:
    """The largest of ..., .1, .2, .5, 1, 2, 5, 10, ... that is not above ``size``, which is above 0."""
    power = floor(log10(size))
    for exponent in (power + 1, power, power - 1):  # a logarithm may be off by its last digit
        for digit in _STEPS:
            step = Decimal(digit).scaleb(exponent)
            if step <= Decimal(size):
                return step
    raise ValueError(size)


def step_up(size: float) -> Decimal:
    """The least of these that is not below ``size``."""
    step = round_step(size)
    while step < Decimal(str(size)):  # a double is a little more than .01
        digit = int(step.scaleb(-step.adjusted()))
        step = step * 2 if digit != 2 else step / 2 * 5
    return step


def down_to(value: Number, step: Decimal) -> Decimal:
    """The greatest multiple of ``step`` that is not above the value."""
    return floor(Fraction(value) / Fraction(step)) * step


def up_to(value: Number, step: Decimal) -> Decimal:
    """The least multiple that is not below it."""
    return ceil(Fraction(value) / Fraction(step)) * step


def written(value: Decimal) -> str:
    """As a rule writes it: ``500``, ``-0.25``, ``1e+20``."""
    if value == 0:
        return "0"
    if value == value.to_integral_value() and abs(value) < 10**18:
        return str(int(value))
    return repr(float(value)) if isfinite(float(value)) else ""

"""What the approximate tests need, so that what they say can be trusted (measured: tests/properties, bench/gates.py)."""

import math

import msgspec

from assay.judge.tails import normal_sf

POWER = 0.9
"""The probability with which planned rows show what is worth detecting, and with which they meet the conditions."""

LEAST_ROWS = 30
"""Labelled rows for a t test."""

LEAST_DELTA = 1e-4
"""The smallest error probability that a t test keeps; below it, only exact tests do."""

LEAST_OF_EACH_CLASS = 30
"""Positives, and negatives, where a metric depends on how well both are told apart."""


def pulling_rows_needed(delta: float) -> int:
    """The ``pulling_rows`` on which what an approximate test shows at ``delta`` must rest: 15 at .05, 24 at .01, 35 at .001.

    How far a t test errs in the tail depends on how few rows its spread rests on, and the more the further out: of a sum of n
    values the relative error at z standard errors is of the order (1 + z)^3 L / sqrt(n), L the third absolute moment (B.-Y. Jing,
    Q.-M. Shao and Q. Wang, Annals of Probability 31, 2003), and z^2 is about 2 ln(1 / delta). The factor is measured: with it no
    test in ``bench/gates.py`` passes what is false noticeably more often than it says, but for average precision beside a champion
    with a margin (.07 at .05 with 60 positives). Without it a score of 0 or 1 with a mean of .97 passes as greater than .97 in
    .28 of cases with 40 rows, whatever the error probability.
    """
    return math.ceil(5 * math.log(1 / delta))


NORMAL_MOVING_SHARE = 1 / 3
"""The share of rows that a spread rests on where values are normal: what is planned with until rows have told."""


def moving_power(units: int, moving_share: float, delta: float) -> float:
    """The probability that so many rows (or clusters) hold enough ``pulling_rows`` for an error probability of ``delta``, if these
    are a share of ``moving_share`` on average.

    What n rows hold of them varies by a factor, whose log is taken to have the variance 3 (1 / share - 1) / n: by the delta method that
    is twice what normal values have, and what rankings need, by whose share of influential rows ``bench/gates.py power`` finds the
    widest spread. So rows that are planned by this condition alone are rather too many for everything else.
    """
    needed, expected = pulling_rows_needed(delta), units * moving_share
    error = math.sqrt(3 * max(0.0, 1 / moving_share - 1) / units)
    if error == 0:
        return float(expected >= needed)
    return normal_sf(math.log(needed / expected) / error)


def rows_to_move(moving_share: float, delta: float, power: float) -> int:
    """The smallest number of rows that hold enough ``pulling_rows`` with a probability of ``power``; ``moving_share`` over 0."""
    low, high = 0, math.ceil(pulling_rows_needed(delta) / moving_share)
    while moving_power(high, moving_share, delta) < power:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if moving_power(middle, moving_share, delta) >= power else (middle, high)
    return high


class Unmet(msgspec.Struct, frozen=True):
    """Why a test is not to be trusted on some rows."""

    because: str
    rows: int | None = None
    """Rows with which it would be, where that is what is missing."""

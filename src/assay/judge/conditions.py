"""What the approximate tests need, so that what they say can be trusted (measured: tests/properties, bench/gates.py)."""

import math

import msgspec

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


class Unmet(msgspec.Struct, frozen=True):
    """Why a test is not to be trusted on some rows."""

    because: str
    rows: int | None = None
    """Rows with which it would be, where that is what is missing."""

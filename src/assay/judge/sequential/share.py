"""Shares of what comes one by one: the mixture e-process, and the two questions that rest on it.

Tested is "the share is at most p0". The e-value after k of n is the likelihood of p0, averaged over the shares above it (a Beta(a, b)
prior cut off at p0), against that of p0 itself. Where the share is at most p0, P(the e-value ever reaches 1 / alpha) <= alpha, however
often one looks (Ville 1939; H. Robbins, Statistical Methods Related to the Law of the Iterated Logarithm, 1970). Observations are
assumed independent: requests of one user, or of one burst, are to be made one observation first.

The e-value depends on the counts alone: neither on their order nor on the batches in which they came. Its peak, and so the p-value,
is taken after each update, so that fewer updates can only miss some evidence.
"""

import math
from typing import Literal

import msgspec

from assay.judge.tails import log_beta_cdf


class ShareAbove(msgspec.Struct, frozen=True, tag=True):
    """Whether a share is above ``share``, which lies between 0 and 1: evidence against "at most", from counts so far.

    For "below", count the complement against 1 - share. The prior says which shares above it are worth finding soon.
    """

    share: float
    prior_a: float = 1.0
    prior_b: float = 1.0
    count: int = 0
    rows: int = 0
    peak: float = 0.0
    """The greatest ``log_e`` so far."""

    def __post_init__(self) -> None:
        if not 0 < self.share < 1:
            raise ValueError(f"a share to be above must lie between 0 and 1, not {self.share!r}")

    def update(self, count: int, rows: int = 1) -> "ShareAbove":
        """After ``rows`` more, of which ``count`` count. Takes about sqrt(rows so far) steps: in bulk where much comes."""
        if not 0 <= count <= rows:
            raise ValueError(f"{count} of {rows} rows cannot be")
        after = msgspec.structs.replace(self, count=self.count + count, rows=self.rows + rows)
        return msgspec.structs.replace(after, peak=max(self.peak, after.log_e))

    @property
    def log_e(self) -> float:
        """The log of the evidence as it stands, after all rows so far."""
        rest = self.rows - self.count
        seen = _log_above(self.share, self.prior_a + self.count, self.prior_b + rest)
        expected = self.count * math.log(self.share) + rest * math.log1p(-self.share)
        return seen - _log_above(self.share, self.prior_a, self.prior_b) - expected

    @property
    def p_value(self) -> float:
        """Valid at any time, also one chosen by looking."""
        return math.exp(-self.peak)

    def is_shown(self, alpha: float) -> bool:
        """The share is above; wrong with probability ``alpha`` at most, however long one goes on."""
        return self.peak >= -math.log(alpha)


class PairsDiffer(msgspec.Struct, frozen=True, tag=True):
    """Whether one of two models, challenger or canary, is better or worse than the other, from pairs that tell them apart.

    A pair is one row that both predicted (shadow, labels), or a request to each (canary); pairs on which both did equally well say
    nothing. Exact: where the two are equally good, either is right alone in half of the others (McNemar's test, with peeking).
    """

    side: Literal["better", "worse"]
    test: ShareAbove = ShareAbove(0.5)

    def update(self, only_new: int, only_old: int) -> "PairsDiffer":
        """After pairs more in which only the new, or only the old one did well."""
        counted = only_new if self.side == "better" else only_old
        return msgspec.structs.replace(self, test=self.test.update(counted, only_new + only_old))

    @property
    def log_e(self) -> float:
        """The log of the evidence as it stands."""
        return self.test.log_e

    @property
    def p_value(self) -> float:
        """Valid at any time, also one chosen by looking."""
        return self.test.p_value

    def is_shown(self, alpha: float) -> bool:
        """The new one is better, or worse; wrong with probability ``alpha`` at most."""
        return self.test.is_shown(alpha)


def share_of_slow(share: float) -> ShareAbove:
    """Whether more than ``share`` of the requests take longer than their budget: ``.update(slow, requests)``.

    "p99 is over 20 ms" is ``share_of_slow(0.01)`` with requests slower than 20 ms counted, and those never answered. Its prior expects
    about three times the share, so that a rise is found soon. Latencies close in time are alike: count one request in many.
    """
    return ShareAbove(share, prior_b=max(1.0, 0.3 / share))


def _log_above(share: float, a: float, b: float) -> float:
    """The log of the integral of x^(a - 1) (1 - x)^(b - 1) from ``share`` to 1."""
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    return log_beta + log_beta_cdf(b, a, 1 - share, share)

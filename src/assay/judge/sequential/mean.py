"""Means of bounded values that come one by one, by betting; a canary's harm and its harmlessness.

Tested is "the mean is at most the target". Bettors with fixed stakes bet on each value that it lies above; where the target holds,
P(their wealth ever reaches 1 / alpha) <= alpha, however often one looks (Ville 1939; I. Waudby-Smith and A. Ramdas, Estimating Means
of Bounded Random Variables by Betting, JRSS B 86, 2024). Values are assumed independent, or each to have a mean of at most the
target given those before it.

Wealth depends neither on the order of the values nor on the batches in which they came, but for rounding. Its peak, and so the
p-value, depends on their order: it is taken after each value, so not on the batches.
"""

import math

import msgspec
import numpy as np

from assay.judge.betting import demand_within
from assay.judge.observe import Floats

STAKES = (0.95, 0.5, 0.25, 0.1, 0.03, 0.01, 0.003, 0.001)
"""Of the most that can be bet without a debt. The least finds any mean that exceeds the target by .0005 of the distance from there to ``high``."""
STARTS = (0.25, 0.3, 0.18, 0.1, 0.06, 0.05, 0.04, 0.02)
"""What each bettor starts with. Great stakes have more: small ones take so long that it hardly counts where they start."""


class MeanAbove(msgspec.Struct, frozen=True, tag=True):
    """Whether the mean of values in ``low`` to ``high`` is above ``target``, which lies between: evidence against "at most".

    For "below", negate values, target and both ends.
    """

    target: float
    low: float = 0.0
    high: float = 1.0
    rows: int = 0
    log_wealths: tuple[float, ...] = (0.0,) * len(STAKES)
    peak: float = 0.0
    """The greatest ``log_e`` so far."""

    def __post_init__(self) -> None:
        if not self.low < self.target < self.high:
            raise ValueError(f"a target must lie between {self.low:g} and {self.high:g}, not be {self.target!r}")

    def update(self, values: Floats | float) -> "MeanAbove":
        """After one value more, or several in the order in which they came; ``ValueError`` where one lies outside."""
        came = np.atleast_1d(np.asarray(values, np.float64))
        if not len(came):
            return self
        steps = log_growth(came, self.target, self.low, self.high)
        wealths = np.cumsum(np.concatenate((np.array(self.log_wealths)[:, None], steps), axis=1), axis=1)[:, 1:]
        return msgspec.structs.replace(
            self,
            rows=self.rows + len(came),
            log_wealths=tuple(wealths[:, -1].tolist()),
            peak=max(self.peak, float(log_mixture(wealths).max())),
        )

    @property
    def log_e(self) -> float:
        """The log of the evidence as it stands, after all values so far."""
        return float(log_mixture(np.array(self.log_wealths)))

    @property
    def p_value(self) -> float:
        """Valid at any time, also one chosen by looking."""
        return math.exp(-self.peak)

    def is_shown(self, alpha: float) -> bool:
        """The mean is above; wrong with probability ``alpha`` at most, however long one goes on."""
        return self.peak >= -math.log(alpha)


def canary_is_worse(by: float = 0.0) -> MeanAbove:
    """Whether a canary does more than ``by`` more harm than the stable release: update with ``canary - stable``, in -1..1.

    Harm is 1 for an error and 0 for none, or any loss scaled to 0..1. At an uneven split each canary request is compared with the mean
    of the stable ones since the last, and left out where there were none.
    """
    return MeanAbove(by, -1.0, 1.0)


def canary_is_not_worse(margin: float) -> MeanAbove:
    """Whether a canary does less than ``margin`` more harm than the stable release: update with ``stable - canary``, in -1..1."""
    return MeanAbove(-margin, -1.0, 1.0)


def log_growth(values: Floats, target: float, low: float, high: float) -> Floats:
    """bettors x values: the log of the factor by which each value changes each bettor's wealth. ``ValueError`` where one lies outside."""
    demand_within(values, low, high)
    gains = (values - target) / (target - low)
    return np.asarray(np.log1p(np.multiply.outer(np.array(STAKES), gains)), np.float64)


def log_mixture(log_wealths: Floats) -> Floats:
    """The log of the wealth of all bettors together, who stand along the first axis."""
    top = log_wealths.max(axis=0)
    return np.asarray(top + np.log(np.tensordot(np.array(STARTS), np.exp(log_wealths - top), axes=1)), np.float64)

"""Shares of cases that belong together: bounded by betting on each cluster's sum, exact however alike its cases are.

Of a cluster with m cases of which b are broken, b - share * m is 0 on average, and lies between -share * M and (1 - share) * M where no
cluster has more than M cases. M is taken to be the largest cluster seen: that is all that is assumed. A cluster whose cases all react
alike is one piece of evidence, so some 300 clusters show 1 % where as many independent cases would.
"""

import math

import msgspec
import numpy as np

from assay.judge.betting import betting_p
from assay.judge.betting_power import Shape
from assay.judge.observe import Floats
from assay.judge.power import rows_for_bet


class Clusters(msgspec.Struct, frozen=True, eq=False):
    """For each cluster, how many cases it has and how many of them are broken."""

    sizes: Floats
    broken: Floats

    def p_below(self, share: float) -> float:
        """The p-value of "so many or more are broken", which shows that fewer are."""
        most = float(self.sizes.max())
        return betting_p(share * self.sizes - self.broken, 0.0, (share - 1) * most, share * most)

    def p_above(self, share: float) -> float:
        """The p-value of "so many or fewer are broken"."""
        most = float(self.sizes.max())
        return betting_p(self.broken - share * self.sizes, 0.0, -share * most, (1 - share) * most)

    def bounds(self, delta: float) -> tuple[float, float]:
        """Of the share, each wrong with probability ``delta`` at most."""
        seen = float(self.broken.sum() / self.sizes.sum())
        low, refuted = seen, 0.0
        standing, high = seen, 1.0
        for _ in range(20):
            below, above = (refuted + low) / 2, (standing + high) / 2
            refuted, low = (below, low) if self.p_above(below) <= delta else (refuted, below)
            standing, high = (standing, above) if self.p_below(above) <= delta else (above, high)
        return refuted, high

    def cases_needed(self, limit: float, level: float, delta: float) -> int | None:
        """Cases with which it would be shown that a share of ``level`` is below the limit, if clusters stay as they are."""
        most, mean = float(self.sizes.max()), float(self.sizes.mean())
        spread = max(float(np.std(self.broken - limit * self.sizes)), mean * math.sqrt(level * (1 - level))) / most
        clusters = rows_for_bet((limit - level) * mean / most, Shape(spread), delta)
        return None if clusters is None else math.ceil(clusters * mean)


def together(violated: np.ndarray, clusters: np.ndarray | None) -> Clusters | None:
    """The cases by cluster; None where each case is alone in its cluster, or nobody says that they belong together."""
    if clusters is None:
        return None
    numbers = np.unique(clusters, return_inverse=True)[1]
    sizes = np.bincount(numbers).astype(np.float64)
    return None if sizes.max() == 1 else Clusters(sizes, np.bincount(numbers, violated).astype(np.float64))

"""How often the betting test shows what is so: for plans of means whose error probability is too small for a t test. Deterministic.

A bettor's log wealth after i rows is, about z S_i - z^2 Q_i / 2: S_i sums the rows' distances from the target
and Q_i their squares, each by the scale of its stake, which ``betting.py`` takes from the rows before. For many rows S is a Brownian
motion whose drift is what is to be shown. The mixture reaches 1 / delta where S crosses a boundary b(Q), and that it ever does is the
solution of the Volterra equation of first passage (G. Peskir, Limit at zero of the Brownian first-passage density, Probability Theory and
Related Fields 124, 2002), here on ``_STEPS`` times. S is seen only at whole rows, for which the boundary is moved out by .583 of a step
(D. Siegmund, Sequential Analysis, 1985).
"""

import math

import msgspec
import numpy as np

from assay.judge.betting import LOG_WEIGHTS, SIZES
from assay.judge.conditions import NORMAL_MOVING_SHARE
from assay.judge.observe import Floats
from assay.judge.tails import normal_sf


class Shape(msgspec.Struct, frozen=True):
    """How values are spread, as shares of the range that they can have."""

    spread: float
    """The standard deviation."""
    skewness: float = 0.0
    """Over 0 where the far values lie in the direction of what is to be shown."""
    kurtosis: float = 3.0


def betting_power(rows: int, distance: float, shape: Shape, delta: float) -> float:
    """The probability that the betting test on ``rows`` values shows a mean that lies ``distance`` beyond its bar, as a share of the
    range that values can have."""
    counts, scales = _stakes(rows, shape.spread)
    drifts = np.cumsum(counts * scales) * distance
    variances = np.cumsum(counts * scales**2) * shape.spread**2
    level = _boundary(rows, drifts, np.cumsum(counts * scales**2), distance, shape, delta)
    return _passage(level - drifts + 0.583 * scales * shape.spread, variances)


def beta_skewness(mean: float, spread: float) -> float:
    """The skewness of a beta distribution on 0 to 1: exact for values that are 0 or 1, and of the right sign for all."""
    both = max(0.0, mean * (1 - mean) / spread**2 - 1)
    return 2 * (1 - 2 * mean) * math.sqrt(both + 1) / ((both + 2) * math.sqrt(mean * (1 - mean)))


def shape_of(
    spread: float,
    bounds: tuple[float, float],
    moving_share: float | None,
    mean: float | None = None,
    sign: int = 1,
) -> Shape:
    """How values between ``bounds`` are spread, from what a plan knows of them: as a beta distribution leans with that mean (not at
    all where nobody knows: of differences), and with tails as heavy as the share of rows says that the spread rests on."""
    width = bounds[1] - bounds[0]
    place = None if mean is None else (mean - bounds[0]) / width
    is_known = place is not None and 0 < place < 1 and spread > 0
    skewness = sign * beta_skewness(place or 0.5, spread / width) if is_known else 0.0
    return Shape(spread / width, skewness, max(1 + skewness**2, 1 / (moving_share or NORMAL_MOVING_SHARE)))


_STEPS = 32


def _stakes(rows: int, spread: float) -> tuple[Floats, Floats]:
    """Spans of rows, shorter at first, where the spread is still being learnt: how many rows, and one over (s sqrt(rows)) there."""
    edges = np.unique(np.rint(np.linspace(0, 1, _STEPS + 1) ** 1.5 * rows))
    counts, middles = np.diff(edges), (edges[:-1] + edges[1:] - 1) / 2
    seen = (0.25 + middles * spread**2) / (middles + 1)
    return counts, np.asarray(1 / np.sqrt(rows * seen), np.float64)


def _boundary(rows: int, drifts: Floats, squares: Floats, distance: float, shape: Shape, delta: float) -> Floats:
    """Where the mixture's wealth is 1 / delta, by Newton's method from above: its log is convex and rises.

    To the fourth order in the stakes. Squares and distances vary together where values are skewed (``tilt``). Stakes that are too
    large for the series are those of great effects, and left out.
    """
    wanted, spread = -math.log(delta), shape.spread
    tilt = shape.skewness / (2 * math.sqrt(rows))
    second = squares * (spread**2 + distance**2)
    third = squares * (shape.skewness * spread**2 + 3 * distance * spread) / math.sqrt(rows)
    fourth = squares * shape.kurtosis * spread**2 / rows
    every = np.array(SIZES)
    used = (every <= max(every[0], 0.6 * math.sqrt(rows))) & (every * abs(tilt) <= 0.4)
    used[0] = True
    sizes, weights = every[used][:, None], LOG_WEIGHTS[used][:, None]
    slopes = sizes - sizes**2 * tilt
    start = weights + sizes**2 * (tilt * drifts - second / 2) + sizes**3 * third / 3 - sizes**4 * fourth / 4
    at = ((wanted - start) / slopes).min(axis=0)
    for _ in range(8):
        terms = start + slopes * at
        top = terms.max(axis=0)
        shares = np.exp(terms - top)
        total = shares.sum(axis=0)
        at = at - (top + np.log(total) - wanted) * total / (slopes * shares).sum(axis=0)
    return np.asarray(at, np.float64)


def _passage(boundary: Floats, variances: Floats) -> float:
    """The probability that a Brownian motion crosses the boundary at one of these times, or between them."""
    crossed: list[float] = []
    for at, (level, variance) in enumerate(zip(boundary.tolist(), variances.tolist(), strict=True)):
        before = sum(
            share * normal_sf((level - boundary[k]) / math.sqrt(variance - variances[k]))
            for k, share in enumerate(crossed)
            if share > 0
        )
        here = 2 * (normal_sf(level / math.sqrt(variance)) - before)
        crossed.append(min(max(0.0, here), 1 - sum(crossed[:at])))
    return sum(crossed)

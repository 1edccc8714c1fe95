"""Where to count: edges for one column, made from a sample, and what the counts between them mean. Pure.

One list of edges serves three ends. Some lie evenly, and make the picture; some lie where the sample has its quantiles, so that
a quantile is known to within a narrow bin; and around each frequent value lie two, the value and its neighbour below, between
which lies nothing else: what is counted there is the value.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

import msgspec

from assay.check.profile.sample import POINTS, SHARES
from assay.core.profile import Frequent, Histogram, Quantile

BINS = 20
FEW, _BESIDE = 64, 5
"""Whole numbers within so narrow a range have a bin each, and some beside what the sample has seen."""
_LARGEST, _LEAST = 2**63 - 2, -(2**63)

Number = int | float


class Counts(msgspec.Struct, frozen=True):
    """The values of a column, counted: ``counts[i]`` are above the edge before ``edges[i]`` and not above ``edges[i]``; one
    more than edges, for what is above the last."""

    edges: tuple[Number, ...]
    counts: tuple[int, ...]
    least: Number
    greatest: Number
    are_whole: bool

    @property
    def values(self) -> int:
        """All of them."""
        return sum(self.counts)


def bin_edges(points: Sequence[Number], *, are_whole: bool) -> tuple[Number, ...]:
    """Edges that lie evenly where nearly all values are; for whole numbers of a narrow range one between every two of them."""
    least, greatest = points[0], points[-1]
    if are_whole and greatest - least <= FEW:
        return tuple(range(int(least) - 1 - _BESIDE, int(greatest) + 1 + _BESIDE))
    low, high = points[POINTS.index(0.01)], points[POINTS.index(0.99)]
    if low == high:
        low, high = least, greatest
    step = (high - low) / (BINS - 2)
    if not math.isfinite(step):
        return tuple(sorted({low, high}))
    places = [low + step * each for each in range(BINS - 1)]
    return tuple(sorted({math.floor(each) if are_whole else each for each in places}))


def all_edges(points: Sequence[Number], frequent: Sequence[Number], *, are_whole: bool) -> tuple[Number, ...]:
    """Every edge at which is counted; none where the sample has no value."""
    if not points:
        return ()
    numbers: list[Number] = [*points, *bin_edges(points, are_whole=are_whole)]
    numbers += [edge for value in frequent for edge in (below(value, are_whole=are_whole), value)]
    if are_whole:
        return tuple(sorted({int(each) for each in numbers if abs(each) <= _LARGEST}))
    return tuple(sorted({float(each) + 0.0 for each in numbers if math.isfinite(each)}))


def own_edges(least: int, greatest: int) -> tuple[int, ...]:
    """Edges between all whole numbers of a narrow range that is known to hold every value."""
    return tuple(range(max(least - 1, _LEAST), greatest + 1))


def moments(counts: Counts) -> tuple[float, float | None]:
    """Mean and standard deviation of values that were all counted by themselves."""
    pairs = [(edge, rows) for edge, rows in zip(counts.edges, counts.counts, strict=False) if rows]
    values = counts.values
    total = sum(edge * rows for edge, rows in pairs)
    squares = sum((edge * values - total) ** 2 * rows for edge, rows in pairs)  # whole numbers: no digit is lost
    return total / values, math.sqrt(squares / values**2 / (values - 1)) if values > 1 else None


def below(value: Number, *, are_whole: bool) -> Number:
    """The next value below."""
    return value - 1 if are_whole else math.nextafter(value, -math.inf)


def histogram(counts: Counts, points: Sequence[Number]) -> Histogram | None:
    """The picture; None where all values are the same, or there is none."""
    if counts.least == counts.greatest or not points:
        return None
    have_own = counts.are_whole and points[-1] - points[0] <= FEW
    first = counts.least - 1 if have_own else counts.least
    inner = [each for each in bin_edges(points, are_whole=counts.are_whole) if first < each < counts.greatest]
    upper = [*inner, counts.greatest]
    below_ = [_up_to(counts, each) for each in inner] + [counts.values]
    numbers = [after - before for before, after in pairwise([0, *below_])]
    return Histogram((first, *upper), tuple(numbers))


def quantiles(counts: Counts, shares: Sequence[float] = SHARES) -> tuple[Quantile, ...]:
    """Each between the two edges that the counts say it lies between; exact where there is only one value it can be."""
    total = counts.values
    if not total:
        return ()
    reached = list(accumulate(counts.counts))
    return tuple(_quantile(counts, reached, share) for share in shares)


def frequent_numbers(counts: Counts) -> tuple[Frequent, ...]:
    """Every value that was counted by itself, the most frequent first."""
    found = []
    edges = counts.edges
    for place, edge in enumerate(edges):
        is_alone = place and edges[place - 1] == below(edge, are_whole=counts.are_whole)
        if (is_alone or edge == counts.least) and counts.counts[place]:
            found.append(Frequent(edge, counts.counts[place]))
    if edges and counts.counts[-1] and counts.greatest - edges[-1] == 1 and counts.are_whole:
        found.append(Frequent(counts.greatest, counts.counts[-1]))
    return tuple(sorted(found, key=lambda each: (-each.rows, each.value)))


def _up_to(counts: Counts, edge: Number) -> int:
    """Values that are not above one of the edges."""
    return sum(counts.counts[: bisect_right(counts.edges, edge)])


def _quantile(counts: Counts, reached: list[int], share: float) -> Quantile:
    total, wanted = reached[-1], Fraction(str(share)) * reached[-1]
    place = bisect_left(reached, wanted)
    while not counts.counts[place]:
        place += 1
    edges = counts.edges
    high = min(edges[place], counts.greatest) if place < len(edges) else counts.greatest
    low = max(edges[place - 1], counts.least) if place else counts.least
    if place and counts.least > edges[place - 1]:
        low = counts.least
    is_single = high == low or (place > 0 and edges[place - 1] == below(high, are_whole=counts.are_whole))
    if is_single:
        return Quantile(share, high, is_exact=True)
    before = reached[place] - counts.counts[place]
    part = float((wanted - before) / counts.counts[place]) if total else 1.0
    if not (math.isfinite(low) and math.isfinite(high)):
        return Quantile(share, high, is_exact=False)
    between = low + (high - low) * part
    return Quantile(share, math.ceil(between) if counts.are_whole else between, is_exact=False)

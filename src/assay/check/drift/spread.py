"""How a number is spread on both sides, in few enough bins to be drawn: made of the counts, without another look at the data.

Bins are of one width between the values that all but two in a hundred of either side lie between, and the rest of each side lies in one
bin before them and one behind. Between two edges at which was counted, values are taken to lie evenly. A reference with few
different values keeps each of them.
"""

import numpy as np

from assay.check.drift.counts import Floats, Ints, NumberColumn
from assay.check.drift.summary import quantile
from assay.core.drift import Spread

MOST_DRAWN = 20
_ENDS = (0.02, 0.98)
_DIGITS = 5


def spread(column: NumberColumn) -> Spread | None:
    """None where a side has no values, or the reference a single one."""
    sides = [side.total().bins[0] for side in (column.reference, column.window)]
    if len(column.edges) < 2 or not all(side.sum() for side in sides):
        return None
    is_whole = len(column.edges) <= MOST_DRAWN
    lines = column.edges if is_whole else _lines(column.edges, sides)
    before, now = (_shares(lines, column.edges, side) for side in sides)
    return Spread(tuple(map(float, lines)), before, now, is_whole)


def _lines(edges: Floats, sides: list[Ints]) -> Floats:
    ends = [np.clip([quantile(edges, side, share) for share in _ENDS], edges[0], edges[-1]) for side in sides]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low == high:
        low, high = edges[0], edges[-1]
    even = np.linspace(low, high, MOST_DRAWN - 1)
    return np.unique([float(f"{line:.6g}") for line in even])


def _shares(lines: Floats, edges: Floats, counts: Ints) -> tuple[float, ...]:
    up_to = np.interp(lines, edges, np.cumsum(counts)[:-1] / counts.sum())
    return tuple(np.round(np.diff([0.0, *up_to, 1.0]), _DIGITS).tolist())

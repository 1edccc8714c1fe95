"""Drift: how far the newest rows, the window, lie from a reference made of batches, column by column.

A distance is 0 where two sides are equal and 1 where they have nothing in common. A limit is made of the reference itself: how
far its own windows lie from the rest of it (``check/drift``). So a report tells a measured rate of false alarms, never a
guaranteed one.
"""

from typing import Literal

import msgspec

DriftState = Literal["ok", "drifted", "context", "not enough reference", "cannot tell"]
"""``context``: told, never failing. ``cannot tell``: the rows at hand could neither show drift nor its absence."""

ColumnKind = Literal["number", "category"]


class Gap(msgspec.Struct, frozen=True):
    """How far apart the two sides are, and how far apart windows of the reference were."""

    distance: float
    """0..1."""
    worst: float | None
    """The greatest distance of a window of the reference from the rest of it; None where too few could be held against it."""
    limit: float | None
    """What the distance may not exceed. It may be 1 or more, which no distance exceeds."""

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.distance > self.limit

    @property
    def can_alarm(self) -> bool:
        """There is a limit, and some distance exceeds it."""
        return self.limit is not None and self.limit < 1


class NumberSide(msgspec.Struct, frozen=True):
    """Quantiles of one side, as they can be had from counts: each is the least edge that at least so many of the values do not
    exceed; None where that lies above the greatest edge. Exact where every value of the reference is an edge; else too high by at
    most one bin, which holds about 1/256 of the reference."""

    p05: float | None
    median: float | None
    p95: float | None


class Farthest(msgspec.Struct, frozen=True):
    """The edge at which the two distributions of a number are farthest apart, and the shares of values above it."""

    edge: float
    before: float
    now: float


class ValueShift(msgspec.Struct, frozen=True):
    """A value of a category, and its share of all values (NULL aside) on both sides."""

    value: str | None
    """None: all values that are not counted one by one."""
    before: float
    now: float


class Spread(msgspec.Struct, frozen=True):
    """How the values of a number are spread on both sides, in few enough bins to be drawn. ``before[i]`` and ``now[i]`` are the shares of
    values over ``edges[i - 1]`` and up to ``edges[i]``; the first bin has no lower end, and the last, one more than there are edges, no
    upper one."""

    edges: tuple[float, ...]
    before: tuple[float, ...]
    now: tuple[float, ...]
    is_whole: bool = False
    """Each edge is a value, and the bins hold nothing between them."""


class ColumnDrift(msgspec.Struct, frozen=True):
    """One column: what was measured, what it was held against, and what follows."""

    column: str
    kind: ColumnKind
    state: DriftState
    told: str
    """In a line: ``dep_delay: median 3 -> 9, KS .18, limit .11``."""
    because: str = ""
    """Why the state is neither ``ok`` nor ``drifted``."""
    rows: int = 0
    """Of the window."""
    values: int = 0
    """Of the window: rows that are not NULL."""
    distance: Gap | None = None
    """Kolmogorov and Smirnov's for numbers, total variation for categories; None where a side has no values."""
    nulls: Gap | None = None
    """The difference of the shares of NULL; None where a side has no rows."""
    null_shares: tuple[float, float] | None = None
    """Of the reference and of the window."""
    psi: float | None = None
    """The population stability index over ten bins, for those who know it; it decides nothing."""
    jensen_shannon: float | None = None
    """Jensen and Shannon's distance, 0..1, over the same bins; it decides nothing."""
    sides: tuple[NumberSide, NumberSide] | None = None
    """Of a number: the reference and the window."""
    farthest: Farthest | None = None
    """Of a number whose sides differ."""
    shifts: tuple[ValueShift, ...] = ()
    """Of a category: the values whose shares moved most, the greatest move first."""
    spread: Spread | None = None
    """Of a number that drifted."""


def drift_line(column: str) -> str:
    """The rule that is broken where a column drifted. Its reference is another one with every champion, and so is told beside it."""
    return f"{column}: drift"


class ColumnPull(msgspec.Struct, frozen=True):
    """How much of what a classifier learned came from a column, 0..1."""

    column: str
    share: float


class Separation(msgspec.Struct, frozen=True):
    """How well a classifier tells rows of the window from rows of the reference."""

    auc: float
    """Over rows that it was not trained on: .5 where it cannot, 1 where it always can. Two days of the same season already differ, so
    that a value over .5 is no alarm."""
    reference_rows: int
    window_rows: int
    folds: int
    has_whole_batches: bool
    """Rows of one batch were never on both sides of a fold."""
    pulls: tuple[ColumnPull, ...] = ()
    """Those that tell most first."""


class FalseAlarms(msgspec.Struct, frozen=True):
    """What the rule would have said of the reference's own windows, each under limits made without it."""

    alarms: int
    """Windows in which any column that could be judged would have been called drifted."""
    windows: int
    """Contiguous ones, each a batch later than the one before."""
    apart: int
    """How many of them fit side by side: windows that overlap are no independent evidence."""


class DriftReport(msgspec.Struct, frozen=True):
    """All columns, and how the rule itself fares on the reference."""

    columns: tuple[ColumnDrift, ...]
    reference_batches: int
    window_batches: int
    """How many batches of the reference are as much as the window."""
    factor: float
    margin: float
    """A limit is ``factor`` times the worst distance inside the reference, plus ``margin``."""
    false_alarms: FalseAlarms | None = None
    """None where the reference is too small, or no column can be judged."""
    separation: Separation | None = None

    @property
    def drifted(self) -> tuple[ColumnDrift, ...]:
        return tuple(column for column in self.columns if column.state == "drifted")

    @property
    def state(self) -> DriftState:
        """Of all columns together: one that drifted, else what keeps any of them from being told, else ``ok``."""
        told = {column.state for column in self.columns}
        order: tuple[DriftState, ...] = ("drifted", "not enough reference", "ok", "cannot tell", "context")
        return next((state for state in order if state in told), "cannot tell")

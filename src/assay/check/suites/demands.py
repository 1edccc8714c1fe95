"""What a suite asks, whatever tool wrote it. Readers say it in these words; ``compose.py`` writes the rules that ask the same.

A demand knows the rule that it came from by ``number``. A rule may ask several things, and each of them is a demand.
"""

from typing import Literal, TypeAlias

import msgspec

from assay.core.finding import Severity
from assay.core.rules import Bounds, ColumnType, QuantileBounds, Scalar

Slot = Literal[
    "exists", "type", "nulls", "bounds", "set", "pattern", "length", "unique", "mean", "stddev", "quantile", "condition"
]
"""What of a column is asked: for all but ``condition`` a column's line has a place."""

Value: TypeAlias = ColumnType | Bounds | QuantileBounds | tuple[Scalar, ...] | str | float | None


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What every demand has in common."""

    number: int = 0
    """The place of its rule in the suite."""
    severity: Severity = "error"
    tolerated: float = 0.0
    """The share of the rows it speaks of that may break it."""
    given: str = ""
    """It speaks only of rows for which this SQL holds."""


class OnColumn(Asked, frozen=True, kw_only=True):
    """Something is asked of a column.

    ``value`` by slot: ``type`` a type, or None where text is meant by what may hold anything; ``nulls`` the largest share of NULLs;
    ``bounds``, ``length``, ``mean``, ``stddev`` Bounds; ``set`` the values; ``pattern`` a pattern; else None.
    """

    column: str
    slot: Slot
    value: Value = None
    holds: str = ""
    """The same as a condition in SQL, which NULL passes; empty where it is not about single rows."""
    called: str = ""
    """What a rule of its own is called, behind the column's name."""
    asks_for_a_value: bool = False
    """In the suite it fails where the column has no value at all, as its mean or its least value."""


class OnRow(Asked, frozen=True, kw_only=True):
    """A condition on several columns of a row."""

    columns: tuple[str, ...]
    holds: str
    called: str
    counted: Literal["all", "with any", "with all"] = "all"
    """Which rows ``tolerated`` is a share of: all, those where any of the columns is filled, those where all are."""


class OnCount(Asked, frozen=True, kw_only=True):
    """So many rows there are."""

    bounds: Bounds


class OnKey(Asked, frozen=True, kw_only=True):
    """No two rows have the same values in these columns."""

    columns: tuple[str, ...]
    counts_null: bool = False
    """The suite takes NULL for a value like any other, as Assay does."""


class OnColumns(Asked, frozen=True, kw_only=True):
    """These columns are there."""

    columns: tuple[str, ...]
    closed: bool
    """And no others."""


class Half(msgspec.Struct, frozen=True):
    """What of a rule has no words here, where the rest of it has."""

    because: str
    instead: str = ""


Demand: TypeAlias = OnColumn | OnRow | OnCount | OnKey | OnColumns


class Rule(msgspec.Struct, frozen=True):
    """A rule of the suite, read: what it asks, or why it has no words here."""

    words: str
    """As the suite has it, on one line."""
    demands: tuple[Demand, ...] = ()
    halves: tuple[Half, ...] = ()
    """With no demand beside it, a half is all of the rule."""
    column: str | None = None


class Suite(msgspec.Struct, frozen=True):
    """All of a suite, in its order."""

    origin: str
    rules: tuple[Rule, ...]
    notes: tuple[str, ...] = ()

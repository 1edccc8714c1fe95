"""What comes of importing a suite: rules as a person writes them, where each came from, and what was left."""

import msgspec

from assay.core.finding import Severity


class Carried(msgspec.Struct, frozen=True):
    """A rule of the suite that stands in the rules, whole or in part."""

    number: int
    """Its place in the suite, from 1."""
    rule: str
    """In the suite's own words."""
    to: str
    """Where it stands now: ``columns.delay``, ``rules.order``, ``rows``, ``unique``, ``closed``."""
    note: str = ""
    """What is different now, where something is."""


class Left(msgspec.Struct, frozen=True):
    """A rule of the suite that was not carried over."""

    number: int
    rule: str
    because: str
    column: str | None = None
    instead: str = ""
    """What to write or do in its place; empty where there is nothing."""
    is_in_part: bool = False
    """Another part of it was carried over."""


class ColumnLine(msgspec.Struct, frozen=True):
    """A column's line of rules: ``int 1..12``."""

    column: str
    line: str


class WrittenRule(msgspec.Struct, frozen=True):
    """A condition on each row, under its name below ``rules:``."""

    name: str
    holds: str
    given: str = ""
    """Only rows for which this holds are asked."""
    allow: str = ""
    """How many rows may break it: ``5%``."""
    severity: Severity = "error"


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """A suite as rules on one dataset."""

    origin: str
    """What was read: ``a suite of Great Expectations "flights", version 1.24.1``."""
    rules_in_suite: int
    rows: str = ""
    """What ``rows:`` says; empty: nothing."""
    unique: tuple[tuple[str, ...], ...] = ()
    closed: bool = False
    warned: tuple[str, ...] = ()
    """Which of these three only warn: ``rows``, ``closed``, ``key carrier, flight``."""
    columns: tuple[ColumnLine, ...] = ()
    rules: tuple[WrittenRule, ...] = ()
    carried: tuple[Carried, ...] = ()
    left: tuple[Left, ...] = ()
    notes: tuple[str, ...] = ()
    """What holds of several rules."""

    @property
    def is_empty(self) -> bool:
        """Nothing of the suite could be carried over."""
        return not (self.rows or self.unique or self.closed or self.columns or self.rules)


class NotASuite(ValueError):
    """The values are no suite of a tool that is known. ``because`` says what was seen."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


class NotCarried(Exception):
    """A rule has no words here."""

    def __init__(self, because: str, instead: str = "") -> None:
        super().__init__(because)
        self.because = because
        self.instead = instead

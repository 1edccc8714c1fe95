"""Findings: what a check saw."""

from typing import Any, Literal

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.drift import DriftReport

Severity = Literal["error", "warn"]


class ValueCount(msgspec.Struct, frozen=True):
    """A value, and how many failing rows have it."""

    value: Any
    rows: int


class KeyCount(msgspec.Struct, frozen=True):
    """A key that more than one row has."""

    key: tuple[Any, ...]
    """Its values, in the order of its columns."""
    rows: int
    """How many rows have it: one of them is the first."""


class SliceCount(msgspec.Struct, frozen=True):
    """Where rows fail: one value of a column by which failures are counted."""

    column: str
    value: Any
    rows: int
    """Failing rows that have it."""
    of_rows: int
    """All rows that have it."""


class Proposal(msgspec.Struct, frozen=True):
    """A change of the rules under which the data would pass, for a person to accept."""

    says: str
    """What would be accepted: ``new carrier ZZ, 14 rows``."""
    column: str | None
    """The column whose line would become ``line``; None: the key of the dataset that ``key`` names."""
    line: str
    key: str = ""
    command: str = "assay data check --accept"
    """What writes it."""


class Finding(msgspec.Struct, frozen=True):
    """One rule on one dataset, and how it fared."""

    rule: str
    """In the words of the file: ``month: int 1..12``."""
    passed: bool
    severity: Severity
    detail: str
    """What was seen: ``3 rows outside 1..12 (0, 13)``; empty where it passed."""
    column: str | None = None
    failing_rows: int = 0
    rows: int = 0
    sample: tuple[dict[str, Any], ...] = ()
    """At most ten of the failing rows, whole: in the order of the key where the rules name one, else of the data; of rows that repeat a
    key in the order of that."""
    values: tuple[ValueCount, ...] = ()
    """The failing values, the most frequent first, at most ten."""
    slices: tuple[SliceCount, ...] = ()
    """Where rows fail: by ``file`` in a dataset of several, and by the columns of ``slices``, at most ten values of each."""
    since: str = ""
    """The last version of the data that passed this rule, and the run that checked it; empty where none is known."""
    proposal: Proposal | None = None
    keys: tuple[KeyCount, ...] = ()
    """Where keys or values repeat: those that do, the most frequent first, at most ten."""


class CheckReport(msgspec.Struct, frozen=True):
    """All findings on one dataset."""

    dataset: Artifact
    rows: int
    findings: tuple[Finding, ...]
    drift: DriftReport | None = None
    """All that was measured of drift, where a rule asks for it and there is a reference."""
    profile: Digest | None = None
    """Where a rule asks for drift: the stored counts of this data, by which later data can be held against it (``core/profile.py``)."""

    @property
    def passed(self) -> bool:
        """No rule of severity ``error`` is broken."""
        return all(finding.passed or finding.severity == "warn" for finding in self.findings)

"""Findings: what a check saw."""

from typing import Any, Literal

import msgspec

from assay.core.artifact import Artifact

Severity = Literal["error", "warn"]


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
    """At most ten of the failing rows, whole, in the order of the data."""


class CheckReport(msgspec.Struct, frozen=True):
    """All findings on one dataset."""

    dataset: Artifact
    rows: int
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """No rule of severity ``error`` is broken."""
        return all(finding.passed or finding.severity == "warn" for finding in self.findings)

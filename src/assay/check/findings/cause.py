"""What a finding is about, and where the rows behind it can be had."""

from typing import NamedTuple

from assay.core.finding import Finding


class Cause(NamedTuple):
    """Which rule fails, and in which way."""

    subject: str
    """``column carrier``, ``row arrival``, ``key flight, day``, ``distinct rows``, ``rows``."""
    aspect: str
    has_rows: bool = True
    """Some rows fail and others do not: the first of them can be asked for."""


class Judged(NamedTuple):
    """A finding, and its cause; None where it passed, or nothing more can be said."""

    finding: Finding
    cause: Cause | None = None

"""Where the rows behind a finding can be had."""

from typing import NamedTuple

from assay.core.finding import Finding


class Cause(NamedTuple):
    """What to ask for the failing rows of."""

    subject: str
    """``column carrier``, ``row arrival``, ``key flight, day``, ``distinct rows``."""
    aspect: str
    """In which way they fail."""


class Judged(NamedTuple):
    """A finding, and its cause; None where there are no rows to show."""

    finding: Finding
    cause: Cause | None = None

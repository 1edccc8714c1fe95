"""A failed run becomes a root cause and a fix.

``diagnose`` answers from recorded ``Evidence`` alone: it names the earliest expectation that was not met, says by which
facts that is known, and claims nothing that they do not show. ``cause_of`` says after what a step may be tried again. ``page`` has the words behind an error code.
"""

from assay.explain.codes import page, pages
from assay.explain.ended_by import cause_of
from assay.explain.evidence import Evidence
from assay.explain.missing import missing_output
from assay.explain.rules import diagnose

__all__ = ["Evidence", "cause_of", "diagnose", "missing_output", "page", "pages"]

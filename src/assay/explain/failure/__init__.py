"""A failed run becomes a root cause and a fix.

``diagnose`` answers from recorded ``Evidence`` alone: it names the earliest expectation that was not met, says by which
facts that is known, and claims nothing that they do not show. ``cause_of`` says after what a step may be tried again.
"""

from assay.explain.failure.changes import Change, Circumstances, Since, find_changes, tell
from assay.explain.failure.ended_by import cause_of
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.missing import missing_output
from assay.explain.failure.notices import Aftermath, Shared, notices
from assay.explain.failure.questions import Questions, ask
from assay.explain.failure.rules import diagnose
from assay.explain.failure.surroundings import Disk, Listener, PathState, Surroundings

__all__ = [
    "Aftermath",
    "Change",
    "Circumstances",
    "Disk",
    "Evidence",
    "Listener",
    "PathState",
    "Questions",
    "Shared",
    "Since",
    "Surroundings",
    "ask",
    "cause_of",
    "diagnose",
    "find_changes",
    "missing_output",
    "notices",
    "tell",
]

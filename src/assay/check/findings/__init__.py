"""From what was measured to findings: which rules hold, which do not, and what was seen, in plain words. Pure.

A column line that holds gives one passed finding, one that does not a failed finding for each thing that is wrong with it. ``allow``
is held against the rows that break the line in any way but the share of NULLs, which is a limit of its own.
"""

from assay.check.findings.cause import Cause, Judged
from assay.check.findings.judged import failing_subjects, judged

__all__ = ["Cause", "Judged", "failing_subjects", "judged"]

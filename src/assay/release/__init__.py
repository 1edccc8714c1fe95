"""Three versions joined: which code, which data, which model; and who may take the champion's place.

Pure: from what a run left to a bill, and from a history to the next champion. The door itself is ``core.door``.
"""

from assay.release.bill import make_bill, run_metrics, source_data
from assay.release.champion import previous_champion, verdict_for

__all__ = ["make_bill", "previous_champion", "run_metrics", "source_data", "verdict_for"]

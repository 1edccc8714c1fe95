"""Three versions joined: which code, which data, which model.

Pure: from what a run left to a bill. Who is champion is a query over the history, and who may become it is ``core.door``.
"""

from assay.release.bill import make_bill, run_metrics, source_data

__all__ = ["make_bill", "run_metrics", "source_data"]

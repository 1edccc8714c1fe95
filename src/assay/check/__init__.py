"""Rules on data, and what they find.

``check`` holds a dataset against its rules through an engine: one scan, then a sample of rows for each rule that failed.
``findings`` is the decision alone, pure: from what a scan measured to findings in plain words.
"""

from assay.check.dataset import SAMPLE_ROWS, check
from assay.check.findings import findings

__all__ = ["SAMPLE_ROWS", "check", "findings"]

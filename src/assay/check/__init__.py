"""Rules on data, and what they find.

``check`` holds a dataset against its rules through an engine: one scan that counts, then a sample of rows and the like for each rule
that failed. ``compile`` writes the queries, ``findings`` decides, pure: from counts to findings in plain words.
"""

from assay.check.dataset import SAMPLE_ROWS, Beside, check
from assay.check.members import members_of

__all__ = ["SAMPLE_ROWS", "Beside", "check", "members_of"]

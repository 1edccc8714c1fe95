"""Rules for data that nobody has written rules for yet, from one or several batches of it, for a person to review.

What is written holds for the batches and has slack: a rule that copies what was seen is a false alarm to come. Ranges are
rounded outward, and an end that the values never came near is left to slack; sets are written where every member is frequent;
limits that only several batches can tell (of means and quantiles) are written where there are several. ``propose`` is pure;
``verified`` holds the proposal against the batches and takes back what does not stand, so that the data passes its own rules.
"""

from assay.check.infer.join import Batch, JoinedColumn, joined
from assay.check.infer.keys import FoundKey, few_repeats, find_key, is_key, repeats
from assay.check.infer.propose import ProposedColumn, ProposedRules, propose
from assay.check.infer.texts import sample_texts
from assay.check.infer.verify import failing_columns, without_failing

__all__ = [
    "Batch",
    "FoundKey",
    "JoinedColumn",
    "ProposedColumn",
    "ProposedRules",
    "failing_columns",
    "few_repeats",
    "find_key",
    "is_key",
    "joined",
    "propose",
    "repeats",
    "sample_texts",
    "without_failing",
]

"""Two versions of a dataset: which columns, how differently distributed, and by key which rows were added, removed and changed."""

from assay.check.diff.dataset import AFTER, BEFORE, compare
from assay.check.diff.pairs import NoSuchKey, RepeatedKey

__all__ = ["AFTER", "BEFORE", "NoSuchKey", "RepeatedKey", "compare"]

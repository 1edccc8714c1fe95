"""Rules to SQL: one expression tree for all engines. Importing it imports sqlglot, some .2 CPU s: what was compiled is kept, so that
a run that checks new data under known rules does without."""

from assay.check.compile.conditions import columns_of
from assay.check.compile.inquiry import compile_inquiry
from assay.check.compile.ruled import RuledDataset, ruled_dataset
from assay.check.compile.scan import compile_scan
from assay.check.compile.values import compile_data, compile_members, compile_tries

__all__ = [
    "RuledDataset",
    "columns_of",
    "compile_data",
    "compile_inquiry",
    "compile_members",
    "compile_scan",
    "compile_tries",
    "ruled_dataset",
]

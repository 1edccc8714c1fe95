"""Rules to SQL: one expression tree for all engines. Importing it imports sqlglot, some .2 CPU s: what was compiled is kept, so that
a run that checks new data under known rules does without."""

from assay.check.compile.conditions import columns_of
from assay.check.compile.details import compile_details
from assay.check.compile.first_rows import compile_rows_at
from assay.check.compile.probe import compile_probe
from assay.check.compile.ruled import RuledDataset, ruled_dataset
from assay.check.compile.scan import compile_scan
from assay.check.compile.values import compile_data, compile_members, compile_tries

__all__ = [
    "RuledDataset",
    "columns_of",
    "compile_data",
    "compile_details",
    "compile_members",
    "compile_probe",
    "compile_rows_at",
    "compile_scan",
    "compile_tries",
    "ruled_dataset",
]

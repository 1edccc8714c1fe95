"""Rules to SQL: one expression tree for all engines. Importing it imports sqlglot, some .2 CPU s: what was compiled is kept, so that
a run that checks new data under known rules does without."""

from assay.check.compile.query import (
    compile_data,
    compile_inquiry,
    compile_members,
    compile_scan,
    compile_tries,
)
from assay.check.compile.row_rules import columns_of

__all__ = ["columns_of", "compile_data", "compile_inquiry", "compile_members", "compile_scan", "compile_tries"]

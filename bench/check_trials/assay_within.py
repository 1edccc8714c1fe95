"""``assay``, its engine with another limit of memory: the first argument."""

import sys

from assay.__main__ import main
from assay.adapters.engines.duckdb import DuckdbEngine

DuckdbEngine.__init__.__defaults__ = (sys.argv.pop(1),)
main()

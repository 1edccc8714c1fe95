"""The worlds that bench/gates.py draws from are for tests too: ``from gate_trials.worlds import classes``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "bench"))

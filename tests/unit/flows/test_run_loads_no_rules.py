"""A run in which nothing fails does not pay for the rules of failures."""

import subprocess
import sys

ASK = "import sys, assay.flows.run; print(*[name for name in sys.modules if name.startswith('assay.explain')])"


def test_a_run_loads_no_rules_before_something_fails():
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

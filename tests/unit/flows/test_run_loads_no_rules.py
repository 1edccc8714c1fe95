"""A run in which nothing fails does not pay for the rules of failures, nor for kinds of steps that it has none of."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["run", "execution", "check_pipeline"])
def test_a_run_loads_no_rules_before_something_fails_and_no_gate_before_one_is_asked(module):
    ask = f"import sys, assay.flows.{module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    unwanted = ("assay.explain.failure", "assay.explain.verdict", "assay.flows.actions.gate", "numpy")
    assert [name for name in loaded if name.startswith(unwanted)] == []

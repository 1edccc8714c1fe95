"""A ``gate`` step, part by part: what it is asked (``step``), what the models say (``scoring``), and what the verdict becomes."""

from assay.flows.actions.gate.step import run_gate

__all__ = ["run_gate"]

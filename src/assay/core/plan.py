"""Plans: which steps will run, in what order, and why."""

from typing import Literal

import msgspec

Decision = Literal["run", "reuse", "follow", "skip"]
"""``follow``: decided when what it waits for has ended. ``skip``: its ``when`` does not hold."""
SETTLED: tuple[Decision, ...] = ("reuse", "skip")
"""Nothing will be done."""


class PlannedStep(msgspec.Struct, frozen=True):
    """One step of a plan."""

    step: str
    kind: str
    decision: Decision
    reason: str
    waits_for: tuple[str, ...] = ()


class Plan(msgspec.Struct, frozen=True):
    """Steps in an order in which they could run one by one."""

    steps: tuple[PlannedStep, ...]

    @property
    def is_current(self) -> bool:
        """Nothing would run."""
        return all(step.decision in SETTLED for step in self.steps)

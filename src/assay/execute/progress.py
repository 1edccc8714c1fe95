"""What can be seen of a run while it goes on. Observers are told; they cannot change a decision."""

from typing import TypeAlias

import msgspec

from assay.core.run import StepResult


class StepBegan(msgspec.Struct, frozen=True, tag="step-began"):
    """A step has started, or something in Assay has started to work on it."""

    step: str
    reason: str
    log: str = ""
    """Where its output goes, seen from the project; empty for what is no command."""


class StepPrinted(msgspec.Struct, frozen=True, tag="step-printed"):
    """Whole lines of a step's output, without the last line end; undecodable bytes as ``\\xNN``."""

    step: str
    lines: tuple[str, ...]
    more: int = 0
    """Lines before these that are left out: more than anyone can read came at once."""
    current: str = ""
    """What stands on a line that has no end yet, where not all lines are told."""


class StepRetried(msgspec.Struct, frozen=True, tag="step-retried"):
    """A step has failed and will be tried again."""

    step: str
    reason: str
    wait_s: float


class StepDone(msgspec.Struct, frozen=True, tag="step-done"):
    """A step has its result; it is recorded already."""

    result: StepResult


class Stopping(msgspec.Struct, frozen=True, tag="stopping"):
    """The run is interrupted: these steps are asked to end, and waited for."""

    steps: tuple[str, ...]


Progress: TypeAlias = StepBegan | StepPrinted | StepRetried | StepDone | Stopping

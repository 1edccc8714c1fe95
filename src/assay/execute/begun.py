"""A step that was started: what was known of it then, and of the steps that ran beside it."""

from collections.abc import Mapping
from typing import Any

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.pipeline import Step, TraceMode
from assay.core.ports import FileState, Task
from assay.core.run import StepResult


class Begun(msgspec.Struct, frozen=True):
    """What was known of a step when it was started."""

    step: Step
    task: Task
    key: Digest | None
    inputs: tuple[Artifact, ...]
    reason: str
    before: Mapping[str, FileState] | None
    """The project's files before a step that declares no outputs; None for others, and where files are not looked for."""
    started_s: float
    looked_s: float
    """Before its parameters and inputs were looked at: from then on they may have become others than was seen."""
    params: dict[str, Any] = {}
    attempt: int = 1
    tried_s: float = 0.0
    """When the first of its attempts began that were made from the very same: what that one wrote is this one's too."""
    trace: TraceMode = "warn"
    earlier: StepResult | None = None
    """The newest good result that was made from the very same, where there is one."""


class Beside(msgspec.Struct, frozen=True):
    """The other steps that ran while a step ran, if only for a moment."""

    is_empty: bool = True
    taken: frozenset[str] = frozenset()
    """The paths that they promise or were seen to write."""

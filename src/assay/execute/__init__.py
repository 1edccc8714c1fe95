"""From a pipeline to a run: order, reuse, and the loop that starts steps and concludes them.

What stands behind this door is imported when it is asked for: a run in which nothing is to be done needs hardly any of it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from assay.execute.engine import Perform, Workbench, run_steps
    from assay.execute.key import KEY_SCHEMA, check_key, declared_key
    from assay.execute.logs import shown
    from assay.execute.lookup import Past, always_reason, look_up, missing_input
    from assay.execute.masks import Mask
    from assay.execute.output import read_no_numbers, read_numbers
    from assay.execute.progress import Progress, StepBegan, StepDone, StepPrinted, StepRetried, Stopping
    from assay.execute.ready import ReadyQueue
    from assay.execute.reuse import FROZEN, UNCHANGED, Rerun, Reuse
    from assay.execute.rows import count_rows
    from assay.execute.shell import shell_words
    from assay.execute.standing import Memory, Standing, StandingStep
    from assay.execute.training_tables import TableRead, TrainedOn, trained_on
    from assay.execute.written import stale_outputs

_HOMES = {
    "engine": ("Perform", "Workbench", "run_steps"),
    "key": ("KEY_SCHEMA", "check_key", "declared_key"),
    "logs": ("shown",),
    "lookup": ("Past", "always_reason", "look_up", "missing_input"),
    "masks": ("Mask",),
    "output": ("read_no_numbers", "read_numbers"),
    "progress": ("Progress", "StepBegan", "StepDone", "StepPrinted", "StepRetried", "Stopping"),
    "ready": ("ReadyQueue",),
    "reuse": ("FROZEN", "UNCHANGED", "Rerun", "Reuse"),
    "shell": ("shell_words",),
    "rows": ("count_rows",),
    "standing": ("Memory", "Standing", "StandingStep"),
    "training_tables": ("TableRead", "TrainedOn", "trained_on"),
    "written": ("stale_outputs",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "FROZEN",
    "KEY_SCHEMA",
    "UNCHANGED",
    "Mask",
    "Memory",
    "Past",
    "Perform",
    "Progress",
    "ReadyQueue",
    "Rerun",
    "Reuse",
    "Standing",
    "StandingStep",
    "StepBegan",
    "StepDone",
    "StepPrinted",
    "StepRetried",
    "Stopping",
    "TableRead",
    "TrainedOn",
    "Workbench",
    "always_reason",
    "check_key",
    "declared_key",
    "count_rows",
    "look_up",
    "missing_input",
    "read_no_numbers",
    "read_numbers",
    "run_steps",
    "shell_words",
    "shown",
    "stale_outputs",
    "trained_on",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)

"""From a pipeline to a run: order, reuse, and the loop that starts steps and concludes them."""

from assay.execute.engine import Perform, Workbench, run_steps
from assay.execute.key import check_key, declared_key
from assay.execute.lookup import Past, always_reason, look_up, missing_input
from assay.execute.output import read_numbers
from assay.execute.progress import Progress, StepBegan, StepDone, StepPrinted
from assay.execute.reuse import Rerun, Reuse
from assay.execute.shell import shell_words
from assay.execute.trained_on import TableRead, TrainedOn, trained_on
from assay.execute.written import stale_outputs

__all__ = [
    "Past",
    "Perform",
    "Progress",
    "Rerun",
    "Reuse",
    "StepBegan",
    "StepDone",
    "StepPrinted",
    "TableRead",
    "TrainedOn",
    "Workbench",
    "always_reason",
    "check_key",
    "declared_key",
    "look_up",
    "missing_input",
    "read_numbers",
    "run_steps",
    "shell_words",
    "stale_outputs",
    "trained_on",
]

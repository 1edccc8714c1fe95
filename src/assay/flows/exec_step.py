"""``assay exec-step``: the far side of a step that runs on another machine."""

from pathlib import Path

import msgspec

from assay.core.job import SPEC, JobRecord
from assay.core.problem import Problem, UsageError
from assay.workspace import open_runner


def exec_step(spec: Path) -> JobRecord:
    """Run the job whose spec this is, in a folder of its own, and return the record that is then beside it."""
    if spec.name != SPEC:
        raise UsageError(
            Problem(
                "not-a-job",
                f"{spec} is no job",
                (f"a job is a folder with a {SPEC}, as `assay run --on` writes it",),
                f"assay exec-step FOLDER/{SPEC}",
            )
        )
    return msgspec.json.decode(open_runner()(spec.parent), type=JobRecord)

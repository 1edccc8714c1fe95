"""How far a run has come that goes on in another process: what has ended is in the ledger, what runs has a log."""

from pathlib import Path

from assay.core.events import Entry, RunStarted, StepEnded
from assay.core.run import RunningStep
from assay.execute import shown
from assay.flows.paths import log_path
from assay.workspace import Workspace

TAIL_BYTES = 4096


def find_progress(workspace: Workspace, started: Entry) -> tuple[int, tuple[RunningStep, ...]]:
    """How many steps of the run have run to an end, and those that run now, in the order of the plan."""
    assert isinstance(started.event, RunStarted)
    run = started.event.run
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded, after=started.seq)
    ended = {e.event.result.step for e in entries if isinstance(e.event, StepEnded) and e.event.run == run}
    left = (planned.step for planned in started.event.plan.steps if planned.step not in ended)
    logs = ((step, log_path(workspace, run, step)) for step in left)
    return len(ended), tuple(RunningStep(step, _last_line(log)) for step, log in logs if log.exists())


def _last_line(log: Path) -> str:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = file.read(TAIL_BYTES).splitlines()
    return shown(next((line for line in reversed(lines) if line.strip()), b""))

"""``assay log``: runs, the steps of a run, a step's output."""

from collections import Counter
from collections.abc import Iterator

import msgspec

from assay.core.events import Entry, RunEnded, RunStarted, StepEnded
from assay.core.history import History
from assay.core.problem import NotFound, Problem
from assay.core.run import StepResult
from assay.core.watch import Trigger
from assay.flows.paths import log_path
from assay.flows.results import LedgerPast, find_steps
from assay.workspace import Workspace

CHUNK_BYTES = 1024 * 1024


class RunLine(msgspec.Struct, frozen=True):
    """One run, in a line."""

    run: int
    outcome: str
    """As recorded; ``open`` where no end is recorded."""
    started_s: float
    seconds: float | None
    code_version: str
    trigger: Trigger
    problem: Problem | None = None
    """Of the run itself, such as that it was killed."""


class RunLog(msgspec.Struct, frozen=True):
    """One run with the results of its steps, in the order of the plan."""

    run: RunLine
    steps: tuple[StepResult, ...]


def list_runs(workspace: Workspace) -> tuple[RunLine, ...]:
    """Every run of the pipeline, the newest first."""
    return tuple(_line(started, ended) for started, ended in reversed(workspace.history().runs))


def runs_of_others(workspace: Workspace) -> tuple[tuple[str, int], ...]:
    """(pipeline, how many runs) of those that the ledger knows under other names."""
    started = (entry.pipeline for entry in workspace.ledger.entries(None, RunStarted))
    return tuple(sorted(Counter(name for name in started if name != workspace.pipeline.name).items()))


def find_run(workspace: Workspace, number: int | None) -> RunLog:
    """A run and its steps; the last one where no number is given. ``NotFound`` where there is none."""
    started, ended = _pair(workspace.history(), number)
    assert isinstance(started.event, RunStarted)
    run = started.event.run
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded, after=started.seq)
    ran = {
        entry.event.result.step: entry.event.result
        for entry in entries
        if isinstance(entry.event, StepEnded) and entry.event.run == run
    }
    if ended is not None:
        assert isinstance(ended.event, RunEnded)
        ran |= {result.step: result for result in ended.event.steps}
    order = [step.step for step in started.event.plan.steps]
    known = [ran.pop(name) for name in order if name in ran]
    past = LedgerPast(workspace.ledger, workspace.pipeline.name)
    return RunLog(_line(started, ended), tuple(past.whole(result) for result in (*known, *ran.values())))


def read_log(workspace: Workspace, run: int | None, step: str) -> Iterator[bytes]:
    """A step's output, byte for byte, from the last run that it ran in where no run is given."""
    run, name = _of_which(workspace, run, step)
    path = log_path(workspace, run, name)
    if not path.exists():
        because = f"{name} did not run in run {run}: it was reused or held, or is no command"
        raise NotFound(
            Problem("no-such-log", f"there is no log of {name} in run {run}", (because,), f"assay log {run}")
        )
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk


def follow_log(workspace: Workspace, run: int | None, step: str) -> Iterator[bytes]:
    """A step's output as it comes, until its run has ended."""
    run = run or workspace.history().last_run
    run, name = _of_which(workspace, run, step)
    path, offset = log_path(workspace, run, name), 0
    while True:
        is_open = run in workspace.history().open_runs
        if path.exists():
            with path.open("rb") as file:
                file.seek(offset)
                while chunk := file.read(CHUNK_BYTES):
                    offset += len(chunk)
                    yield chunk
        if not is_open or workspace.run_lock.holder() is None:
            return
        workspace.clock.sleep(0.2)


def _pair(history: History, number: int | None) -> tuple[Entry, Entry | None]:
    for started, ended in reversed(history.runs):
        assert isinstance(started.event, RunStarted)
        if number in (None, started.event.run):
            return started, ended
    what = "there is no run yet" if number is None else f"there is no run {number}"
    raise NotFound(Problem("no-such-run", what, (f"{len(history.runs)} runs are recorded",), "assay log, or assay run"))


def _of_which(workspace: Workspace, run: int | None, step: str) -> tuple[int, str]:
    """The run and the step whose output is asked for. Of the cells of a declared step it is the first that failed in that run, else the
    first that ran in it."""
    names = {each.name for each in find_steps(workspace.pipeline, step)}
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded)
    ended = [entry.event for entry in entries if isinstance(entry.event, StepEnded)]
    ran = [event for event in ended if event.result.step in names and run in (None, event.run)]
    number = run or (ran[-1].run if ran else workspace.history().last_run)
    results = [event.result for event in ran if event.run == number]
    result = next((result for result in results if result.outcome == "failed"), next(iter(results), None))
    first = next(each.name for each in workspace.pipeline.steps if each.name in names)
    return number, first if result is None else result.step


def _line(started: Entry, ended: Entry | None) -> RunLine:
    begun = started.event
    assert isinstance(begun, RunStarted)
    end = ended.event if ended else None
    assert end is None or isinstance(end, RunEnded)
    return RunLine(
        begun.run,
        end.outcome if end else "open",
        started.at_s,
        end.seconds if end else None,
        begun.code_version.text,
        begun.trigger,
        end.problem if end else None,
    )

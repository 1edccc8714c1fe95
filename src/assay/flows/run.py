"""``assay run``: run what is out of date, in order, and record what happened.

A run in which everything stands as it was ends here; where something must be done, ``execution`` does it.
"""

from collections.abc import Callable
from functools import partial

import msgspec

from assay.core.events import Event, RunEnded, RunStarted, StepEnded
from assay.core.pipeline import Step, TraceMode
from assay.core.plan import Plan
from assay.core.problem import AssayError, Problem, StateError
from assay.core.run import RAN, StepResult
from assay.execute import Progress, Standing, StepDone
from assay.flows import notify
from assay.flows.paths import log_path, run_folder
from assay.flows.results import LedgerPast, select_steps
from assay.flows.running import Observe, RunOptions, RunReport, begin_run, entries_of, run_started, token_prefix
from assay.flows.standing import open_memory, open_standing
from assay.workspace import Workspace

MOST_TOLD = 20
"""So many steps that stand are told one by one; more are only counted."""
WAIT_S = 0.2
"""Between looks at who runs."""


def run(workspace: Workspace, options: RunOptions, observe: Observe) -> RunReport:
    """Run the pipeline. One run at a time in a project: ``StateError`` names whoever holds it.

    A run that was killed before is closed first: its processes are ended, its end is recorded.
    """
    pipeline = workspace.pipeline
    steps = select_steps(pipeline, options.steps, options.since)
    if options.is_whole:
        observe = partial(_observe_whole, workspace, observe)
    workspace.make_state()
    notify.begin(workspace)
    try:
        with workspace.run_lock.held(" ".join(("assay run", *options.steps))):
            recovered, swept = recover(workspace)
            report = _locked_run(workspace, options, steps, observe, recovered, swept)
    except AssayError:
        notify.tell(workspace)
        raise
    report = msgspec.structs.replace(report, untold=notify.tell(workspace))
    return _whole(workspace, report) if options.is_whole else report


def _observe_whole(workspace: Workspace, observe: Observe, run_number: int, progress: Progress) -> None:
    if isinstance(progress, StepDone):
        past = LedgerPast(workspace.ledger, workspace.pipeline.name)
        progress = StepDone(past.whole(progress.result))
    observe(run_number, progress)


def _whole(workspace: Workspace, report: RunReport) -> RunReport:
    past = LedgerPast(workspace.ledger, workspace.pipeline.name)
    return msgspec.structs.replace(report, results=tuple(map(past.whole, report.results)))


def run_when_free(
    open_workspace: Callable[[], Workspace], options: RunOptions, observe: Observe, tell: Callable[[str], None]
) -> RunReport:
    """Run as ``run`` does, as soon as nobody else runs in the project, with its files as they are then. ``tell`` hears once of
    each whom it waits for, as ``PID PURPOSE``."""
    told = ""
    while True:
        workspace = open_workspace()
        try:
            return run(workspace, options, observe)
        except StateError as error:
            if error.problem.code != "run-in-progress":
                raise
        while (holder := workspace.run_lock.holder()) is not None:
            if holder != told:
                tell(holder)
            told = holder
            workspace.clock.sleep(WAIT_S)


def recover(workspace: Workspace) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Close runs that were killed: end what they left running and record their end. The run lock must be held."""
    open_runs = own_open_runs(workspace)
    swept = [line for run in open_runs for line in workspace.executor.sweep(token_prefix(workspace, run))]
    for run in open_runs:
        seconds, steps = _of_killed(workspace, run)
        left = tuple(f"it had left running, and this was ended: {process}" for process in swept)
        problem = Problem("run-killed", f"run {run} was killed before it ended", left, "run again, if no run has since")
        workspace.ledger.append(workspace.pipeline.name, RunEnded(run, "interrupted", seconds, steps, problem=problem))
    return open_runs, tuple(swept)


def _of_killed(workspace: Workspace, run: int) -> tuple[float, tuple[StepResult, ...]]:
    """How long a run is known to have gone on before it was killed, and the steps that ran then: they have a log, and no result."""
    started = next(entry for entry, _ in workspace.history().runs if _is_start_of(run, entry.event))
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded, after=started.seq)
    ended = [entry for entry in entries if isinstance(entry.event, StepEnded) and entry.event.run == run]
    names = {entry.event.result.step for entry in ended if isinstance(entry.event, StepEnded)}
    logs = {
        step.name: log_path(workspace, run, step.name) for step in workspace.pipeline.steps if step.name not in names
    }
    running = tuple(
        StepResult(name, "interrupted", "it ran when the run was killed") for name, log in logs.items() if log.exists()
    )
    folder = run_folder(workspace, run)
    seen_s = [path.stat().st_mtime for path in folder.iterdir()] if folder.is_dir() else []
    until_s = max((*seen_s, *(entry.at_s for entry in ended)), default=started.at_s)
    return max(0.0, until_s - started.at_s), running


def _is_start_of(run: int, event: Event) -> bool:
    return isinstance(event, RunStarted) and event.run == run


def own_open_runs(workspace: Workspace) -> tuple[int, ...]:
    """Runs of this checkout without an end. Those of another one on the same ledger may go on there."""
    history = workspace.history()
    started = [entry.event for entry, ended in history.runs if ended is None]
    runs = (event for event in started if isinstance(event, RunStarted))
    return tuple(event.run for event in runs if event.owner in ("", workspace.owner))


def recover_if_free(workspace: Workspace) -> None:
    """Close runs that were killed, unless a run goes on now."""
    if own_open_runs(workspace) and workspace.run_lock.holder() is None:
        with workspace.run_lock.held("closing a killed run"):
            recover(workspace)


def _locked_run(
    workspace: Workspace,
    options: RunOptions,
    steps: tuple[Step, ...],
    observe: Observe,
    recovered: tuple[int, ...],
    swept: tuple[str, ...],
) -> RunReport:
    if options.since is not None:
        from assay.flows.done import bring_back  # hardly ever asked for

        bring_back(workspace, steps)
    memory = open_memory(workspace)
    standing = open_standing(workspace, memory)
    began_s = workspace.clock.now_s()
    results = () if options.force else _all_standing(steps, standing, options.trace)
    if results:
        seconds = workspace.clock.now_s() - began_s
        told = results if len(results) <= MOST_TOLD else ()
        stood = () if told else entries_of(results)
        ended = partial(
            RunEnded, outcome="ok", seconds=seconds, steps=told, reused=len(results) - len(told), stood=stood
        )
        number = begin_run(
            workspace, lambda number: (run_started(workspace, number, options.trigger, Plan(())), ended(number))
        )
        for result in told:
            observe(number, StepDone(result))
        return RunReport(number, "ok", seconds, results, options.trigger, None, swept, recovered)
    from assay.flows.check_pipeline import check_pipeline
    from assay.flows.execution import execute  # everything that doing something takes

    slips = check_pipeline(workspace).problems
    report = execute(workspace, options, steps, memory, standing, observe)
    has_run = any(result.outcome in RAN for result in report.results)
    return msgspec.structs.replace(report, swept=swept, recovered=recovered, slips=slips if has_run else ())


def _all_standing(steps: tuple[Step, ...], standing: Standing, trace: TraceMode | None) -> tuple[StepResult, ...]:
    """The results of the steps, where each stands as it was; else none. A condition may ask of more than files."""
    results = []
    for step in steps:
        result = standing.result(step, trace) if step.when is None else None
        if result is None:
            return ()
        results.append(result)
    return tuple(results)

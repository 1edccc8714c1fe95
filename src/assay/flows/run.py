"""``assay run``: run what is out of date, in order, and record what happened.

A run in which everything stands as it was ends here; where something must be done, ``execution`` does it.
"""

from collections.abc import Callable
from functools import partial

import msgspec

from assay.core.events import RunEnded, RunStarted
from assay.core.pipeline import Step, TraceMode
from assay.core.plan import Plan
from assay.core.problem import AssayError, Problem, StateError
from assay.core.run import RAN, StepResult
from assay.execute import Standing, StepDone
from assay.flows import notify
from assay.flows.results import select_steps
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
    workspace.make_state()
    notify.begin(workspace)
    try:
        with workspace.run_lock.held(" ".join(("assay run", *options.steps))):
            recovered, swept = recover(workspace)
            report = _locked_run(workspace, options, steps, observe, recovered, swept)
    except AssayError:
        notify.tell(workspace)
        raise
    return msgspec.structs.replace(report, untold=notify.tell(workspace))


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
        left = tuple(f"it had left running, and this was ended: {process}" for process in swept)
        problem = Problem("run-killed", f"run {run} was killed before it ended", left, "run again, if no run has since")
        workspace.ledger.append(workspace.pipeline.name, RunEnded(run, "interrupted", 0.0, problem=problem))
    return open_runs, tuple(swept)


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

"""``assay run``: run what is out of date, in order, and record what happened."""

from collections.abc import Callable
from functools import partial

import msgspec

from assay.core.canonical import value_digest
from assay.core.digest import short
from assay.core.events import RunEnded, RunStarted, StepEnded
from assay.core.pipeline import ActionName, RunAction, Step
from assay.core.plan import Plan
from assay.core.ports import Task
from assay.core.problem import Problem
from assay.core.run import RAN, RunOutcome, StepResult
from assay.core.watch import BY_HAND, Trigger
from assay.execute import Perform, Progress, Workbench, run_steps, shell_words
from assay.flows.actions.check import run_check
from assay.flows.actions.context import RunContext
from assay.flows.actions.deploy import run_deploy
from assay.flows.actions.gate import run_gate
from assay.flows.actions.release import run_release
from assay.flows.adopted import AdoptedPast, adopt, bring_data, explain_lost, keep_outputs, settle
from assay.flows.diagnosis import explain_failure
from assay.flows.params import selected_params
from assay.flows.paths import file_name, log_path, run_folder, trace_path
from assay.flows.plan import in_order, make_plan
from assay.flows.results import select_steps
from assay.workspace import Workspace


class RunOptions(msgspec.Struct, frozen=True):
    """How a run was asked for."""

    steps: tuple[str, ...] = ()
    """Only these and what they need; empty: all."""
    jobs: int = 2
    force: bool = False
    is_first: bool = False
    override: str | None = None
    trigger: Trigger = BY_HAND


class RunReport(msgspec.Struct, frozen=True):
    """How a run ended."""

    run: int
    outcome: RunOutcome
    seconds: float
    results: tuple[StepResult, ...]
    trigger: Trigger
    release: str | None = None
    """The release that this run made, or whose model it found again."""
    swept: tuple[str, ...] = ()
    """Processes of a killed run that were still alive, and were ended first."""
    recovered: tuple[int, ...] = ()
    """Runs that had been killed: now recorded as interrupted."""
    marks: tuple[str, ...] = ()
    """What must be said of that release wherever it appears."""


Observe = Callable[[int, Progress], None]
"""Told of everything that happens in a run, with its number."""


def run(workspace: Workspace, options: RunOptions, observe: Observe) -> RunReport:
    """Run the pipeline. One run at a time in a project: ``StateError`` names whoever holds it.

    A run that was killed before is closed first: its processes are ended, its end is recorded.
    """
    pipeline = workspace.pipeline
    steps = select_steps(pipeline, options.steps)
    workspace.make_state()
    with workspace.run_lock.held("assay run"):
        recovered, swept = recover(workspace)
        return _locked_run(workspace, options, steps, observe, recovered, swept)


def recover(workspace: Workspace) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Close runs that were killed: end what they left running and record their end. The run lock must be held."""
    open_runs = own_open_runs(workspace)
    swept = [line for run in open_runs for line in workspace.executor.sweep(_token(workspace, run))]
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
    number = workspace.history().last_run + 1
    began_s = workspace.clock.now_s()
    context = RunContext(
        workspace, number, is_first=options.is_first, is_forced=options.force, override=options.override
    )
    adopted = adopt(workspace, in_order(workspace.pipeline, steps), context.past)
    keep_outputs(workspace, adopted)
    bring_data(workspace, steps)
    plan = make_plan(workspace, steps, AdoptedPast(context.past, adopted.results), force=options.force)
    started = _started(workspace, number, options.trigger, plan)
    made_by_dvc = (StepEnded(number, result) for result in adopted.results)
    workspace.ledger.append(workspace.pipeline.name, started, *made_by_dvc, durable=False)
    settle(workspace, adopted)
    results: list[StepResult] = []
    bench = _bench(context, options, partial(_record, context, results), partial(observe, number))
    outcome: RunOutcome = "failed"
    try:
        run_steps(workspace.pipeline, steps, bench)
        outcome = outcome_of(results)
    except KeyboardInterrupt:
        outcome = "interrupted"
        raise
    finally:
        seconds = workspace.clock.now_s() - began_s
        unrun = tuple(result for result in results if result.outcome not in RAN)
        workspace.ledger.append(workspace.pipeline.name, RunEnded(number, outcome, seconds, unrun))
    made = workspace.history().release(context.release) if context.release else None
    marks = () if made is None else made.marks
    return RunReport(
        number, outcome, seconds, tuple(results), options.trigger, context.release, swept, recovered, marks
    )


def outcome_of(results: list[StepResult]) -> RunOutcome:
    """What a run amounts to: the kind of its first failure decides."""
    first = next((result for result in results if result.outcome == "failed"), None)
    if first is None:
        return "ok"
    code = first.problem.code if first.problem else ""
    if code in ("gate-not-passed", "rolled-back"):
        return "refused"
    return "check failed" if code == "check-failed" else "failed"


def _started(workspace: Workspace, number: int, trigger: Trigger, plan: Plan) -> RunStarted:
    data = [path for step in workspace.pipeline.steps for path in step.promised]
    code_version = workspace.repository.code_version(data)
    return RunStarted(number, trigger, plan, code_version, workspace.declaration.digest, workspace.owner)


def _record(context: RunContext, results: list[StepResult], result: StepResult) -> None:
    results.append(result)
    if result.outcome in RAN:
        context.workspace.ledger.append(context.pipeline.name, StepEnded(context.run, result), durable=False)


def _bench(
    context: RunContext,
    options: RunOptions,
    record: Callable[[StepResult], None],
    observe: Callable[[Progress], None],
) -> Workbench:
    workspace = context.workspace
    actions: dict[ActionName, Callable[[RunContext, Step, tuple[StepResult, ...]], StepResult]] = {
        "check": run_check,
        "gate": run_gate,
        "release": run_release,
        "deploy": run_deploy,
    }
    perform: dict[ActionName, Perform] = {kind: partial(action, context) for kind, action in actions.items()}
    return Workbench(
        executor=workspace.executor,
        files=workspace.files,
        store=workspace.store,
        clock=workspace.clock,
        environment=workspace.environment,
        past=context.past,
        task=partial(_task, workspace, context.run),
        perform=perform,
        record=record,
        explain=partial(_explain, workspace, context.run),
        observe=observe,
        params=partial(selected_params, workspace),
        jobs=options.jobs,
        force=options.force,
    )


def _explain(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Problem:
    return explain_lost(workspace, failed) or explain_failure(workspace, run, failed, earlier)


def _task(workspace: Workspace, run: int, step: Step) -> Task:
    assert isinstance(step.action, RunAction)
    run_folder(workspace, run).mkdir(parents=True, exist_ok=True)
    return Task(
        name=step.name,
        command=step.action.command,
        folder=str(workspace.files.locate(step.workdir)),
        environment={**workspace.interpreter.environ, **workspace.step_variables(step.name), **dict(step.env)},
        log=str(log_path(workspace, run, step.name)),
        trace=str(trace_path(workspace, run, step.name)),
        token=f"{_token(workspace, run)}{file_name(step.name)}",
        project=str(workspace.root),
        shell=shell_words(step.shell, workspace.environ),
    )


def _token(workspace: Workspace, run: int) -> str:
    """The beginning of the tokens of a run's steps: no other project and no other run has it."""
    return f"assay:{short(value_digest(str(workspace.root)))}:{run}:"

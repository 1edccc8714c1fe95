"""A run in which something is done: the engine with all that it needs, and what it leaves in the ledger."""

from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path

from msgspec import structs

from assay.core.capacity import Capacity
from assay.core.events import Event, RunEnded, StepEnded
from assay.core.order import needs_of, waits_for
from assay.core.pipeline import CheckAction, DeployAction, GateAction, ReleaseAction, RetryCause, RunAction, Step
from assay.core.plan import Plan, PlannedStep
from assay.core.problem import Problem
from assay.core.run import RAN, RunOutcome, StepResult
from assay.execute import Memory, Progress, Standing, Workbench, run_steps
from assay.flows.actions.context import RunContext
from assay.flows.adopted import Adopted, adopt, bring_data, explain_lost, keep_outputs, settle
from assay.flows.conditions import Conditions
from assay.flows.packages import keep_packages
from assay.flows.params import Params
from assay.flows.paths import log_path, run_folder
from assay.flows.plan import in_order
from assay.flows.results import LedgerPast
from assay.flows.running import Observe, RunOptions, RunReport, begin_run, entries_of, run_started
from assay.flows.standing import keep_memory
from assay.flows.tasks import Tasks
from assay.workspace import Workspace

MOST_REUSED = 200
"""So many reused steps are listed in the end of a run; of more it says only how many there were."""


def execute(
    workspace: Workspace,
    options: RunOptions,
    steps: tuple[Step, ...],
    memory: Memory,
    standing: Standing,
    observe: Observe,
) -> RunReport:
    """Do what is to be done of ``steps`` as the next run."""
    began_s = workspace.clock.now_s()
    order = Plan(tuple(PlannedStep(step.name, step.kind, "follow", "") for step in steps))
    packages = keep_packages(workspace)
    adopted = _adopted(workspace, steps, standing, LedgerPast(workspace.ledger, workspace.pipeline.name, memory.steps))

    def opening(number: int) -> tuple[Event, ...]:
        made_by_dvc = (StepEnded(number, result) for result in adopted.results)
        return (run_started(workspace, number, options.trigger, order, packages), *made_by_dvc)

    number = begin_run(workspace, opening)
    settle(workspace, adopted)
    context = RunContext(
        workspace, number, memory.steps, is_first=options.is_first, is_forced=options.force, override=options.override
    )
    results: list[StepResult] = []
    outcome: RunOutcome = "failed"
    try:
        _make_folder(workspace, number)
        bench = _bench(context, options, steps, standing, partial(_record, context, results), partial(observe, number))
        waits = waits_for(workspace.pipeline)
        held_by = needs_of(workspace.pipeline) if options.keeps_going else waits
        run_steps(workspace.pipeline, steps, waits, held_by, bench)
        outcome = outcome_of(results)
    except KeyboardInterrupt:
        outcome = "interrupted"
        raise
    finally:
        seconds = workspace.clock.now_s() - began_s
        workspace.ledger.append(workspace.pipeline.name, _ended(number, outcome, seconds, results))
        remembered = standing.next_memory(results, {step.name: step for step in steps})
        if remembered is not None:
            keep_memory(workspace, remembered)
    made = workspace.history().release(context.release) if context.release else None
    marks = () if made is None else made.marks
    return RunReport(number, outcome, seconds, tuple(results), options.trigger, context.release, marks=marks)


def _make_folder(workspace: Workspace, number: int) -> None:
    """The run's folder. Where there is one, of a run with the same number in a ledger that was lost, or of a pipeline that has
    another name now, it is moved aside: no log is that of two runs."""
    folder = run_folder(workspace, number)
    try:
        folder.mkdir(0o700, parents=True)
    except FileExistsError:
        folder.rename(_free_name(folder))
        folder.mkdir(0o700)


def _free_name(folder: Path) -> Path:
    names = (folder.with_name(f"{folder.name}-before-{at}") for at in count(1))
    return next(name for name in names if not name.exists())


def _set_aside(workspace: Workspace, run: int, path: str) -> str:
    """Into the run's folder, under its own path; a place outside the project under its last name."""
    stands = workspace.files.locate(path)
    inside = stands.relative_to(workspace.root) if stands.is_relative_to(workspace.root) else Path(stands.name)
    place = run_folder(workspace, run) / "replaced" / inside
    while workspace.files.is_there(str(place)):
        place = place.with_name(f"{place.name}-too")
    workspace.files.move(path, str(place))
    return str(place.relative_to(workspace.root))


def _adopted(workspace: Workspace, steps: tuple[Step, ...], standing: Standing, past: LedgerPast) -> Adopted:
    """What DVC has done of these already, and all that it takes to use it put in its place."""
    if not workspace.has_dvc:
        return Adopted()
    pending = tuple(step for step in steps if not standing.holds(step))
    adopted = adopt(workspace, tuple(in_order(pending, waits_for(workspace.pipeline))), past)
    keep_outputs(workspace, adopted)
    bring_data(workspace, pending)
    standing.forget_looks()
    return adopted


def outcome_of(results: list[StepResult]) -> RunOutcome:
    """What a run amounts to: the kind of its first failure decides."""
    first = next((result for result in results if result.outcome == "failed"), None)
    if first is None:
        return "ok"
    code = first.problem.code if first.problem else ""
    if code in ("gate-not-passed", "rolled-back"):
        return "refused"
    return "check failed" if code == "check-failed" else "failed"


def _record(context: RunContext, results: list[StepResult], result: StepResult) -> None:
    if result.outcome in RAN:
        event = StepEnded(context.run, result)
        (entry,) = context.workspace.ledger.append(context.pipeline.name, event, durable=False)
        result = structs.replace(result, entry=entry.seq)
    results.append(result)


def _ended(number: int, outcome: RunOutcome, seconds: float, results: list[StepResult]) -> RunEnded:
    """What did not run is told in short: a reused result stands in the ledger already."""
    unrun = [result for result in results if result.outcome not in RAN]
    reused = [result for result in unrun if result.outcome == "reused"]
    others = [result for result in unrun if result.outcome != "reused"]
    listed = reused[:MOST_REUSED] if len(reused) <= MOST_REUSED else []
    short = [StepResult(result.step, "reused", result.reason, key=result.key, entry=result.entry) for result in listed]
    return RunEnded(
        number,
        outcome,
        seconds,
        (*short, *others),
        reused=len(reused) - len(listed),
        stood=() if listed else entries_of(reused),
    )


def _bench(
    context: RunContext,
    options: RunOptions,
    steps: tuple[Step, ...],
    standing: Standing,
    record: Callable[[StepResult], None],
    observe: Callable[[Progress], None],
) -> Workbench:
    workspace = context.workspace
    tasks = Tasks(workspace, context.run, options)
    return Workbench(
        executor=workspace.executor,
        files=workspace.files,
        store=workspace.store,
        clock=workspace.clock,
        environment=workspace.environment,
        past=context.past,
        standing=standing,
        task=tasks.task,
        params=Params(workspace).selected,
        mask=tasks.mask,
        unmet=Conditions(workspace).unmet,
        perform=partial(_perform, context),
        set_aside=partial(_set_aside, workspace, context.run),
        record=record,
        explain=partial(_explain, workspace, context.run),
        cause=partial(_cause, workspace, context.run),
        observe=observe,
        machines=workspace.executor.properties.machines or (capacity_of(workspace),),
        jobs=options.jobs,
        forced=options.forced(workspace.pipeline, steps),
        trace=options.trace,
        lines_a_second=options.lines_a_second,
    )


def _perform(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Each is imported when a step asks for it: a gate alone takes as long as a small run."""
    match step.action:
        case CheckAction():
            from assay.flows.actions.check import run_check as action
        case GateAction():
            from assay.flows.actions.gate import run_gate as action
        case ReleaseAction():
            from assay.flows.actions.release import run_release as action
        case DeployAction():
            from assay.flows.actions.deploy import run_deploy as action
        case RunAction():
            raise ValueError(f"step {step.name!r} is for the executor")
    return action(context, step, earlier)


def _explain(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Problem:
    from assay.flows.diagnosis import (  # its patterns cost as much as a run in which nothing fails
        explain_failure,
        with_changes,
    )

    if failed.problem is not None:
        return with_changes(workspace, run, failed, earlier)
    return explain_lost(workspace, failed) or explain_failure(workspace, run, failed, earlier)


def _cause(workspace: Workspace, run: int, failed: StepResult) -> RetryCause | None:
    from assay.explain.failure import cause_of
    from assay.flows.diagnosis import read_tail

    return cause_of(failed, read_tail(log_path(workspace, run, failed.step)))


def capacity_of(workspace: Workspace) -> Capacity:
    """What this machine has for steps."""
    machine = workspace.machine
    return Capacity(machine.cpus, _gpus(workspace), machine.memory_bytes)


def _gpus(workspace: Workspace) -> int:
    """Those that CUDA programs would see."""
    visible = workspace.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return len([device for device in visible.split(",") if device.strip() not in ("", "-1")])
    try:
        return len(tuple(Path("/proc/driver/nvidia/gpus").iterdir()))
    except OSError:
        return 0

"""``assay plan``: which steps would run, and why, without running anything."""

from assay.core.order import waits_for
from assay.core.pipeline import CheckAction, RunAction, Step
from assay.core.plan import Decision, Plan, PlannedStep
from assay.execute import Reuse, check_key, look_up, missing_input
from assay.flows.results import LedgerPast, select_steps
from assay.workspace import Workspace


def plan(workspace: Workspace, names: tuple[str, ...] = (), *, force: bool = False) -> Plan:
    """The plan of ``assay run`` with the same words, as things stand now."""
    return make_plan(workspace, select_steps(workspace.pipeline, names), force=force)


def make_plan(workspace: Workspace, steps: tuple[Step, ...], *, force: bool) -> Plan:
    """Decide for each step, in order. A step that waits for one that will run is decided when that one has ended."""
    waits = waits_for(workspace.pipeline)
    planned: dict[str, PlannedStep] = {}
    for step in steps:
        before = tuple(name for name in waits[step.name] if name in planned)
        moving = [name for name in before if planned[name].decision != "reuse"]
        decision, reason = _decide(workspace, step, moving, force=force)
        planned[step.name] = PlannedStep(step.name, step.kind, decision, reason, before)
    return Plan(tuple(planned.values()))


def _decide(workspace: Workspace, step: Step, moving: list[str], *, force: bool) -> tuple[Decision, str]:
    if force:
        return "run", "forced"
    if isinstance(step.action, RunAction) and not step.inputs:
        return "run", "it declares no inputs, so it always runs"
    if moving:
        return "follow", f"follows {moving[0]}"
    match step.action:
        case RunAction():
            return _decide_run(workspace, step)
        case CheckAction() as action:
            return _decide_check(workspace, action)
        case _:
            return _decide_model(workspace)


def _decide_run(workspace: Workspace, step: Step) -> tuple[Decision, str]:
    lost = missing_input(step, workspace.files)
    if lost is not None:
        return "run", f"its input {lost} is missing"
    past = LedgerPast(workspace.ledger, workspace.pipeline.name)
    decision = look_up(step, workspace.files, workspace.store, past, workspace.environment).decision
    return ("reuse" if isinstance(decision, Reuse) else "run"), decision.reason


def _decide_check(workspace: Workspace, action: CheckAction) -> tuple[Decision, str]:
    found = [workspace.files.artifact(path) for name, _ in action.datasets for path in workspace.files.expand(name)]
    key = check_key(action, tuple(artifact for artifact in found if artifact is not None))
    past = LedgerPast(workspace.ledger, workspace.pipeline.name)
    if any(result.is_good for result in past.of_key(key)):
        return "reuse", "the same data passed the same rules before"
    return "run", "this data has not passed these rules yet"


def _decide_model(workspace: Workspace) -> tuple[Decision, str]:
    """A gate, a release and a deployment have nothing to do while the model is the champion's."""
    model = workspace.pipeline.model
    history = workspace.history()
    champion = history.release(history.champion) if history.champion else None
    standing = workspace.files.artifact(model.path) if model else None
    if champion and standing and standing.digest == champion.released.model:
        return "reuse", f"the model is {champion.name}'s, the champion's"
    return "run", "the model is not the champion's" if champion else "there is no champion yet"

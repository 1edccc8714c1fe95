"""Of steps that count as done in a run that begins later (``--from``): what they made is there, or comes back, or nothing is run."""

from collections.abc import Iterator
from posixpath import normpath

from assay.core.artifact import Artifact
from assay.core.order import waits_for
from assay.core.pipeline import Step
from assay.core.problem import AssayError, Problem, StateError
from assay.execute import Reuse, look_up, missing_input
from assay.flows.adopted import AdoptedPast, adopt
from assay.flows.conditions import Conditions
from assay.flows.params import Params
from assay.flows.results import LedgerPast
from assay.workspace import Workspace


def bring_back(workspace: Workspace, steps: tuple[Step, ...]) -> None:
    """Put back what the steps that ``steps`` wait for, and that are not among them, have lost. ``StateError`` as below."""
    for artifact in lost_outputs(workspace, steps):
        workspace.store.restore(artifact, workspace.files.locate(artifact.path))


def lost_outputs(workspace: Workspace, steps: tuple[Step, ...]) -> tuple[Artifact, ...]:
    """What of them is to be put back: their outputs that are not there, as a reuse of the step would find them. ``StateError`` with all
    that cannot be had."""
    found: list[Artifact] = []
    refused: list[tuple[str, str, str]] = []
    for step in _counted_as_done(workspace, steps):
        gone = tuple(path for path in step.promised if not workspace.files.is_there(path))
        if not gone:
            continue
        known = _kept(workspace, step)
        if isinstance(known, str):
            refused += [(path, step.name, known) for path in gone]
        else:
            found += [artifact for artifact in known if artifact.path in map(normpath, gone)]
    if refused:
        raise _refusal(refused)
    return tuple(found)


def _counted_as_done(workspace: Workspace, steps: tuple[Step, ...]) -> Iterator[Step]:
    waits, names = waits_for(workspace.pipeline), {step.name for step in steps}
    waited_for = {other for name in names for other in waits[name]} - names
    conditions = Conditions(workspace)
    for step in workspace.pipeline.steps:
        is_made = step.name in waited_for and step.runs != "never" and bool(step.promised)
        if is_made and not (step.when is not None and conditions.unmet(step.when)):
            yield step


def _kept(workspace: Workspace, step: Step) -> tuple[Artifact, ...] | str:
    """What a reuse of the step would put back, or why it would have to run."""
    files = workspace.files
    lost = missing_input(step, files.artifact, files.expand)
    if lost is not None:
        return f"its input {lost} is missing"
    try:
        params = Params(workspace).selected(step)
    except AssayError as error:
        return error.problem.what
    recorded = LedgerPast(workspace.ledger, workspace.pipeline.name)
    past = AdoptedPast(recorded, adopt(workspace, (step,), recorded).results)
    environment = workspace.environment
    decision = look_up(step, params, files.artifact, workspace.store, past, environment, files.expand).decision
    return decision.restore if isinstance(decision, Reuse) else decision.reason


def _refusal(refused: list[tuple[str, str, str]]) -> StateError:
    path, step, _ = refused[0]
    more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
    because = (f"{name} would have to run to make {gone}: {reason}" for gone, name, reason in refused)
    what = f"{path} is not there, and {step}, which makes it, counts as done{more}"
    fix = "run from an earlier step, or all that is out of date: assay run"
    return StateError(Problem("done-without-output", what, tuple(because), fix, step=step))

"""``assay plan``: which steps would run, and why, without running anything."""

from assay.core.artifact import Artifact
from assay.core.order import touches, waits_for
from assay.core.pipeline import CheckAction, Pipeline, RunAction, Step
from assay.core.plan import Decision, Plan, PlannedStep
from assay.core.problem import AssayError
from assay.execute import Past, Reuse, always_reason, check_key, look_up, missing_input
from assay.flows.adopted import AdoptedPast, adopt, data_to_bring
from assay.flows.params import selected_params
from assay.flows.releases import code_digest
from assay.flows.results import LedgerPast, select_steps
from assay.workspace import Workspace


def plan(workspace: Workspace, names: tuple[str, ...] = (), *, force: bool = False) -> Plan:
    """The plan of ``assay run`` with the same words, as things stand now."""
    steps = select_steps(workspace.pipeline, names)
    past = LedgerPast(workspace.ledger, workspace.pipeline.name)
    adopted = adopt(workspace, in_order(workspace.pipeline, steps), past)
    return make_plan(workspace, steps, AdoptedPast(past, adopted.results), force=force)


def make_plan(workspace: Workspace, steps: tuple[Step, ...], past: Past, *, force: bool) -> Plan:
    """Decide for each step, in order. A step that waits for one that will run is decided when that one has ended."""
    planning = _Planning(workspace, past, force=force)
    return Plan(tuple(planning.plan(step) for step in in_order(workspace.pipeline, steps)))


def in_order(pipeline: Pipeline, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps in an order in which they could run one by one: in file order, but each after what it waits for."""
    waits = waits_for(pipeline)
    left, ordered = {step.name: step for step in steps}, list[Step]()
    while left:
        ready = [step for name, step in left.items() if not any(other in left for other in waits[name])]
        for step in ready or tuple(left.values()):
            ordered.append(left.pop(step.name))
    return tuple(ordered)


class _Planning:
    """What is decided so far, and what will stand when the steps that are reused have put their outputs back."""

    def __init__(self, workspace: Workspace, past: Past, *, force: bool) -> None:
        self.workspace = workspace
        self.force = force
        self.past = past
        self.waits = waits_for(workspace.pipeline)
        self.planned: dict[str, PlannedStep] = {}
        self.restored: dict[str, Artifact] = data_to_bring(workspace, workspace.pipeline.steps)

    def plan(self, step: Step) -> PlannedStep:
        before = tuple(name for name in self.waits[step.name] if name in self.planned)
        moving = next((name for name in before if self.planned[name].decision != "reuse"), None)
        decision, reason = self._decide(step, moving)
        self.planned[step.name] = PlannedStep(step.name, step.kind, decision, reason, before)
        return self.planned[step.name]

    def _decide(self, step: Step, moving: str | None) -> tuple[Decision, str]:
        if self.force and step.kind in ("run", "check"):
            return "run", "forced"
        if step.runs == "never":
            return "reuse", "it never runs: it counts as done"
        if step.kind == "run" and step.always_runs:
            return "run", always_reason(step)
        if moving is not None:
            return "follow", f"follows {moving}"
        match step.action:
            case RunAction():
                return self._decide_run(step)
            case CheckAction() as action:
                return self._decide_check(action)
            case _:
                return self._decide_model()

    def _decide_run(self, step: Step) -> tuple[Decision, str]:
        lost = missing_input(step, self._standing, self._expand)
        if lost is not None:
            return "run", f"its input {lost} is missing"
        workspace = self.workspace
        try:
            params = selected_params(workspace, step)
        except AssayError as error:
            return "run", error.problem.what
        past, expand = self.past, self._expand
        found = look_up(step, self._standing, workspace.store, past, workspace.environment, expand, params).decision
        if isinstance(found, Reuse):
            self.restored |= {artifact.path: artifact for artifact in found.restore}
            return "reuse", found.reason
        return "run", found.reason

    def _decide_check(self, action: CheckAction) -> tuple[Decision, str]:
        named = [(pattern, self.workspace.files.expand(pattern) or (pattern,)) for pattern, _ in action.datasets]
        found = (self._standing(path) for _, paths in named for path in paths)
        key = check_key(action, tuple(artifact for artifact in found if artifact is not None))
        if any(result.is_good for result in self.past.of_key(key)):
            return "reuse", "the same data passed the same rules before"
        return "run", "this data has not passed these rules yet"

    def _decide_model(self) -> tuple[Decision, str]:
        """A gate, a release and a deployment have nothing to do while the model is the champion's."""
        model = self.workspace.pipeline.model
        history = self.workspace.history()
        champion = history.release(history.champion) if history.champion else None
        standing = self._standing(model.path) if model else None
        if champion and standing and standing.digest == champion.released.model:
            if champion.released.code in (None, code_digest(self.workspace)):
                return "reuse", f"the model is {champion.name}'s, the champion's"
            return "run", f"the code has changed since {champion.name}: its answers are compared"
        taken = next(
            (
                r.name
                for r in history.releases
                if standing and r.released.model == standing.digest and history.was_rolled_back(r.name)
            ),
            None,
        )
        if taken is not None:
            return "run", f"the model is {taken}'s, which was rolled back: the gate will not let it pass"
        return "run", "the model is not the champion's" if champion else "there is no champion yet"

    def _expand(self, pattern: str) -> tuple[str, ...]:
        back = (path for path in self.restored if touches(pattern, path))
        return tuple(sorted({*self.workspace.files.expand(pattern), *back}))

    def _standing(self, path: str) -> Artifact | None:
        return self.restored.get(path) or self.workspace.files.artifact(path)

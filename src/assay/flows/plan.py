"""``assay plan``: which steps would run, and why, without running anything."""

from collections.abc import Iterator, Mapping

from assay.core.artifact import Artifact
from assay.core.dataset import parse_dataset
from assay.core.order import waits_for
from assay.core.pipeline import CheckAction, RunAction, Step, TraceMode
from assay.core.plan import SETTLED, Decision, Plan, PlannedStep
from assay.core.problem import AssayError
from assay.execute import (
    FROZEN,
    UNCHANGED,
    ReadyQueue,
    Reuse,
    always_reason,
    check_key,
    count_rows,
    look_up,
    missing_input,
)
from assay.flows.adopted import AdoptedPast, adopt, data_to_bring
from assay.flows.coming import Coming
from assay.flows.conditions import Conditions
from assay.flows.datasets import table_paths
from assay.flows.done import lost_outputs
from assay.flows.drift_reference import find_reference
from assay.flows.params import Params
from assay.flows.releases import code_digest
from assay.flows.results import LedgerPast, select_steps
from assay.flows.running import RunOptions
from assay.flows.standing import open_memory, open_standing
from assay.workspace import Workspace


def plan(workspace: Workspace, options: RunOptions) -> Plan:
    """The plan of ``assay run`` with the same words, as things stand now: a decision for each step, in order. A step that waits
    for one that will run is decided when that one has ended."""
    steps = select_steps(workspace.pipeline, options.steps, options.since)
    waits = waits_for(workspace.pipeline)
    ordered = tuple(in_order(steps, waits))
    planning = _Planning(workspace, ordered, waits, options.forced(workspace.pipeline, steps), options.trace)
    if options.since is not None:
        planning.coming.add(lost_outputs(workspace, steps))
    return Plan(tuple(map(planning.plan, ordered)))


def in_order(steps: tuple[Step, ...], waits: Mapping[str, tuple[str, ...]]) -> Iterator[Step]:
    """The steps in an order in which they could run one by one: in file order, but each after what it waits for."""
    named = {step.name: step for step in steps}
    queue = ReadyQueue(named, waits, waits)
    while (name := queue.take_first(lambda _: True)) is not None:
        yield named[name]
        queue.ended_well(name)


class _Planning:
    """What is decided so far, and what will stand when the steps that are reused have put their outputs back."""

    def __init__(
        self,
        workspace: Workspace,
        steps: tuple[Step, ...],
        waits: Mapping[str, tuple[str, ...]],
        forced: frozenset[str],
        trace: TraceMode | None,
    ) -> None:
        memory = open_memory(workspace)
        self.workspace = workspace
        self.forced = forced
        self.trace = trace
        self.standing = open_standing(workspace, memory)
        past = LedgerPast(workspace.ledger, workspace.pipeline.name, memory.steps)
        pending = tuple(step for step in steps if not self.standing.holds(step))
        self.past = AdoptedPast(past, adopt(workspace, pending, past).results)
        self.params = Params(workspace)
        self.conditions = Conditions(workspace)
        self.waits = waits
        self.planned: dict[str, PlannedStep] = {}
        self.coming = Coming(workspace.files, workspace.store, data_to_bring(workspace, pending))

    def plan(self, step: Step) -> PlannedStep:
        before = tuple(name for name in self.waits[step.name] if name in self.planned)
        moving = next((name for name in before if self.planned[name].decision not in SETTLED), None)
        decision, reason = self._decide(step, moving)
        self.planned[step.name] = PlannedStep(step.name, step.kind, decision, reason, before)
        return self.planned[step.name]

    def _decide(self, step: Step, moving: str | None) -> tuple[Decision, str]:
        unmet = self.conditions.unmet(step.when) if step.when is not None else ""
        if unmet:
            return "skip", unmet
        if step.runs == "never":
            return "reuse", FROZEN
        if step.name in self.forced and step.kind in ("run", "check"):
            return "run", "forced"
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
        if self.coming.is_empty and self.standing.result(step, self.trace) is not None:
            return "reuse", UNCHANGED
        lost = missing_input(step, self.coming.standing, self.coming.expand)
        if lost is not None:
            return "run", f"its input {lost} is missing"
        workspace = self.workspace
        try:
            params = self.params.selected(step)
        except AssayError as error:
            return "run", error.problem.what
        found = look_up(
            step,
            params,
            self.coming.standing,
            workspace.store,
            self.past,
            workspace.environment,
            self.coming.expand,
            lambda artifact: count_rows(artifact, workspace.files),
            is_strict=(self.trace or step.trace) == "strict",
        ).decision
        if isinstance(found, Reuse):
            self.coming.add(found.restore)
            return "reuse", found.reason
        return "run", found.reason

    def _decide_check(self, action: CheckAction) -> tuple[Decision, str]:
        if action.rests_on_time:
            return "run", "what it finds may change though no file has"
        found = (self.coming.standing(path) for path in self._read_by(action))
        try:
            since = self._since(action)
        except AssayError as error:
            return "run", error.problem.what
        key = check_key(action, (*(artifact for artifact in found if artifact is not None), *since))
        if any(result.is_good for result in self.past.of_key(key)):
            return "reuse", "the same data passed the same rules before"
        return "run", "this data has not passed these rules yet"

    def _since(self, action: CheckAction) -> list[Artifact]:
        """What the newest rows are held against."""
        drifting = [(name, rules.drift, rules.engine) for name, rules in action.datasets if rules.drift]
        if not drifting:
            return []
        references = (
            find_reference(self.workspace, rule, name, engine or parse_dataset(name).engine)
            for name, rule, engine in drifting
        )
        return [artifact for reference in references for artifact in reference.artifacts]

    def _read_by(self, action: CheckAction) -> Iterator[str]:
        """In the order in which the key has them."""
        for name, rules in action.datasets:
            for each in (name, *rules.others):
                place = parse_dataset(each).place
                yield from table_paths(self.workspace.files, place) or (place,)
            yield from rules.files

    def _decide_model(self) -> tuple[Decision, str]:
        """A gate, a release and a deployment have nothing to do while the model is the champion's."""
        model = self.workspace.pipeline.model
        history = self.workspace.history()
        champion = history.release(history.champion) if history.champion else None
        standing = self.coming.standing(model.path) if model else None
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

"""A gate without rows: the numbers of a metrics file are compared as they are, and nothing is charged to any rows."""

from collections.abc import Mapping
from posixpath import normpath

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.events import Judged, StepEnded
from assay.core.history import History
from assay.core.order import overlaps
from assay.core.pipeline import GateAction, Step
from assay.core.problem import EvidenceError, Problem
from assay.core.release import Bill
from assay.core.run import StepResult, Trace
from assay.core.sentence import MODEL_SIZE
from assay.execute import read_no_numbers, read_numbers, stale_outputs
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.known import known_verdict
from assay.flows.actions.gate.leaflets import leave_reports
from assay.flows.actions.gate.result import gate_result, nothing_to_judge
from assay.flows.actions.gate.scoring import Released, megabytes


def judge_numbers(
    context: RunContext, step: Step, challenger: Artifact, champion: Released | None, history: History
) -> StepResult:
    """Judge by the numbers that this run wrote of its model. The verdict is recorded, durably, before it is told."""
    action = step.action
    assert isinstance(action, GateAction)
    path = action.metrics
    assert path is not None  # the file is refused without it
    if context.workspace.files.artifact(path) is None:
        return StepResult(step.name, "failed", "the metrics file is missing", trace=Trace(missing=(path,)))
    _demand_own(context, path, history)
    file = context.workspace.store.add(context.workspace.files.locate(path), path)
    context.datasets.append(file)
    data = context.workspace.store.read(file.digest)
    ours, others = read_numbers(path, data), read_no_numbers(path, data)
    gate = value_digest(action.question)
    known = known_verdict(history, gate, file.digest, challenger, context.code, champion)
    if known is None:
        theirs = None if champion is None else released_numbers(champion.bill)
        if champion is not None and _says_the_same(action, challenger, champion.bill, ours, theirs or {}):
            return nothing_to_judge(context, step, champion, gate)
        known = _record(context, step, action, file, challenger, champion, (ours, others), theirs)
    seq, judged = known
    context.verdicts.append(seq)
    context.judged = challenger
    leave_reports(context, step, judged.verdict)
    return gate_result(context, step, judged.verdict, (challenger, file))


def released_numbers(bill: Bill) -> dict[str, float]:
    """What is known of a release, by name. Of one name, what was compared when it was judged stands before what its run
    reported, and that before what a gate measured on rows."""
    on_rows: dict[str, float] = {}
    compared: dict[str, float] = {}
    for verdict in bill.verdicts:
        (on_rows if verdict.has_rows else compared).update(verdict.measured)
    return {**on_rows, **bill.metrics, **compared}


def _record(
    context: RunContext,
    step: Step,
    gate: GateAction,
    file: Artifact,
    challenger: Artifact,
    champion: Released | None,
    ours: tuple[Mapping[str, float], Mapping[str, str]],
    theirs: Mapping[str, float] | None,
) -> tuple[int, Judged]:
    """``ours``: the numbers of the file, and in words what stands there in the place of one."""
    from assay.judge import compare_numbers

    verdict = compare_numbers(
        gate,
        ours[0],
        theirs,
        (megabytes(challenger), None if champion is None else megabytes(champion.bill.model)),
        gate_digest=value_digest(gate.question),
        test_set_digest=file.digest,
        challenger_digest=challenger.digest,
        champion_digest=None if champion is None else champion.bill.model.digest,
        champion_release=None if champion is None else champion.name,
        code_digest=context.code.digest,
        no_numbers=ours[1],
    )
    event = Judged(context.run, step.name, verdict)
    (entry,) = context.record(event)
    return entry.seq, event


def _says_the_same(
    gate: GateAction, challenger: Artifact, champion: Bill, ours: Mapping[str, float], theirs: Mapping[str, float]
) -> bool:
    """The champion's model came with changed code, and has the same numbers in all that the gate asks of it."""
    asked = {sentence.metric for sentence in gate.require} - {MODEL_SIZE}
    is_same = all(name in ours and ours[name] == theirs.get(name) for name in asked)
    return challenger.digest == champion.model.digest and is_same


def _demand_own(context: RunContext, path: str, history: History) -> None:
    """The numbers are of this run's model: a step promises the file, so that it is written or restored with what it follows
    from; or a step of this run was seen to write it."""
    results = _results(context, history)
    left = next((result for result in results if _left_as_it_was(context, result, path)), None)
    if left is not None:
        raise _of_another_run(
            path, f"{left.step} names it, ran, and left it as it was", f"let {left.step} write {path} each time"
        )
    if any(overlaps(path, made) for step in context.pipeline.steps for made in step.promised):
        return
    seen = {name for result in results for name in (*result.trace.writes, *(file.path for file in result.written))}
    if normpath(path) not in seen:
        because = "no step names it as an output or a metrics file, and none was seen to write it"
        raise _of_another_run(path, because, f"write `metrics: [{path}]` in the step that writes it")


def _left_as_it_was(context: RunContext, result: StepResult, path: str) -> bool:
    """The step ran and promises the file, which is from before; and so is not the model, if it is the step's too."""
    step = context.pipeline.step(result.step)
    stale = {normpath(name) for name in stale_outputs(step, result.started_s, context.workspace.files)}
    return normpath(path) in stale and normpath(context.model.path) not in stale


def _results(context: RunContext, history: History) -> list[StepResult]:
    """What the steps of this run that ran have left."""
    started = history.runs[-1][0].seq
    ended = (entry.event for entry in context.workspace.ledger.entries(context.pipeline.name, StepEnded, after=started))
    return [event.result for event in ended if isinstance(event, StepEnded) and event.run == context.run]


def _of_another_run(path: str, because: str, fix: str) -> EvidenceError:
    what = f"no step of this run wrote {path}: its numbers may be of another model"
    return EvidenceError(Problem("numbers-of-another-run", what, (because,), fix))

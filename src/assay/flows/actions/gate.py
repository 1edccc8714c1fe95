"""A ``gate`` step: score challenger and champion on the same rows, and give a verdict."""

from typing import TYPE_CHECKING

import msgspec

from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.digest import Digest
from assay.core.events import Judged
from assay.core.history import History, ReleaseState
from assay.core.pipeline import GateAction, Step
from assay.core.ports import Predictions
from assay.core.problem import EvidenceError, IntegrityError, NotFound, Problem
from assay.core.release import Bill
from assay.core.run import StepResult, Trace
from assay.core.table import Table
from assay.core.verdict import Verdict
from assay.flows.actions.check import as_one, find_dataset
from assay.flows.actions.context import RunContext
from assay.flows.releases import load_model, load_predictor, read_bill
from assay.flows.tables import features_of, labels_of

if TYPE_CHECKING:
    import numpy as np


class _Champion(msgspec.Struct, frozen=True):
    release: ReleaseState
    bill: Bill


def run_gate(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Judge the model that this run made. The verdict is recorded, durably, before it is told."""
    action = step.action
    assert isinstance(action, GateAction)
    data = action.data
    assert data is not None  # the file is refused without it
    challenger = context.challenger()
    if challenger is None:
        return StepResult(step.name, "failed", "the model is missing", trace=Trace(missing=(context.model.path,)))
    rows = find_dataset(context, data)
    context.datasets += rows
    history = context.workspace.history()
    champion = _champion(context, history)
    gate = value_digest(action)
    if champion is not None and _is_same(challenger, context.code, champion.bill):
        return _nothing_to_judge(context, step, champion, gate)
    rolled_back = _rolled_back(history, challenger, context.code)
    if rolled_back is not None and context.override is None:
        return _stays_rolled_back(step, rolled_back)
    context.is_overridden = rolled_back is not None
    test_set = as_one(data, rows)
    table, schema = context.workspace.engine.read([context.workspace.files.locate(row.path) for row in rows])
    features, context.input_schema = features_of(table, schema, context.model)
    known = _known_verdict(history, gate, test_set.digest, challenger, context.code, champion)
    if known is None:
        verdict = _judge(context, action, gate, test_set, table, features, challenger, champion)
        if verdict is None:
            assert champion is not None
            return _nothing_to_judge(context, step, champion, gate)
        (entry,) = context.record(Judged(context.run, step.name, verdict))
        known = (entry.seq, verdict)
    context.verdicts.append(known[0])
    context.judged = challenger
    return _result(context, step, known[1], (challenger, *rows))


def _judge(
    context: RunContext,
    action: GateAction,
    gate: Digest,
    test_set: Artifact,
    table: Table,
    features: Table,
    challenger: Artifact,
    champion: _Champion | None,
) -> Verdict | None:
    """The verdict; None where the champion's model, with changed code, gives the same answers as before."""
    from assay.judge import Evidence, decide

    labels = labels_of(table, context.model, test_set.path)
    ours = _predict_challenger(context, challenger, features)
    theirs = None if champion is None else _predict_champion(context, champion, table)
    is_same_model = champion is not None and champion.bill.model.digest == challenger.digest
    if is_same_model and theirs is not None and _answer_alike(ours, theirs):
        return None
    evidence = Evidence(
        labels=labels,
        challenger=ours.prediction,
        champion=None if theirs is None else theirs.prediction,
        gate_digest=gate,
        test_set_digest=test_set.digest,
        challenger_digest=challenger.digest,
        champion_digest=champion.bill.model.digest if champion else None,
        champion_release=champion.release.name if champion else None,
        challenger_score=ours.score,
        champion_score=None if theirs is None else theirs.score,
        columns=table,
    )
    return msgspec.structs.replace(decide(action, evidence), code=context.code.digest)


def _rolled_back(history: History, challenger: Artifact, code: Artifact) -> ReleaseState | None:
    """The release that holds this model and this code and was rolled back, if there is one."""
    return next(
        (
            release
            for release in reversed(history.releases)
            if (release.released.model, release.released.code) == (challenger.digest, code.digest)
            and history.was_rolled_back(release.name)
        ),
        None,
    )


def _stays_rolled_back(step: Step, release: ReleaseState) -> StepResult:
    """A person took this model out of the traffic: no run puts it back by itself."""
    problem = Problem(
        "rolled-back",
        f"the model is {release.name}'s, which was rolled back: the champion stays",
        ("a rollback is a person's decision, and the same model has not become better since",),
        f"train another model, or bring it back: assay rollback {release.name}",
        step=step.name,
    )
    return StepResult(step.name, "failed", problem.what, problem=problem)


def _champion(context: RunContext, history: History) -> _Champion | None:
    if history.champion is None:
        return None
    release = history.release(history.champion)
    assert release is not None
    return _Champion(release, read_bill(context.workspace, release))


def _is_same(challenger: Artifact, code: Artifact, bill: Bill) -> bool:
    return challenger.digest == bill.model.digest and code.digest == bill.code.digest


def _known_verdict(
    history: History,
    gate: Digest,
    test_set: Digest,
    challenger: Artifact,
    code: Artifact,
    champion: _Champion | None,
) -> tuple[int, Verdict] | None:
    """The verdict on the identical question, if it was asked before: it is not asked twice."""
    asked = (gate, test_set, challenger.digest, code.digest, champion.release.name if champion else None)
    for entry in reversed(history.verdicts):
        assert isinstance(entry.event, Judged)
        verdict = entry.event.verdict
        same = (verdict.gate, verdict.test_set, verdict.challenger, verdict.code, verdict.champion_release)
        if same == asked:
            return entry.seq, verdict
    return None


def _predict_challenger(context: RunContext, challenger: Artifact, features: Table) -> Predictions:
    predictor = load_model(context.workspace, context.code, challenger, context.model.predict)
    try:
        return predictor.predict(features)
    finally:
        predictor.close()


def _predict_champion(context: RunContext, champion: _Champion, table: Table) -> Predictions:
    wanted = [field.name for field in champion.bill.input_schema]
    lost = [name for name in wanted if name not in table]
    if lost:
        raise EvidenceError(
            Problem(
                "champion-columns-missing",
                f"{champion.release.name} cannot be scored: the gate's rows lack {', '.join(lost)}",
                (f"{champion.release.name} reads {', '.join(wanted)}",),
                "keep these columns in the gate's data until a release that does not need them is champion",
            )
        )
    try:
        predictor = load_predictor(context.workspace, champion.bill)
    except (NotFound, IntegrityError) as error:
        raise EvidenceError(
            Problem(
                "champion-bytes-gone",
                f"{champion.release.name}, the champion, cannot be scored: its bytes are gone",
                (error.problem.what, *error.problem.because),
                f"bring the store back from a backup, or roll back to a release that is whole: assay release verify {champion.release.name}",
            )
        ) from error
    try:
        return predictor.predict({name: table[name] for name in wanted})
    finally:
        predictor.close()


def _answer_alike(ours: Predictions, theirs: Predictions) -> bool:
    return _equal(ours.prediction, theirs.prediction) and _equal(ours.score, theirs.score)


def _equal(ours: "np.ndarray | None", theirs: "np.ndarray | None") -> bool:
    import numpy as np

    if ours is None or theirs is None:
        return ours is theirs
    are_floats = ours.dtype.kind == theirs.dtype.kind == "f"
    return np.array_equal(ours, theirs, equal_nan=are_floats)


def _nothing_to_judge(context: RunContext, step: Step, champion: _Champion, gate: Digest) -> StepResult:
    context.is_champion_already = True
    context.release = champion.release.name
    reason = f"the model is {champion.release.name}'s, the champion's: nothing to judge"
    passed = {verdict.gate for verdict in champion.bill.verdicts}
    warning = Problem(
        "gate-changed",
        f"the gate has changed since {champion.release.name} passed it",
        ("the champion stays, and was not judged by the new sentences",),
        "the next model will be; train one to see",
    )
    return StepResult(step.name, "reused", reason, warnings=() if gate in passed else (warning,))


def _result(context: RunContext, step: Step, verdict: Verdict, inputs: tuple[Artifact, ...]) -> StepResult:
    telling = [s for s in verdict.sentences if s.verdict == verdict.outcome] or list(verdict.sentences)
    summary = f"{verdict.outcome}: {telling[0].reason}" if telling else verdict.outcome
    if verdict.outcome == "pass" and not context.is_overridden:
        return StepResult(step.name, "ok", summary, inputs=inputs)
    problem = Problem(
        "gate-not-passed",
        f"the gate says {verdict.outcome}: the champion stays"
        if verdict.champion_release
        else f"the gate says {verdict.outcome}: nothing is released",
        tuple(f"{s.sentence}: {s.verdict}: {s.reason}" for s in verdict.sentences),
        "bring a better model, or more labelled rows for the gate; assay why has the numbers",
        step=step.name,
    )
    if context.override is None:
        return StepResult(step.name, "failed", summary, inputs=inputs, problem=problem)
    context.is_overridden = True
    warning = msgspec.structs.replace(problem, code="gate-overridden", what=f"overridden: {context.override}")
    return StepResult(
        step.name, "ok", f"{summary} (overridden: {context.override})", inputs=inputs, warnings=(warning,)
    )

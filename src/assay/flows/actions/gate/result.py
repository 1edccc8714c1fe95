"""What a verdict makes of its step, and what is told where there is nothing to judge."""

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.history import History, ReleaseState
from assay.core.pipeline import Step
from assay.core.problem import Problem
from assay.core.run import StepResult
from assay.core.sentence import MODEL_SIZE, latency_share, parse_sentence
from assay.core.verdict import SEALED, Verdict
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.scoring import Released


def gate_result(
    context: RunContext,
    step: Step,
    verdict: Verdict,
    inputs: tuple[Artifact, ...],
    warnings: tuple[Problem, ...] = (),
    ids: str = "",
) -> StepResult:
    """The step's end: good where the verdict is a pass, or is overridden for a reason. ``ids``: the file of those to label first."""
    if verdict.outcome == "pass" and not context.is_overridden:
        return StepResult(step.name, "ok", _summary(verdict), inputs=inputs, warnings=warnings)
    problem = _refusal(step, verdict, ids)
    if context.override is None:
        return StepResult(step.name, "failed", _summary(verdict), inputs=inputs, warnings=warnings, problem=problem)
    context.is_overridden = True
    overridden = msgspec.structs.replace(problem, code="gate-overridden", what=f"overridden: {context.override}")
    reason = f"{_summary(verdict)} (overridden: {context.override})"
    return StepResult(step.name, "ok", reason, inputs=inputs, warnings=(*warnings, overridden))


def nothing_to_judge(context: RunContext, step: Step, champion: Released, gate: Digest) -> StepResult:
    """The champion's own model came again."""
    context.is_champion_already = True
    context.release = champion.name
    reason = f"the model is {champion.name}'s, the champion's: nothing to judge"
    passed = {verdict.gate for verdict in champion.bill.verdicts}
    warning = Problem(
        "gate-changed",
        f"the gate has changed since {champion.name} passed it",
        ("the champion stays, and was not judged by the new sentences",),
        "the next model will be; train one to see",
    )
    return StepResult(step.name, "reused", reason, warnings=() if gate in passed else (warning,))


def rolled_back(context: RunContext, history: History, challenger: Artifact) -> ReleaseState | None:
    """The release that holds this model and this code and was rolled back, if there is one."""
    return next(
        (
            release
            for release in reversed(history.releases)
            if (release.released.model, release.released.code) == (challenger.digest, context.code.digest)
            and history.was_rolled_back(release.name)
        ),
        None,
    )


def stays_rolled_back(step: Step, release: ReleaseState) -> StepResult:
    """A person took this model out of the traffic: no run puts it back by itself."""
    problem = Problem(
        "rolled-back",
        f"the model is {release.name}'s, which was rolled back: the champion stays",
        ("a rollback is a person's decision, and the same model has not become better since",),
        f"train another model, or bring it back: assay rollback {release.name}",
        step=step.name,
    )
    return StepResult(step.name, "failed", problem.what, problem=problem)


def _summary(verdict: Verdict) -> str:
    if verdict.reveal == "verdict":
        return f"{verdict.outcome}: {_sealed_words(verdict)}"
    telling = [each for each in verdict.sentences if each.verdict == verdict.outcome] or list(verdict.sentences)
    outcome = verdict.outcome if verdict.has_rows else f"{verdict.outcome} [{verdict.protection}]"
    return f"{outcome}: {telling[0].reason}" if telling else outcome


def _sealed_words(verdict: Verdict) -> str:
    if verdict.labels_more and not verdict.exhaustion:
        return f"sealed; {verdict.labels_more:,} more labels would decide it"
    return SEALED


def _refusal(step: Step, verdict: Verdict, ids: str) -> Problem:
    sentences = tuple(f"{each.sentence}: {each.verdict}: {each.reason}" for each in verdict.sentences)
    if verdict.reveal == "verdict":
        sentences = (_sealed_words(verdict),)
    worn = (verdict.exhaustion,) if verdict.exhaustion else ()
    stays = "the champion stays" if verdict.champion_release else "nothing is released"
    return Problem(
        "gate-not-passed",
        f"the gate says {verdict.outcome}: {stays}",
        (*sentences, *(note.what for note in verdict.notes), *_earlier_champions(verdict), *worn),
        _fix(verdict, ids),
        step=step.name,
    )


def _earlier_champions(verdict: Verdict) -> tuple[str, ...]:
    if verdict.restore is None:
        return ()
    return (f"{verdict.restore}, an earlier champion, passes the same sentences against {verdict.champion_release}",)


def _fix(verdict: Verdict, ids: str) -> str:
    if verdict.restore is not None:
        return f"restore {verdict.restore}: assay rollback {verdict.restore}"
    copied = next((note.fix for note in verdict.notes if note.code == "gate-rows-copied"), "")
    if copied and verdict.outcome == "undecided":
        return f"{copied}, and run again"
    if verdict.exhaustion and verdict.outcome == "undecided":
        return f"add {verdict.fresh_needed:,} fresh labelled rows to the gate's data, and run again"
    if verdict.outcome == "undecided" and all(each.verdict in ("pass", "not applicable") for each in verdict.sentences):
        rows = f"add {verdict.labels_more:,} labelled rows" if verdict.labels_more else "add labelled rows"
        return f"{rows}, with which harm would show; or require something that must be shown"
    if verdict.label_first and verdict.outcome == "undecided":
        rows = f"the {verdict.label_first:,} unlabelled rows on which the two models differ"
        return f"label {rows}{f' ({ids} lists them)' if ids else ''}, and run again"
    if verdict.outcome == "undecided" and not verdict.labels_more and verdict.has_rows and verdict.reveal == "metrics":
        return "mend what a sentence lacks, as told above; `assay gate` has the numbers"
    if not verdict.has_rows and verdict.outcome == "undecided":
        return "mend the numbers that are told above, or what the sentences ask of them; `assay gate` has the verdict"
    if not verdict.has_rows:
        return "bring a better model, or let the gate judge by rows; `assay gate` has the numbers"
    return f"{_better(verdict)}; `assay gate` has the numbers"


def _better(verdict: Verdict) -> str:
    """What would pass, by what the sentences that did not are about. Labels have no part in behaviour, latency and size."""
    told = [parse_sentence(each.sentence) for each in verdict.sentences if each.verdict in ("fail", "undecided")]
    if not told or any(said.is_of_rows for said in told) or any(each.verdict == "sealed" for each in verdict.sentences):
        return "bring a better model, or more labelled rows for the gate"
    behaves = "behaves as these sentences ask" if any(said.behaviour is not None for said in told) else ""
    quick = "answers more quickly" if any(latency_share(said.metric) is not None for said in told) else ""
    small = "is smaller" if any(said.metric == MODEL_SIZE for said in told) else ""
    more = ", or more rows to try it on" if verdict.outcome == "undecided" and behaves else ""
    return f"bring a model that {' and '.join(part for part in (behaves, quick, small) if part)}{more}"

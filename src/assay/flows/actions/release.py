"""A ``release`` step: join code, data and model in a bill, and name it."""

from assay.core.artifact import Artifact
from assay.core.canonical import canonical_bytes
from assay.core.digest import Digest
from assay.core.events import Event, Promoted, Released
from assay.core.history import History
from assay.core.pipeline import DeployAction, Step
from assay.core.problem import Problem, StateError
from assay.core.release import Bill
from assay.core.run import StepResult
from assay.core.verdict import Verdict
from assay.flows.actions.context import RunContext
from assay.flows.releases import recognise_flavour
from assay.release import make_bill, source_data


def run_release(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Write the release of this run; without a ``deploy`` step in the pipeline it becomes champion here."""
    if context.is_champion_already:
        assert context.release is not None
        made = context.workspace.history().title(context.release)
        return StepResult(step.name, "reused", f"{made} is made of this model")
    refusal = _refusal(context, step)
    if refusal is not None:
        return StepResult(step.name, "failed", refusal.what, problem=refusal)
    history = context.workspace.history()
    model = context.judged
    assert model is not None
    bill = _bill(context, history, model, earlier)
    digest = context.workspace.store.add_bytes(canonical_bytes(bill))
    known = history.release_of_bill(digest)
    context.release = known.name if known else history.next_release
    events: list[Event] = [] if known else [_released(context, digest, bill)]
    if not any(isinstance(other.action, DeployAction) for other in context.pipeline.steps):
        events += promotion(context, history, "release")
    context.record(*events)
    made = context.workspace.history().title(context.release)
    return StepResult(step.name, "ok", f"{made}: model {model.label}", inputs=(model,))


def promotion(context: RunContext, history: History, cause: str) -> list[Event]:
    """The event that makes this run's release champion; none where it is already."""
    assert context.release is not None
    if history.champion == context.release:
        return []
    return [
        Promoted(
            context.release,
            history.champion_seq,
            "deploy" if cause == "deploy" else "release",
            verdict=None if context.is_overridden else context.verdicts[-1],
            override=context.override if context.is_overridden else None,
        )
    ]


def _refusal(context: RunContext, step: Step) -> Problem | None:
    if not context.verdicts:
        return Problem(
            "no-gate",
            "nothing is released without a verdict",
            ("no gate judged the model in this run",),
            f"put a `gate:` step before {step.name}",
            step=step.name,
        )
    standing = context.workspace.files.artifact(context.model.path)
    if context.judged is None or standing is None or standing.digest != context.judged.digest:
        return Problem(
            "model-changed",
            f"{context.model.path} is not the model that the gate judged",
            (
                f"judged {context.judged.label if context.judged else 'none'}, there is {standing.label if standing else 'none'}",
            ),
            "let no step write the model after the gate",
            step=step.name,
        )
    is_ci = context.workspace.environ.get("CI", "").lower() in ("true", "1", "yes")
    if is_ci and not context.is_first and not context.workspace.history().releases:
        return Problem(
            "first-release-in-ci",
            "the ledger is empty, and this is CI",
            ("a fresh checkout that lost its ledger must not look like a first release",),
            "share the ledger, or say that it is the first: assay run --first",
            step=step.name,
        )
    return None


def _bill(context: RunContext, history: History, model: Artifact, earlier: tuple[StepResult, ...]) -> Bill:
    workspace = context.workspace
    data = source_data(context.pipeline, earlier, workspace.repository.tracked(), context.datasets)
    parent = history.release(history.champion) if history.champion else None
    return make_bill(
        context.pipeline,
        workspace.repository.code_version([artifact.path for artifact in data]),
        context.code,
        tuple(_kept(context, artifact) for artifact in data),
        model,
        workspace.environment,
        context.input_schema,
        _verdicts(context),
        earlier,
        (parent.released.bill,) if parent else (),
        recognise_flavour(workspace, model),
        context.ignores,
    )


def _verdicts(context: RunContext) -> tuple[Verdict, ...]:
    history = context.workspace.history()
    found = (history.verdict(seq) for seq in context.verdicts)
    return tuple(verdict for verdict in found if verdict is not None)


def _kept(context: RunContext, artifact: Artifact) -> Artifact:
    """The dataset's bytes in the store; they must still be those that the run read."""
    workspace = context.workspace
    if workspace.store.has(artifact):
        return artifact
    kept = workspace.store.add(workspace.files.locate(artifact.path), artifact.path)
    if kept.digest != artifact.digest:
        raise StateError(
            Problem(
                "data-changed",
                f"{artifact.path} changed while the run went on",
                (f"read as {artifact.label}, now {kept.label}",),
                "run again",
            )
        )
    return kept


def _released(context: RunContext, digest: Digest, bill: Bill) -> Released:
    assert context.release is not None
    return Released(
        context.release,
        context.run,
        digest,
        bill.model.digest,
        bill.data,
        tuple(context.verdicts),
        override=context.override if context.is_overridden else None,
        code=bill.code.digest,
    )

"""The evidence of a failed step, gathered once it has failed: its log's end, the project's files, the run up to it."""

from assay.core.problem import Problem
from assay.core.run import StepResult
from assay.execute import stale_outputs
from assay.explain import Evidence, diagnose
from assay.flows.log_tail import read_tail
from assay.flows.paths import log_path
from assay.workspace import Workspace


def explain_failure(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Problem:
    """The true cause of a failed step, as far as it can be proven."""
    names = [step.name for step in workspace.pipeline.steps]
    before = names[: names.index(failed.step)]
    ended = {result.step for result in earlier}
    stale = _stale(workspace, failed)
    return diagnose(
        Evidence(
            pipeline=workspace.pipeline,
            failed=failed,
            earlier=earlier,
            never_ran=tuple(name for name in before if name not in ended),
            log_tail=read_tail(log_path(workspace, run, failed.step)),
            files={path: state for path, state in workspace.files.scan().items() if path not in stale},
            exists=frozenset(path for path in _mentioned(failed) if (workspace.root / path).exists()),
            places=workspace.places,
            now_s=workspace.clock.now_s(),
            folder=str(workspace.root),
        )
    )


def _stale(workspace: Workspace, failed: StepResult) -> tuple[str, ...]:
    """Declared outputs that a step which exited 0 left as they were: they count as not written."""
    if failed.exit_code != 0:
        return ()
    return stale_outputs(workspace.pipeline.step(failed.step), failed.started_s, workspace.files)


def _mentioned(failed: StepResult) -> set[str]:
    """Paths that the step touched or asked for: whether they exist now is part of the evidence."""
    return {*failed.trace.reads, *failed.trace.missing, *failed.trace.writes}

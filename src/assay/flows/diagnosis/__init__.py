"""The evidence of a failed step, gathered once it has failed: its log's end, the project's files, the run up to it, what has
changed since the last green run, and what the machine looks like. Thin: what it means is for ``explain``.
"""

import os
from pathlib import Path

import msgspec

from assay.core.problem import AssayError, Problem
from assay.core.run import StepResult
from assay.execute import stale_outputs
from assay.explain.failure import Evidence, Since, ask, diagnose, tell
from assay.flows.diagnosis.look import look_around
from assay.flows.diagnosis.since import find_since, upstream_of
from assay.flows.diagnosis.tables import Tables, count_tables
from assay.flows.paths import log_path
from assay.workspace import Workspace

TAIL_BYTES = 32 * 1024


def explain_failure(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Problem:
    """The true cause of a failed step, as far as it can be proven."""
    return diagnose(gather(workspace, run, failed, earlier))


def with_changes(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Problem:
    """What a check, a gate or the executor says of the failure itself, with what has changed since the last green run."""
    assert failed.problem is not None
    since = _since(workspace, run, failed, earlier)
    return msgspec.structs.replace(failed.problem, changes=tell(since))


def gather(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Evidence:
    """All that is known of the failure."""
    names = [step.name for step in workspace.pipeline.steps]
    before = names[: names.index(failed.step)]
    ended = {result.step for result in earlier}
    stale = _stale(workspace, failed)
    tail = read_tail(log_path(workspace, run, failed.step))
    step = workspace.pipeline.step(failed.step)
    questions = ask(step, failed, tail, _read_before(workspace, failed, earlier))
    tables = count_tables(workspace, failed, earlier) if questions.tables else Tables()
    return Evidence(
        pipeline=workspace.pipeline,
        failed=failed,
        earlier=earlier,
        never_ran=tuple(name for name in before if name not in ended),
        log_tail=tail,
        files={path: state for path, state in workspace.files.scan().items() if path not in stale},
        exists=frozenset(path for path in _mentioned(failed) if (workspace.root / path).exists()),
        places=workspace.places,
        now_s=workspace.clock.now_s(),
        folder=str(workspace.root),
        since=_since(workspace, run, failed, earlier),
        around=look_around(workspace, step, questions, tables),
    )


def _read_before(workspace: Workspace, failed: StepResult, earlier: tuple[StepResult, ...]) -> tuple[str, ...]:
    """What the steps read that the failed one waits for, in the order of the run."""
    upstream = upstream_of(workspace.pipeline, failed.step)
    results = (result for result in earlier if result.step in upstream)
    return tuple(path for result in results for path in (*(each.path for each in result.inputs), *result.trace.reads))


def _since(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Since | None:
    try:
        return find_since(workspace, run, failed, earlier)
    except AssayError:  # a ledger that cannot be read again must not hide why the step failed
        return None


def _stale(workspace: Workspace, failed: StepResult) -> tuple[str, ...]:
    """Declared outputs that a step which exited 0 left as they were: they count as not written."""
    if failed.exit_code != 0:
        return ()
    return stale_outputs(workspace.pipeline.step(failed.step), failed.started_s, workspace.files)


def read_tail(path: Path) -> str:
    """The end of a log as text; empty where there is none."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - TAIL_BYTES))
            return log.read().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return ""


def _mentioned(failed: StepResult) -> set[str]:
    """Paths that the step touched or asked for: whether they exist now is part of the evidence."""
    return {*failed.trace.reads, *failed.trace.missing, *failed.trace.writes}

"""The last green run that a step was part of, and what stood differently then; asked only when a step has failed."""

from collections.abc import Iterable, Mapping

from assay.core.artifact import Artifact
from assay.core.events import Checked, Entry, RunEnded, RunStarted
from assay.core.order import touches, waits_for
from assay.core.pipeline import Pipeline, RunAction
from assay.core.problem import AssayError
from assay.core.run import StepResult
from assay.explain.failure import Circumstances, Since, find_changes
from assay.flows.diagnosis.tables import compare_tables
from assay.flows.log import find_run
from assay.flows.packages import packages_now, packages_of
from assay.workspace import Workspace

MOST_FILES = 2_000
"""Of those that a step read: beyond, the first are compared."""


def find_since(workspace: Workspace, run: int, failed: StepResult, earlier: tuple[StepResult, ...]) -> Since | None:
    """None where the step was never part of a green run."""
    history = workspace.history()
    started = {entry.event.run: entry.event for entry, _ in history.runs if isinstance(entry.event, RunStarted)}
    green = next((each for each in _green(history.runs) if _has(each, failed.step) and each.run < run), None)
    if green is None:
        return None
    upstream = upstream_of(workspace.pipeline, failed.step)
    then = [result for result in find_run(workspace, green.run).steps if result.step in upstream]
    before = circumstances(workspace, green, then)
    then_too = {path for result in then for path in (*result.trace.reads, *result.trace.native)} - set(before.files)
    now = _now(workspace, run, [result for result in (*earlier, failed) if result.step in upstream], before, then_too)
    found = Since(
        green.run,
        find_changes(before, now),
        before,
        now,
        _is_same_commit(green, started.get(run)),
        {result.step: {metric.name: metric.value for metric in result.metrics} for result in then},
    )
    return compare_tables(workspace, found)


def _green(runs: tuple[tuple[Entry, Entry | None], ...]) -> Iterable[RunStarted]:
    for started, ended in reversed(runs):
        is_green = ended is not None and isinstance(ended.event, RunEnded) and ended.event.outcome == "ok"
        if is_green and isinstance(started.event, RunStarted):
            yield started.event


def _has(run: RunStarted, step: str) -> bool:
    return any(planned.step == step for planned in run.plan.steps)


def _is_same_commit(green: RunStarted, now: RunStarted | None) -> bool:
    if now is None or now.code_version.commit is None:
        return False
    return green.code_version.commit == now.code_version.commit and not (
        green.code_version.dirty or now.code_version.dirty
    )


def upstream_of(pipeline: Pipeline, step: str) -> set[str]:
    """The step and everything that it waits for."""
    waits, found, pending = waits_for(pipeline), set[str](), [step]
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(waits[name])
    return found


def circumstances(workspace: Workspace, run: RunStarted, results: Iterable[StepResult]) -> Circumstances:
    """What these results of a run stood on, as it was recorded then."""
    results = list(results)
    files = {artifact.path: artifact for result in results for artifact in (*result.inputs, *result.discovered)}
    counted = {path: rows for result in results for path, rows in result.rows.items() if path in files}
    return Circumstances(
        files=files,
        commands={result.step: result.command for result in results if result.command},
        rules=_rules(workspace, run.run, results),
        params={name: value for result in results for name, value in result.params.items()},
        packages=packages_of(workspace, run.packages),
        environment=run.environment,
        machine=run.machine,
        rows={**counted, **_checked_rows(workspace, run.run, files)},
    )


def _checked_rows(workspace: Workspace, run: int, files: Mapping[str, Artifact]) -> Mapping[str, int]:
    """The rows that checks of that run counted, of these very bytes."""
    entries = workspace.ledger.entries(workspace.pipeline.name, Checked, subject=str(run))
    reports = (entry.event.report for entry in entries if isinstance(entry.event, Checked))
    return {
        report.dataset.path: report.rows
        for report in reports
        if report.dataset.path in files and files[report.dataset.path].digest == report.dataset.digest
    }


def _now(
    workspace: Workspace, run: int, results: Iterable[StepResult], before: Circumstances, then_too: set[str]
) -> Circumstances:
    """As things stand. A file that was read then counts though the step failed before it came to it; ``then_too`` were read and
    nobody recorded what they were, such as a file of which only parameters decide: of these nothing can be said."""
    results = list(results)
    read = {path for result in results for path in (*_paths(result), *before.files)} - then_too
    standing = {path: _standing(workspace, path) for path in sorted(read)[:MOST_FILES]}
    files = {path: artifact for path, artifact in standing.items() if artifact is not None}
    return Circumstances(
        files={path: artifact for path, artifact in files.items() if artifact.kind == "file" or path in before.files},
        written_by=_writers(workspace.pipeline, results, files),
        commands=_commands(workspace.pipeline, results),
        rules=_rules(workspace, run, results),
        params={name: value for result in results for name, value in result.params.items()},
        packages=packages_now(workspace),
        environment=workspace.environment,
        machine=workspace.machine,
    )


def _paths(result: StepResult) -> Iterable[str]:
    """What it read below the project, but for what it wrote itself."""
    named = (artifact.path for artifact in (*result.inputs, *result.discovered))
    return (*named, *(path for path in result.trace.reads if path not in result.trace.writes and path[:1] != "/"))


def _standing(workspace: Workspace, path: str) -> Artifact | None:
    try:
        return workspace.files.artifact(path)
    except AssayError:  # what cannot be read is told by the diagnosis, where it matters
        return None


def _commands(pipeline: Pipeline, results: Iterable[StepResult]) -> Mapping[str, str]:
    return {result.step: result.command for result in results if result.command and _is_command(pipeline, result.step)}


def _rules(workspace: Workspace, run: int, results: Iterable[StepResult]) -> Mapping[str, tuple[str, ...]]:
    """What the check steps among these asked in that run."""
    steps = {result.step for result in results}
    asked: dict[str, dict[str, None]] = {}
    for entry in workspace.ledger.entries(workspace.pipeline.name, Checked, subject=str(run)):
        if isinstance(entry.event, Checked) and entry.event.step in steps:
            asked.setdefault(entry.event.step, {}).update(dict.fromkeys(f.rule for f in entry.event.report.findings))
    return {step: tuple(rules) for step, rules in asked.items()}


def _is_command(pipeline: Pipeline, step: str) -> bool:
    return isinstance(pipeline.step(step).action, RunAction)


def _writers(pipeline: Pipeline, results: list[StepResult], files: Iterable[str]) -> Mapping[str, str]:
    """path -> the step that writes it, as declared or as seen."""
    written = {path: result.step for result in results for path in result.trace.writes}
    for step in pipeline.steps:
        for path in files:
            if any(touches(promise, path) for promise in step.promised):
                written[path] = step.name
    return {path: step for path, step in written.items() if path in set(files)}

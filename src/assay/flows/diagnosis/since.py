"""The last green run that a step was part of, and what stood differently then; asked only when a step has failed."""

from collections.abc import Iterable, Mapping

from assay.core.artifact import Artifact
from assay.core.events import Checked, Entry, RunEnded, RunStarted, StepEnded
from assay.core.order import is_glob, touches, waits_for
from assay.core.pipeline import CheckAction, Pipeline, RunAction
from assay.core.problem import AssayError
from assay.core.run import StepResult
from assay.explain.failure import Circumstances, Since, find_changes
from assay.flows.datasets import find_dataset
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
        rules=_rules(_checks(workspace, run.run, results)),
        params={name: value for result in results for name, value in result.params.items()},
        packages=packages_of(workspace, run.packages),
        environment=run.environment,
        machine=run.machine,
        rows={**counted, **_checked_rows(_checks(workspace, run.run, results), files)},
    )


def _checks(workspace: Workspace, run: int, results: Iterable[StepResult]) -> list[Checked]:
    """What the check steps among these found in that run; where one was reused, in the run whose result that is."""
    found = []
    for result in results:
        ran_in = _ran_in(workspace, result) if result.outcome == "reused" else run
        if ran_in is not None:
            entries = workspace.ledger.entries(workspace.pipeline.name, Checked, subject=str(ran_in))
            events = (entry.event for entry in entries)
            found += [event for event in events if isinstance(event, Checked) and event.step == result.step]
    return found


def _ran_in(workspace: Workspace, reused: StepResult) -> int | None:
    """The newest run in which it was good under that key."""
    if reused.key is None:
        return None
    entries = list(workspace.ledger.entries(workspace.pipeline.name, StepEnded, subject=reused.key))
    events = (entry.event for entry in reversed(entries))
    return next((each.run for each in events if isinstance(each, StepEnded) and each.result.is_good), None)


def _checked_rows(checks: Iterable[Checked], files: Mapping[str, Artifact]) -> Mapping[str, int]:
    """The rows that checks counted, of these very bytes."""
    reports = [each.report for each in checks]
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
    checks = _checks(workspace, run, results)
    return Circumstances(
        files={path: artifact for path, artifact in files.items() if artifact.kind == "file" or path in before.files},
        written_by=_writers(workspace.pipeline, results, files),
        commands=_commands(workspace.pipeline, results),
        rules=_rules(checks),
        params={name: value for result in results for name, value in result.params.items()},
        packages=packages_now(workspace),
        environment=workspace.environment,
        machine=workspace.machine,
        rows=_checked_rows(checks, files),
    )


def _paths(result: StepResult) -> Iterable[str]:
    """What it read below the project, but for what it wrote itself."""
    named = (artifact.path for artifact in (*result.inputs, *result.discovered))
    return (*named, *(path for path in result.trace.reads if path not in result.trace.writes and path[:1] != "/"))


def _standing(workspace: Workspace, path: str) -> Artifact | None:
    """A file or folder, or a dataset that no single one of them is: a glob, a table in a database, the tables of a folder."""
    is_dataset = is_glob(path) or "#" in path or path in _checked_names(workspace.pipeline)
    try:
        return _dataset(workspace, path) if is_dataset else workspace.files.artifact(path)
    except AssayError:  # what cannot be read is told by the diagnosis, where it matters
        return None


def _checked_names(pipeline: Pipeline) -> set[str]:
    """The datasets that are checked or looked into by checks."""
    checks = (step.action for step in pipeline.steps if isinstance(step.action, CheckAction))
    checked = (each for check in checks for each in check.datasets)
    return {name.rstrip("/") for dataset, rules in checked for name in (dataset, *rules.others)}


def _dataset(workspace: Workspace, name: str) -> Artifact | None:
    found = find_dataset(workspace.files, workspace.environ, name)
    return found.as_one if found.artifacts else None


def _commands(pipeline: Pipeline, results: Iterable[StepResult]) -> Mapping[str, str]:
    return {result.step: result.command for result in results if result.command and _is_command(pipeline, result.step)}


def _rules(checks: Iterable[Checked]) -> Mapping[str, tuple[str, ...]]:
    """What the check steps asked."""
    asked: dict[str, dict[str, None]] = {}
    for each in checks:
        asked.setdefault(each.step, {}).update(dict.fromkeys(finding.rule for finding in each.report.findings))
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

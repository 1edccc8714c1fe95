"""From a task that has ended to the step's result: what it read, wrote and said, kept in the store.

A step that exits 0 without its declared outputs has failed. What a failed step left is named but not kept.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.order import overlaps
from assay.core.pipeline import Step
from assay.core.ports import Ended, Executor, FileState, ProjectFiles, Store, Task
from assay.core.problem import AssayError, Problem
from assay.core.run import Metric, StepResult, Trace, WrittenFile
from assay.execute.output import Printed, read_logged, read_metrics_file, read_output
from assay.execute.traces import read_trace

TRUST_MARGIN_NS = 20_000_000
"""Clocks of files tick coarsely: a file changed this shortly before a step began may still be its."""


class Begun(msgspec.Struct, frozen=True):
    """What was known of a step when it was started."""

    step: Step
    task: Task
    key: Digest | None
    inputs: tuple[Artifact, ...]
    reason: str
    before: Mapping[str, FileState] | None
    """The project's files before a step that declares no outputs; None for others."""
    started_s: float


def conclude(begun: Begun, ended: Ended, files: ProjectFiles, store: Store, executor: Executor) -> StepResult:
    """The step's result. Its outputs, and the model that it says it saved, are in the store when this returns."""
    trace = read_trace(files.read(begun.task.trace) or b"", begun.task.folder)
    printed = read_output(_lines(executor, begun.task.name))
    result = StepResult(
        begun.step.name,
        "ok" if ended.exit_code == 0 else "failed",
        begun.reason,
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        key=begun.key,
        inputs=begun.inputs,
        metrics=printed.metrics,
        trace=trace,
        started_s=begun.started_s,
    )
    if result.outcome == "failed" or any(files.artifact(path) is None for path in begun.step.promised):
        return msgspec.structs.replace(result, outcome="failed", written=_written(begun, files))
    stale = stale_outputs(begun.step, begun.started_s, files)
    if stale and (written := _instead(stale, begun, files)):
        return msgspec.structs.replace(result, outcome="failed", written=written)
    try:
        kept = _kept(begun, result, printed, files, store)
        return msgspec.structs.replace(kept, warnings=(*kept.warnings, *map(_left_as_it_was, stale)))
    except AssayError as error:
        return msgspec.structs.replace(result, outcome="failed", problem=error.problem)


def stale_outputs(step: Step, started_s: float, files: ProjectFiles) -> tuple[str, ...]:
    """The promised files that are there, but have not been touched since the step began: they are from before it."""
    since_ns = int(started_s * 1e9) - TRUST_MARGIN_NS
    states = ((path, files.state(path)) for path in step.promised)
    return tuple(path for path, state in states if state is not None and state.changed_ns < since_ns)


def interrupted(begun: Begun, ended: Ended) -> StepResult:
    """The result of a step that was stopped."""
    return StepResult(
        begun.step.name,
        "interrupted",
        begun.reason,
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        started_s=begun.started_s,
    )


def _kept(begun: Begun, result: StepResult, printed: Printed, files: ProjectFiles, store: Store) -> StepResult:
    """The result of a step that went well, with its outputs, metrics and model in the store."""
    model, warnings = _saved_model(printed.model_paths, files, store)
    discovered = _discovered(begun.step, result.trace, files)
    return msgspec.structs.replace(
        result,
        outputs=tuple(store.add(files.locate(path), path) for path in begun.step.promised),
        metrics=_metrics(begun, printed.metrics, files),
        model=model,
        discovered=discovered,
        written=_written(begun, files) if begun.before is not None else (),
        warnings=(*warnings, *_undeclared(begun.step, discovered)),
    )


def _instead(stale: tuple[str, ...], begun: Begun, files: ProjectFiles) -> tuple[WrittenFile, ...]:
    """What the step wrote in the place of an output that it left as it was: a file of the same kind that nobody declared.
    Empty where there is no such file: then the step may have found its output good as it is."""
    kinds = {PurePosixPath(path).suffix for path in stale}
    written = _written(begun, files)
    is_instead = any(
        PurePosixPath(file.path).suffix in kinds and file.path not in begun.step.promised for file in written
    )
    return written if is_instead else ()


def _left_as_it_was(path: str) -> Problem:
    return Problem(
        "output-not-touched",
        f"{path} was not written by this run: it is from before",
        ("the step exited 0 and left its declared output as it was",),
        f"if {path} should be new, look at what the step does; if it is right as it is, nothing is to be done",
    )


def _metrics(begun: Begun, printed: tuple[Metric, ...], files: ProjectFiles) -> tuple[Metric, ...]:
    """Printed, then logged, then those of the declared files; of one name the later source stands."""
    found = {metric.name: metric for metric in printed}
    found |= {metric.name: metric for metric in read_logged(files.read(begun.task.trace + ".metrics") or b"")}
    for path in begun.step.metrics:
        found |= {metric.name: metric for metric in read_metrics_file(path, files.read(path) or b"")}
    return tuple(found.values())


def _saved_model(
    paths: tuple[str, ...], files: ProjectFiles, store: Store
) -> tuple[Artifact | None, tuple[Problem, ...]]:
    """The last model that the step said it saved, kept; a warning where it is not there."""
    if not paths:
        return None, ()
    path = paths[-1]
    if files.artifact(path) is None:
        what = f'the step printed "Model saved to {path}", but there is no such file'
        return None, (Problem("saved-model-missing", what, (), "print the path that the model is really saved to"),)
    return store.add(files.locate(path), path), ()


def _discovered(step: Step, trace: Trace, files: ProjectFiles) -> tuple[Artifact, ...]:
    """The project files that it read without declaring them and did not write itself."""
    known = (*step.inputs, *step.promised)
    own = set(trace.writes)
    candidates = [
        path
        for path in trace.reads
        if path not in own and not path.startswith("/") and not any(overlaps(path, named) for named in known)
    ]
    artifacts = (files.artifact(path) for path in candidates)
    return tuple(artifact for artifact in artifacts if artifact is not None and artifact.kind == "file")


def _undeclared(step: Step, discovered: tuple[Artifact, ...]) -> tuple[Problem, ...]:
    """A warning about data that it reads without declaring it. Code is adopted in silence."""
    data = [artifact.path for artifact in discovered if not artifact.path.endswith(".py")]
    if not data or not step.inputs:
        return ()
    return (
        Problem(
            "undeclared-input",
            f"{step.name} reads {', '.join(data)} without declaring it",
            ("a change of it makes the step run again, but no other step waits for whoever writes it",),
            f"add it to `inputs:` of {step.name}",
            step=step.name,
        ),
    )


def _written(begun: Begun, files: ProjectFiles) -> tuple[WrittenFile, ...]:
    """Files that appeared or changed: against the scan before, else by their time of change."""
    since_ns = int(begun.started_s * 1e9) - TRUST_MARGIN_NS

    def is_new(path: str, state: FileState) -> bool:
        if begun.before is not None:
            return begun.before.get(path) != state
        return state.changed_ns >= since_ns

    return tuple(
        WrittenFile(path, state.size_bytes, state.modified_ns / 1e9)
        for path, state in sorted(files.scan().items())
        if is_new(path, state)
    )


def _lines(executor: Executor, name: str) -> Iterator[bytes]:
    offset = 0
    while chunk := executor.output(name, offset):
        offset += len(chunk)
        yield from chunk.splitlines(keepends=True)

"""From a task that has ended to the step's result: what it read, wrote and said, kept in the store.

A step that exits 0 without its declared outputs has failed. What a failed step left is named but not kept.
"""

from collections.abc import Iterator

import msgspec

from assay.core.artifact import Artifact
from assay.core.order import touches
from assay.core.pipeline import Step
from assay.core.ports import Ended, Executor, ProjectFiles, Store
from assay.core.problem import AssayError, Problem
from assay.core.run import Metric, StepResult, Trace
from assay.execute.begun import Begun, Beside
from assay.execute.doubt import doubts
from assay.execute.output import Printed, read_logged, read_metrics_file, read_output
from assay.execute.saved_model import keep_saved_model
from assay.execute.traces import is_cut_short, read_trace
from assay.execute.written import stale_outputs, written_files, wrote_instead


def conclude(
    begun: Begun, ended: Ended, beside: Beside, files: ProjectFiles, store: Store, executor: Executor
) -> StepResult:
    """The step's result. Its outputs, and the model that it says it saved, are in the store when this returns.

    It has a key only where what was seen of it is enough to reuse it: else it runs again next time, and a warning says why.
    """
    noted = files.read(begun.task.trace) or b""
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
        trace=read_trace(noted, begun.task.project or begun.task.folder),
        started_s=begun.started_s,
    )
    if result.outcome == "failed" or any(files.artifact(path) is None for path in begun.step.promised):
        written = written_files(begun, result.trace, beside, files)
        return msgspec.structs.replace(result, outcome="failed", written=written)
    stale = stale_outputs(begun.step, begun.started_s, files)
    written = written_files(begun, result.trace, beside, files) if stale or begun.before is not None else ()
    if wrote_instead(stale, written, begun.step, result.trace, beside):
        return msgspec.structs.replace(result, outcome="failed", written=written)
    try:
        kept = _kept(begun, result, printed, files, store)
        doubted = doubts(begun, kept, files, is_cut_short=is_cut_short(noted))
    except AssayError as error:
        return msgspec.structs.replace(result, outcome="failed", problem=error.problem)
    return msgspec.structs.replace(
        kept,
        key=None if doubted else kept.key,
        written=written if begun.before is not None else (),
        warnings=(*kept.warnings, *map(_left_as_it_was, stale), *doubted),
    )


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
    paths = printed.model_paths[-1:]
    model, warnings = (
        keep_saved_model(paths[0], begun.task.project or begun.task.folder, files, store) if paths else (None, ())
    )
    discovered = _discovered(begun.step, result.trace, files)
    return msgspec.structs.replace(
        result,
        outputs=tuple(store.add(files.locate(path), path) for path in begun.step.promised),
        metrics=_metrics(begun, printed.metrics, files),
        model=model,
        discovered=discovered,
        warnings=(*warnings, *_undeclared(begun.step, discovered)),
    )


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


def _discovered(step: Step, trace: Trace, files: ProjectFiles) -> tuple[Artifact, ...]:
    """The project files that it read without declaring them and did not write itself. A file of which it selects parameters is
    declared: the others in it are none of its business."""
    known = (*step.inputs, *step.promised, *(selection.path for selection in step.params))
    own = set(trace.writes)
    candidates = [
        path
        for path in trace.reads
        if path not in own and not path.startswith("/") and not any(touches(named, path) for named in known)
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


def _lines(executor: Executor, name: str) -> Iterator[bytes]:
    offset = 0
    while chunk := executor.output(name, offset):
        offset += len(chunk)
        yield from chunk.splitlines(keepends=True)

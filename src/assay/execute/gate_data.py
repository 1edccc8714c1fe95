"""The gate's data is for the gate.

A step upstream of the model that reads the rows of the gate, other than the one that writes them, makes the verdict worth
nothing: that is an error. A later step that reads them is warned about, because what it prints is seen by people. The rows
are known by the file's name and by its content: under a link or as a copy they are the same rows.
"""

from collections.abc import Callable
from typing import TypeAlias

from assay.core.digest import Digest
from assay.core.order import overlaps, touches, waits_for
from assay.core.pipeline import GateAction, Pipeline, Step
from assay.core.problem import Problem
from assay.core.run import StepResult, Trace

Contents: TypeAlias = Callable[[str], frozenset[Digest]]
"""The digests of the files that a path or glob names now, links followed."""


def gates_with_data(pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
    """(name, path of its rows) of each gate that has rows."""
    return tuple(
        (step.name, step.action.data)
        for step in pipeline.steps
        if isinstance(step.action, GateAction) and step.action.data is not None
    )


def gate_data_problem(
    gates: tuple[tuple[str, str], ...], step: Step, result: StepResult, contents: Contents
) -> Problem | None:
    """What is wrong with what ``step`` read, if it read the rows of a gate. A reused result has read what it read once."""
    if step.kind != "run":
        return None
    for gate, data in gates:
        if not _writes(step, result, data):
            found = _by_name(result, data) or _by_content(step, result, contents(data), contents)
            if found is not None:
                return _problem(step, gate, data, found, result.trace)
    return None


def is_upstream_of_model(pipeline: Pipeline, step: Step, results: tuple[StepResult, ...]) -> bool:
    """The step makes the model, or something that the model is made of; ``results`` are those up to its own."""
    if pipeline.model is None:
        return False
    maker = _model_maker(pipeline, results)
    if maker is None:
        return True
    waits = waits_for(pipeline)
    pending, upstream = [maker], set[str]()
    while pending:
        name = pending.pop()
        if name not in upstream:
            upstream.add(name)
            pending.extend(waits[name])
    return step.name in upstream


def _model_maker(pipeline: Pipeline, results: tuple[StepResult, ...]) -> str | None:
    """The step that promises the model, else the one that was seen to have written it; None while it is unwritten."""
    assert pipeline.model is not None
    path = pipeline.model.path
    for step in pipeline.steps:
        if any(overlaps(path, made) for made in step.promised):
            return step.name
    for result in results:
        if path in result.trace.writes or any(file.path == path for file in result.written):
            return result.step
    return None


def _by_name(result: StepResult, data: str) -> str | None:
    """What it read that names the gate's file, or a folder above it."""
    artifacts = (*result.inputs, *result.discovered)
    read = (*(artifact.path for artifact in artifacts), *result.trace.reads, *result.trace.native)
    return next((path for path in read if touches(data, path)), None)


def _by_content(step: Step, result: StepResult, rows: frozenset[Digest], contents: Contents) -> str | None:
    """What it read that holds the same bytes as the gate's file."""
    if not rows:
        return None
    known = {artifact.path: artifact.digest for artifact in (*result.inputs, *result.discovered)}
    same = (path for path, digest in known.items() if digest in rows)
    own = {*known, *step.promised, *result.trace.writes}
    reads = (*result.trace.reads, *result.trace.native)
    others = (path for path in reads if path not in own and contents(path) & rows)
    return next(same, None) or next(others, None)


def _writes(step: Step, result: StepResult, data: str) -> bool:
    return any(touches(data, path) for path in (*step.promised, *result.trace.writes))


def _problem(step: Step, gate: str, data: str, found: str, trace: Trace) -> Problem:
    other = () if touches(data, found) else (f"{found} holds the same rows as {data}",)
    if found in trace.native:
        other = (*other, f"while {step.name} ran alone, something opened {found} that is no Python code")
    return Problem(
        "gate-data-read",
        f"{step.name} reads {data}, which is for the gate",
        (
            *other,
            f'step "{gate}" judges the model on {data}; a model that has seen these rows looks better than it is',
            f'only the step that writes them and "{gate}" itself may read them',
        ),
        f"train on other rows, or name other rows as `data:` of {gate}",
        step=step.name,
    )

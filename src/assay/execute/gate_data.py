"""The gate's data is for the gate.

A step upstream of the model that reads the rows of the gate, other than the one that writes them, makes the verdict worth
nothing: that is an error. A later step that reads them is warned about, because what it prints is seen by people.
"""

from assay.core.order import overlaps, waits_for
from assay.core.pipeline import GateAction, Pipeline, Step
from assay.core.problem import Problem
from assay.core.run import StepResult, Trace


def gate_data_problem(pipeline: Pipeline, step: Step, trace: Trace) -> Problem | None:
    """What is wrong with what ``step`` read, if it read the rows of a gate."""
    if step.kind != "run":
        return None
    for gate in pipeline.steps:
        if not isinstance(gate.action, GateAction):
            continue
        data = gate.action.data
        was_read = any(overlaps(path, data) for path in (*trace.reads, *step.inputs))
        if was_read and not _writes(step, trace, data):
            return _problem(step, gate.name, data)
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


def _writes(step: Step, trace: Trace, data: str) -> bool:
    return any(overlaps(path, data) for path in (*step.promised, *trace.writes))


def _problem(step: Step, gate: str, data: str) -> Problem:
    return Problem(
        "gate-data-read",
        f"{step.name} reads {data}, which is for the gate",
        (
            f'step "{gate}" judges the model on {data}; a model that has seen these rows looks better than it is',
            f'only the step that writes them and "{gate}" itself may read them',
        ),
        f"train on other rows, or name other rows as `data:` of {gate}",
        step=step.name,
    )

"""``assay init --from dvc``: the assay.yaml that says what dvc.yaml says.

It reads back to the same steps. What it says in another way than dvc.yaml stands above it as comments. dvc.yaml and dvc.lock stay
as they are: what dvc.lock shows to be current is not run again.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from assay.core.pipeline import ParamSelection, Pipeline, RunAction, Step
from assay.flows.init.draft import Ready
from assay.flows.init.yaml_text import block, flow, key_line
from assay.workspace import DVC_FILE, Workspace


def has_dvc(root: Path) -> bool:
    """There is a dvc.yaml."""
    return (root / DVC_FILE).is_file()


def from_dvc(root: Path) -> Ready:
    """The assay.yaml of a DVC project."""
    workspace = Workspace(root, os.environ)
    pipeline = workspace.pipeline
    notes = tuple(_notes(pipeline))
    lines = [
        f"# From {DVC_FILE}, by assay init.",
        *(f"# {note}" for note in notes),
        *key_line("name", pipeline.name),
        "steps:",
    ]
    for step in pipeline.steps:
        lines += _step(step)
    return Ready(DVC_FILE, "\n".join(lines) + "\n", tuple(step.name for step in pipeline.steps), notes)


def _notes(pipeline: Pipeline) -> Iterator[str]:
    yield "Values of ${...} stand in place as they were; a script that reads its parameters itself still does."
    if any(step.cell_of for step in pipeline.steps):
        yield "foreach and matrix are written out, a step for each cell."
    if any(step.name.rpartition("dvc.yaml:")[1] for step in pipeline.steps):
        yield "Every dvc.yaml of the project is in it; all paths are relative to this file."


def _step(step: Step) -> Iterator[str]:
    assert isinstance(step.action, RunAction)
    first, *others = _keys(step)
    yield f"  - {first}"
    yield from (f"    {line}" if line else "" for line in others)


def _keys(step: Step) -> Iterator[str]:
    assert isinstance(step.action, RunAction)
    yield from key_line("name", step.name)
    yield from block("run", step.action.command)
    for key, values in (("inputs", step.inputs), ("outputs", step.outputs), ("metrics", step.metrics)):
        if values:
            yield f"{key}: {flow(list(values))}"
    if step.params:
        yield f"params: {flow([item for selection in step.params for item in _selected(selection)])}"
    if step.workdir != ".":
        yield from key_line("workdir", step.workdir)
    if step.shell:
        yield f"shell: {flow(list(step.shell))}"
    if step.runs is not None:
        yield f"runs: {step.runs}"
    if step.is_free:
        yield "needs: []"
    if step.clears:
        yield f"clears: {flow(list(step.clears))}"
    if step.keeps:
        yield f"keeps: {flow(list(step.keeps))}"


def _selected(selection: ParamSelection) -> Iterator[Any]:
    if selection.path == "params.yaml" and selection.keys:
        yield from selection.keys
    else:
        yield {selection.path: list(selection.keys) or None}

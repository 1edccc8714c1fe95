"""A DVC project as a Declaration: every dvc.yaml of it, one pipeline."""

from collections.abc import Iterable
from typing import Any

from assay.core.order import overlaps
from assay.core.pipeline import Declaration, Pipeline
from assay.core.problem import DeclarationError, Place, Problem
from assay.declare.dvc.config import read_config
from assay.declare.dvc.file import Declared, read_file
from assay.declare.dvc.sources import Sources
from assay.declare.kinds import Named
from assay.declare.param_keys import ParamUse
from assay.declare.reading import Reading
from assay.declare.sense import tell_files_that_do_not_fit


def read_project(paths: Iterable[str], sources: Sources, name: str = "pipeline") -> Declaration:
    """What the dvc.yaml files at ``paths`` declare together; ``DeclarationError`` with every mistake in them.

    A stage of the top dvc.yaml goes by its name, one of another as ``folder/dvc.yaml:name``. The digest is
    over everything that was read, files of parameters among it.
    """
    flags = read_config(sources.read).flags
    declared: list[Declared] = []
    whole = Reading("dvc.yaml")
    problems: list[Problem] = []
    for path in sorted(paths, key=lambda path: (path.count("/"), path)):
        reading = Reading(path)
        declared += read_file(path, sources.read(path) or b"", sources.read, flags, reading)
        problems += reading.problems
        whole.places |= reading.places
    tell_files_that_do_not_fit(tuple(map(_named, declared)), whole)
    problems += whole.problems
    if not declared and not problems:
        problems.append(_nothing())
    if problems:
        raise DeclarationError(tuple(problems))
    pipeline = Pipeline(name, tuple(each.step for each in declared))
    _look_at_selected(pipeline, sources)
    return Declaration(pipeline, whole.places, sources.digest, rests_on=sources.seen)


def _look_at_selected(pipeline: Pipeline, sources: Sources) -> None:
    """Files of which parameters are selected decide too, but for those that a stage writes."""
    made = [path for step in pipeline.steps for path in step.promised]
    for path in {selection.path: None for step in pipeline.steps for selection in step.params}:
        if not any(overlaps(path, other) for other in made):
            sources.read(path)


def _named(declared: Declared) -> Named:
    """The stage as sense is made of steps: under the keys of assay.yaml."""
    step = declared.step
    values: dict[str, Any] = {
        "name": step.name,
        "run": "stage",
        "inputs": step.inputs,
        "outputs": step.outputs,
        "metrics": step.metrics,
        "params": tuple((ParamUse(selection.path, None, declared.where),) for selection in step.params),
        "needs": (),
    }
    if step.runs is not None:
        values["runs"] = step.runs
    if step.workdir != ".":
        values["workdir"] = step.workdir
    return Named(declared.where, declared.found.node, values, declared.is_whole, declared=declared.where)


def _nothing() -> Problem:
    fix = "write `stages:` and below it the name of one with `cmd: python train.py`"
    return Problem("empty-file", "dvc.yaml declares no stages", (), fix, Place("dvc.yaml", 1))

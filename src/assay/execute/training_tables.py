"""Which tables the model was made from, as far as steps were seen to read and write.

What the rows of the gate are made from holds them rightly: the raw table that a step splits, and what that table comes from.
So the steps that lead to the gate's data are left out, but not the one that makes the model, unless it writes both.
Who leads to what is told by files, not by the order of steps: a step that only looked at the raw table makes nothing.
"""

from collections.abc import Iterable
from pathlib import PurePosixPath
from posixpath import normpath

import msgspec

from assay.core.digest import Digest
from assay.core.order import touches
from assay.core.pipeline import Pipeline
from assay.core.run import StepResult
from assay.core.table import is_table_name


class TableRead(msgspec.Struct, frozen=True):
    """A table that a step read; or a folder that it declares, in which tables may lie."""

    step: str
    path: str
    is_folder: bool = False
    digest: Digest | None = None
    """Of its content when it was read, where that is known."""


class TrainedOn(msgspec.Struct, frozen=True):
    """What the model was made from."""

    reads: tuple[TableRead, ...] = ()
    """Each path once, in the order of steps and of their reads."""
    makers: tuple[str, ...] = ()
    """The steps that made the model or something that it is made of; empty where none is known."""
    unseen: tuple[str, ...] = ()
    """Those of them that were not traced and declare no table: what they read is not known."""
    splitter: str | None = None
    """The step that wrote both the model and the gate's rows, where one did: what it read holds both."""


def trained_on(pipeline: Pipeline, data: str, results: tuple[StepResult, ...]) -> TrainedOn:
    """The tables that the model was made from. ``data`` is the path or glob of the gate's rows, ``results`` those before it."""
    if pipeline.model is None:
        return TrainedOn()
    model = normpath(pipeline.model.path)
    lineage = {result.step: _lineage(pipeline, result) for result in results if result.is_good}
    modellers = {step for step, files in lineage.items() if model in files.writes_up or files.writes & _up({model})}
    splitters = {step for step, files in lineage.items() if any(touches(data, path) for path in files.writes)}
    makers = _upstream(modellers, lineage)
    apart = _with_those_before_unseen(pipeline, _upstream(splitters, lineage), lineage)
    asked = makers - (apart - (modellers - splitters))
    tables = {result.step: _tables(result, data) for result in results if result.step in asked}
    reads: dict[str, TableRead] = {}
    for read in (read for found in tables.values() for read in found):
        reads.setdefault(read.path, read)
    return TrainedOn(
        tuple(reads.values()),
        tuple(step for step in lineage if step in makers),
        tuple(step for step, found in tables.items() if not found and not lineage[step].is_traced),
        next((step for step in lineage if step in modellers & splitters), None),
    )


class _Lineage(msgspec.Struct, frozen=True):
    """What a step read and wrote, paths in plain spelling; ``_up``: with every folder above."""

    is_traced: bool
    reads: frozenset[str]
    """What it declares to read, or was seen to."""
    takes: frozenset[str]
    """And the files of which it selects parameters."""
    takes_up: frozenset[str]
    writes: frozenset[str]
    writes_up: frozenset[str]

    def comes_from(self, other: "_Lineage") -> bool:
        return bool(self.takes & other.writes_up or self.takes_up & other.writes)


def _lineage(pipeline: Pipeline, result: StepResult) -> _Lineage:
    step = pipeline.step(result.step)
    read = (*(artifact.path for artifact in (*result.inputs, *result.discovered)), *result.trace.reads)
    wrote = (*step.promised, *result.trace.writes, *(file.path for file in result.written))
    reads, writes = frozenset(map(normpath, read)), frozenset(map(normpath, wrote))
    takes = reads.union(normpath(selection.path) for selection in step.params)
    return _Lineage(result.trace.traced, reads, takes, _up(takes), writes, _up(writes))


def _up(paths: Iterable[str]) -> frozenset[str]:
    return frozenset(str(above) for path in paths for above in (PurePosixPath(path), *PurePosixPath(path).parents))


def _upstream(steps: set[str], lineage: dict[str, _Lineage]) -> set[str]:
    """These steps, and all whose files they come from."""
    pending, found = list(steps), set(steps)
    while pending:
        files = lineage[pending.pop()]
        new = {other for other, theirs in lineage.items() if other not in found and files.comes_from(theirs)}
        found |= new
        pending += new
    return found


def _with_those_before_unseen(pipeline: Pipeline, steps: set[str], lineage: dict[str, _Lineage]) -> set[str]:
    """Where a step was not seen to read anything, it may come from whatever stands before it in the file."""
    names = [step.name for step in pipeline.steps]
    unseen = [names.index(step) for step in steps if not lineage[step].is_traced and not lineage[step].reads]
    return steps | {name for name in names[: max(unseen, default=0)] if name in lineage}


def _tables(result: StepResult, data: str) -> tuple[TableRead, ...]:
    """Files in the order in which they were read. A declared folder is known by what was read in it, if anything was seen."""
    seen = [path for path in result.trace.reads if is_table_name(path)]
    found: dict[str, TableRead] = {}
    for artifact in (*result.inputs, *result.discovered):
        below = artifact.path.rstrip("/") + "/"
        if artifact.kind == "folder" and not any(artifact.path == "." or path.startswith(below) for path in seen):
            found[artifact.path] = TableRead(result.step, artifact.path, is_folder=True)
        elif artifact.kind == "file" and is_table_name(artifact.path):
            found[artifact.path] = TableRead(result.step, artifact.path, digest=artifact.digest)
    for path in seen:
        found.setdefault(path, TableRead(result.step, path))
    return tuple(read for path, read in found.items() if read.is_folder or not touches(data, path))

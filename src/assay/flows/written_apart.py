"""Before a command writes files that a person named: none of them is what it reads, or another of them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from assay.core.order import reads
from assay.core.problem import Problem, UsageError
from assay.workspace import Workspace


def demand_apart(outputs: Mapping[str, Path | None], inputs: Iterable[Path]) -> None:
    """``UsageError`` where an output, by its option, would overwrite an input or another output, also through links."""
    given = {option: path for option, path in outputs.items() if path is not None}
    if not given:
        return
    read = list(inputs)
    for option, path in given.items():
        if any(_is_same(path, each) for each in read):
            raise UsageError(_clash(f"{option} would overwrite {path}, which is read", option))
        other = next((each for each in given if each != option and _is_same(path, given[each])), None)
        if other is not None:
            raise UsageError(_clash(f"{option} and {other} name one file: {path}", option))


def project_files(workspace: Workspace) -> Iterator[Path]:
    """The files that a project rests on: assay.yaml, the ledger, the model, and what its steps read and write."""
    pipeline, files = workspace.pipeline, workspace.files
    yield files.locate("assay.yaml")
    yield files.locate(pipeline.ledger)
    patterns = {name for step in pipeline.steps for name in (*reads(step), *step.promised)}
    model = pipeline.model
    if model is not None:
        predict = () if model.predict is None else (model.predict.split(":")[0],)
        patterns |= {model.path, *predict}
    for pattern in patterns:
        yield from map(files.locate, files.expand(pattern))


def _is_same(one: Path, other: Path) -> bool:
    """They are one file, or will be; a folder is all that is in it."""
    try:
        if one.samefile(other):
            return True
    except OSError:
        pass  # one of them is not there yet
    return one.resolve().is_relative_to(other.resolve())


def _clash(what: str, option: str) -> Problem:
    return Problem("output-is-input", what, ("nothing was judged or written",), f"give {option} a path of its own")

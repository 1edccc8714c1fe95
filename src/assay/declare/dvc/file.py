"""One dvc.yaml: its sections, and the stages that it declares."""

from collections.abc import Iterator
from posixpath import dirname
from typing import Any

import msgspec

from assay.core.pipeline import RunAction, Step
from assay.core.problem import Place
from assay.declare.dvc.cells import Cell, cells_of_foreach, cells_of_matrix
from assay.declare.dvc.interpolation import Flags, Unresolved
from assay.declare.dvc.scope import Scope, load_variables
from assay.declare.dvc.sources import Read
from assay.declare.dvc.stage import Found, read_stage
from assay.declare.dvc.variables import DEFAULT_FILE, Variables
from assay.declare.nodes import Mapping, Node, Scalar, saw
from assay.declare.plain import unmerged
from assay.declare.reading import Reading, inside
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse

FILE = "dvc.yaml"
SECTIONS = ("stages", "vars", "params", "metrics", "plots", "artifacts", "datasets")
_OTHER_NAMES = {"steps": "stages", "jobs": "stages", "variables": "vars"}


_NOTHING = RunAction("")


class Declared(msgspec.Struct, frozen=True):
    """A stage that was read, and the step that it is."""

    step: Step
    found: Found
    where: str
    is_whole: bool


def read_file(path: str, data: bytes, read: Read, flags: Flags, reading: Reading) -> tuple[Declared, ...]:
    """The steps of the file at ``path``; every mistake in it is told."""
    try:
        node = parse(decode(data))
    except SyntaxMistake as mistake:
        place = Place(path, mistake.line, mistake.column)
        because = (mistake.because,) if mistake.because else ()
        reading.tell(place, "not-yaml", mistake.what, *because, fix=mistake.fix)
        return ()
    node = None if node is None else unmerged(node)
    if node is None or (isinstance(node, Scalar) and node.value is None):
        return ()
    if not isinstance(node, Mapping):
        reading.tell(
            node, "wrong-type", f"expected keys such as `stages:`, got {saw(node)}", fix="write `stages:` above"
        )
        return ()
    sections = dict(_sections(node, reading))
    scope = Scope(reading, "", dirname(path) or ".", Variables(read), flags)
    _load(sections.get("vars"), scope)
    stages = sections.get("stages")
    if stages is None:
        return ()
    if not isinstance(stages, Mapping):
        reading.tell_type(stages, "stages", "names of stages with what each does")
        return ()
    prefix = "" if path == FILE else f"{path}:"
    return tuple(
        declared
        for name, _, each in reading.entries(stages, "stages")
        for declared in _stage(name, prefix, each, scope)
    )


def _sections(node: Mapping, reading: Reading) -> Iterator[tuple[str, Node]]:
    for name, key, value in reading.entries(node, ""):
        if name in SECTIONS:
            yield name, value
        else:
            reading.tell_unknown(key, "", list(SECTIONS), _OTHER_NAMES)


def _load(node: Node | None, scope: Scope) -> None:
    assert scope.variables is not None
    try:
        scope.variables.load_default(scope.folder)
    except Unresolved as error:
        place = Place(f"{scope.folder}/{DEFAULT_FILE}".removeprefix("./"), 1)
        scope.reading.tell(place, error.code, error.what, *error.because, fix=error.fix)
    if node is not None:
        load_variables(node, "vars", scope.folder, scope)


def _stage(name: str, prefix: str, node: Node, file: Scope) -> Iterator[Declared]:
    scope = msgspec.structs.replace(file, where=inside("stages", name))
    if not isinstance(node, Mapping):
        scope.reading.tell_type(node, scope.where, "keys such as `cmd` and `deps`")
        return
    values = {key.text: value for key, value in node.pairs if isinstance(key, Scalar)}
    if "foreach" in values or "do" in values:
        yield from _foreach(f"{prefix}{name}", node, values, scope)
    elif "matrix" in values:
        body = _without(node, "matrix")
        yield from _cells(f"{prefix}{name}", body, cells_of_matrix(values["matrix"], scope), scope)
    else:
        yield _declared(f"{prefix}{name}", node, scope, None, None)


def _foreach(name: str, node: Mapping, values: dict[str, Node], scope: Scope) -> Iterator[Declared]:
    reading = scope.reading
    for key in ("foreach", "do"):
        if key not in values:
            fix = "write `foreach: [a, b]`" if key == "foreach" else "write the stage below `do:`"
            reading.tell(node, "missing-key", f"`{scope.where}` has no `{key}`", fix=fix)
    for text, key_node, _ in reading.entries(node, scope.where):
        if text not in ("foreach", "do"):
            what = f"`{inside(scope.where, text)}` stands beside `foreach`"
            reading.tell(key_node, "misplaced-key", what, fix="put it below `do:`")
    body = values.get("do")
    cells = cells_of_foreach(values["foreach"], scope) if "foreach" in values else None
    if isinstance(body, Mapping):
        yield from _cells(name, body, cells, msgspec.structs.replace(scope, where=inside(scope.where, "do")))
    elif body is not None:
        reading.tell_type(body, inside(scope.where, "do"), "keys such as `cmd` and `deps`")


def _cells(name: str, body: Mapping, cells: tuple[Cell, ...] | None, scope: Scope) -> Iterator[Declared]:
    """A step a cell; where the cells are not known, the shape of the stage is read all the same."""
    if cells is None:
        read_stage(body, name, msgspec.structs.replace(scope, variables=None))
        return
    for cell in cells:
        assert scope.variables is not None
        inner = msgspec.structs.replace(scope, variables=scope.variables.with_cell(cell.variables))
        yield _declared(f"{name}@{cell.key}", body, inner, name, cell)


def _declared(name: str, node: Mapping, scope: Scope, cell_of: str | None, cell: Cell | None) -> Declared:
    before = scope.reading.mistakes
    found = read_stage(node, name, scope)
    axes: tuple[tuple[str, Any], ...] = () if cell is None else cell.axes
    where = inside("steps", name)
    _mark(where, found, scope.reading)
    return Declared(
        found.step(cell_of, axes) if found.commands else Step(name, _NOTHING),
        found,
        where,
        scope.reading.mistakes == before,
    )


def _mark(where: str, found: Found, reading: Reading) -> None:
    """Remember where the step and what it declares stand, by the names that these have in assay.yaml."""
    reading.mark(where, found.node)
    for key, paths in (("inputs", found.deps), ("outputs", found.outs), ("metrics", found.metrics)):
        for at, node in enumerate(paths.values()):
            if at == 0:
                reading.mark(inside(where, key), node)
            reading.mark(f"{inside(where, key)}[{at}]", node)


def _without(node: Mapping, name: str) -> Mapping:
    pairs = tuple(pair for pair in node.pairs if not (isinstance(pair[0], Scalar) and pair[0].text == name))
    return Mapping(pairs, node.line, node.column)

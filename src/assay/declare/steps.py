"""The list of steps: each read under its name, and once for each of its cells where it has a ``matrix`` or ``foreach``."""

from collections.abc import Iterator
from typing import Any

from assay.declare.cells import FOREACH, MATRIX, UNKNOWN_CELL, Cell
from assay.declare.kinds import LONGEST_NAME, Kind, Named, name_in
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import Reading, inside
from assay.declare.shell import KNOWN_SHELLS, reads_as_posix

_MAKERS = {"matrix": MATRIX, "foreach": FOREACH}


def steps_of(item: Kind, says: str, fix: str) -> Kind:
    """A list of sections that go by their ``name``, read as a tuple of ``Named``; a cell each."""

    def read(node: Node, reading: Reading, where: str) -> tuple[Named, ...] | None:
        if not isinstance(node, Sequence) or not node.items:
            reading.tell_type(node, where, says, fix)
            return None
        return tuple(step for at, each in enumerate(node.items) for step in _read_step(item, at, each, reading, where))

    return Kind(says, {"type": "array", "items": item.schema, "minItems": 1}, read, item=item)


def value_under(node: Node | None, key: str) -> Node | None:
    """What stands under the first such key, before it is read."""
    pairs = node.pairs if isinstance(node, Mapping) else ()
    return next((value for name, value in pairs if isinstance(name, Scalar) and name.text == key), None)


def is_posix(shell: Node | None, *, otherwise: bool) -> bool:
    """Whether what stands under `shell:` reads commands as sh does; ``otherwise`` where nothing does."""
    if isinstance(shell, Sequence):
        return reads_as_posix(tuple(item.text for item in shell.items if isinstance(item, Scalar)))
    if isinstance(shell, Scalar):
        return reads_as_posix(KNOWN_SHELLS.get(shell.text, ()))
    return otherwise


def _read_step(item: Kind, at: int, node: Node, reading: Reading, where: str) -> Iterator[Named]:
    name = name_in(node)
    here = inside(where, name) if name else f"{where}[{at}]"
    if here in reading.places:
        here = f"{where}[{at}]"
    outer = reading.scope
    posix = is_posix(value_under(node, "shell"), otherwise=outer.is_posix)
    reading.mark(here, node)
    if isinstance(node, Mapping) and any(value_under(node, key) is not None for key in _MAKERS):
        with reading.cells_of_one_step():
            yield from _read_cells(item, node, here, reading, is_posix=posix)
    else:
        reading.scope = outer.within({}, is_posix=posix)
        before = reading.mistakes
        values = item.read(node, reading, here)
        yield Named(here, node, values or {}, is_whole=reading.mistakes == before, declared=here)
    reading.scope = outer


def _read_cells(item: Kind, node: Mapping, here: str, reading: Reading, *, is_posix: bool) -> Iterator[Named]:
    outer, before = reading.scope, reading.mistakes
    cells = _cells(node, here, reading)
    of_each = Mapping(tuple(pair for pair in node.pairs if not _makes_cells(pair[0])), node.line, node.column)
    has_mistakes = reading.mistakes > before
    for cell in cells:
        is_known = cell is not UNKNOWN_CELL
        where = f"{here}@{cell.suffix}" if is_known else here
        reading.mark(where, node)
        reading.scope = outer.within(cell.roots, is_posix=is_posix)
        told = reading.mistakes
        values: dict[str, Any] = item.read(of_each, reading, where) or {}
        name = values.get("name", "")
        if name and is_known:
            values["name"] = _cell_name(name, cell, node, reading, where)
        is_whole = reading.mistakes == told and not has_mistakes
        yield Named(where, node, values, is_whole, here, name, cell.values)


def _makes_cells(key: Node) -> bool:
    return isinstance(key, Scalar) and key.text in _MAKERS


def _cells(node: Mapping, here: str, reading: Reading) -> tuple[Cell, ...]:
    """The cells; after a mistake the one of which nothing is known."""
    found = []
    for key, value in node.pairs:
        if isinstance(key, Scalar) and key.text in _MAKERS:
            reading.mark(inside(here, key.text), key)
            found.append((key, value))
    if len(found) > 1:
        both = [key.text for key, _ in found]
        what = f"`{here}` has {' and '.join(f'`{each}`' for each in both)}"
        because = "a step is made many by one of them, once"
        reading.tell(found[-1][0], "misplaced-key", what, because, fix=f"remove `{both[-1]}`")
    key, value = found[0]
    if value_under(node, "run") is None:
        what = f"`{inside(here, key.text)}` means nothing without `run`"
        reading.tell(key, "misplaced-key", what, fix=f"remove `{key.text}`")
    cells: tuple[Cell, ...] | None = _MAKERS[key.text].read(value, reading, inside(here, key.text))
    return cells or (UNKNOWN_CELL,)


def _cell_name(name: str, cell: Cell, node: Mapping, reading: Reading, where: str) -> str:
    found = f"{name}@{cell.suffix}"
    if len(found) > LONGEST_NAME or len(found.splitlines()) != 1 or found.endswith(("@", " ")):
        what = f"`{where}`: a step cannot be called so"
        because = f"a step is called by the values of its cell, on one line of at most {LONGEST_NAME} characters"
        fix = "give the values short names by `foreach: {NAME: VALUE}`"
        reading.tell(node, "bad-cell-name", what, because, fix=fix)
    return found

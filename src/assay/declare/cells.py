"""``matrix`` and ``foreach``: the cells that one declared step stands for.

Cells are called as DVC calls them: by their values, joined with ``-``; a value that is a list or holds keys goes by its axis and
its place (``config0``). Items of ``foreach`` go by their value; by their place where one of them is no single value; by their key.
"""

import math
import re
from collections.abc import Iterator
from itertools import product
from typing import Any, TypeAlias

import msgspec

from assay.core.near import near_miss
from assay.core.reference import UNKNOWN, is_recordable
from assay.declare.filling import fill_text, look_up_spelt, only_reference, spelt
from assay.declare.kinds import Kind
from assay.declare.nodes import Mapping, Node, Scalar, Sequence, excerpt
from assay.declare.reading import Reading, inside

MOST_CELLS = 10_000
"""So many may all the matrices and lists of a file make."""

_AXIS = r"[A-Za-z_][A-Za-z0-9_-]{0,49}"
_EXCLUDE, _INCLUDE = "exclude", "include"


class Cell(msgspec.Struct, frozen=True):
    """One combination of a matrix, or one item."""

    suffix: str
    """What its step's name ends in, behind the ``@``."""
    roots: dict[str, Any]
    """What ``${...}`` finds: ``matrix``, or ``item`` and ``key``."""
    values: tuple[tuple[str, Any], ...]


UNKNOWN_CELL = Cell("", {"matrix": UNKNOWN, "item": UNKNOWN, "key": UNKNOWN}, ())
"""For a step whose cells could not be read."""

Axis: TypeAlias = tuple[str, list[Any]]


def _read_matrix(node: Node, reading: Reading, where: str) -> tuple[Cell, ...] | None:
    if not isinstance(node, Mapping) or not node.pairs:
        reading.tell_type(node, where, MATRIX.says)
        return None
    before, excluded = reading.mistakes, None
    axes: list[Axis] = []
    for name, key, value in reading.entries(node, where):
        reading.mark(inside(where, name), key)
        if name == _EXCLUDE:
            excluded = value
        elif name == _INCLUDE:
            fix = "write the combinations one by one: `foreach: [{model: linear, depth: 1}]`"
            reading.tell(key, "misplaced-key", f"`{name}` is not a key of `{where}`", fix=fix)
        else:
            axes += _read_axis(name, key, value, reading, where)
    if not axes and reading.mistakes == before:
        reading.tell(node, "empty-list", f"`{where}` has no axis", fix="write `AXIS: [VALUE, VALUE]` in it")
    if reading.mistakes > before or not _is_bounded(node, math.prod(len(values) for _, values in axes), reading, where):
        return None
    patterns = [] if excluded is None else _read_excluded(excluded, axes, reading, inside(where, _EXCLUDE))
    if reading.mistakes > before:
        return None
    cells = [cell for cell in _combinations(axes) if not any(_is_like(cell, pattern) for pattern in patterns)]
    return _distinct(node, cells, reading, where)


def _read_axis(name: str, key: Scalar, node: Node, reading: Reading, where: str) -> list[Axis]:
    """The axis, in a list; none after a mistake."""
    here = inside(where, name)
    if not re.fullmatch(_AXIS, name):
        what = f'`{where}`: "{excerpt(name)}" is no name of an axis'
        reading.tell(key, "wrong-type", what, fix="write a word of letters, digits, _ and -")
        return []
    values = _values_of(node, reading, here)
    if isinstance(values, list) and values:
        return [(name, values)]
    if values is not None:
        _tell_not_values(node, values, reading, here, "a list of values such as [linear, forest]")
    return []


def _values_of(node: Node, reading: Reading, where: str) -> Any:
    """What a node holds, references filled; None after a mistake in it."""
    before = reading.mistakes
    value = _filled(node, reading, where)
    is_known = not _has_unknown(value)
    if reading.mistakes == before and not is_known and not reading.files.are_known:
        what = f"`{where}`: its values are in a file that is not looked into here"
        reading.tell(node, "unknown-reference", what, fix="write the values out")
    return value if is_known and reading.mistakes == before else None


def _tell_not_values(node: Node, found: Any, reading: Reading, where: str, says: str) -> None:
    """What stands there is nothing that makes cells; behind a reference it is what the reference leads to."""
    if not isinstance(node, Scalar) or only_reference(node.text) is None:
        reading.tell_type(node, where, says)
    elif isinstance(found, list | dict) and not found:
        what = f"`{where}`: {node.text} is empty, so there is nothing to run"
        reading.tell(node, "empty-list", what, fix="give it a value, or take the step out")
    else:
        kind = "keys with values" if isinstance(found, dict) else excerpt(spelt(found))
        reading.tell(node, "wrong-type", f"`{where}`: expected {says}, and {node.text} is {kind}")


def _has_unknown(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_unknown, value.values()))
    return any(map(_has_unknown, value)) if isinstance(value, list) else value is UNKNOWN


def _filled(node: Node, reading: Reading, where: str) -> Any:
    match node:
        case Scalar(value=None):
            reading.tell_type(node, where, "a value")
            return None
        case Scalar() if not is_recordable(node.value):
            reading.tell_type(node, where, "a finite number of at most 64 bits")
            return None
        case Scalar(value=str()) if "${" in node.text:
            return _filled_text(node, reading, where)
        case Sequence():
            return [_filled(item, reading, f"{where}[{at}]") for at, item in enumerate(node.items)]
        case Mapping():
            return {
                name: _filled(value, reading, inside(where, name)) for name, _, value in reading.entries(node, where)
            }
    return node.value


def _filled_text(node: Scalar, reading: Reading, where: str) -> Any:
    alone = only_reference(node.text)
    if alone is None:
        text, mistakes = fill_text(node.text, reading.scope.look_up)
    else:
        text, mistake = look_up_spelt(alone, reading.scope.look_up)
        mistakes = (mistake,) if mistake else ()
    for wrong in mistakes:
        reading.tell_filling(node, where, wrong)
    return text


def _combinations(axes: list[Axis]) -> Iterator[Cell]:
    for chosen in product(*(enumerate(values) for _, values in axes)):
        values = tuple((name, value) for (name, _), (_, value) in zip(axes, chosen, strict=True))
        parts = (_part(name, at, value) for (name, _), (at, value) in zip(axes, chosen, strict=True))
        yield Cell("-".join(parts), {"matrix": dict(values)}, values)


def _part(axis: str, at: int, value: Any) -> str:
    return f"{axis}{at}" if isinstance(value, list | dict) else spelt(value)


def _is_like(cell: Cell, pattern: dict[str, Any]) -> bool:
    values = dict(cell.values)
    return all(values[axis] == value for axis, value in pattern.items())


def _read_excluded(node: Node, axes: list[Axis], reading: Reading, where: str) -> list[dict[str, Any]]:
    known, found = dict(axes), []
    items = node.items if isinstance(node, Sequence) else ()
    if not items or not all(isinstance(item, Mapping) and item.pairs for item in items):
        reading.tell_type(node, where, "a list of combinations such as [{model: linear, depth: 8}]")
        return []
    for at, item in enumerate(items):
        assert isinstance(item, Mapping)
        pattern = {}
        for name, key, value in reading.entries(item, f"{where}[{at}]"):
            pattern[name] = _values_of(value, reading, f"{where}[{at}].{name}")
            if name not in known:
                near = near_miss(name, known)
                what = f"`{where}[{at}]`: there is no axis {excerpt(name)}, so nothing is left out"
                reading.tell(
                    key, "excludes-nothing", what, f"axes: {', '.join(known)}", fix=f"write {near}" if near else ""
                )
            elif pattern[name] is not None and pattern[name] not in known[name]:
                what = f"`{where}[{at}].{name}`: {name} is never {spelt(pattern[name])}, so nothing is left out"
                near = near_miss(spelt(pattern[name]), map(spelt, known[name]))
                reading.tell(value, "excludes-nothing", what, fix=f"write {near}" if near else "remove it")
        found.append({name: value for name, value in pattern.items() if name in known})
    return found


def _read_foreach(node: Node, reading: Reading, where: str) -> tuple[Cell, ...] | None:
    values = _values_of(node, reading, where)
    if values is None:
        return None
    if not isinstance(values, list | dict) or not values:
        _tell_not_values(node, values, reading, where, FOREACH.says)
        return None
    if not _is_bounded(node, len(values), reading, where):
        return None
    return _distinct(node, list(_items(values)), reading, where)


def _items(values: list[Any] | dict[str, Any]) -> Iterator[Cell]:
    if isinstance(values, dict):
        for key, value in values.items():
            yield Cell(key, {"item": value, "key": key}, (("key", key), ("item", value)))
        return
    by_place = any(isinstance(value, list | dict) for value in values)
    for at, value in enumerate(values):
        yield Cell(str(at) if by_place else spelt(value), {"item": value}, (("item", value),))


def _is_bounded(node: Node, count: int, reading: Reading, where: str) -> bool:
    reading.cells += count
    if reading.cells <= MOST_CELLS:
        return True
    what = f"`{where}` makes {count} steps, and with those before it the file {reading.cells}"
    because = f"a file may make {MOST_CELLS}"
    reading.tell(node, "too-many-cells", what, because, fix="let one step go through several of the values")
    reading.cells -= count
    return False


def _distinct(node: Node, cells: list[Cell], reading: Reading, where: str) -> tuple[Cell, ...] | None:
    if not cells:
        reading.tell(node, "empty-list", f"`{where}` leaves nothing to run", fix="exclude less")
        return None
    by_suffix: dict[str, Cell] = {}
    for cell in cells:
        other = by_suffix.setdefault(cell.suffix, cell)
        if other is not cell:
            what = f'`{where}` makes two steps that would both be called "...@{excerpt(cell.suffix)}"'
            because = "a step goes by the values of its cell" if other.values != cell.values else "a value stands twice"
            reading.tell(
                node, "same-cell", what, because, fix="give each value once, or name them by `foreach: {NAME: VALUE}`"
            )
    return tuple(by_suffix.values())


_SOMETHING: dict[str, Any] = {"type": ["string", "number", "boolean", "array", "object"]}
_VALUE: dict[str, Any] = {**_SOMETHING, "items": _SOMETHING, "additionalProperties": _SOMETHING}
"""Never nothing, nor holding nothing."""
_VALUES: dict[str, Any] = {
    "anyOf": [{"type": "array", "minItems": 1, "items": _VALUE}, {"type": "string", "pattern": r"^\$\{[^${}]*\}$"}]
}

MATRIX = Kind(
    "axes with values such as {model: [linear, forest]}, and what to leave out as `exclude: [{...}]`",
    {
        "type": "object",
        "minProperties": 1,
        "properties": {
            _EXCLUDE: {
                "type": "array",
                "minItems": 1,
                "items": {"type": "object", "minProperties": 1, "additionalProperties": _VALUE},
            }
        },
        "additionalProperties": _VALUES,
        "propertyNames": {"pattern": f"^{_AXIS}$"},
    },
    _read_matrix,
)
FOREACH = Kind(
    "a list such as [EWR, JFK], or keys with values",
    {"anyOf": [*_VALUES["anyOf"], {"type": "object", "minProperties": 1, "additionalProperties": _VALUE}]},
    _read_foreach,
)

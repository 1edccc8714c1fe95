"""``foreach`` and ``matrix``: the cells that a stage is repeated for, named as DVC names them."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec

from assay.declare.dvc.interpolation import spelt
from assay.declare.dvc.scope import Scope
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import inside


class Cell(msgspec.Struct, frozen=True):
    """One repetition: what its name ends in, and the variables that it alone has."""

    key: str
    variables: dict[str, Any]
    axes: tuple[tuple[str, Any], ...]


def cells_of_foreach(node: Node, scope: Scope) -> tuple[Cell, ...] | None:
    """One cell an item; None where a mistake was told."""
    where = inside(scope.where, "foreach")
    items = resolved(node, scope)
    if isinstance(items, dict):
        pairs = ((spelt(key), {"item": value, "key": spelt(key)}) for key, value in items.items())
    elif isinstance(items, list):
        is_composite = any(isinstance(item, list | dict) for item in items)
        pairs = ((str(at) if is_composite else spelt(item), {"item": item}) for at, item in enumerate(items))
    else:
        if items is not None or not isinstance(node, Scalar):
            scope.reading.tell_type(node, where, "a list, names with values, or a variable that is one")
        return None
    return tuple({key: Cell(key, told, (("item", told["item"]),)) for key, told in pairs}.values())


def cells_of_matrix(node: Node, scope: Scope) -> tuple[Cell, ...] | None:
    """One cell a combination, the last axis turning fastest; None where a mistake was told."""
    where = inside(scope.where, "matrix")
    if not isinstance(node, Mapping):
        scope.reading.tell_type(node, where, "axes, each a list (`model: [a, b]`)")
        return None
    axes: dict[str, list[Any]] = {}
    for name, _, value in scope.reading.entries(node, where):
        items = resolved(value, scope)
        if isinstance(items, list):
            axes[name] = items
        elif items is not None or not isinstance(value, Scalar):
            scope.reading.tell_type(value, inside(where, name), "a list, or a variable that is one")
    if len(axes) < len(node.pairs):
        return None
    return tuple({cell.key: cell for cell in _combined(axes)}.values())


def resolved(node: Node, scope: Scope) -> Any:
    """The value, its variables put in place; a text that is one expression may stand for a list or mapping. None where not known."""
    match node:
        case Scalar(value=str()):
            return scope.value(node, takes_any=True)
        case Scalar():
            return node.value
        case Sequence():
            return [resolved(item, scope) for item in node.items]
        case Mapping():
            pairs = [(key, value) for key, value in node.pairs if isinstance(key, Scalar)]
            return {_key(key, scope): resolved(value, scope) for key, value in pairs}


def _key(node: Scalar, scope: Scope) -> Any:
    return scope.value(node) if isinstance(node.value, str) else node.value


def _combined(axes: dict[str, list[Any]]) -> Iterator[Cell]:
    for combination in product(*(enumerate(values) for values in axes.values())):
        chosen = [(axis, at, value) for axis, (at, value) in zip(axes, combination, strict=True)]
        key = "-".join(f"{axis}{at}" if isinstance(value, list | dict) else spelt(value) for axis, at, value in chosen)
        item = {axis: value for axis, _, value in chosen}
        yield Cell(key, {"item": item, "key": key}, tuple(item.items()))

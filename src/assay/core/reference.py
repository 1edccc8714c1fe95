"""References to values: ``matrix.model``, ``item.path``, ``key``, ``params.train.layers[0]``.

They stand in ``${...}`` and in ``when``. What they refer to is known when the file is read.
"""

import math
import re
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast

import msgspec

from assay.core.near import near_miss

Root = Literal["matrix", "item", "key", "params"]
ROOTS: tuple[Root, ...] = ("matrix", "item", "key", "params")

KEY_PATH = r"[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+|\[[0-9]{1,9}\])*"
"""How a value inside others is written, as a regular expression: ``train.layers[0]``."""

_PART = re.compile(r"\.?([A-Za-z0-9_-]+)|\[([0-9]+)\]")

Path: TypeAlias = tuple[str | int, ...]


class Unknown:
    """A value that a mistake told elsewhere hides: whatever is asked of it, nothing more is told."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown()


class Reference(msgspec.Struct, frozen=True):
    """What a reference says: where to begin, and which way from there."""

    root: str
    path: Path
    text: str


class ReferenceMistake(ValueError):
    """Nothing is there. ``because``, ``near`` (what was meant, wholly written) and ``fix`` may be empty."""

    def __init__(self, what: str, because: str = "", near: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.because = because
        self.near = near
        self.fix = fix


def parse_reference(text: str) -> Reference | None:
    """The reference that ``text`` spells; None for what is spelt otherwise."""
    if not re.fullmatch(KEY_PATH, text):
        return None
    root, *path = path_of(text)
    return Reference(cast("str", root), tuple(path), text)


def path_of(text: str) -> Path:
    """The parts of ``train.layers[0]``: text for keys, numbers for places in a list."""
    return tuple(int(match[2]) if match[2] else match[1] for match in _PART.finditer(text))


def find(reference: Reference, roots: Mapping[str, Any]) -> Any:
    """What the reference names; ``ReferenceMistake`` where nothing is there. ``roots`` are the values known there."""
    if reference.root not in roots:
        near = near_miss(reference.root, roots) or ""
        rest = reference.text[len(reference.root) :]
        raise ReferenceMistake(f"`{reference.root}` is not known here", _known(roots), near and near + rest)
    return find_below(roots[reference.root], reference.path, reference.root)


def find_below(value: Any, path: Path, name: str) -> Any:
    """What stands at ``path`` inside a value that goes by ``name``; ``ReferenceMistake`` where nothing does."""
    for at, part in enumerate(path):
        if value is UNKNOWN:
            return UNKNOWN
        value = _step_into(value, part, name, path[at + 1 :])
        name = _joined(name, part)
    return value


def is_recordable(value: Any) -> bool:
    """It holds no number that a record cannot: NaN, an infinity, a whole number of more than 64 bits."""
    match value:
        case dict():
            return all(is_recordable(each) for each in value.values())
        case list():
            return all(is_recordable(each) for each in value)
        case float():
            return math.isfinite(value)
        case int():
            return -(2**63) <= value < 2**63
        case _:
            return True


def spell(path: Path) -> str:
    """The path as it is written: ``train.layers[0]``."""
    name = ""
    for part in path:
        name = _joined(name, part)
    return name


def _step_into(value: Any, part: str | int, name: str, rest: Path) -> Any:
    titled = f"`{name}`" if name else "the file"
    if isinstance(part, int) and isinstance(value, list):
        if part < len(value):
            return value[part]
        raise ReferenceMistake(f"{titled} has {len(value)} values, and [{part}] is none of them", "the first is [0]")
    if isinstance(part, str) and isinstance(value, dict):
        if part in value:
            return value[part]
        near = near_miss(part, value)
        meant = spell((*([name] if name else []), near, *rest)) if near else ""
        raise ReferenceMistake(f"{titled} has no `{part}`", _known(value), meant)
    what = "a list" if isinstance(value, list) else "keys with values" if isinstance(value, dict) else "a single value"
    raise ReferenceMistake(f"{titled} is {what}: it has no `{_joined('', part)}`", _known(value))


def _joined(name: str, part: str | int) -> str:
    if isinstance(part, int):
        return f"{name}[{part}]"
    return f"{name}.{part}" if name else part


_MOST_NAMES = 12


def _known(values: Any) -> str:
    if not isinstance(values, Mapping) or not values:
        return ""
    names = list(values)
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"known: {', '.join(names[:_MOST_NAMES])}{more}"

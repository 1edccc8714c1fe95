"""Kinds of values: what a value may be, in words, as JSON Schema, and how it is read from a node.

A kind's ``read`` gives the value, or None after it has told every mistake in it. Sections and lists are kinds made of kinds,
so that a table of keys is all there is to say about the file. Kinds of single values stand in ``scalars.py``.
"""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import msgspec

from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.reading import Reading, inside, title

LONGEST_NAME = 100

Read: TypeAlias = Callable[[Node, Reading, str], Any]
"""(node, reading, where) -> the value, or None where a mistake was told."""


class Kind(msgspec.Struct, frozen=True):
    """What a value may be."""

    says: str
    """In words: ``a duration such as 15m``."""
    schema: dict[str, Any]
    read: Read
    keys: tuple["Key", ...] = ()
    """Of a section."""
    item: "Kind | None" = None
    """Of a list, or of keys that are free."""


class Key(msgspec.Struct, frozen=True):
    """One key of a section."""

    name: str
    doc: str
    """What it says, in a line."""
    example: str
    kind: Kind | None = None
    """None: known, but not built yet; with ``instead`` never to be."""
    required: bool = False
    goes_with: tuple[str, ...] = ()
    """Other keys without one of which this one means nothing."""
    also: tuple[str, ...] = ()
    """What other tools call it."""
    instead: str = ""
    """What to write in place of this key, which is none: a fix, as mistakes carry it."""


class Named(msgspec.Struct, frozen=True):
    """An item of a list that goes by its name."""

    where: str
    """``steps.Train``; ``steps[2]`` where it has no name or one that is taken."""
    node: Node
    values: dict[str, Any]
    """What could be read."""
    is_whole: bool
    """Everything could be read."""
    declared: str = ""
    """The ``where`` of what was written, which may stand for many."""
    cell_of: str = ""
    """The name that is written, where this is a cell."""
    cell: tuple[tuple[str, Any], ...] = ()


def section(
    *keys: Key,
    says: str = "",
    may_be_empty: bool = False,
    least: int = 0,
    one_of: tuple[str, ...] = (),
    not_both: tuple[str, ...] = (),
) -> Kind:
    """Keys with values, read as a dict of what could be read.

    ``least``: so many keys must be there. ``one_of``: keys of which exactly one is; ``not_both``: keys that are not there
    together (both shown in the schema; told elsewhere).
    """
    built = [key.name for key in keys if key.kind is not None]
    known = {key.name: key for key in keys if not key.instead}
    replaced = {name: key for key in keys if key.instead for name in (key.name, *key.also)}
    says = says or (f"keys such as {' and '.join(built[:2])}" if built else "nothing, or {}")

    def read(node: Node, reading: Reading, where: str) -> dict[str, Any] | None:
        if may_be_empty and isinstance(node, Scalar) and node.value is None:
            return {}
        if not isinstance(node, Mapping):
            reading.tell_type(node, where, says)
            return None
        return _read_section(node, known, replaced, reading, where, least)

    schema = _section_schema(keys, may_be_empty, least)
    if one_of:
        schema["oneOf"] = [{"required": [name]} for name in one_of]
    if not_both:
        schema["not"] = {"required": list(not_both)}
    return Kind(says, schema, read, keys)


def _read_section(
    node: Mapping, known: dict[str, Key], replaced: dict[str, Key], reading: Reading, where: str, least: int
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    found: list[Key] = []
    keys = known.values()
    for name, key_node, value_node in reading.entries(node, where):
        key = known.get(name)
        if key is not None:
            found.append(key)
            _read_key(key, key_node, value_node, values, reading, where)
        elif name in replaced:
            what = f"`{name}` is not a key of {title(where)}"
            reading.tell(key_node, "misplaced-key", what, fix=replaced[name].instead)
        else:
            reading.tell_unknown(key_node, where, _built(keys), _other_names(keys))
    for key in keys:
        if key.required:
            reading.tell_missing(node, where, key.name, f"write `{key.example}`")
    for key in found:
        _tell_alone(key, reading, where)
    if not node.pairs and least:
        reading.tell(node, "missing-key", f"{title(where)} says nothing", fix=f"write one of {', '.join(_built(keys))}")
    return values


def _read_key(
    key: Key, key_node: Scalar, value_node: Node, values: dict[str, Any], reading: Reading, where: str
) -> None:
    here = inside(where, key.name)
    reading.mark(here, key_node)
    if key.kind is None:
        reading.tell_unbuilt(key_node, f"`{here}`", f"remove `{key.name}`")
        return
    value = key.kind.read(value_node, reading, here)
    if value is not None:
        values[key.name] = value


def _tell_alone(key: Key, reading: Reading, where: str) -> None:
    """Tell a key that means nothing without another which is not there."""
    if key.goes_with and not any(reading.has(inside(where, other)) for other in key.goes_with):
        here = inside(where, key.name)
        what = f"`{here}` means nothing without {' or '.join(f'`{other}`' for other in key.goes_with)}"
        reading.tell(reading.places[here], "misplaced-key", what, fix=f"remove `{key.name}`")


def _section_schema(keys: tuple[Key, ...], may_be_empty: bool, least: int) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": ["object", "null"] if may_be_empty else "object",
        "properties": {key.name: _key_schema(key) for key in keys},
        "additionalProperties": False,
    }
    required = [key.name for key in keys if key.required]
    dependencies = {key.name: _one_of(key.goes_with) for key in keys if key.goes_with}
    if required:
        schema["required"] = required
    if dependencies:
        schema["dependencies"] = dependencies
    if least:
        schema["minProperties"] = least
    return schema


def _one_of(names: tuple[str, ...]) -> Any:
    """That one of these keys is there."""
    return list(names) if len(names) == 1 else {"anyOf": [{"required": [name]} for name in names]}


def _key_schema(key: Key) -> dict[str, Any]:
    if key.kind is None:
        return {"description": f"{'Not a key' if key.instead else 'Not built yet'}. {key.doc}", "not": {}}
    return {"description": key.doc, **key.kind.schema}


def _built(keys: Iterable[Key]) -> list[str]:
    return [key.name for key in keys if key.kind is not None]


def _other_names(keys: Iterable[Key]) -> dict[str, str]:
    """Keys that are not built, and the names of other tools: not to be recommended, but near misses all the same."""
    unbuilt = {key.name: key.name for key in keys if key.kind is None and not key.instead}
    return unbuilt | {other: key.name for key in keys if not key.instead for other in key.also}


def list_of(item: Kind, *, least: int = 0) -> Kind:
    """A list, read as a tuple; None stands in it for an item that could not be read."""
    says = f"a list, each item {item.says}"

    def read(node: Node, reading: Reading, where: str) -> tuple[Any, ...] | None:
        if not isinstance(node, Sequence):
            fix = f"write [{node.text}]" if isinstance(node, Scalar) and node.text else ""
            reading.tell_type(node, where, says, fix)
            return None
        if len(node.items) < least:
            reading.tell(node, "empty-list", f"`{where}` is an empty list", fix=f"write {item.says}, or remove the key")
            return None
        return tuple(_read_item(item, at, each, reading, where) for at, each in enumerate(node.items))

    return Kind(says, {"type": "array", "items": item.schema, "minItems": least}, read, item=item)


def _read_item(item: Kind, at: int, node: Node, reading: Reading, where: str) -> Any:
    reading.mark(f"{where}[{at}]", node)
    return item.read(node, reading, f"{where}[{at}]")


def name_in(node: Node) -> str:
    """The text under ``name`` in a mapping; empty where there is none that fits on a line."""
    pairs = node.pairs if isinstance(node, Mapping) else ()
    for key, value in pairs:
        if (
            isinstance(key, Scalar)
            and key.text == "name"
            and isinstance(value, Scalar)
            and isinstance(value.value, str)
        ):
            is_short = len(value.text) <= LONGEST_NAME and len(value.text.splitlines()) == 1
            return value.text if is_short else ""
    return ""


def mapping_of(key: Kind, item: Kind, says: str) -> Kind:
    """Keys that are free, each with a value of one kind; read as a tuple of (key, value), without those that do not read."""

    def read(node: Node, reading: Reading, where: str) -> tuple[tuple[str, Any], ...] | None:
        if not isinstance(node, Mapping) or not node.pairs:
            reading.tell_type(node, where, says)
            return None
        found = []
        for name, key_node, value_node in reading.entries(node, where):
            reading.mark(inside(where, name), key_node)
            as_text = msgspec.structs.replace(key_node, value=name)
            value = item.read(value_node, reading, inside(where, name))
            if key.read(as_text, reading, inside(where, name)) is not None and value is not None:
                found.append((name, value))
        return tuple(found)

    schema = {"type": "object", "propertyNames": key.schema, "additionalProperties": item.schema, "minProperties": 1}
    return Kind(says, schema, read, item=item)


def either(first: Kind, second: Kind, *, is_second: Callable[[Node], bool]) -> Kind:
    """One kind or the other, as the node decides."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        return (second if is_second(node) else first).read(node, reading, where)

    return Kind(f"{first.says}, or {second.says}", {"anyOf": [first.schema, second.schema]}, read, first.keys, second)


def into(kind: Kind, make: Callable[[Any], Any]) -> Kind:
    """The same kind, its value turned into something else."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        value = kind.read(node, reading, where)
        return None if value is None else make(value)

    return msgspec.structs.replace(kind, read=read)


def such_that(kind: Kind, says: str, mistake: Callable[[Any], str], code: str, fix: str, **schema: Any) -> Kind:
    """The same kind, but for values of which ``mistake`` says what is wrong with them. ``schema`` says the same where it can."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        value = kind.read(node, reading, where)
        is_whole = value is not None and not (isinstance(value, tuple) and None in value)
        wrong = mistake(value) if is_whole else ""
        if wrong:
            reading.tell(node, code, f"`{where}`: {wrong}", fix=fix)
        return None if wrong else value

    return msgspec.structs.replace(kind, says=says, schema={**kind.schema, **schema}, read=read)

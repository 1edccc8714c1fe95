"""A pipeline that was written in Python: its values as the tree that YAML would give, so that one reader reads both."""

from pathlib import Path
from typing import Any

import msgspec

from assay.core.digest import Digest, digest_of
from assay.core.pipeline import Declaration
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.params import ReadFile
from assay.declare.reading import Reading
from assay.declare.tree import read_node


def read_written(
    written: dict[str, Any],
    default_name: str = "pipeline",
    *,
    file: str = "pipeline.py",
    read: ReadFile | None = None,
    digest: Digest | None = None,
) -> Declaration:
    """What ``assay.Pipeline.written`` declares; ``DeclarationError`` with every mistake, at the line of the call that made it."""
    reading = Reading(file, read or (lambda path: Path(path).read_bytes()))
    return read_node(_tree(written), reading, default_name, digest or digest_of(msgspec.json.encode(written)))


def _tree(written: dict[str, Any]) -> Node:
    line = written["line"]
    steps = tuple(node_of(step["keys"], step["line"]) for step in written["steps"])
    keys = node_of(written["keys"], line)
    assert isinstance(keys, Mapping)
    found = ((_text("steps", line), Sequence(steps, line, 1)),) if steps else ()
    return Mapping(keys.pairs + found, line, 1)


def node_of(value: Any, line: int) -> Node:
    """The value as a node; everything in it stands on that line."""
    match value:
        case dict():
            return Mapping(tuple((_text(key, line), node_of(each, line)) for key, each in value.items()), line, 1)
        case list():
            return Sequence(tuple(node_of(each, line) for each in value), line, 1)
        case str():
            return _text(value, line)
        case None:
            return Scalar("", None, line, 1)
        case bool():
            return Scalar(str(value).lower(), value, line, 1)
        case _:
            return Scalar(str(value), value, line, 1)


def _text(text: str, line: int) -> Scalar:
    return Scalar(text, text, line, 1)

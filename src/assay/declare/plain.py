"""Nodes of YAML as plain values, with merge keys (``<<``) carried out: as the programs read their files that read them besides us.

Not for assay.yaml, in which a merge key is a mistake and ``1_000`` a text.
"""

import re
from typing import Any

from assay.declare.nodes import Mapping, Node, Scalar, Sequence

MERGE = "<<"
_GROUPED = re.compile(r"[-+]?[0-9]+(?:_[0-9]+)+\Z")
"""``1_000`` is a number to DVC's parser, and to PyYAML."""


def is_merge(key: Node) -> bool:
    """The key merges what it names. In quotes ``<<`` is a name like any other."""
    return isinstance(key, Scalar) and key.text == MERGE and key.raw == MERGE


def unmerged(node: Node) -> Node:
    """The same tree without merge keys: what a key brings itself goes before what it merges, the first merged before others.

    A merge of what is no mapping stays as it is, to be told as a mistake.
    """
    match node:
        case Sequence():
            items = tuple(map(unmerged, node.items))
            return node if items == node.items else Sequence(items, node.line, node.column)
        case Mapping():
            return Mapping(_pairs(node), node.line, node.column)
        case _:
            return node


def plain(node: Node) -> Any:
    """The value: text, number, boolean, None, list or dict. Keys are text, as they are written."""
    match node:
        case Scalar(value=str()) if node.raw == node.text and _GROUPED.match(node.text):
            return int(node.text)
        case Scalar():
            return node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Mapping():
            return {key.text: plain(value) for key, value in node.pairs if isinstance(key, Scalar)}


def _pairs(node: Mapping) -> tuple[tuple[Node, Node], ...]:
    own = {key.text for key, _ in node.pairs if isinstance(key, Scalar) and not is_merge(key)}
    found: list[tuple[Node, Node]] = []
    for key, value in node.pairs:
        sources = _merged(value) if is_merge(key) else None
        if sources is None:
            found.append((key, unmerged(value)))
            continue
        for source in sources:
            for other, brought in _pairs(source):
                if not isinstance(other, Scalar) or other.text not in own:
                    found.append((other, brought))
                    own |= {other.text} if isinstance(other, Scalar) else set()
    return tuple(found)


def _merged(value: Node) -> tuple[Mapping, ...] | None:
    """The mappings that a merge key names; None where it names anything else."""
    sources = value.items if isinstance(value, Sequence) else (value,)
    mappings = tuple(source for source in sources if isinstance(source, Mapping))
    return mappings if len(mappings) == len(sources) else None

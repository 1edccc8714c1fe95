"""One value of a file of YAML written anew, and everything else left as it is: comments, order, spaces."""

from assay.core.problem import Place
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.yaml_syntax import SyntaxMistake, parse

_LEAST_BLANKS = 2


def rewritten(text: str, place: Place, value: str) -> str | None:
    """The text of the file with ``value`` under the key at ``place``, quoted as it must be; None where that value stands on
    several lines, is an alias, or is no text, and where the file is no YAML: a person has to write it then."""
    try:
        node = _value_at(parse(text), place)
    except SyntaxMistake:
        return None
    if not isinstance(node, Scalar) or not node.raw:
        return None
    lines = text.split("\n")
    line = lines[node.line - 1]
    if line[node.column - 1 : node.column - 1 + len(node.raw)] != node.raw:
        return None
    for spelling in (value, _single(value)):
        rest = _aligned(line[node.column - 1 + len(node.raw) :], len(spelling) - len(node.raw))
        changed = line[: node.column - 1] + spelling + rest
        found = "\n".join([*lines[: node.line - 1], changed, *lines[node.line :]])
        if _reads(found, place, value):
            return found
    return None


def _aligned(rest: str, by: int) -> str:
    """What stands behind a value that is longer ``by`` so much: a comment keeps its column, where there are blanks enough before it."""
    blanks = len(rest) - len(rest.lstrip(" "))
    if not blanks or rest[blanks : blanks + 1] != "#":
        return rest
    return " " * max(blanks - by, min(blanks, _LEAST_BLANKS)) + rest[blanks:]


def _single(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _reads(text: str, place: Place, value: str) -> bool:
    try:
        node = _value_at(parse(text), place)
    except SyntaxMistake:
        return False
    return isinstance(node, Scalar) and node.text == value


def _value_at(node: Node | None, place: Place) -> Node | None:
    """What stands under the key that begins at a place."""
    match node:
        case Mapping():
            for key, value in node.pairs:
                if (key.line, _first_column(key)) == (place.line, place.column):
                    return value
                found = _value_at(value, place)
                if found is not None:
                    return found
        case Sequence():
            for item in node.items:
                found = _value_at(item, place)
                if found is not None:
                    return found
    return None


def _first_column(key: Node) -> int:
    """Where places of a key point to: its first character, behind the quote where it has one."""
    return key.column_of(0) if isinstance(key, Scalar) else key.column

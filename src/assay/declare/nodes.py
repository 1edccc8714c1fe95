"""The file as a tree of values that know where they stand: what YAML's syntax says, before it means anything.

An alias stands for the very node it names, so that a node may be reached by several ways; never by one through itself.
"""

import re
from typing import TypeAlias

import msgspec

Plain: TypeAlias = str | int | float | bool | None

_ESCAPES = {"x": 4, "u": 6, "U": 10}
"""How many characters an escape in double quotes takes, where not two."""


class Scalar(msgspec.Struct, frozen=True):
    """A text, number, boolean or nothing. Lines and columns count from 1."""

    text: str
    """As it reads, without quotes."""
    value: Plain
    line: int
    column: int
    raw: str = ""
    """As it is written, with its quotes; empty for one over several lines."""

    def column_of(self, offset: int) -> int:
        """The column in which character ``offset`` of the text stands; the first column where that cannot be told."""
        if self.raw == self.text:
            return self.column + offset
        at = 1
        if self.raw[:1] == "'":
            for _ in range(offset):
                at += 2 if self.raw.startswith("''", at) else 1
        elif self.raw[:1] == '"':
            for _ in range(offset):
                at += _ESCAPES.get(self.raw[at + 1 : at + 2], 2) if self.raw.startswith("\\", at) else 1
        else:
            return self.column
        return self.column + at


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    items: tuple["Node", ...]
    line: int
    column: int


class Mapping(msgspec.Struct, frozen=True):
    """Keys and their values, in file order; a key may come twice."""

    pairs: tuple[tuple["Node", "Node"], ...]
    line: int
    column: int


Node: TypeAlias = Scalar | Sequence | Mapping


def saw(node: Node) -> str:
    """What stands there, in a few words: ``a list``, ``the number 5``."""
    match node:
        case Sequence():
            return "a list" if node.items else "an empty list"
        case Mapping():
            return "keys with values" if node.pairs else "{}"
        case Scalar(value=None):
            return "nothing"
        case Scalar(value=bool()):
            return f"the boolean {node.text}"
        case Scalar(value=int() | float()):
            return f"the number {excerpt(node.text)}"
        case _:
            return f'the text "{excerpt(node.text)}"'


def excerpt(text: str, limit: int = 60) -> str:
    """The text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 3] + "..."


# YAML 1.2, section 10.3.2 (core schema). `on`, `yes`, `1:30` and 2013-01-01 are text.
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
_BASES = {"0o": 8, "0x": 16}
_LONGEST_INT = 100


def plain_value(text: str) -> Plain:
    """What a scalar without quotes is by YAML 1.2's core schema. A number of more digits than any use has is a float."""
    if text[:1].isalpha() and text[:1] not in "ntfNTF":
        return text
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text[0] in "tT"
    if _INT.match(text) and len(text) <= _LONGEST_INT:
        base = _BASES.get(text[:2], 10)
        return int(text, 10) if base == 10 else int(text[2:], base)
    if _FLOAT.match(text):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text

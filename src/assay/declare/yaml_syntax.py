"""Bytes of YAML to nodes, by PyYAML's C parser; what each value means is decided elsewhere.

It reads PyYAML's events and not its nodes: composing nodes recurses in C and ends the whole process on a few thousand
brackets. Depth and the size of what aliases stand for are bounded, so that no file takes the process down.
"""

import re
from typing import Any, TypeAlias

import msgspec
import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from assay.declare.nodes import Mapping, Node, Scalar, Sequence, excerpt, plain_value

MAX_DEPTH = 30
MAX_ALIASED = 100_000
"""So many values, over all, may aliases stand for."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML built without libyaml has only the slow one

_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = re.compile("\r\n|[\n\r]")
_PLAIN_TAGS = (None, "!", "tag:yaml.org,2002:str")


class SyntaxMistake(ValueError):
    """The text is not the YAML that assay.yaml is written in. Line and column count from 1."""

    def __init__(self, what: str, line: int, column: int, *, because: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.line = line
        self.column = column
        self.because = because
        self.fix = fix


def decode(data: bytes) -> str:
    """The text of a file in UTF-8, with or without a byte order mark; ``SyntaxMistake`` for other bytes."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SyntaxMistake("the file is in UTF-16", 1, 1, fix="save it as UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _position(data[: error.start].decode("utf-8-sig", "replace"))
        what = f"byte 0x{data[error.start]:02x} is no UTF-8"
        raise SyntaxMistake(what, line, column, fix="save the file as UTF-8") from error


def parse(text: str, loader: Any = LOADER) -> Node | None:
    """The value that the text spells, or None where it holds nothing but comments; ``SyntaxMistake`` where it is no YAML."""
    _refuse_control_characters(text)
    tree = _Tree(text)
    try:
        for event in yaml.parse(text, Loader=loader):
            tree.take(event)
    except yaml.MarkedYAMLError as error:
        raise _translated(error, text) from error
    except yaml.YAMLError as error:
        raise SyntaxMistake(f"not YAML: {excerpt(str(error))}", 1, 1) from error
    return tree.root


class _Open(msgspec.Struct):
    """A list or mapping whose end has not come yet."""

    event: Any
    children: list[Node]
    size: int = 1


_Anchors: TypeAlias = dict[str, tuple[Node, int] | None]
"""(node, how many values it holds) by name; None while its end has not come."""


class _Tree:
    """Builds nodes from events, without recursion."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.anchors: _Anchors = {}
        self.aliased = 0
        self.documents = 0

    def take(self, event: Any) -> None:
        if isinstance(event, ScalarEvent):
            self._close(event, self._scalar(event), 1)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self._begin(event)
        elif isinstance(event, CollectionEndEvent):
            self._end()
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _mistake(event, "a second document begins here", "remove the `---`: one file, one pipeline")

    def _begin(self, event: Any) -> None:
        _refuse_tag(event)
        if len(self.open) >= MAX_DEPTH:
            raise _mistake(event, f"more than {MAX_DEPTH} lists and mappings stand in one another here")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.open.append(_Open(event, []))

    def _end(self) -> None:
        done = self.open.pop()
        line, column = _spot(done.event)
        children = done.children
        node: Node
        if isinstance(done.event, SequenceStartEvent):
            node = Sequence(tuple(children), line, column)
        else:
            node = Mapping(tuple(zip(children[::2], children[1::2], strict=True)), line, column)
        self._close(done.event, node, done.size)

    def _close(self, event: Any, node: Node, size: int) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, size)
        self._attach(node, size)

    def _attach(self, node: Node, size: int) -> None:
        if self.open:
            self.open[-1].children.append(node)
            self.open[-1].size += size
        else:
            self.root = node

    def _alias(self, event: Any) -> None:
        name = event.anchor
        if name not in self.anchors:
            fix = f'put quotes around a text that begins with *: "*{name}"'
            raise _mistake(event, f"the alias *{name} names nothing", fix)
        known = self.anchors[name]
        if known is None:
            raise _mistake(event, f"the alias *{name} stands inside the value that it names")
        node, size = known
        self.aliased += size
        if self.aliased > MAX_ALIASED:
            raise _mistake(event, f"up to here, aliases stand for more than {MAX_ALIASED} values")
        self._attach(node, size)

    def _scalar(self, event: Any) -> Scalar:
        _refuse_tag(event)
        line, column = _spot(event)
        text: str = event.value
        is_plain = event.style in (None, "") and event.tag is None
        start, end = event.start_mark, event.end_mark
        raw = ""
        if start.line == end.line and event.style not in ("|", ">"):
            raw = text if is_plain else self.text[start.index : end.index]
        return Scalar(text, plain_value(text) if is_plain else text, line, column, raw)


def _spot(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _mistake(event: Any, what: str, fix: str = "") -> SyntaxMistake:
    return SyntaxMistake(what, *_spot(event), fix=fix)


def _refuse_tag(event: Any) -> None:
    if event.tag not in _PLAIN_TAGS:
        fix = "remove it, or put quotes around a text that begins with !"
        raise _mistake(event, f"the tag {excerpt(event.tag)} means nothing here", fix)


def _refuse_control_characters(text: str) -> None:
    bad = _FORBIDDEN.search(text)
    if bad:
        line, column = _position(text[: bad.start()])
        what = f"character U+{ord(bad[0]):04X} cannot stand in YAML"
        raise SyntaxMistake(what, line, column, because="is this a binary file?" if bad[0] == "\0" else "")


def _position(before: str) -> tuple[int, int]:
    """Line and column of what follows ``before``."""
    lines = _LINE_BREAK.split(before)
    return len(lines), len(lines[-1]) + 1


_SAID: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "a `: ` where no key can stand",
        "put quotes around a text that holds `: `, or correct the indentation",
    ),
    ("cannot start any token", "no value begins like this", "put quotes around a text that begins with @, % or `"),
    ("tab character", "a tab where indentation is", "indent with spaces"),
    ("unknown escape character", "an escape that YAML does not know", "use 'single quotes', in which \\ is plain"),
    (
        "expected ',' or",
        "a comma or the closing bracket is missing",
        "put quotes around a text that holds brackets or commas",
    ),
    ("expected key", "a line that fits neither the keys nor the list above it", "correct the indentation"),
    ("expected '-' indicator", "a line that does not fit the list above it", "correct the indentation"),
    ("could not find expected ':'", "a key without `: `", "write `key: value`, or correct the indentation"),
    ("expected node content", "a value is missing", "put quotes around a text that begins with a mark such as ] or }"),
    ("alphabetic or numeric", "a * or & without a name", "put quotes around a text that begins with * or &"),
)
"""(what libyaml says, what it means, what helps)."""

_BRACKETS = ("[", "{", "'", '"')


def _translated(error: yaml.MarkedYAMLError, text: str) -> SyntaxMistake:
    problem, mark = error.problem or "unreadable", error.problem_mark or error.context_mark
    because = f"the parser says: {problem}"
    if error.context and error.context_mark is not None:
        because += f" {error.context} that began in line {error.context_mark.line + 1}"
    if mark is None:
        return SyntaxMistake("not YAML", 1, 1, because=because)
    at_end = not text[mark.index :].strip()
    opening = text[error.context_mark.index :][:1] if at_end and error.context_mark is not None else ""
    if error.context_mark is not None and (opening in _BRACKETS or "expected ':'" in problem):
        mark = error.context_mark
    if opening in _BRACKETS:
        what, fix = f"not YAML: this {opening} is never closed", "close it"
    elif text[mark.index : mark.index + 1] == "\t":
        what, fix = "not YAML: a tab where indentation is", "indent with spaces"
    else:
        means = ((f"not YAML: {means}", fix) for said, means, fix in _SAID if said in problem)
        what, fix = next(means, ("not YAML", ""))
    return SyntaxMistake(what, mark.line + 1, mark.column + 1, because=because, fix=fix)

"""Kinds of values in which ``${...}`` may stand: they are read with the values in place."""

from typing import Any

import msgspec

from assay.core.condition import Condition, ConditionMistake, parse_condition
from assay.declare.filling import fill_command, fill_text
from assay.declare.kinds import Kind
from assay.declare.nodes import Node, Scalar
from assay.declare.reading import Reading
from assay.declare.scalars import tell_language


def filled(kind: Kind) -> Kind:
    """The same kind, its text with the values that it names."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        if not isinstance(node, Scalar) or "${" not in node.text:
            return kind.read(node, reading, where)
        text, mistakes = fill_text(node.text, reading.scope.look_up)
        for mistake in mistakes:
            reading.tell_filling(node, where, mistake)
        return None if mistakes else kind.read(_with_text(node, text), reading, where)

    schema = {"anyOf": [kind.schema, {"type": "string", "pattern": r"\$\{"}]}
    return msgspec.structs.replace(kind, schema=schema, read=read)


def filled_command(kind: Kind) -> Kind:
    """The same kind of command, with the values that it names quoted for the shell."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        if not isinstance(node, Scalar) or "${" not in node.text:
            return kind.read(node, reading, where)
        text, mistakes = fill_command(node.text, reading.scope.look_up, reading.scope.own)
        for mistake in mistakes:
            reading.tell_filling(node, where, mistake)
        if not mistakes and text != node.text and not reading.scope.is_posix:
            because = "values are quoted for sh, bash and their like, and this shell reads otherwise"
            fix = "write `env: {VALUE: ${...}}` and read the variable in the command"
            reading.tell(node, "unclear-quoting", f"`{where}`: no value can enter here", because, fix=fix)
            return None
        return None if mistakes else kind.read(_with_text(node, text), reading, where)

    return msgspec.structs.replace(kind, read=read)


def _with_text(node: Scalar, text: str) -> Scalar:
    return Scalar(text, text, node.line, node.column)


def _read_condition(node: Node, reading: Reading, where: str) -> Condition | None:
    line = node.text if isinstance(node, Scalar) and node.value is not None else ""
    if not line.strip():
        reading.tell_type(node, where, WHEN.says, "put quotes around a line that holds commas or brackets")
        return None
    try:
        return parse_condition(line, reading.scope.look_up)
    except ConditionMistake as mistake:
        tell_language(mistake, line, node, reading, where, "bad-condition")
        return None


WHEN = Kind(
    "a condition such as branch == 'main'",
    {"type": ["string", "boolean", "number"], "pattern": r"\S"},
    _read_condition,
)

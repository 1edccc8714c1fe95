"""What the texts of dvc.yaml are read with: the variables of their place, and where mistakes in them are told."""

from typing import Any

import msgspec

from assay.declare.dvc.interpolation import Flags, Unresolved, has_expression, interpolate, spelt
from assay.declare.dvc.variables import Variables
from assay.declare.nodes import Mapping, Node, Scalar, Sequence
from assay.declare.plain import plain
from assay.declare.reading import Reading


class Scope(msgspec.Struct, frozen=True):
    """What a stage is read with."""

    reading: Reading
    where: str
    """``stages.train``, as messages call it."""
    folder: str
    """Of its dvc.yaml: all that it names stands relative to it."""
    variables: Variables | None
    """None: they are not known."""
    flags: Flags

    def text(self, node: Node, where: str, flags: Flags | None = None) -> str | None:
        """A text with its variables put in place; None where it is not known or a mistake was told."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.reading.tell_type(node, where, "text", f'write "{node.text}"' if isinstance(node, Scalar) else "")
            return None
        value = self.value(node, flags=flags)
        return None if value is None else spelt(value)

    def value(self, node: Scalar, *, flags: Flags | None = None, takes_any: bool = False) -> Any:
        """What a text stands for: a value of any kind where it is one expression."""
        text = node.text
        if self.variables is None:
            return None if has_expression(text) else text
        try:
            return interpolate(text, self.variables.look_up, flags, takes_any=takes_any)
        except Unresolved as error:
            self.tell(node, error)
            return None

    def tell(self, node: Node, error: Unresolved) -> None:
        """Tell what could not be replaced, where it stands."""
        place = self.reading.place_of(node, error.offset)
        self.reading.tell(place, error.code, error.what, *error.because, fix=error.fix)


def load_variables(node: Node, where: str, folder: str, scope: Scope) -> None:
    """Take up a list of ``vars`` into the scope's variables."""
    assert scope.variables is not None
    if not isinstance(node, Sequence):
        scope.reading.tell_type(node, where, "a list of files and of names with values")
        return
    for at, item in enumerate(node.items):
        source = f"{where}[{at}]"
        try:
            if isinstance(item, Mapping):
                _refuse_expressions(item, source)
                scope.variables.add(plain(item), source)
            elif isinstance(item, Scalar) and isinstance(item.value, str):
                _refuse_expressions(item, source)
                scope.variables.load(item.text, folder)
            else:
                scope.reading.tell_type(item, source, "a file, or names with values")
        except Unresolved as error:
            scope.tell(item, error)


def _refuse_expressions(node: Node, where: str) -> None:
    match node:
        case Scalar():
            if has_expression(node.text):
                raise Unresolved(
                    "bad-interpolation", f"`{where}`: variables cannot name variables", "write the value itself"
                )
        case Sequence():
            for item in node.items:
                _refuse_expressions(item, where)
        case Mapping():
            for _, value in node.pairs:
                _refuse_expressions(value, where)

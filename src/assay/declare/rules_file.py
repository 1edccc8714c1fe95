"""A file of rules by itself, outside assay.yaml."""

import msgspec

from assay.core.problem import DeclarationError, Place, Problem
from assay.core.rules import Rules
from assay.declare.dataset import RULES, make_rules
from assay.declare.params import ReadFile
from assay.declare.reading import Reading
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse


class RulesFile(msgspec.Struct, frozen=True):
    """Rules, and where in their file they stand."""

    rules: Rules
    places: dict[str, Place]
    """By what stands there: ``columns.month``, ``rows``."""


def read_rules(data: bytes, file: str, read: ReadFile | None = None) -> RulesFile:
    """The rules that a file spells; ``DeclarationError`` with every mistake in it. ``read`` gives the bytes of files beside it."""
    try:
        node = parse(decode(data))
    except SyntaxMistake as mistake:
        because = (mistake.because,) if mistake.because else ()
        place = Place(file, mistake.line, mistake.column)
        raise DeclarationError((Problem("not-yaml", mistake.what, because, mistake.fix, place),)) from mistake
    reading = Reading(file, read)
    if node is None:
        reading.tell(Place(file, 1), "empty-file", f"{file} declares nothing", fix="write `rows:` or `columns:`")
        raise DeclarationError(reading.problems)
    values = RULES.read(node, reading, "")
    if reading.mistakes:
        raise DeclarationError(reading.problems)
    return RulesFile(make_rules(values), reading.places)

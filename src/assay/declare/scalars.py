"""Kinds of single values: texts, paths, numbers, shares, durations, and lines of the small languages."""

import math
import re
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any

from assay.core.expected import what_to_write
from assay.core.near import near_miss
from assay.core.rules.line import CLOSING_QUOTE
from assay.declare import quantities
from assay.declare.kinds import Kind
from assay.declare.nodes import Node, Scalar, excerpt
from assay.declare.reading import Reading

_GREATEST = 2**53
"""Beyond it, whole numbers are not told apart by those who read them as floats."""


def text_of(node: Node) -> str | None:
    """The text that stands there; None where it is something else, a number or nothing included."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def number_of(node: Node) -> int | float | None:
    """The number that stands there; None where it is something else."""
    value = node.value if isinstance(node, Scalar) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def text(says: str, pattern: str) -> Kind:
    """Text that is wholly matched by a regular expression (in what Python's and JavaScript's have in common)."""

    def read(node: Node, reading: Reading, where: str) -> str | None:
        found = text_of(node)
        if found is not None and re.fullmatch(pattern, found):
            return found
        reading.tell_type(node, where, says, _quoting(node) if found is None else "")
        return None

    return Kind(says, {"type": "string", "pattern": f"^(?:{pattern})$"}, read)


def _quoting(node: Node) -> str:
    """How to write as text what YAML reads as a number or boolean."""
    return f'put quotes around it: "{node.text}"' if isinstance(node, Scalar) and node.text else ""


def parsed(says: str, pattern: str, parse: Callable[[str], Any], mistake: type[ValueError], code: str) -> Kind:
    """A line of a small language. ``mistake`` is what ``parse`` raises: with offset, expected and because."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        line = node.text if isinstance(node, Scalar) else ""
        if not line:
            reading.tell_type(node, where, says, "put quotes around a line that holds commas or brackets")
            return None
        try:
            return parse(line)
        except mistake as error:
            tell_language(error, line, node, reading, where, code)
            return None

    return Kind(says, {"type": "string", "pattern": pattern}, read)


def tell_language(error: Any, line: str, node: Node, reading: Reading, where: str, code: str) -> None:
    """Tell a mistake in a line of a small language, at its very place."""
    place = reading.place_of(node, error.offset)
    if error.because.endswith(" is not built yet"):
        what = error.because.removesuffix(" is not built yet")
        reading.tell_unbuilt(place, f"`{where}`: {what}", f"remove it, or write {error.expected}")
        return
    rest, whole = excerpt(line[error.offset :]), excerpt(line)
    found = f'found "{rest}"' if rest else f"the line ends here: {whole}"
    because = [error.because] if error.because else []
    because += [found, f"in the line: {whole}"] if rest and error.offset else [found]
    closed = line.count(")") + line.count("]") - line.count("(") - line.count("[")
    is_cut = closed > 0 or (not rest and closed < 0)
    fix = "put quotes around a line that holds commas" if is_cut else what_to_write(error.expected, rest)
    if error.expected == CLOSING_QUOTE and "#" in error.because:
        fix = "put double quotes around the whole line"
    reading.tell(place, code, f"`{where}`: expected {error.expected}", *because, fix=fix)


def path(*, inside_project: bool, says: str) -> Kind:
    """A path with ``/``, without ``..``; where ``inside_project``, below the project and not the project itself."""
    pattern = (
        r"(?!~|.*\$\{|.*://)(?!(?:.*/)?\.\.(?:/|$))"
        + (r"(?!/)(?!\.?(?:/+\.?)*$)" if inside_project else "")
        + r"[^\n\\]+"
    )

    def read(node: Node, reading: Reading, where: str) -> str | None:
        found = text_of(node)
        if found is None:
            reading.tell_type(node, where, says)
        elif unbuilt := next((mark for mark in ("${", "://") if mark in found), None):
            kind = "`${...}` in a path" if unbuilt == "${" else f"{found.partition('://')[0]}:// as a place of files"
            reading.tell_unbuilt(node, f"`{where}`: {kind}", "write a path below the project")
        elif wrong := path_mistake(found, inside_project=inside_project):
            reading.tell(node, "bad-path", f'`{where}`: {wrong}: "{found}"', fix=f"write {says}")
        else:
            return found
        return None

    return Kind(says, {"type": "string", "pattern": f"^{pattern}$"}, read)


def path_mistake(found: str, *, inside_project: bool) -> str:
    """What is wrong with a path, in words; empty where nothing is."""
    plain = PurePosixPath(found)
    if not found.strip():
        return "the path is empty"
    if "\n" in found or "\\" in found:
        return "a path is one line, with / between folders"
    if found.startswith("~"):
        return "~ means nothing here"
    if ".." in plain.parts:
        return "the path leaves its folder by .."
    if inside_project and plain.is_absolute():
        return "the path lies outside the project"
    if inside_project and plain == PurePosixPath():
        return "the path is the project itself"
    if inside_project and plain.parts[0] in (".assay", ".git"):
        return f"{plain.parts[0]} is not for steps to write"
    return ""


def place_of_state(what: str) -> Kind:
    """Where Assay keeps something: a local path, which may also lie outside the project."""
    says = "a local path"

    def read(node: Node, reading: Reading, where: str) -> str | None:
        found = text_of(node)
        if found is None or not found.strip() or "\n" in found:
            reading.tell_type(node, where, says)
        elif "://" in found:
            reading.tell_unbuilt(node, f"a {what} at {found.partition('://')[0]}://", "write a local path")
        else:
            return found
        return None

    return Kind(says, {"type": "string", "pattern": r"^(?!.*://)[^\n]*\S[^\n]*$"}, read)


def quantity(says: str, pattern: str, parse: Callable[[str], Any]) -> Kind:
    """Text that ``parse`` turns into a value."""

    def read(node: Node, reading: Reading, where: str) -> Any:
        value = parse(text_of(node) or "")
        if value is not None:
            return value
        reading.tell_type(node, where, says, f"write {says.partition('such as ')[2].partition(',')[0]}")
        return None

    return Kind(says, {"type": "string", "pattern": f"^(?:{pattern})$"}, read)


def share(says: str, *, over: float, below: float, percentages: str) -> Kind:
    """A percentage such as ``15%``, or a number up to 1; read as a share strictly between ``over`` and ``below``.

    ``percentages`` is what a percentage between them begins with, as a regular expression that takes nothing.
    """

    def read(node: Node, reading: Reading, where: str) -> float | None:
        value = _share(node)
        if value is not None and over < value < below:
            return value
        number = number_of(node)
        reading.tell_type(node, where, says, f"write {number}%" if isinstance(number, int) and number > 1 else "")
        return None

    as_number = {"type": "number", "exclusiveMinimum": over, "exclusiveMaximum": below, "maximum": 1}
    return Kind(
        says, {"anyOf": [as_number, {"type": "string", "pattern": f"^{percentages}{quantities.PERCENT}$"}]}, read
    )


def _share(node: Node) -> float | None:
    found = text_of(node)
    if found is not None:
        return quantities.parse_percent(found)
    value = number_of(node)
    return float(value) if value is not None and value <= 1 else None


def number(says: str, *, least: float = -math.inf, over: float = -math.inf, below: float = math.inf) -> Kind:
    """A finite number, not below ``least``, over ``over`` and below ``below``."""

    def read(node: Node, reading: Reading, where: str) -> float | None:
        value = number_of(node)
        if value is not None and math.isfinite(value) and value >= least and over < value < below:
            return float(value)
        reading.tell_type(node, where, says)
        return None

    limits = {"minimum": least, "exclusiveMinimum": over, "exclusiveMaximum": below}
    return Kind(says, {"type": "number", **{key: at for key, at in limits.items() if math.isfinite(at)}}, read)


def number_or_percent(says: str) -> Kind:
    """A finite number over 0, or a percentage such as ``2%``, read as its share."""

    def read(node: Node, reading: Reading, where: str) -> float | None:
        found = text_of(node)
        value = number_of(node) if found is None else quantities.parse_percent(found)
        if value is not None and math.isfinite(value) and value > 0:
            return float(value)
        reading.tell_type(node, where, says)
        return None

    as_number = {"type": "number", "exclusiveMinimum": 0}
    as_percent = {"type": "string", "pattern": f"^(?=.*[1-9]){quantities.PERCENT}$"}
    return Kind(says, {"anyOf": [as_number, as_percent]}, read)


def whole_number(says: str, *, least: int, most: int = _GREATEST) -> Kind:
    """A whole number from ``least`` to ``most``."""

    def read(node: Node, reading: Reading, where: str) -> int | None:
        value = number_of(node)
        if value is not None and least <= value <= most and value == int(value):
            return int(value)
        reading.tell_type(node, where, says)
        return None

    return Kind(says, {"type": "integer", "minimum": least, "maximum": most}, read)


def literal(says: str) -> Kind:
    """A text, number or boolean, as a cell of a table holds it."""

    def read(node: Node, reading: Reading, where: str) -> str | int | float | bool | None:
        value = node.value if isinstance(node, Scalar) else None
        is_number = isinstance(value, int | float) and -_GREATEST <= value <= _GREATEST
        if is_number or (isinstance(value, str) and value.strip()):
            return value
        reading.tell_type(node, where, says)
        return None

    limits = {"pattern": r"\S", "minimum": -_GREATEST, "maximum": _GREATEST}
    return Kind(says, {"type": ["string", "number", "boolean"], **limits}, read)


def flag() -> Kind:
    """true or false."""

    def read(node: Node, reading: Reading, where: str) -> bool | None:
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        reading.tell_type(node, where, "true or false")
        return None

    return Kind("true or false", {"type": "boolean"}, read)


def choice(known: tuple[str, ...], unbuilt: tuple[str, ...] = ()) -> Kind:
    """One of some words; ``unbuilt`` words are refused as such."""
    says = f"one of {', '.join(known)}" if len(known) > 1 else known[0]

    def read(node: Node, reading: Reading, where: str) -> str | None:
        word = text_of(node)
        if word in known:
            return word
        if word in unbuilt:
            reading.tell_unbuilt(node, f"`{where}`: {word}", f"write {says}")
        elif word and (near := near_miss(word, known)):
            what = f'`{where}`: unknown word "{word}"; did you mean {near}?'
            reading.tell(node, "unknown-word", what, f"known: {', '.join(known)}", fix=f"write {near}")
        else:
            reading.tell_type(node, where, says)
        return None

    return Kind(says, {"enum": list(known)}, read)

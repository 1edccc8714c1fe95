"""``${...}`` replaced by the value that it names: in texts as it is, in commands quoted for the shell.

In a text every ``${...}`` is a reference; in a command only those whose names are ours, and ``${HOME}`` is left to the shell. A
backslash before it (``\\${``) lets it stand.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from assay.core.near import near_miss
from assay.core.reference import ROOTS, UNKNOWN, Reference, ReferenceMistake, parse_reference
from assay.declare.shell import Quoting, Spot, quoted, spots

LookUp: TypeAlias = Callable[[Reference], Any]


class FillingMistake(msgspec.Struct, frozen=True):
    """A ``${...}`` that cannot be replaced."""

    offset: int
    code: str
    what: str
    because: str = ""
    fix: str = ""


Filled: TypeAlias = tuple[str, tuple[FillingMistake, ...]]
"""The text, and every mistake in it."""

_TEXT_SPOT = re.compile(r"(\\?)\$\{([^}\n]*)(\}?)")


def fill_text(text: str, look_up: LookUp) -> Filled:
    """The text with values in place of references."""
    mistakes: list[FillingMistake] = []

    def replace(match: re.Match[str]) -> str:
        if match[1]:
            return match[0][1:]
        try:
            return spelt(_look_up_plain(match[2], look_up))
        except _Refused as refused:
            mistakes.append(refused.at(match.start()))
            return match[0]

    return _TEXT_SPOT.sub(replace, text), tuple(mistakes)


def fill_command(command: str, look_up: LookUp, own: frozenset[str]) -> Filled:
    """The command with quoted values in place of references. ``own``: the names that are ours also where a shell's
    variable could be called so, ``item`` and ``key``."""
    mistakes: list[FillingMistake] = []
    parts, done = [], 0
    for spot in spots(command):
        name = command[spot.start + 2 : spot.end - 1]
        if spot.start < done or not _is_ours(name, own):
            continue
        if spot.is_escaped:
            parts.append(command[done : spot.start - 1] if spot.quoting == "single" else command[done : spot.start])
            done = spot.start
            continue
        parts.append(command[done : spot.start])
        try:
            parts.append(_entered(name, spot, look_up))
        except _Refused as refused:
            mistakes.append(refused.at(spot.start))
        done = spot.end
    return "".join((*parts, command[done:])), tuple(mistakes)


def only_reference(text: str) -> str | None:
    """What stands within ``${...}`` where the text is nothing else; None where it is."""
    match = re.fullmatch(r"\$\{([^${}]*)\}", text)
    return match[1] if match else None


def spelt(value: Any) -> str:
    """A single value as text: true, false, numbers and text as they are."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def look_up_spelt(name: str, look_up: LookUp) -> tuple[Any, FillingMistake | None]:
    """What ``${name}`` names, of any type; or the mistake in it."""
    try:
        return _look_up(name, look_up), None
    except _Refused as refused:
        return None, refused.at(0)


class _Refused(Exception):
    def __init__(self, code: str, what: str, because: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.mistake = FillingMistake(0, code, what, because, fix)

    def at(self, offset: int) -> FillingMistake:
        return msgspec.structs.replace(self.mistake, offset=offset)


_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\.[A-Za-z0-9_]")


def _is_ours(name: str, own: frozenset[str]) -> bool:
    """A shell knows no names with dots and no second brace; without them, only what the step itself makes ours."""
    if _DOTTED.match(name) or name.startswith("{"):
        return True
    reference = parse_reference(name)
    return reference is not None and reference.root in own


def _look_up(name: str, look_up: LookUp) -> Any:
    reference = parse_reference(name.strip())
    written = f"`${{{name}}}`"
    if name.startswith("{"):
        what = f"`${{{{ {name.strip('{ ')} }}}}` is not how a value is named here"
        raise _Refused("unknown-reference", what, "", _instead_of(name))
    if reference is None:
        root = re.match(r"\w*", name.strip())
        near = near_miss(root[0] if root else "", ROOTS)
        fix = f"write a name such as ${{{near or 'params'}.KEY}}"
        raise _Refused(
            "unknown-reference", f"{written} names nothing", "between the braces stands a name, no more", fix
        )
    try:
        return look_up(reference)
    except ReferenceMistake as mistake:
        hint = f"; did you mean ${{{mistake.near}}}?" if mistake.near else ""
        fix = f"write ${{{mistake.near}}}" if mistake.near else mistake.fix or _instead_of(name)
        raise _Refused("unknown-reference", f"{written}: {mistake.what}{hint}", mistake.because, fix) from mistake


def _instead_of(name: str) -> str:
    """What to write in place of a name that other tools have."""
    inside = name.strip("{} ")
    root, _, rest = inside.partition(".")
    if root in ("env", "secrets") and rest:
        return f"declare {rest} in `{root}:` of the step, and write ${rest} in its command"
    reference = parse_reference(inside)
    is_ours = reference is not None and reference.root in ROOTS and inside != name
    return f"write ${{{inside}}}" if is_ours else "write a name that is known"


def _look_up_plain(name: str, look_up: LookUp) -> Any:
    value = _look_up(name, look_up)
    what = f"`${{{name}}}`"
    if value is None:
        raise _Refused("no-single-value", f"{what} is empty", "", "give it a value, or write the value here")
    if isinstance(value, list | dict):
        below = f"{name}[0]" if isinstance(value, list) else f"{name}.{next(iter(value), 'KEY')}"
        held = "a list" if isinstance(value, list) else "keys with values"
        fix = f"name one of them, such as ${{{below}}}; or declare it in `params:` and let the script read the file"
        raise _Refused("no-single-value", f"{what} is {held}, and only a single value can stand here", "", fix)
    if value is not UNKNOWN and "\0" in str(value):
        raise _Refused("no-single-value", f"{what} holds a NUL character", "", "take it out of the value")
    return "unknown" if value is UNKNOWN else value


def _entered(name: str, spot: Spot, look_up: LookUp) -> str:
    value = _look_up_plain(name, look_up)
    by_env = f"write `env: {{VALUE: ${{{name}}}}}` and use $VALUE here"
    if spot.unclear:
        raise _Refused("unclear-quoting", f"`${{{name}}}` cannot be quoted here", spot.unclear, by_env)
    if spot.quoting == "arithmetic" and (isinstance(value, bool) or not isinstance(value, int | float)):
        because = "text in arithmetic would be evaluated"
        raise _Refused("unclear-quoting", f"`${{{name}}}` is no number", because, by_env)
    return _quote(spelt(value), spot.quoting)


def _quote(text: str, quoting: Quoting) -> str:
    return text if quoting == "arithmetic" else quoted(text, quoting)

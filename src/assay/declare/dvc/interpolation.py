"""``${train.rate}`` in the texts of dvc.yaml: found, looked up, and put in place as DVC does.

A text that is nothing but one expression takes the value itself; elsewhere the value is put in as text: ``true`` and ``false``,
numbers as Python spells them. Only ``cmd`` takes a mapping, as flags: ``--rate 0.1``. ``\\${`` stands for ``${``.
"""

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Any

_EXPRESSION = re.compile(r"(?<!\\)\$\{(.*?)\}")
_WORD = r"[^.\[\]]+"
_PATH = re.compile(rf"{_WORD}(?:\.{_WORD}|\[{_WORD}\])*\Z")

LookUp = Callable[[str], Any]
"""The value at a dotted path; ``Unresolved`` where there is none."""


class Unresolved(ValueError):
    """An expression that cannot be replaced: what is wrong with it, and how to mend it."""

    def __init__(self, code: str, what: str, fix: str = "", *because: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.fix = fix
        self.because = because
        self.offset = 0
        """Where in the text it stands."""


class Flags:
    """How a mapping is spelt as flags: the section ``parsing`` of .dvc/config."""

    def __init__(self, booleans: str = "store_true", lists: str = "nargs") -> None:
        self.has_no = booleans == "boolean_optional"
        """``false`` becomes ``--no-NAME`` rather than nothing."""
        self.repeats = lists == "append"
        """A list becomes ``--name a --name b`` rather than ``--name a b``."""

    def spell(self, values: dict[str, Any]) -> str:
        """``--rate 0.1 --names a b``; text is quoted for the shell."""
        return " ".join(flag for name, value in _flat(values) for flag in self._flags(name, value))

    def _flags(self, name: str, value: Any) -> Iterator[str]:
        match value:
            case True:
                yield f"--{name}"
            case False:
                if self.has_no:
                    yield f"--no-{name}"
            case list():
                if any(isinstance(item, list | dict) for item in value):
                    raise Unresolved(
                        "bad-interpolation", f"`{name}` is a list of lists or mappings: no flag can say that"
                    )
                items = [_word(item) for item in value]
                if self.repeats:
                    yield from (f"--{name} {item}" for item in items)
                elif items:
                    yield f"--{name} {' '.join(items)}"
            case _:
                yield f"--{name} {_word(value)}"


def has_expression(text: str) -> bool:
    """There is something to replace in it."""
    return _EXPRESSION.search(text) is not None


def interpolate(text: str, look_up: LookUp, flags: Flags | None = None, *, takes_any: bool = False) -> Any:
    """The text with its expressions replaced; ``Unresolved`` for the first that cannot be, with its ``offset``.

    ``flags``: mappings are let in, spelt so. ``takes_any``: a text that is one expression may stand for a list or mapping.
    """
    whole = _EXPRESSION.match(text)
    if whole is not None and whole.end() == len(text):
        value = _looked_up(whole, look_up)
        if takes_any or not isinstance(value, list | dict):
            return value
        return _as_text(whole, value, flags)
    parts, at = [], 0
    for match in _EXPRESSION.finditer(text):
        parts += [text[at : match.start()], _as_text(match, _looked_up(match, look_up), flags)]
        at = match.end()
    return "".join((*parts, text[at:])).replace("\\${", "${")


def spelt(value: Any) -> str:
    """A value within a text: booleans as YAML has them, everything else as Python does."""
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def path_of(expression: str) -> tuple[str, ...]:
    """``("a", "b", "0")`` for ``a.b[0]``; ``Unresolved`` where it is no path."""
    if not _PATH.match(expression):
        what = f"`${{{expression}}}` does not read"
        raise Unresolved("bad-interpolation", what, "write a name such as ${train.rate} or ${models[0]}")
    return tuple(part.strip() for part in expression.replace("[", ".").replace("]", "").split("."))


def _looked_up(match: "re.Match[str]", look_up: LookUp) -> Any:
    try:
        return look_up(match[1])
    except Unresolved as error:
        error.offset = match.start()
        raise


def _as_text(match: "re.Match[str]", value: Any, flags: Flags | None) -> str:
    if isinstance(value, dict) and flags is not None:
        return flags.spell(value)
    if isinstance(value, list | dict):
        kind = "a list" if isinstance(value, list) else "a mapping"
        error = Unresolved(
            "bad-interpolation", f"`{match[0]}` is {kind}, and cannot stand in a text", "name one value in it"
        )
        error.offset = match.start()
        raise error
    return spelt(value)


def _word(value: Any) -> str:
    return shlex.quote(value) if isinstance(value, str) else str(value)


def _flat(values: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{above}{name}.")
        elif not isinstance(value, dict):
            yield f"{above}{name}", value

"""Secrets out of everything that is shown or recorded."""

from functools import cache
from types import UnionType
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

from assay.core.run import StepResult

STARS = "*****"
LEAST_CHARACTERS = 4
"""A shorter value would blot out half of every log; whoever has such a secret has none."""

NAMES = frozenset({"id", "code", "pipeline", "step", "release", "file", "python", "platform"})
"""Fields whose text names something and is no prose. What it says is known without the run, and others find things by it."""

Noun = TypeVar("Noun", bound=msgspec.Struct)


class Mask:
    """Replaces values by stars. One of no values changes nothing, and costs nothing."""

    def __init__(self, values: tuple[str, ...] = ()) -> None:
        lines = {line for value in values for line in (value, *value.splitlines()) if len(line) >= LEAST_CHARACTERS}
        self._values = sorted(lines, key=len, reverse=True)

    @property
    def is_empty(self) -> bool:
        """It changes nothing."""
        return not self._values

    def text(self, text: str) -> str:
        """The text without the values."""
        for value in self._values:
            text = text.replace(value, STARS)
        return text

    def noun(self, noun: Noun) -> Noun:
        """The same without the values in any of its texts. Names, digests, words of closed sets, keys and numbers stay: a short
        value is found in many of them, and they say nothing that a secret told."""
        if not self._values:
            return noun
        masked = {name: self._masked(getattr(noun, name)) for name in _texts_of(type(noun))}
        return msgspec.structs.replace(noun, **masked)

    def result(self, result: StepResult) -> StepResult:
        """The result without the values. Where a path that it rests on had one, what stands under the path of stars tells nothing:
        it has no key then, and no other run rests on it. What the step declares stays as it is declared."""
        masked = self.noun(result)
        if masked is result:
            return result
        declared = {"inputs": result.inputs, "outputs": result.outputs, "command": result.command}
        rests_on = (masked.discovered, masked.trace.missing) == (result.discovered, result.trace.missing)
        return msgspec.structs.replace(masked, **declared, key=result.key if rests_on else None)

    def _masked(self, value: Any) -> Any:
        match value:
            case str():
                return self.text(value)
            case msgspec.Struct():
                return self.noun(value)
            case dict():
                return {key: self._masked(each) for key, each in value.items()}
            case tuple():
                return tuple(map(self._masked, value))
            case list():
                return list(map(self._masked, value))
            case _:
                return value


@cache
def _texts_of(noun: type[msgspec.Struct]) -> tuple[str, ...]:
    """The fields in which a value may stand."""
    return tuple(name for name, kind in get_type_hints(noun).items() if name not in NAMES and _has_text(kind))


def _has_text(kind: Any) -> bool:
    """A text that may be any, or something that holds one."""
    if isinstance(kind, NewType):
        return False
    if get_origin(kind) in (Union, UnionType, tuple, list, dict):
        return any(map(_has_text, get_args(kind)))
    return kind in (str, Any) or (isinstance(kind, type) and issubclass(kind, msgspec.Struct))

"""An assay.yaml in the making: steps with what they keep of another tool's, and notes about what could not be brought over."""

import json
import re
from typing import Any, TypeAlias

import msgspec


class Note(msgspec.Struct, frozen=True):
    """A comment in the file."""

    text: str


class DraftStep(msgspec.Struct, frozen=True):
    """A command with a name, and further keys as assay.yaml has them, in order."""

    name: str
    run: str
    keys: dict[str, Any] = {}


Item: TypeAlias = DraftStep | Note


class Draft(msgspec.Struct, frozen=True):
    """What a source gave."""

    origin: str
    """What it was read from: a path, or a few words."""
    items: tuple[Item, ...]
    head: tuple[str, ...] = ()
    """Comment lines above all."""
    keys: dict[str, Any] = {}
    """Keys of the file itself, before `steps`."""

    @property
    def steps(self) -> tuple[DraftStep, ...]:
        """What will run."""
        return tuple(item for item in self.items if isinstance(item, DraftStep))

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was not brought over, and why."""
        return tuple(item.text for item in self.items if isinstance(item, Note))


class Ready(msgspec.Struct, frozen=True):
    """An assay.yaml, ready to be written: what every source gives in the end."""

    origin: str
    text: str
    steps: tuple[str, ...]
    left_out: tuple[str, ...]
    """What was not brought over, or is said in another way."""


def ready(draft: Draft) -> Ready:
    """The draft as a file."""
    return Ready(draft.origin, as_yaml(draft), tuple(step.name for step in draft.steps), draft.left_out)


def as_yaml(draft: Draft) -> str:
    """The file that the draft is."""
    lines = [f"# {line}" for line in draft.head]
    for key, value in draft.keys.items():
        lines.append(f"{key}: {flow(value)}")
    lines.append("steps:")
    for item in draft.items:
        if isinstance(item, Note):
            lines += [f"  # left out: {line}" for line in item.text.splitlines()]
            continue
        lines.append(f"  - name: {scalar(item.name)}")
        lines += _command(item.run)
        lines += [f"    {key}: {_own_line(value)}" for key, value in item.keys.items()]
    return "\n".join(lines) + "\n"


def flow(value: Any) -> str:
    """A value on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{scalar(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case bool():
            return str(value).lower()
        case str():
            return scalar(value)
        case _:
            return json.dumps(value)


def scalar(text: str) -> str:
    """A text as YAML reads it back: bare where that is certain, else in quotes."""
    is_plain = re.fullmatch(r"[A-Za-z_./][\w./@=+ -]*", text) and not text.endswith(" ") and "  " not in text
    return text if is_plain and text.lower() not in _WORDS else _quoted(text)


_WORDS = ("true", "false", "null", "yes", "no", "on", "off", ".", ".inf", ".nan")


def _own_line(value: Any) -> str:
    """A value that has the rest of its line to itself: fewer letters mean something there."""
    is_bare = isinstance(value, str) and (_reads_back(value) or re.fullmatch(r"\d+m", value))
    return str(value) if is_bare else flow(value)


def _quoted(text: str) -> str:
    """In double quotes; letters that some readers take for the end of a line are spelled out."""
    return json.dumps(text, ensure_ascii=any(letter in text for letter in "\x85\u2028\u2029\ufeff"))


def _command(run: str) -> list[str]:
    """One line bare or in quotes, several as a block where a block gives them back as they are."""
    lines = run.strip("\n").split("\n")
    if len(lines) == 1:
        return [f"    run: {lines[0] if _reads_back(lines[0]) else _quoted(lines[0])}"]
    is_odd = any((ord(letter) < 32 and letter != "\t") or letter in "\x7f\x85\u2028\u2029" for letter in "".join(lines))
    if is_odd or lines[0].startswith((" ", "\t")):
        return [f"    run: {_quoted(run)}"]
    return ["    run: |", *(f"      {line}" if line else "" for line in lines)]


def _reads_back(line: str) -> bool:
    """A command that may stand without quotes."""
    is_plain = re.fullmatch(r"[A-Za-z_./][\x20-\x7e]*", line) is not None and line == line.strip()
    return is_plain and ": " not in line and " #" not in line and not line.endswith(":") and line.lower() not in _WORDS

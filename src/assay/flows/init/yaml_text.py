"""Spelling values as YAML that reads back as the same: plain where that is safe, in double quotes where not."""

import json
import re
from collections.abc import Iterator
from typing import Any

from assay.declare.nodes import plain_value

_SAFE_WORD = re.compile(r"[A-Za-z_./$][A-Za-z0-9_./$@+=:-]*\Z")
_SAFE_LINE = re.compile(r"[A-Za-z_./$(][^\x00-\x1f\x7f-\x9f\ufeff]*\Z")
_OWN = re.compile(r"\$\{(?=(?:params|matrix|item|key)\b)")


def word(text: str) -> str:
    """A name or path, in a list or behind a key. ``${`` is escaped: nothing in it is to be filled in any more."""
    text = text.replace("${", "\\${")
    is_plain = _SAFE_WORD.match(text) and not text.endswith(":") and isinstance(plain_value(text), str)
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def flow(value: Any) -> str:
    """Lists and mappings of words on one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{word(key)}: {flow(each)}' for key, each in value.items())}}}"
    return "null" if value is None else word(value)


def key_line(key: str, text: str) -> Iterator[str]:
    """``name: train``."""
    yield f"{key}: {word(text)}"


def block(key: str, command: str) -> Iterator[str]:
    """A command behind its key: on the same line where it reads as it is, else on lines of its own."""
    command = _OWN.sub(r"\\${", command)
    if (
        _SAFE_LINE.match(command)
        and not re.search(r": | #|:\Z|\s\Z", command)
        and isinstance(plain_value(command), str)
    ):
        yield f"{key}: {command}"
    elif re.match(r"\S", command) and not re.search(
        r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]|\n\Z", command
    ):
        yield f"{key}: |-"
        yield from (f"  {line}" if line else "" for line in command.split("\n"))
    else:
        yield f"{key}: {json.dumps(command, ensure_ascii=False)}"

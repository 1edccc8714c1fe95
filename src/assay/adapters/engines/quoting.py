"""Names, texts and numbers as DuckDB's SQL writes them. Whatever they hold, they stay what they are."""

from collections.abc import Iterable
from pathlib import Path

INT64 = range(-(2**63), 2**63)
_GLOB = str.maketrans({character: f"[{character}]" for character in "*?["})


def identifier(name: str) -> str:
    """A column's name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def number(value: float) -> str:
    """A number literal; what 64 bits cannot hold as a whole number becomes a double."""
    if isinstance(value, int) and value in INT64:
        return str(value)
    return f"CAST({text(repr(float(value)))} AS DOUBLE)"


def listed(literals: Iterable[str]) -> str:
    """A list of literals, for file functions."""
    return f"[{', '.join(literals)}]"


def file_pattern(path: Path) -> str:
    """The pattern that matches this one file: DuckDB reads ``*``, ``?`` and ``[`` in a path as a glob."""
    return str(path).translate(_GLOB)

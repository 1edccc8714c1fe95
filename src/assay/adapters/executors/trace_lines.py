"""Lines of a trace file, in the form that ``tracer/sitecustomize.py`` documents."""

from collections.abc import Iterable
from pathlib import Path


def trace_line(mode: str, *fields: str) -> str:
    """One line, its end included."""
    return "\t".join([mode, *map(escaped, fields)]) + "\n"


def append_lines(trace: Path, lines: Iterable[str]) -> None:
    """Add lines to a trace; a file is only made where there are any."""
    text = "".join(lines)
    if text:
        with trace.open("ab") as file:
            file.write(text.encode("utf-8", "surrogateescape"))


def escaped(text: str) -> str:
    """A field as it stands in a line."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")

"""Lines of a trace file, in the form that ``tracer/sitecustomize.py`` documents."""

from collections.abc import Callable, Iterable
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


def mask_lines(file: Path, root: str, masked: Callable[[bytes], bytes]) -> None:
    """Write the lines anew with what ``masked`` makes of them. The project's own folder stays as it is: all who run it know it."""
    if not file.exists():
        return
    below = escaped(f"{root.rstrip('/')}/").encode("utf-8", "surrogateescape")
    beside = file.with_name(f"{file.name}.masked")
    beside.touch(0o600)
    with file.open("rb") as lines, beside.open("wb") as out:
        for line in lines:
            head, within, rest = line.partition(below)
            out.write(head + within + masked(rest) if within else masked(line))
    beside.replace(file)


def escaped(text: str) -> str:
    """A field as it stands in a line."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")

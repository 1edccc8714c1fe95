"""Lines at the foot of a terminal that are drawn again in place.

Plain ANSI, no library: rich would bring three further packages into every install, and its import into every run, for what is here: go up,
write each line over the old one, clear what is left. Only so much is asked of a terminal that tmux, screen, the Linux console and every
emulator can do: no alternate screen, no hidden cursor, no scroll region, so that a kill -9 leaves a terminal that works.
"""

import os
import re
from collections.abc import Callable, Sequence
from math import ceil
from typing import TextIO

_CONTROLS = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.?)|[\x00-\x1a\x1c-\x1f\x7f-\x9f]+")

_NO_BREAK = "\N{NO-BREAK SPACE}"

Size = Callable[[], tuple[int, int]]
"""Columns and rows of the terminal, now."""


class TerminalLines:
    """The lines that stand at the foot of the terminal now. Each drawing is one write, so that nothing flickers."""

    def __init__(self, write: Callable[[str], None], size: Size, faint: Callable[[str], str] = str) -> None:
        self._write = write
        self._faint = faint
        self._size = size
        self._widths: list[int] = []

    def draw(self, lines: Sequence[tuple[str, str]]) -> None:
        """Draw lines in place of the last ones; of each what comes first, and what may be cut and is faint."""
        columns, rows = self._size()
        most = max(1, rows - 2)
        if len(lines) > most:
            lines = [*lines[: most - 1], (f"   and {len(lines) - most + 1} more", "")]
        fitted = [_fitted(head, tail, columns - 1) for head, tail in lines]
        text = "\x1b[K\n".join(f"{head}{self._faint(tail)}" if tail else head for head, tail in fitted)
        self._write(f"{self._up(columns)}{text}\x1b[K\x1b[J" if lines else self._gone(columns))
        self._widths = [cells(head) + cells(tail) for head, tail in fitted]

    def clear(self) -> None:
        """Take them away: what is printed next stands where they stood."""
        if self._widths:
            self._write(self._gone(self._size()[0]))
        self._widths = []

    def _gone(self, columns: int) -> str:
        return f"{self._up(columns)}\x1b[J" if self._widths else ""

    def _up(self, columns: int) -> str:
        """To the beginning of the first line. A terminal that has become narrower has broken them into more rows."""
        rows = sum(max(1, ceil(width / max(1, columns))) for width in self._widths)
        return "\r" + (f"\x1b[{rows - 1}A" if rows > 1 else "")


def size_of(stream: TextIO) -> tuple[int, int]:
    """Columns and rows of the terminal behind a stream, as they are now."""
    try:
        size = os.get_terminal_size(stream.fileno())
    except OSError:
        return 80, 24
    return size.columns or 80, size.lines or 24


def printable(text: str) -> str:
    """The text without what would move a cursor, colour or ring."""
    return _CONTROLS.sub(" ", text.replace("\t", "  ")) if not text.isprintable() else text


def cells(text: str) -> int:
    """How many columns of a terminal a text takes."""
    return len(text) if text.isascii() else sum(map(_cells_of, text))


def cut(text: str, columns: int) -> str:
    """As much of the text as so many columns hold; a dot for the rest."""
    if cells(text) <= columns:
        return text
    kept, used = [], 0
    for letter in text:
        used += _cells_of(letter)
        if used > columns - 1:
            break
        kept.append(letter)
    return f"{''.join(kept)}…" if columns > 0 else ""


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, broken between words; at least one line. A number stays beside its percent sign."""
    lines, line = [], ""
    for word in text.replace(" %", f"{_NO_BREAK}%").split(" "):
        if line and cells(line) + 1 + cells(word) > columns:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
        while cells(line) > max(2, columns):
            piece = _first_cells(line, max(2, columns))
            lines.append(piece)
            line = line[len(piece) :]
    return [each.replace(_NO_BREAK, " ").rstrip() for each in (*lines, line)]


def _first_cells(text: str, columns: int) -> str:
    used = 0
    for at, letter in enumerate(text):
        used += _cells_of(letter)
        if used > columns:
            return text[:at]
    return text


def _cells_of(letter: str) -> int:
    from unicodedata import category, east_asian_width  # where all is ASCII it is not needed

    if category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1


def _fitted(head: str, tail: str, columns: int) -> tuple[str, str]:
    """Both parts, as they fit. Where there is room for a few letters only, the second is left out."""
    head = cut(head, columns)
    room = columns - cells(head) - 2
    return (head, f"  {cut(tail, room)}") if tail and room >= 8 else (head, "")

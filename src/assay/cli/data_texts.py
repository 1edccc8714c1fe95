"""Values, counts and columns of datasets as a terminal shows them: on one line, as wide as there is room."""

import shutil
from collections.abc import Sequence
from typing import Any

from assay.cli.terminal_lines import cells, cut, printable

NARROWEST = 40
_BARS = "▁▂▃▄▅▆▇█"
_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def room() -> int:
    """Columns of the terminal."""
    return max(NARROWEST, shutil.get_terminal_size().columns)


def said(value: Any) -> str:
    """A value: numbers with as many digits as anyone reads, an empty text as quotes."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return said_float(value)
        case "":
            return "''"
        case str():
            return (
                printable(value).replace("T00:00:00", "").replace("T", " ") if _is_moment(value) else printable(value)
            )
        case _:
            return str(value)


def said_float(value: float) -> str:
    """``1040``, ``12.6``, ``0.0031``, ``1.2e+09``."""
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-4:
        return f"{value:.3g}"
    return f"{value:.0f}" if size >= 1000 else f"{value:.3g}"


def said_share(count: int, rows: int) -> str:
    """``2.5 %``; nothing where there is none, and neither nothing nor everything is rounded to."""
    if not count:
        return ""
    percent = 100 * count / rows
    if percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100:
        return ">99.9 %"
    return f"{percent:.1f}".removesuffix(".0") + " %"


def said_bytes(size_bytes: int) -> str:
    """``5.3 MB``."""
    for size, unit in _UNITS:
        if size_bytes >= size:
            return f"{size_bytes / size:.3g} {unit}"
    return f"{size_bytes} bytes"


def number_of(count: int, noun: str) -> str:
    """``1 row``, ``4,000 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def bars(counts: Sequence[int], most_bars: int = 20) -> str:
    """A small picture of a histogram, neighbours together where there are many; a blank where there is nothing."""
    together = max(1, -(-len(counts) // most_bars))
    sums = [sum(counts[at : at + together]) for at in range(0, len(counts), together)]
    most = max(sums, default=0)
    return "".join(" " if not each else _BARS[-(-each * len(_BARS) // most) - 1] for each in sums)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text in so many columns: cut, or filled with blanks."""
    text = cut(text, width)
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


def _is_moment(text: str) -> bool:
    return len(text) >= 19 and text[10] == "T" and text[4] == text[7] == "-" and text[13] == ":"

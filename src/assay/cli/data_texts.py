"""Values, counts and columns of datasets as a terminal shows them: on one line, as wide as there is room."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from assay.cli.terminal_lines import cells, cut, printable

NARROWEST, UNBOUNDED = 40, 1_000_000
_BARS = "▁▂▃▄▅▆▇█"
_UNITS = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def room() -> int:
    """Columns of the terminal; what goes to a file or a program is not cut, unless COLUMNS says so."""
    if not os.environ.get("COLUMNS") and not sys.stdout.isatty():
        return UNBOUNDED
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
            return _said_moment(value) if _is_moment(value) else printable(value)
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


def fitting(ways: Iterable[str], width: int) -> str:
    """The first way to say it that fits; where none does, the last, cut."""
    way = ""
    for way in ways:
        if cells(way) <= width:
            return way
    return cut(way, width)


def said_ends(least: Any, greatest: Any) -> Iterator[tuple[str, str]]:
    """Ways to say both ends of a range, the longest first: of times the year and the day once, without seconds, days alone."""
    ends = (said(least), said(greatest))
    if not all(isinstance(each, str) and _is_day(each) for each in (least, greatest)):
        yield ends
        return
    whole = [f"{end} 00:00:00" if len(end) == _DAY else end for end in ends]
    if any(len(end) > _DAY for end in ends):
        if all(end.endswith(":00") for end in whole):
            whole = [end[:_MINUTE] for end in whole]
        yield whole[0], whole[1]
        yield _said_once(whole[0], whole[1])
        yield _said_once(whole[0][:_MINUTE], whole[1][:_MINUTE])
    days = (ends[0][:_DAY], ends[1][:_DAY])
    if days[0] != days[1]:
        yield days
        yield _said_once(*days)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text in so many columns: cut, or filled with blanks."""
    text = cut(text, width)
    blanks = " " * (width - cells(text))
    return blanks + text if right else text + blanks


_YEAR, _DAY, _MINUTE = 4, 10, 16
"""So many characters of ISO 8601."""


def _said_once(least: str, greatest: str) -> tuple[str, str]:
    """Without the day or the year at the second end, where it is that of the first."""
    same = next((size for size in (_DAY, _YEAR) if least[:size] == greatest[:size]), None)
    return least, greatest[same + 1 :] if same is not None else greatest


def _said_moment(text: str) -> str:
    day, time = printable(text).split("T", 1)
    return day if time == "00:00:00" else f"{day} {time}"


def _is_day(text: str) -> bool:
    return text[:_YEAR].isdigit() and text[4:5] == text[7:8] == "-" and text[8:_DAY].isdigit()


def _is_moment(text: str) -> bool:
    return len(text) >= 19 and text[10] == "T" and _is_day(text) and text[13] == ":"

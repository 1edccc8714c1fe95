"""Texts from outside, made fit to show: a column's values and the sentences on them may hold anything."""

from collections.abc import Iterable, Sequence


def visible(text: str) -> str:
    """The text on one line. What cannot be seen (control characters, reversed writing) is told as ``\\x1b``."""
    return "".join(each if each.isprintable() else _escape(each) for each in text)


def clipped(text: str, most: int) -> str:
    """At most so many characters of the visible text; a cut is marked."""
    seen = visible(text[: most + 1])
    return seen if len(seen) <= most else f"{seen[: most - 1]}…"


def some(items: Sequence[str], most: int) -> str:
    """``a, b and 3 more``"""
    shown, rest = ", ".join(items[:most]), len(items) - most
    return f"{shown} and {rest:,} more" if rest > 0 else shown


def fitting(blocks: Iterable[str], size_bytes: int) -> tuple[list[str], int]:
    """The first blocks that fit together into so many bytes, and how many are left out."""
    shown: list[str] = []
    left_out = 0
    for block in blocks:
        size_bytes -= len(block.encode())
        if size_bytes < 0 or left_out:
            left_out += 1
        else:
            shown.append(block)
    return shown, left_out


def _escape(character: str) -> str:
    if character in "\n\t\r":
        return " "
    return character.encode("unicode_escape").decode()

"""Parts of a page that stands alone: no script, no network. Everything that others wrote is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape

END = "</body></html>\n"


def opening(title: str, style: str) -> str:
    """All that comes before the body's first part. ``END`` closes it."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>"
    )


def fact_list(facts: Iterable[tuple[str, str]]) -> str:
    """Labels, and beside them what they say; nothing where there are none."""
    said = "".join(f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in facts)
    return f"<dl>{said}</dl>" if said else ""


def table(head: str, rows: Sequence[str], kind: str = "plain") -> str:
    """A table in a frame of its own, which scrolls where the page is narrower."""
    return f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'


def heads(words: Iterable[str], numbers: Iterable[str]) -> str:
    """The cells of a table's head: first the columns of words, then those of numbers, which stand to the right."""
    left = "".join(f"<th>{escape(each)}</th>" for each in words)
    return left + "".join(f'<th class="n">{escape(each)}</th>' for each in numbers)


def row(words: Iterable[str], numbers: Iterable[str]) -> str:
    """A row below ``heads``."""
    left = "".join(f"<td>{escape(each)}</td>" for each in words)
    right = "".join(f'<td class="n">{escape(each)}</td>' for each in numbers)
    return f"<tr>{left}{right}</tr>"


def note(text: str) -> str:
    """What can be passed over."""
    return f'<p class="soft">{escape(text)}</p>'


def left_out_note(count: int) -> str:
    """How many are not on the page; nothing where all are."""
    return note(f"{count:,} more are left out here.") if count else ""


def named_ids(named: Iterable[tuple[str, str]]) -> str:
    """A line of names and digests."""
    return " · ".join(f"{escape(name)} <code>{escape(value)}</code>" for name, value in named)


def rich(text: str) -> str:
    """A line in which sentences stand in backticks."""
    parts = (f"<code>{escape(part)}</code>" if at % 2 else escape(part) for at, part in enumerate(text.split("`")))
    return "".join(parts)

"""The columns of a dataset on its page: how their values are distributed, those first of which a rule does not hold."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from assay.core.counted import counted, percent
from assay.core.profile import ColumnProfile, Profile
from assay.explain.amounts import number
from assay.explain.findings.cells import shown
from assay.explain.findings.picture import draw_bar, draw_histogram
from assay.explain.findings.told import ICONS, Outcome
from assay.explain.markup import note
from assay.explain.texts import clipped, fitting

LONGEST_NAME = 60
MOST_VALUES = 6
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
FRAME_BYTES, NAMED_BYTES = 300, 24_000
"""What stands around the cards, and what the list of columns without one may take."""


def column_cards(profile: Profile, fared: Mapping[str, Outcome], size_bytes: int) -> str:
    """A card a column in at most so many bytes, those first of which a rule does not hold; further ones with their name alone, and the
    rest counted."""
    ordered = sorted(profile.columns, key=lambda column: fared.get(column.name, "holds") == "holds")
    size_bytes -= FRAME_BYTES
    cards, left_out = fitting((_card(column, profile.rows, fared) for column in ordered), size_bytes)
    if left_out:
        named_bytes = min(NAMED_BYTES, size_bytes // 3)
        cards, _ = fitting(cards, size_bytes - named_bytes)
    frame = f'<div class="columns">{"".join(cards)}</div>' if cards else ""
    return f"{frame}{_named(ordered[len(cards) :], named_bytes)}" if left_out else frame


def _card(column: ColumnProfile, rows: int, fared: Mapping[str, Outcome]) -> str:
    outcome = fared.get(column.name, "holds")
    name = clipped(column.name, LONGEST_NAME)
    word = f'<span class="word">{ICONS[outcome]} {outcome}</span>' if outcome != "holds" else ""
    kind = {"broken": ' class="fail"', "warns": ' class="open"', "holds": ""}[outcome]
    type_ = escape(clipped(column.type or column.stored, 40))
    head = f'<h3><code>{escape(name)}</code><span class="soft">{type_}</span>{word}</h3>'
    return f"<section{kind}>{head}{_about(column, rows)}{_histogram(column, name) or _values(column, rows)}</section>"


def _about(column: ColumnProfile, rows: int) -> str:
    parts = [f"{percent(column.nulls, rows)} NULL" if column.nulls else "no NULL"]
    if column.distinct is not None:
        parts.append(f"{'' if column.is_distinct_exact else 'about '}{column.distinct:,} distinct")
    return note(" · ".join(parts))


def _histogram(column: ColumnProfile, name: str) -> str:
    if column.histogram is None:
        return ""
    edges, counts = column.histogram.edges, column.histogram.counts
    drawn = draw_histogram(name, [amount(edge) for edge in edges], counts)
    medians = [(each.value, f"median {'' if each.is_exact else '~'}") for each in column.quantiles if each.share == 0.5]
    ends = [(column.least, ""), *medians, (column.greatest, "")]
    told = "".join(f"<span>{word}{escape(amount(value))}</span>" for value, word in ends if value is not None)
    wide = [f"{which} bar from {amount(low)} to {amount(high)}" for which, low, high in _wide_ends(edges)]
    return f'{drawn}<div class="ends">{told}</div>{note(", ".join(wide)) if wide else ""}' if drawn else ""


def _wide_ends(edges: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    """The first and the last bin reach to the least and the greatest value, so that one far off does not hide all others."""
    if len(edges) < 4 or not all(isinstance(edge, int | float) for edge in edges):
        return
    usual = 1.5 * (edges[2] - edges[1])
    if edges[1] - edges[0] > usual:
        yield "first", edges[0], edges[1]
    if edges[-1] - edges[-2] > usual:
        yield "last", edges[-2], edges[-1]


def _values(column: ColumnProfile, rows: int) -> str:
    """The most frequent values, each with its bar."""
    told = column.frequent[:MOST_VALUES]
    if not told:
        return ""
    longest = max(each.rows for each in told) or 1
    lines = "".join(
        f"<tr><td><code>{escape(shown(each.value, 40))}</code></td><td>{draw_bar(each.rows / longest)}</td>"
        f'<td class="n">{escape(percent(each.rows, rows))}</td></tr>'
        for each in told
    )
    rest = rows - column.nulls - sum(each.rows for each in told)
    more = (
        f'<tr><td>other values</td><td></td><td class="n">{escape(percent(rest, rows))}</td></tr>' if rest > 0 else ""
    )
    return f"<table><tbody>{lines}{more}</tbody></table>"


def amount(value: Any) -> str:
    """A number with as many digits as anyone reads, a moment to the minute; other values as cells show them."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value)
    return value[:16].replace("T", " ") if isinstance(value, str) and _MOMENT.match(value) else shown(value, 30)


def _named(columns: Sequence[ColumnProfile], size_bytes: int) -> str:
    items, left_out = fitting(
        (
            f"<li><code>{escape(clipped(each.name, LONGEST_NAME))}</code> {escape(clipped(each.type or each.stored, 24))}</li>"
            for each in columns
        ),
        size_bytes - FRAME_BYTES,
    )
    more = f"<p>and {counted(left_out, 'more column')}.</p>" if left_out else ""
    return (
        f"<details><summary>{counted(len(columns), 'column')} without a picture</summary>"
        f"<ul>{''.join(items)}</ul>{more}</details>"
    )

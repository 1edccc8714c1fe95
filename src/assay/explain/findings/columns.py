"""The columns of a dataset on its page: how their values are distributed, those first of which a rule does not hold."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Protocol

from assay.explain.amounts import counted, number
from assay.explain.findings.cells import is_number, shown
from assay.explain.findings.picture import draw_bar, draw_histogram
from assay.explain.findings.told import ICONS, Outcome
from assay.explain.findings.words import percent
from assay.explain.markup import note
from assay.explain.texts import clipped, fitting

LONGEST_NAME = 60
MOST_VALUES = 6
FRAME_BYTES, NAMED_BYTES = 300, 24_000
"""What stands around the cards, and what the list of columns without one may take."""


class CountedValue(Protocol):
    """A value, and how many rows have it."""

    @property
    def value(self) -> Any: ...
    @property
    def rows(self) -> int: ...


class Bins(Protocol):
    """How many values lie from edge to edge. All bins but the first and the last are of one width."""

    @property
    def edges(self) -> Sequence[Any]: ...
    @property
    def counts(self) -> Sequence[int]: ...


class Share(Protocol):
    """The value that a share of all does not exceed."""

    @property
    def share(self) -> float: ...
    @property
    def value(self) -> Any: ...


class Column(Protocol):
    """What is shown of a column, as far as it is known."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str | None: ...
    @property
    def stored(self) -> str: ...
    @property
    def nulls(self) -> int: ...
    @property
    def distinct(self) -> int | None: ...
    @property
    def least(self) -> Any: ...
    @property
    def greatest(self) -> Any: ...
    @property
    def quantiles(self) -> Sequence[Share]: ...
    @property
    def frequent(self) -> Sequence[CountedValue]: ...
    @property
    def histogram(self) -> Bins | None: ...


class Profiled(Protocol):
    """A dataset's columns."""

    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> Sequence[Column]: ...


def column_cards(profile: Profiled, fared: Mapping[str, Outcome], size_bytes: int) -> str:
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


def _card(column: Column, rows: int, fared: Mapping[str, Outcome]) -> str:
    outcome = fared.get(column.name, "holds")
    name = clipped(column.name, LONGEST_NAME)
    word = f'<span class="word">{ICONS[outcome]} {outcome}</span>' if outcome != "holds" else ""
    kind = {"broken": ' class="fail"', "warns": ' class="open"', "holds": ""}[outcome]
    type_ = escape(clipped(column.type or column.stored, 40))
    head = f'<h3><code>{escape(name)}</code><span class="soft">{type_}</span>{word}</h3>'
    return f"<section{kind}>{head}{_about(column, rows)}{_histogram(column, name) or _values(column, rows)}</section>"


def _about(column: Column, rows: int) -> str:
    parts = [f"{percent(column.nulls, rows)} NULL" if column.nulls else "no NULL"]
    if column.distinct is not None:
        parts.append(counted(column.distinct, "different value"))
    return note(" · ".join(parts))


def _histogram(column: Column, name: str) -> str:
    if column.histogram is None:
        return ""
    edges, counts = column.histogram.edges, column.histogram.counts
    drawn = draw_histogram(name, [amount(edge) for edge in edges], counts)
    median = next((each.value for each in column.quantiles if each.share == 0.5), None)
    ends = [(column.least, ""), (median, "median "), (column.greatest, "")]
    told = "".join(f"<span>{word}{escape(amount(value))}</span>" for value, word in ends if value is not None)
    wide = [f"the {which} bar reaches from {amount(low)} to {amount(high)}" for which, low, high in _wide_ends(edges)]
    return f'{drawn}<div class="ends">{told}</div>{note("; ".join(wide)) if wide else ""}' if drawn else ""


def _wide_ends(edges: Sequence[Any]) -> Iterator[tuple[str, Any, Any]]:
    """The first and the last bin reach to the least and the greatest value, so that one far off does not hide all others."""
    if len(edges) < 4 or not all(map(is_number, edges)):
        return
    usual = 1.5 * (edges[2] - edges[1])
    if edges[1] - edges[0] > usual:
        yield "first", edges[0], edges[1]
    if edges[-1] - edges[-2] > usual:
        yield "last", edges[-2], edges[-1]


def _values(column: Column, rows: int) -> str:
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
    """A number with as many digits as anyone reads; other values as cells show them."""
    return number(value) if is_number(value) else shown(value, 30)


def _named(columns: Sequence[Column], size_bytes: int) -> str:
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

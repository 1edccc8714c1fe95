"""``assay data show``: what a dataset looks like, a line for each column."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from assay.cli.data_texts import (
    UNBOUNDED,
    bars,
    fitting,
    number_of,
    padded,
    room,
    said,
    said_bytes,
    said_ends,
    said_float,
    said_share,
)
from assay.cli.screen import emit, faint, marked, say, strong
from assay.cli.terminal_lines import cells, cut, printable
from assay.core.near import near_miss
from assay.core.problem import EvidenceError, Problem
from assay.core.profile import ColumnProfile, Mostly, Profile, Quantile

_LONGEST_NAME = 24
_LONGEST_VALUE = 32
_FEWEST_BARS = 6


@click.command(epilog="Example: assay data show data/flights.parquet")
@click.argument("data")
@click.option(
    "--column", "-c", "names", multiple=True, metavar="NAME", help="All that is known of this column; again for more."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with everything on every column.")
def show(data: str, names: tuple[str, ...], as_json: bool) -> None:
    """What DATA looks like: rows, columns, types, NULLs, values and how they are distributed.

    DATA is a path, a glob or a folder of Parquet, CSV or JSON Lines, a table, or a version of a project's data (flights@9c41e0d2). What is marked by ~ is
    close and not exact.
    """
    from assay.flows.data_show import show as profile

    found = profile(Path.cwd(), os.environ, data)
    chosen = _chosen(found, names)
    if as_json:
        emit("assay.profile/1", found)
        return
    width = room()
    for line in headline(found, width):
        say(line)
    lines = columns_lines(chosen, found.rows, width) if names else table_lines(found, width)
    for line in lines:
        say(line)


def headline(found: Profile, width: int) -> Iterator[str]:
    """What it is, and how much of it."""
    counts = [number_of(found.rows, "row"), number_of(len(found.columns), "column")]
    if found.files:
        counts += [number_of(found.files, "file"), said_bytes(found.size_bytes)]
    yield strong(cut(printable(found.name), width))
    yield cut(f" {' · '.join(counts)}", width)
    yield ""


def table_lines(found: Profile, width: int) -> Iterator[str]:
    """A line for each column: name, type, NULLs, distinct values, and what the values are like."""
    if not found.columns:
        return
    if not found.rows:
        yield marked("note", "there is no row: only the names of the columns are known")
    names = min(max(6, *(cells(printable(each.name)) for each in found.columns)), _longest_name(width))
    rows = [(_type(each), said_share(each.nulls, found.rows), _distinct(each)) for each in found.columns]
    widths = [
        max(cells(head), *(cells(row[at]) for row in rows)) for at, head in enumerate(("type", "NULL", "distinct"))
    ]
    if width < 70:
        widths[2] = 0
    left = 1 + names + sum(2 + each for each in widths if each)
    yield faint(f" {_line('column', ('type', 'NULL', 'distinct'), names, widths)}  values")
    for each, row in zip(found.columns, rows, strict=True):
        values = fitting(_values(each, found.rows, 20 if width >= 100 else 12), width - left - 2)
        yield f" {_line(printable(each.name), row, names, widths)}  {values}".rstrip()
    if any(_is_rough(each) for each in found.columns):
        yield ""
        yield faint(cut(" ~ is close, not exact. All of a column: --column NAME", width))


def columns_lines(columns: Sequence[ColumnProfile], rows: int, width: int) -> Iterator[str]:
    """Everything on each of these columns."""
    for place, column in enumerate(columns):
        if place:
            yield ""
        yield from column_lines(column, rows, width)


def column_lines(column: ColumnProfile, rows: int, width: int) -> Iterator[str]:
    """Everything on one column."""
    stored = "" if column.stored.lower() == column.type else f"  stored as {printable(column.stored)}"
    rest = cut(f"  {_type(column)}{stored}", width // 2)
    yield strong(cut(printable(column.name), width - cells(rest))) + faint(rest)
    yield from _fact_lines(list(_counts(column, rows)), width)
    if column.mostly is not None:
        yield from _mostly_lines(column.mostly, width)
        column = column.mostly.profile
    yield from _fact_lines(list(_distribution(column)), width)
    yield from _frequent_lines(column, rows, width)
    yield from _histogram_lines(column, width)


def _fact_lines(facts: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    for label, fact in facts:
        yield f"  {label:<10} {cut(fact, width - 13)}"


def _counts(column: ColumnProfile, rows: int) -> Iterator[tuple[str, str]]:
    yield "NULL", f"{column.nulls:,}{_of_rows(column.nulls, rows)}"
    if column.distinct is not None:
        yield "distinct", _distinct(column)


def _distribution(column: ColumnProfile) -> Iterator[tuple[str, str]]:
    if column.least is not None:
        yield "least", said(column.least)
        yield "greatest", said(column.greatest)
    if column.mean is not None:
        spread = "" if column.stddev is None else f"  stddev {said_float(column.stddev)}"
        yield "mean", f"{said_float(column.mean)}{spread}"
    if column.quantiles:
        yield "quantiles", "  ".join(f"{_name(each)} {_quantile(each)}" for each in column.quantiles)


def _mostly_lines(mostly: Mostly, width: int) -> Iterator[str]:
    """What most values are, and the most frequent of the others; then all that is known of the most."""
    values = mostly.rows + mostly.others
    share = f"{mostly.rows:,} of {values:,} values are {mostly.profile.type}, {mostly.others:,} are not"
    yield f"  {'mostly':<10} {cut(share, width - 13)}"
    for place, each in enumerate(mostly.frequent_others):
        line = cut(f"{_quoted(each.value)}  {each.rows:,}{_of_rows(each.rows, values)}", width - 13)
        yield f"  {'not' if place == 0 else '':<10} {line}"


def _frequent_lines(column: ColumnProfile, rows: int, width: int) -> Iterator[str]:
    shown = [(cut(said(each.value), _LONGEST_VALUE), f"{each.rows:,}", each.rows) for each in column.frequent]
    if not shown:
        return
    values, counts = max(cells(value) for value, _, _ in shown), max(len(count) for _, count, _ in shown)
    for at, (value, count, number) in enumerate(shown):
        label = ("values" if column.are_all else "frequent") if at == 0 else ""
        line = f"{padded(value, values)}  {count:>{counts}}{_of_rows(number, rows)}"
        yield f"  {label:<10} {cut(line, width - 13)}".rstrip()


def _histogram_lines(column: ColumnProfile, width: int) -> Iterator[str]:
    found = column.histogram
    if found is None:
        return
    ends = [said(each) for each in found.edges[1:]]
    most, edges, counts = max(found.counts), max(map(cells, ends)), max(len(f"{each:,}") for each in found.counts)
    edges = min(edges, max(8, width // 3))
    room_for_bar = max(1, min(40, width - 23 - edges - counts))
    for at, (end, count) in enumerate(zip(ends, found.counts, strict=True)):
        bar = "█" * (count * room_for_bar // most) or ("▏" if count else "")
        label = "histogram" if at == 0 else ""
        yield f"  {label:<10} up to {padded(end, edges, right=True)}  {count:>{counts},}  {bar}".rstrip()


def _chosen(found: Profile, names: Sequence[str]) -> list[ColumnProfile]:
    by_name = {each.name: each for each in found.columns}
    for name in names:
        if name not in by_name:
            near = near_miss(name, by_name)
            fix = f"did you mean {near!r}?" if near else "name one of its columns"
            listed = ", ".join(list(by_name)[:20]) + (", …" if len(by_name) > 20 else "")
            raise EvidenceError(
                Problem("column-missing", f"{found.name} has no column {name!r}", (f"its columns are {listed}",), fix)
            )
    return [by_name[name] for name in names]


def _line(name: str, row: Sequence[str], names: int, widths: Sequence[int]) -> str:
    kept = [
        padded(cell, width, right=at > 0) for at, (cell, width) in enumerate(zip(row, widths, strict=True)) if width
    ]
    return "  ".join((padded(name, names), *kept))


def _type(column: ColumnProfile) -> str:
    return column.type or ("other" if column.mostly is None else "mixed")


def _distinct(column: ColumnProfile) -> str:
    if column.distinct is None:
        return ""
    return f"{'' if column.is_distinct_exact else '~'}{column.distinct:,}"


def _values(column: ColumnProfile, rows: int, most_bars: int) -> Iterator[str]:
    """Ways to say what the values are like, the longest first, and in each the most telling first."""
    if column.mostly is not None:
        yield from _said_mostly(column.mostly, most_bars)
    elif column.type is None:
        yield printable(column.stored)
    elif rows and column.nulls == rows:
        yield "nothing but NULL"
    elif column.distinct == 1 and column.are_all:
        yield f"always {said(column.frequent[0].value)}"
    elif column.type in ("str", "bool"):
        yield from _frequent(column, rows)
    elif column.least is not None:
        yield from _pictured(column, most_bars)


def _said_mostly(mostly: Mostly, most_bars: int) -> Iterator[str]:
    """``463 of 500 are int, not: "abc" 20, "N/A" 17 · 18 ▅██▅ 80  median 48``."""
    share = f"{mostly.rows:,} of {mostly.rows + mostly.others:,} are {mostly.profile.type}"
    told = [f"{_quoted(each.value)} {each.rows:,}" for each in mostly.frequent_others]
    are_all = sum(each.rows for each in mostly.frequent_others) == mostly.others
    for number in range(len(told), 0, -1):
        odd = f"{share}, not: {', '.join(told[:number])}{'' if are_all and number == len(told) else ', …'}"
        yield from (f"{odd} · {way}" for way in _values(mostly.profile, mostly.rows, most_bars))
        yield odd
    yield share


def _quoted(value: Any) -> str:
    return f'"{cut(printable(value), _LONGEST_VALUE)}"' if isinstance(value, str) else said(value)


def _pictured(column: ColumnProfile, most_bars: int) -> Iterator[str]:
    """Numbers and times: the ends, a picture between them, and the median."""
    ends, middles = list(said_ends(column.least, column.greatest)), _middles(column)
    counts = () if column.histogram is None else column.histogram.counts
    pictures = [bars(counts, size) for size in (most_bars, _FEWEST_BARS)] if counts else []
    for least, greatest in ends:
        yield from (f"{least} {picture} {greatest}{middle}" for picture in pictures for middle in middles)
    yield from (f"{least} .. {greatest}{middle}" for least, greatest in ends for middle in middles)
    yield f"{ends[-1][0]} .. {ends[-1][1]}"


def _middles(column: ColumnProfile) -> list[str]:
    middle = next((each for each in column.quantiles if each.share == 0.5), None)
    if middle is None or column.type in ("date", "time"):
        return [""]
    median = f"  median {_quantile(middle)}"
    return [median] if column.mean is None else [f"{median}, mean {said_float(column.mean)}", median]


def _frequent(column: ColumnProfile, rows: int) -> Iterator[str]:
    told = [f"{cut(said(each.value), _LONGEST_VALUE)} {said_share(each.rows, rows)}" for each in column.frequent[:6]]
    for number in range(len(told), 0, -1):
        are_all = column.are_all and number == len(column.frequent)
        yield ", ".join(told[:number]) + ("" if are_all else ", …")
    least = said(column.least)
    if not told and least:
        yield f"such as {cut(least, _LONGEST_VALUE)}"


def _longest_name(width: int) -> int:
    return width if width == UNBOUNDED else _LONGEST_NAME if width >= 80 else 16


def _of_rows(count: int, rows: int) -> str:
    return f" ({said_share(count, rows)})" if count else ""


def _name(quantile: Quantile) -> str:
    return "median" if quantile.share == 0.5 else f"p{quantile.share * 100:g}"


def _quantile(quantile: Quantile) -> str:
    return f"{'' if quantile.is_exact else '~'}{said(quantile.value)}"


def _is_rough(column: ColumnProfile) -> bool:
    return column.distinct is not None and not column.is_distinct_exact

"""``assay data diff``: two versions of a dataset."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from assay.cli.data_texts import number_of, padded, room, said, said_bytes
from assay.cli.screen import emit, faint, marked, say, strong
from assay.cli.terminal_lines import cells, cut, printable
from assay.core.data_diff import ColumnDifference, DataDiff, DiffSide, KeyDifference

DIFFERENT = 8
_SMALL = 0.001
_LONGEST = 24
_FEW = 8


@click.command(epilog="Example: assay data diff old/flights.csv data/flights.parquet --key flight_id")
@click.argument("before")
@click.argument("after")
@click.option(
    "--key", "-k", multiple=True, metavar="COLUMN", help="Join rows by it; again, or with commas, for several columns."
)
@click.option("--find-key", is_flag=True, help="Where no key is known, look for one.")
@click.option("--exit-code", is_flag=True, help="End with exit code 8 where they differ.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, with everything on every column.")
def diff(before: str, after: str, key: tuple[str, ...], find_key: bool, exit_code: bool, as_json: bool) -> int:
    """What differs between BEFORE and AFTER: columns, rows, how values are distributed, and by key which rows.

    They may be of different formats: values are compared, so that 1, 1.0 and "1" are equal, and NULL is equal to NULL. The key
    is that of --key, or of the project's rules. No project is needed but for a version of its data, such as flights@9c41e0d2.
    """
    from assay.flows.data_diff import diff as compare

    columns = [name for each in key for name in _names(each)]
    found = compare(Path.cwd(), os.environ, before, after, columns, find=find_key)
    if as_json:
        emit("assay.data-diff/1", {"is_equal": found.is_equal, **msgspec.to_builtins(found)})
    else:
        for line in lines_of(found, room()):
            say(line)
    return DIFFERENT if exit_code and not found.is_equal else 0


def lines_of(found: DataDiff, width: int) -> Iterator[str]:
    """The answer first, then schema, distributions, and rows by key."""
    yield strong(cut(f"{printable(found.before.name)} -> {printable(found.after.name)}", width))
    if found.is_equal:
        yield marked(
            "ok", f"the same {number_of(found.after.rows, 'row')} in {number_of(found.after.columns, 'column')}"
        )
        for each in found.retyped:
            types = f"{each.before or 'other'} in one and {each.after or 'other'} in the other"
            yield marked("note", cut(f"{printable(each.name)} is {types}", width - 3))
        return
    yield cut(f" {_counts(found.before)}  ->  {_counts(found.after)}", width)
    yield from _schema(found, width)
    yield from _distributions(found, width)
    if found.nearly_key is not None:
        near = found.nearly_key
        told = f"{printable(near.column)} is unique but for {number_of(near.repeats, 'row')} of {printable(found.before.name)}: no key"
        yield marked("note", cut(told, width - 3))
    if found.by_key is not None:
        yield from _by_key(found.by_key, width)
    elif found.has_same_rows:
        yield marked("ok", cut("the columns that both have hold the same rows", width - 3))
    else:
        yield ""
        others = "" if found.nearly_key is not None else ", or --find-key"
        yield faint(cut(f" which rows: --key COLUMN{others}", width))


def _counts(side: DiffSide) -> str:
    size = f", {said_bytes(side.size_bytes)}" if side.size_bytes else ""
    return f"{number_of(side.rows, 'row')}, {number_of(side.columns, 'column')}{size}"


def _schema(found: DataDiff, width: int) -> Iterator[str]:
    lines = [*_listed("+", found.added_columns), *_listed("-", found.removed_columns)]
    lines += [f"~ column {printable(e.name)}: {e.before or 'other'} -> {e.after or 'other'}" for e in found.retyped]
    for line in lines:
        yield cut(f" {line}", width)


def _listed(mark: str, names: Sequence[str]) -> list[str]:
    """A line for each; one for all of many."""
    if len(names) <= _FEW:
        return [f"{mark} column {printable(name)}" for name in names]
    return [f"{mark} {len(names):,} columns: {', '.join(map(printable, names))}"]


def _distributions(found: DataDiff, width: int) -> Iterator[str]:
    moved = sorted((each for each in found.columns if _is_told(each)), key=lambda each: -_size(each))
    if not moved:
        return
    yield ""
    names = min(_LONGEST if width >= 80 else 16, max(6, *(cells(printable(each.name)) for each in moved)))
    yield faint(cut(f" {padded('column', names)}  differs  most frequent or median, share of NULL", width))
    for each in moved:
        yield cut(f" {padded(printable(each.name), names)}  {_distance(each):<7}  {_moved(each)}", width).rstrip()
    quiet = len(found.columns) - len(moved)
    if quiet:
        yield faint(cut(f" {number_of(quiet, 'other column')} distributed alike", width))
    yield faint(cut(" KS, TV: 0 where all is alike, 1 where nothing is; at least so large", width))


def _by_key(found: KeyDifference, width: int) -> Iterator[str]:
    yield ""
    yield strong(cut(f" by {', '.join(map(printable, found.key))}", width))
    counts = (("added", found.added), ("removed", found.removed), ("changed", found.changed), ("same", found.same))
    for word, count in counts:
        yield f"   {word:<8} {count:>12,} {'row' if count == 1 else 'rows'}"
    if found.columns:
        told = ", ".join(f"{printable(each.name)} in {each.rows:,}" for each in found.columns)
        yield cut(f"   changed  {told}", width)
    yield from _samples("+", found.first_added, found.added, width)
    yield from _samples("-", found.first_removed, found.removed, width)
    for row in found.first_changed:
        changes = ", ".join(f"{printable(n)} {_cell(row.before[n])} -> {_cell(row.after[n])}" for n in row.before)
        yield cut(f"   ~ {_row(row.key)}: {changes}", width)
    yield from _more(len(found.first_changed), found.changed, "~")


def _samples(mark: str, rows: Sequence[Mapping[str, Any]], count: int, width: int) -> Iterator[str]:
    for row in rows:
        yield cut(f"   {mark} {_row(row)}", width)
    yield from _more(len(rows), count, mark)


def _more(shown: int, count: int, mark: str) -> Iterator[str]:
    if count > shown:
        yield faint(f"   {mark} and {count - shown:,} more")


def _row(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{printable(name)} {_cell(value)}" for name, value in row.items())


def _cell(value: Any) -> str:
    """With every digit, for two that differ must look so."""
    match value:
        case None:
            return "NULL"
        case float():
            return str(value).removesuffix(".0")
        case _:
            return cut(said(value), _LONGEST)


def _is_told(each: ColumnDifference) -> bool:
    return _size(each) >= _SMALL or (each.measure is None and each.null_share_before != each.null_share_after)


def _size(each: ColumnDifference) -> float:
    return max(each.distance or 0.0, abs(each.null_share_after - each.null_share_before))


def _distance(each: ColumnDifference) -> str:
    if each.distance is None or each.measure is None:
        return ""
    told = (
        f"{each.distance:.2f}".removeprefix("0") if each.distance >= 0.01 else f"{each.distance:.3f}".removeprefix("0")
    )
    return f"{each.measure.upper()} {told}"


def _moved(each: ColumnDifference) -> str:
    before, after = _cell(each.middle_before), _cell(each.middle_after)
    parts = [before if before == after else f"{before} -> {after}"] if each.measure else []
    nulls = [f"{100 * share:.3g} %" for share in (each.null_share_before, each.null_share_after)]
    if nulls[0] != nulls[1]:
        parts.append(f"NULL {nulls[0]} -> {nulls[1]}")
    return ", ".join(parts)


def _names(text: str) -> list[str]:
    """``a,b`` as two names. A column with a comma in its name is a key by Python or by rules."""
    return [name.strip() for name in text.split(",") if name.strip()]

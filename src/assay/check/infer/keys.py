# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""Columns that together name a row. A sample refutes nearly all candidates; the few that it cannot are counted exactly."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice

from assay.check.infer.names import is_named_like_an_id
from assay.check.profile.sample import drawn, sample_rows
from assay.core.dataset import DataColumn
from assay.core.ports import Opened
from assay.core.profile import ColumnProfile

_BEST, _MOST_TRIED, _ENOUGH = 12, 5, 100
Key = tuple[str, ...]


def find_key(opened: Opened, relation: str, profiles: Sequence[ColumnProfile], rows: int) -> Key:
    """The smallest key that holds for every row, columns that are named like ids first; empty where none of few tries does."""
    refs = {column.name: column for column in opened.columns[relation]}
    candidates = tuple(key_candidates(profiles, rows))
    if not candidates:
        return ()
    left = islice(_not_refuted(opened, relation, candidates, refs), _MOST_TRIED)
    return next((key for key in left if is_key(opened, relation, key)), ())


def key_candidates(profiles: Sequence[ColumnProfile], rows: int) -> Iterator[Key]:
    """Keys that may be, in the order in which they would be believed."""
    able = [
        each for each in profiles if each.type in ("int", "str", "date", "time") and not each.nulls and each.distinct
    ]
    named = {each.name for each in able if is_named_like_an_id(each.name)}
    if rows < _ENOUGH:  # anything is unique among few rows
        able = [each for each in able if each.name in named]
    best = sorted(able, key=lambda each: -(each.distinct or 0))[:_BEST]
    for size in (1, 2, 3):
        found = [group for group in combinations(best, size) if _is_rich_enough(group, rows)]
        found.sort(key=lambda group: (-sum(each.name in named for each in group), _order(group, profiles)))
        yield from (tuple(each.name for each in sorted(group, key=profiles.index)) for group in found)


def is_key(opened: Opened, relation: str, key: Key) -> bool:
    """No two rows have the same values in these columns. Sixty-four bits of each are told apart: a hash that two share
    makes a key look like none, never the other way round."""
    refs = {column.name: column.ref for column in opened.columns[relation]}
    if not all(name in refs for name in key):
        return False
    hashed = f"hash({', '.join(refs[name] for name in key)})"
    query = (
        f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {hashed} FROM {relation}) AS keys) FROM {relation}"
    )
    ((rows, distinct),) = opened.rows(query)
    return int(rows) == int(distinct)


def _not_refuted(
    opened: Opened, relation: str, candidates: Sequence[Key], columns: dict[str, DataColumn]
) -> Iterator[Key]:
    """Those of which the sample shows no value twice. Most are refuted by the first hundred rows, so that a loop is quick."""
    used = list(dict.fromkeys(name for key in candidates for name in key))
    hashes = ", ".join(f"hash({columns[name].ref})" for name in used)
    refs = ", ".join(columns[name].ref for name in used)
    rows = drawn(relation, sample_rows(len(used)), refs)
    sample = opened.rows(f"SELECT {hashes} FROM {rows}")
    for key in candidates:
        places = [used.index(name) for name in key]
        if not _has_repeat(tuple(row[at] for at in places) for row in sample):
            yield key


def _has_repeat(values: Iterable[tuple[int, ...]]) -> bool:
    seen: set[tuple[int, ...]] = set()
    for value in values:
        if value in seen:
            return True
        seen.add(value)
    return False


def _is_rich_enough(group: Sequence[ColumnProfile], rows: int) -> bool:
    """Together they could tell so many rows apart; each number may be an estimate."""
    product = 1.0
    for each in group:
        product *= 1.1 * (each.distinct or 0)
    return product >= rows


def _order(group: Sequence[ColumnProfile], profiles: Sequence[ColumnProfile]) -> tuple[int, ...]:
    return tuple(sorted(profiles.index(each) for each in group))

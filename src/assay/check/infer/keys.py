# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""Columns that together name a row. A sample refutes nearly all candidates; the few that it cannot are counted exactly."""

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import NamedTuple

from assay.check.infer.names import is_named_like_an_id
from assay.check.profile.sample import drawn, sample_rows
from assay.core.ports import Opened
from assay.core.profile import ColumnProfile

_BEST, _MOST_TRIED, _ENOUGH, _FIRST, _HANDFUL = 12, 5, 100, 100, 5
Key = tuple[str, ...]


class FoundKey(NamedTuple):
    """Columns that together name a row, or one column that does but for few rows."""

    columns: Key
    repeats: int = 0
    """Rows that repeat an earlier key; 0: it is a key."""


def find_key(opened: Opened, relation: str, profiles: Sequence[ColumnProfile], rows: int) -> FoundKey:
    """The smallest key that holds for every row, columns that are named like ids first; empty where none of few tries does.

    A column that is unique but for few rows is told instead of keys that hold by its help: it is what was meant to be the key.
    """
    candidates = tuple(key_candidates(profiles, rows))
    if not candidates:
        return FoundKey(())
    sample = _Sample(opened, relation, candidates)
    singles = [key for key in candidates if len(key) == 1]
    near = [key for key in singles if sample.repeats(key) <= few_repeats(len(sample.rows))][:_MOST_TRIED]
    counted = [FoundKey(key, repeats(opened, relation, key)) for key in near]
    nearly = [each for each in counted if each.repeats <= few_repeats(rows)]
    exact = next((each for each in nearly if not each.repeats), None)
    if exact is not None or nearly:
        return exact or nearly[0]
    groups = (key for key in candidates if len(key) > 1 and not sample.repeats(key))
    left = islice(groups, _MOST_TRIED)
    return FoundKey(next((key for key in left if is_key(opened, relation, key)), ()))


def few_repeats(rows: int) -> int:
    """So many rows may be mistakes in a column that else names each row: one in a thousand, or a handful."""
    return max(rows // 1000, min(_HANDFUL, rows // 100))


def key_candidates(profiles: Sequence[ColumnProfile], rows: int) -> Iterator[Key]:
    """Keys that may be, in the order in which they would be believed."""
    able = [each for each in profiles if _may_name_rows(each)]
    named = {each.name for each in able if is_named_like_an_id(each.name)}
    if rows < _ENOUGH:  # anything is unique among few rows
        able = [each for each in able if each.name in named]
    best = sorted(able, key=lambda each: -(each.distinct or 0))[:_BEST]
    for size in (1, 2, 3):
        found = [group for group in combinations(best, size) if _is_rich_enough(group, rows)]
        found.sort(key=lambda group: (-sum(each.name in named for each in group), _order(group, profiles)))
        yield from (tuple(each.name for each in sorted(group, key=profiles.index)) for group in found)


def is_key(opened: Opened, relation: str, key: Key) -> bool:
    """No two rows have the same values in these columns."""
    return all(name in _refs(opened, relation) for name in key) and not repeats(opened, relation, key)


def repeats(opened: Opened, relation: str, key: Key) -> int:
    """Rows that repeat an earlier key. Sixty-four bits of each are told apart: a hash that two share makes a key look like none,
    never the other way round."""
    refs = _refs(opened, relation)
    hashed = f"hash({', '.join(refs[name] for name in key)})"
    query = (
        f"SELECT count(*), (SELECT count(*) FROM (SELECT DISTINCT {hashed} FROM {relation}) AS keys) FROM {relation}"
    )
    ((rows, distinct),) = opened.rows(query)
    return int(rows) - int(distinct)


def _refs(opened: Opened, relation: str) -> dict[str, str]:
    return {column.name: column.ref for column in opened.columns[relation]}


class _Sample:
    """Some rows, as hashes of the columns of which keys may be made."""

    def __init__(self, opened: Opened, relation: str, candidates: Sequence[Key]) -> None:
        self._names = list(dict.fromkeys(name for key in candidates for name in key))
        refs = [_refs(opened, relation)[name] for name in self._names]
        hashes = ", ".join(f"hash({ref})" for ref in refs)
        rows = drawn(relation, sample_rows(len(refs)), ", ".join(refs))
        self.rows = opened.rows(f"SELECT {hashes} FROM {rows}")

    def repeats(self, key: Key) -> int:
        """Rows that repeat an earlier key; where the first hundred repeat more than a handful, no others are looked at."""
        places = [self._names.index(name) for name in key]
        among_first = _repeated(self.rows[:_FIRST], places)
        return among_first if among_first > _HANDFUL else _repeated(self.rows, places)


def _repeated(rows: Sequence[tuple[int, ...]], places: Sequence[int]) -> int:
    return len(rows) - len({tuple(row[at] for at in places) for row in rows})


def _may_name_rows(profile: ColumnProfile) -> bool:
    """Not numbers with fractions, also where some text stands among them."""
    types = {profile.type} | ({profile.mostly.profile.type} if profile.mostly is not None else set())
    may_name = profile.is_wide or types <= {"int", "str", "date", "time"}
    return bool(profile.distinct) and not profile.nulls and may_name


def _is_rich_enough(group: Sequence[ColumnProfile], rows: int) -> bool:
    """Together they could tell so many rows apart; each number may be an estimate."""
    product = 1.0
    for each in group:
        product *= 1.1 * (each.distinct or 0)
    return product >= rows


def _order(group: Sequence[ColumnProfile], profiles: Sequence[ColumnProfile]) -> tuple[int, ...]:
    return tuple(sorted(profiles.index(each) for each in group))

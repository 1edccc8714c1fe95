"""Two versions that are open, compared."""

from collections.abc import Sequence

import msgspec

from assay.check.diff.pairs import Pair, named, pair, types_of
from assay.check.diff.rows import by_key, have_same_rows
from assay.check.diff.spread import differences
from assay.check.infer.keys import FoundKey, find_key, is_key
from assay.check.profile import profile_columns
from assay.core.data_diff import ColumnDifference, KeyDifference, NearlyKey, Retyped
from assay.core.dataset import Dialect
from assay.core.ports import Opened

BEFORE, AFTER = "before", "after"
_VALUES = 64
"""So many frequent values of each side are compared by themselves."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    rows: tuple[int, int]
    added_columns: tuple[str, ...]
    removed_columns: tuple[str, ...]
    retyped: tuple[Retyped, ...]
    columns: tuple[ColumnDifference, ...]
    by_key: KeyDifference | None
    nearly_key: NearlyKey | None
    has_same_rows: bool


def compare(opened: Opened, dialect: Dialect, key: Sequence[str] = (), *, find: bool = False) -> Compared:
    """All that differs between the relations ``BEFORE`` and ``AFTER``; by ``key`` where there is one, or where it is to be
    found and one is. ``NoSuchKey`` and ``RepeatedKey`` where rows cannot be joined by it."""
    sides = [
        profile_columns(opened, dialect, relation=name, frequent=_VALUES, has_mostly=find) for name in (BEFORE, AFTER)
    ]
    profiles = [{each.name: each for each in side.columns} for side in sides]
    columns = [{each.name: each for each in opened.columns[name]} for name in (BEFORE, AFTER)]
    common = [name for name in columns[0] if name in columns[1]]
    both = {name: tuple((columns[at][name], profiles[at][name]) for at in (0, 1)) for name in common}
    pairs = [pair(before, after, dialect) for before, after in both.values()]
    types = {name: types_of(before, after) for name, (before, after) in both.items()}
    rows, relations = (sides[0].rows, sides[1].rows), (BEFORE, AFTER)
    nearly_key = None
    if find and not key:
        found = find_key(opened, BEFORE, [profiles[0][name] for name in common], rows[0])
        key = _key_of_both(opened, found)
        nearly_key = NearlyKey(found.columns[0], found.repeats) if found.repeats else None
    keyed = named(pairs, key)
    others: list[Pair] = [each for each in pairs if each.name not in key]
    joined = by_key(opened, keyed, others, relations) if keyed else None
    return Compared(
        rows=rows,
        added_columns=tuple(name for name in columns[1] if name not in columns[0]),
        removed_columns=tuple(name for name in columns[0] if name not in columns[1]),
        retyped=tuple(Retyped(name, *found) for name, found in types.items() if found[0] != found[1]),
        columns=differences(opened, pairs, (profiles[0], profiles[1]), rows, relations),
        by_key=joined,
        nearly_key=nearly_key,
        has_same_rows=_are_same(joined) if joined else have_same_rows(opened, pairs, relations),
    )


def _key_of_both(opened: Opened, found: FoundKey) -> tuple[str, ...]:
    return found.columns if found.columns and not found.repeats and is_key(opened, AFTER, found.columns) else ()


def _are_same(joined: KeyDifference) -> bool:
    return not (joined.added or joined.removed or joined.changed)

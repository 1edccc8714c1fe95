# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""The rows of both versions, as bags and by key. NULL is equal to NULL."""

from collections.abc import Sequence
from typing import Any

from assay.check.diff.pairs import Pair, RepeatedKey
from assay.check.shown import shown_value
from assay.core.data_diff import ChangedColumn, ChangedRow, KeyDifference
from assay.core.ports import Opened

SAMPLE_ROWS = 10
_CUT = 200


def have_same_rows(opened: Opened, pairs: Sequence[Pair], relations: tuple[str, str]) -> bool:
    """Each row is as often in one as in the other, in whatever order, as far as two sums of hashes of 64 bits tell."""
    sums = [
        opened.rows(f"SELECT count(*), {_bag(values)} FROM {relation}")
        for relation, values in zip(relations, _values(pairs), strict=True)
    ]
    return sums[0] == sums[1]


def by_key(opened: Opened, key: Sequence[Pair], others: Sequence[Pair], relations: tuple[str, str]) -> KeyDifference:
    """What was added, removed and changed; ``RepeatedKey`` where the key names no single row. What does not fit into memory
    is joined on disk."""
    for relation, values in zip(relations, _values(key), strict=True):
        repeats = _repeats(opened, relation, values)
        if repeats:
            raise RepeatedKey(relation, repeats)
    sides = _sides(key, others, relations)
    same_key = " AND ".join(f"b.k{at} IS NOT DISTINCT FROM a.k{at}" for at in range(len(key)))
    changes = [f"b.v{at} IS DISTINCT FROM a.v{at}" for at in range(len(others))]
    any_change = " OR ".join(changes) or "false"
    both = "b.here AND a.here"
    counts = [
        "count_if(b.here IS NULL)",
        "count_if(a.here IS NULL)",
        f"count_if({both} AND ({any_change}))",
        f"count_if({both})",
        *(f"count_if({both} AND {each})" for each in changes),
    ]
    joined = f"b FULL OUTER JOIN a ON {same_key}"
    (row,) = opened.rows(f"{sides} SELECT {', '.join(counts)} FROM {joined}")
    added, removed, changed, common, *each_changed = (int(each or 0) for each in row)  # of no row it is NULL
    columns = [ChangedColumn(each.name, n) for each, n in zip(others, each_changed, strict=True) if n]
    ordered = ", ".join(f"k{at}" for at in range(len(key)))
    shown = ", ".join(_shown_columns(key, others, ""))
    return KeyDifference(
        key=tuple(each.name for each in key),
        added=added,
        removed=removed,
        changed=changed,
        same=common - changed,
        columns=tuple(sorted(columns, key=lambda each: (-each.rows, each.name))),
        first_added=_alone(opened, sides, shown, ("a", "b"), same_key, ordered, (*key, *others)) if added else (),
        first_removed=_alone(opened, sides, shown, ("b", "a"), same_key, ordered, (*key, *others)) if removed else (),
        first_changed=_changed(opened, sides, same_key, any_change, key, others) if changed else (),
    )


def _alone(
    opened: Opened,
    sides: str,
    shown: str,
    which: tuple[str, str],
    same_key: str,
    ordered: str,
    pairs: Sequence[Pair],
) -> tuple[dict[str, Any], ...]:
    one, other = which
    chosen = f"SELECT * FROM {one} ANTI JOIN {other} ON {same_key} ORDER BY {ordered} LIMIT {SAMPLE_ROWS}"
    found = opened.rows(f"{sides} SELECT {shown} FROM ({chosen}) AS chosen ORDER BY {ordered}")
    return tuple({each.name: _said(each, value) for each, value in zip(pairs, row, strict=True)} for row in found)


def _changed(
    opened: Opened, sides: str, same_key: str, any_change: str, key: Sequence[Pair], others: Sequence[Pair]
) -> tuple[ChangedRow, ...]:
    shown = [*_shown_columns(key, others, "b."), *_shown_columns((), others, "a.")]
    ordered = ", ".join(f"b.k{at}" for at in range(len(key)))
    query = f"SELECT {', '.join(shown)} FROM b JOIN a ON {same_key} WHERE {any_change} ORDER BY {ordered} LIMIT {SAMPLE_ROWS}"
    rows = []
    for row in opened.rows(f"{sides} {query}"):
        keys = row[: len(key)]
        before, after = row[len(key) : len(key) + len(others)], row[len(key) + len(others) :]
        differing = [at for at in range(len(others)) if before[at] != after[at]]
        rows.append(
            ChangedRow(
                {each.name: _said(each, value) for each, value in zip(key, keys, strict=True)},
                {others[at].name: _said(others[at], before[at]) for at in differing},
                {others[at].name: _said(others[at], after[at]) for at in differing},
            )
        )
    return tuple(rows)


def _sides(key: Sequence[Pair], others: Sequence[Pair], relations: tuple[str, str]) -> str:
    """Both versions as relations ``b`` and ``a``: the key k0, k1, ..., and the other values v0, v1, ..."""
    selects = []
    for name, relation, keys, values in zip("ba", relations, _values(key), _values(others), strict=True):
        named = [*(f"{v} AS k{at}" for at, v in enumerate(keys)), *(f"{v} AS v{at}" for at, v in enumerate(values))]
        selects.append(f"{name} AS (SELECT true AS here, {', '.join(named)} FROM {relation})")
    return f"WITH {', '.join(selects)}"


def _shown_columns(key: Sequence[Pair], others: Sequence[Pair], of: str) -> list[str]:
    places = [
        *((each, f"{of}k{at}") for at, each in enumerate(key)),
        *((e, f"{of}v{at}") for at, e in enumerate(others)),
    ]
    return [f"CAST({ref} AS VARCHAR)" if each.type in ("date", "time") else ref for each, ref in places]


def _repeats(opened: Opened, relation: str, values: Sequence[str]) -> int:
    hashed = f"SELECT DISTINCT hash({', '.join(values)}) FROM {relation}"
    ((rows, distinct),) = opened.rows(f"SELECT count(*), (SELECT count(*) FROM ({hashed}) AS keys) FROM {relation}")
    return int(rows) - int(distinct)


def _bag(values: Sequence[str]) -> str:
    hashed = f"hash({', '.join(values)})" if values else "0"
    return f"sum(CAST({hashed} AS HUGEINT)), sum(CAST(hash({hashed}) AS HUGEINT))"


def _values(pairs: Sequence[Pair]) -> tuple[list[str], list[str]]:
    return [each.before for each in pairs], [each.after for each in pairs]


def _said(pair: Pair, value: Any) -> Any:
    if pair.type == "time" and isinstance(value, str):
        return value.replace(" ", "T")
    return shown_value(None, value)

# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""How differently the values of a column are distributed: both sides counted between the same edges, then compared. Pure but
for the one scan of each side."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from math import isfinite
from typing import Any

from assay.check.diff.pairs import Pair
from assay.core.data_diff import ColumnDifference
from assay.core.ports import Opened
from assay.core.profile import ColumnProfile

_CUT = 100


def differences(
    opened: Opened,
    pairs: Sequence[Pair],
    profiles: tuple[Mapping[str, ColumnProfile], Mapping[str, ColumnProfile]],
    rows: tuple[int, int],
    relations: tuple[str, str],
) -> tuple[ColumnDifference, ...]:
    """Of each column that both have, in their order."""
    grids = {each.name: _grid(each, profiles[0][each.name], profiles[1][each.name]) for each in pairs}
    counts = [
        _counted(opened, relation, [(each.name, _asked(each, value, grids[each.name])) for each, value in values])
        for relation, values in zip(relations, _sides(pairs), strict=True)
    ]
    return tuple(
        _difference(
            each, grids[each.name], (profiles[0][each.name], profiles[1][each.name]), rows, (counts[0], counts[1])
        )
        for each in pairs
    )


def ks(before: Sequence[int], after: Sequence[int]) -> float:
    """The largest difference between the shares up to each edge; 0 where one side is empty."""
    n, m = sum(before), sum(after)
    if not (n and m):
        return 0.0
    return max(abs(a * m - b * n) for a, b in zip(accumulate(before), accumulate(after), strict=True)) / (n * m)


def total_variation(before: Sequence[int], after: Sequence[int]) -> float:
    """Half the sum of what the shares differ by."""
    n, m = sum(before), sum(after)
    if not (n and m):
        return 0.0
    return sum(abs(a * m - b * n) for a, b in zip(before, after, strict=True)) / (2 * n * m)


def _grid(pair: Pair, before: ColumnProfile, after: ColumnProfile) -> tuple[Any, ...]:
    """The edges, or values, at which both are counted."""
    if pair.type in ("int", "float", "date", "time"):
        edges = {
            edge for profile in (before, after) for each in _places(profile) if (edge := _number(each)) is not None
        }
        if pair.type != "float":
            return tuple(sorted({int(edge) for edge in edges}))
        return tuple(sorted(edges))
    if pair.type == "bool":
        return (False, True)
    texts = {str(each.value) for profile in (before, after) for each in profile.frequent if each.value is not None}
    return tuple(sorted(text for text in texts if text and "\0" not in text and len(text) < _CUT))


def _places(profile: ColumnProfile) -> list[Any]:
    found = [profile.least, profile.greatest, *(each.value for each in profile.quantiles)]
    found += [each.value for each in profile.frequent]
    return found + list(profile.histogram.edges if profile.histogram else ())


def _number(value: Any) -> float | None:
    """A number; a day or time as microseconds since 1970."""
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value) - datetime(1970, 1, 1)  # noqa: DTZ001 - times of day in UTC
        except ValueError:
            return None
        return (moment.days * 86_400 + moment.seconds) * 1_000_000 + moment.microseconds
    return value if isinstance(value, int | float) and isfinite(value) else None


def _sides(pairs: Sequence[Pair]) -> tuple[list[tuple[Pair, str]], list[tuple[Pair, str]]]:
    return [(each, each.before) for each in pairs], [(each, each.after) for each in pairs]


def _asked(pair: Pair, value: str, grid: Sequence[Any]) -> str:
    if not grid:
        return ""
    match pair.type:
        case "int" | "float" | "date" | "time":
            number = f"epoch_us({value})" if pair.type in ("date", "time") else value
            if pair.type == "float":
                number = f"CAST({value} AS DOUBLE)"
            listed = ", ".join(map(repr, grid))
            kind = "DOUBLE" if pair.type == "float" else "BIGINT"
            return f"map_values(histogram({number}, CAST('[{listed}]' AS {kind}[])))"
        case "bool":
            return f"[count_if(NOT {value}), count_if({value})]"
        case _:
            listed = ", ".join("'" + text.replace("'", "''") + "'" for text in grid)
            return f"histogram_exact({value}, [{listed}])"


def _counted(opened: Opened, relation: str, asked: Sequence[tuple[str, str]]) -> dict[str, Any]:
    asked = [("", "count(*)"), *((name, text) for name, text in asked if text)]
    (row,) = opened.rows(f"SELECT {', '.join(text for _, text in asked)} FROM {relation}")
    return {name: answer for (name, _), answer in zip(asked, row, strict=True)}


def _difference(
    pair: Pair,
    grid: Sequence[Any],
    profiles: tuple[ColumnProfile, ColumnProfile],
    rows: tuple[int, int],
    counts: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> ColumnDifference:
    before, after = (_as_list(pair, grid, counts[side].get(pair.name)) for side in (0, 1))
    is_ks = pair.type in ("int", "float", "date", "time")
    have_values = sum(before) > 0 and sum(after) > 0
    distance = (ks if is_ks else total_variation)(before, after)
    return ColumnDifference(
        name=pair.name,
        type=pair.type,
        null_share_before=_share(profiles[0].nulls, rows[0]),
        null_share_after=_share(profiles[1].nulls, rows[1]),
        measure=None if not have_values else "ks" if is_ks else "tv",
        distance=distance if have_values else None,
        is_exact=pair.type == "bool" or all(each.are_all for each in profiles),
        middle_before=_middle(profiles[0], is_ks=is_ks),
        middle_after=_middle(profiles[1], is_ks=is_ks),
    )


def _as_list(pair: Pair, grid: Sequence[Any], answer: Any) -> list[int]:
    """Counts at each of the grid's places, and one for all that is elsewhere."""
    if answer is None:
        return [0] * (len(grid) + 1)
    if isinstance(answer, dict):
        return [int(answer.get(text, 0)) for text in grid] + [int(answer.get("", 0))]
    found = [int(each or 0) for each in answer]
    return found + [0] * (len(grid) + 1 - len(found))


def _middle(profile: ColumnProfile, *, is_ks: bool) -> Any:
    if is_ks:
        return next((each.value for each in profile.quantiles if each.share == 0.5), None)
    return profile.frequent[0].value if profile.frequent else None


def _share(count: int, rows: int) -> float:
    return count / rows if rows else 0.0

# ruff: noqa: S608 -- names are ours, c0, c1, ..., and texts are quoted
"""The one scan that counts all rows: what is asked of each column under the type that it seems to have, and the answers."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from assay.check.profile.edges import FEW, Counts, all_edges, moments, own_edges
from assay.check.profile.reading import Reading, is_tried, is_wide
from assay.check.profile.sample import CUT, KIND, Sampled
from assay.core import spelling
from assay.core.profile import Frequent

Key = tuple[str, str]
"""What a number is, and of which column."""


class ColumnPlan(msgspec.Struct, frozen=True):
    """How one column is counted."""

    read: Reading
    edges: tuple[Any, ...] = ()
    texts: tuple[str, ...] = ()
    """Those that are counted by themselves."""
    are_cut: bool = False
    shift: float = 0.0
    """Something near the mean, and below a number of the size of the deviations: sums of what is left lose no digits."""
    scale: float = 1.0
    has_lengths: bool = False
    is_narrow: bool = False
    """All values are known to lie in a narrow range of whole numbers, each of which has a bin: their counts say all."""
    knows_extremes: bool = False
    """They were asked apart. Where one is an endless day or time no number says it: then the others are asked within the scan."""

    @property
    def may_be_wide(self) -> bool:
        """Its numbers are counted as doubles, each of which may stand for many whole numbers beyond 64 bits."""
        return self.read.type == "float" and (self.read.column.held == "json" or is_wide(self.read.column))

    @property
    def are_whole(self) -> bool:
        """Its numbers are whole, or microseconds."""
        return self.read.type in ("int", "date", "time")


class Scanned(msgspec.Struct, frozen=True):
    """A column, counted."""

    values: int
    """That are of the type."""
    others: int
    """That are neither NULL nor of the type."""
    distinct: int | None = None
    least: Any = None
    greatest: Any = None
    mean: float | None = None
    stddev: float | None = None
    counts: Counts | None = None
    texts: tuple[Frequent, ...] = ()
    lengths: tuple[int, int] | None = None
    ends: tuple[int, int] | None = None
    """The least and the greatest of whole numbers beyond 64 bits, where all else is of doubles."""


def plan_column(
    read: Reading, sampled: Sampled, extremes: tuple[Any, Any] = (None, None), *, has_lengths: bool
) -> ColumnPlan:
    """What to count, by what the sample said, and the extremes where they are known."""
    kind = None if read.type is None else KIND[read.type]
    least, greatest = extremes
    knows_extremes = least is not None and greatest is not None
    if read.type == "int" and knows_extremes and greatest - least <= FEW:
        return ColumnPlan(read, own_edges(least, greatest), is_narrow=True, knows_extremes=True)
    if kind in ("number", "moment"):
        are_whole = read.type != "float"
        points = sampled.points.get(kind, ())
        edges = all_edges(points, sampled.frequent.get(kind, ()), are_whole=are_whole)
        middle = float(points[len(points) // 2]) if points else 0.0
        scale = max(abs(float(points[-1]) - middle), abs(float(points[0]) - middle)) if points else 1.0
        scale = scale if 0 < scale < math.inf else 1.0
        return ColumnPlan(read, edges, shift=middle, scale=scale, knows_extremes=knows_extremes)
    if kind == "text":
        texts = tuple(text for text in sampled.frequent.get(kind, ()) if "\0" not in text)
        return ColumnPlan(read, texts=texts, are_cut=any(len(text) >= CUT for text in texts), has_lengths=has_lengths)
    return ColumnPlan(read)


def ask_scan(plans: Sequence[ColumnPlan], relation: str) -> tuple[str, tuple[Key, ...]]:
    """The query, and what its answers are."""
    asked = [(("rows", ""), "count(*)"), *(pair for plan in plans for pair in _asked(plan))]
    return f"SELECT {', '.join(text for _, text in asked)} FROM {relation}", tuple(key for key, _ in asked)


def ask_extremes(reads: Sequence[Reading], relation: str) -> tuple[str, tuple[Key, ...]] | None:
    """Least and greatest values of which files keep notes: asked apart they need no scan, within one they cost a fifth of it."""
    asked = []
    for read in reads:
        if _has_noted_extremes(read):
            number = read.number.replace(read.value, "{}(" + read.value + ")", 1)
            asked += [((what, read.column.name), number.format(what)) for what in ("min", "max")]
    if not asked:
        return None
    return f"SELECT {', '.join(text for _, text in asked)} FROM {relation}", tuple(key for key, _ in asked)


def read_scan(plan: ColumnPlan, rows: int, answers: dict[Key, Any]) -> Scanned:
    """What was counted of one column."""
    name = plan.read.column.name

    def answer(what: str) -> Any:
        return answers.get((what, name))

    values = int(answer("values") or 0)
    others = int(answer("filled") or 0) - values if ("filled", name) in answers else 0
    distinct = answer("distinct")
    mean, stddev = _moments(plan, values, answer("sum"), answer("squares"))
    lengths = (int(answer("shortest")), int(answer("longest"))) if answer("longest") is not None else None
    counts = None
    if plan.edges and values:
        found = [int(each) for each in answer("counts") or ()]
        found += [0] * (len(plan.edges) + 1 - len(found))
        counts = Counts(plan.edges, tuple(found), answer("min"), answer("max"), plan.are_whole)
        if plan.is_narrow:
            mean, stddev = moments(counts)
    return Scanned(
        values,
        others,
        None if distinct is None else min(int(distinct), values),
        answer("min"),
        answer("max"),
        mean,
        stddev,
        counts,
        tuple(_texts(plan, values, answer)),
        lengths,
        (int(answer("first")), int(answer("last"))) if answer("first") is not None else None,
    )


def _asked(plan: ColumnPlan) -> Iterator[tuple[Key, str]]:
    read, name = plan.read, plan.read.column.name
    value = read.value
    yield ("values", name), f"count({value})"
    if is_tried(read.column) and read.type is not None:
        yield ("filled", name), f"count(*) - count_if({read.null})"
    if read.type is None:
        return
    if read.type == "bool":
        yield ("true", name), f"count_if({value})"
        return
    if plan.is_narrow:
        yield ("counts", name), _histogram(plan)
        return
    yield ("distinct", name), f"approx_count_distinct({read.column.ref if plan.may_be_wide else value})"
    if plan.may_be_wide:
        yield ("first", name), _in_full("min", read)
        yield ("last", name), _in_full("max", read)
    if read.type == "str":
        yield from _asked_of_text(plan)
        return
    if not plan.knows_extremes:
        yield ("min", name), f"min({read.number})"
        yield ("max", name), f"max({read.number})"
    if plan.edges:
        yield ("counts", name), _histogram(plan)
    if read.type in ("int", "float"):
        apart = f"(CAST({value} AS DOUBLE) - CAST({plan.shift!r} AS DOUBLE)) / CAST({plan.scale!r} AS DOUBLE)"
        yield ("sum", name), f"sum({apart})"
        yield ("squares", name), f"sum(({apart}) * ({apart}))"


def _in_full(extreme: str, read: Reading) -> str:
    """The extreme of whole numbers with all its digits. JSON says of each cell whether it is one: NULL where none needs more than a
    double, or some is no whole number."""
    ref, value = read.column.ref, read.value
    if read.column.held != "json":
        return f"{extreme}({ref})"
    plain = f"({ref} ->> '$')"
    digits = f"CASE WHEN {value} IS NOT NULL THEN TRY_CAST({plain} AS HUGEINT) END"
    are_wide = f"count_if({spelling.is_long_text(plain, value)}) > 0 AND count_if({value} <> floor({value})) = 0"
    return f"CASE WHEN {are_wide} THEN {extreme}({digits}) END"


def _asked_of_text(plan: ColumnPlan) -> Iterator[tuple[Key, str]]:
    name, value = plan.read.column.name, plan.read.value
    yield ("min", name), f"min({value})"
    yield ("max", name), f"max({value})"
    if plan.has_lengths:
        yield ("shortest", name), f"min(length({value}))"
        yield ("longest", name), f"max(length({value}))"
    told = f"left({value}, {CUT})" if plan.are_cut else value
    filled = [text for text in plan.texts if text]
    if filled:
        listed = ", ".join(_quoted(text) for text in filled)
        yield ("texts", name), f"histogram_exact({told}, [{listed}])"
    if "" in plan.texts:
        yield ("empty", name), f"count_if({value} = '')"


def _texts(plan: ColumnPlan, values: int, answer: Any) -> Iterator[Frequent]:
    if plan.read.type == "bool":
        true = int(answer("true") or 0)
        both = sorted(((true, True), (values - true, False)), key=lambda each: -each[0])
        yield from (Frequent(value, rows) for rows, value in both if rows)
        return
    found = dict(answer("texts") or {})
    found[""] = int(answer("empty") or 0)  # the engine calls all others so
    known = sorted(((int(found.get(text, 0)), text) for text in plan.texts), key=lambda each: (-each[0], each[1]))
    yield from (Frequent(text, rows) for rows, text in known if rows)


def _moments(plan: ColumnPlan, values: int, total: Any, squares: Any) -> tuple[float | None, float | None]:
    if not values or total is None:
        return None, None
    mean = plan.shift + plan.scale * (total / values)
    spread = squares - total * total / values
    stddev = plan.scale * math.sqrt(max(spread, 0.0) / (values - 1)) if values > 1 and math.isfinite(spread) else None
    return (None if math.isnan(mean) else mean), stddev


def _has_noted_extremes(read: Reading) -> bool:
    return read.is_plain and read.column.held in ("int", "date", "time")


def _histogram(plan: ColumnPlan) -> str:
    """DuckDB reads edges as values of the column's own type: below 0 lies no UTINYINT, and below -128 no TINYINT."""
    type_ = "BIGINT" if plan.are_whole else "DOUBLE"
    number = f"CAST({plan.read.number} AS BIGINT)" if plan.read.type == "int" else plan.read.number
    listed = ", ".join(map(repr, plan.edges))
    return f"map_values(histogram({number}, CAST('[{listed}]' AS {type_}[])))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"

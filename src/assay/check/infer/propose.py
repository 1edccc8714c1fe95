"""From what the batches hold to lines of rules, each with what it was inferred from. Pure."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from math import isfinite, sqrt
from typing import Any

import msgspec

from assay.check.infer.join import Batch, JoinedColumn, joined
from assay.check.infer.ranges import LEAST_ROWS, Range, find_range
from assay.check.infer.rounding import down_to, round_step, step_up, up_to, written
from assay.check.infer.texts import patterns

_MOST_MEMBERS = 50
_SEVERAL = 3
"""So many batches tell how much a mean varies."""
_NULL_SLACK = 1.25
_ENOUGH = 100


class ProposedColumn(msgspec.Struct, frozen=True):
    """A column's line: its type, and clauses, each of which may be taken back."""

    name: str
    type: str
    """With ``?`` where NULL was seen; empty: no line can be said."""
    clauses: tuple[tuple[str, ...], ...]
    """Each clause as ways to say it, the narrowest first; what stands is the first."""
    seen: str

    @property
    def line(self) -> str:
        """The line as a file has it."""
        first, *rest = (self.type, *(ways[0] for ways in self.clauses if ways))
        about_values = [clause for clause in rest if not clause.startswith(_OF_ALL)]
        of_all = [clause for clause in rest if clause.startswith(_OF_ALL)]
        return ", ".join((" ".join((first, *about_values)), *of_all))


_OF_ALL = ("unique", "mean", "p95", "nulls", "allow")


class ProposedRules(msgspec.Struct, frozen=True):
    """Rules for a dataset."""

    rows: str
    """Empty: nothing is said of it."""
    rows_seen: str
    columns: tuple[ProposedColumn, ...]
    fresh: tuple[tuple[str, str], ...]
    """Columns of times with their newest value: how old it may be is for a person to say."""


def propose(batches: Sequence[Batch]) -> ProposedRules:
    """What the batches suggest, which must be verified before it is written."""
    counts = [batch.rows for batch in batches]
    columns = joined(batches)
    fresh = tuple((c.name, str(c.greatest)) for c in columns if c.type == "time" and c.greatest is not None)
    told = (_proposed(column, len(batches)) for column in columns)
    return ProposedRules(_rows(counts), _seen_rows(counts), tuple(told), fresh)


def _rows(counts: Sequence[int]) -> str:
    if not min(counts):
        return ""
    low = down_to(min(counts) / 2, round_step(max(min(counts) / 4, 1)))
    if len(counts) < _SEVERAL:
        return f"{max(int(low), 1):_}.."
    high = up_to(max(counts) * 2, round_step(max(counts)))
    return f"{max(int(low), 1):_}..{int(high):_}"


def _seen_rows(counts: Sequence[int]) -> str:
    if len(counts) == 1:
        return f"seen {counts[0]:,}"
    if min(counts) == max(counts):
        return f"seen {counts[0]:,} in each of {len(counts)} batches"
    return f"seen {min(counts):,}..{max(counts):,} in {len(counts)} batches"


def _proposed(column: JoinedColumn, batches: int) -> ProposedColumn:
    if column.type is None:
        return ProposedColumn(
            column.name, "", (), f"{column.stored}: nested, binary or of several types; no line can be said of it"
        )
    if column.batches < batches:
        seen = f"in {column.batches} of {batches} batches only: a line would fail where it is missing"
        return ProposedColumn(column.name, "", (), seen)
    type_ = f"{column.type}{'?' if column.max_null_share > 0 else ''}"
    if not column.values:
        return ProposedColumn(
            column.name,
            f"{column.type}?",
            (),
            f"nothing but NULL in {column.rows:,} rows" if column.rows else "no row was seen",
        )
    found = find_range(column) if column.type in ("int", "float") else Range("")
    clauses: list[tuple[str, ...]] = [(found.text,)] if found.text else []
    clauses += list(_of_texts(column)) if column.type == "str" else []
    if batches >= _SEVERAL and not found.why:
        clauses += list(_of_all(column))
    if column.max_null_share > 0:
        clauses += [(f"nulls <= {cap}%",) for cap in _null_cap(column.max_null_share)]
    if column.odd:
        clauses.append((f"allow {written(_cap(column.max_odd_share))}%",))
    return ProposedColumn(column.name, type_, tuple(clauses), _seen(column, found.why))


def _of_texts(column: JoinedColumn) -> Iterator[tuple[str, ...]]:
    members = _members(column)
    if members:
        yield (f"in [{', '.join(members)}]",)
        return
    least, greatest = column.lengths or (0, 0)
    found = patterns(column.texts)
    ways = [f"~ '{pattern}'" for pattern in found]
    if least == greatest > 0 and column.values >= _ENOUGH:
        ways.append(f"len {least}")
    elif greatest and column.values >= _ENOUGH:
        ways.append(f"len {min(least, 1)}..{int(up_to(greatest * 2, round_step(greatest)))}")
    if ways:
        yield tuple(ways)


def _members(column: JoinedColumn) -> list[str]:
    counts = column.counts
    if counts is None or not 1 < len(counts) <= _MOST_MEMBERS or min(counts.values()) < LEAST_ROWS:
        return []
    spelt = [_member(str(value)) for value in sorted(counts)]
    return [] if None in spelt else [each for each in spelt if each is not None]


def _member(text: str) -> str | None:
    """A text in a set: quoted where it must be; None where no quote will do."""
    if not text.isprintable():
        return None
    if text and text == text.strip() and not set(text) & set(",[]'\"#:{}&*!|>%@`"):
        return text
    return f"'{text}'" if "'" not in text else f'"{text}"' if '"' not in text else None


def _of_all(column: JoinedColumn) -> Iterator[tuple[str, ...]]:
    """What only several batches tell: where means and quantiles of a batch lie."""
    if len(column.means) < _SEVERAL or column.least == column.greatest or not column.stddev:
        return
    smallest = column.values / len(column.means)
    for word, values in (("mean", column.means), ("p95", column.p95s)):
        if len(values) < _SEVERAL or not all(map(isfinite, values)):
            continue
        slack = max(2 * (max(values) - min(values)), 3 * column.stddev / sqrt(smallest), 0.25 * column.stddev)
        step = round_step(slack / 2)
        high = written(up_to(max(values) + slack, step))
        low = written(down_to(min(values) - slack, step))
        if low and high:
            yield (f"mean {low}..{high}" if word == "mean" else f"p95 <= {high}",)


def _null_cap(share: float) -> list[str]:
    """None where more than half may be NULL."""
    cap = _cap(share)
    return [] if cap > 50 else [written(cap)]


def _cap(share: float) -> Decimal:
    """A share and a quarter more, in per cent, rounded up."""
    return step_up(max(share * _NULL_SLACK * 100, 0.01))


def _seen(column: JoinedColumn, why: str) -> str:
    told = [each for each in (_seen_values(column), _seen_nulls(column), _seen_odd(column)) if each]
    across = f" of {column.batches} batches" if column.batches > 1 else ""
    return f"{', '.join(told)} in {column.rows:,} rows{across}{f': {why}' if why else ''}"


def _seen_values(column: JoinedColumn) -> str:
    if column.least is not None and column.least == column.greatest:
        return f"always {_short(column.least)}"
    if column.type == "str":
        least, greatest = column.lengths or (0, 0)
        lengths = f"{least}" if least == greatest else f"{least} to {greatest}"
        number = len(column.counts) if column.counts is not None else f"~{column.distinct:,}"
        return f"seen {number} values, {lengths} character{'' if greatest == 1 else 's'}"
    if column.type == "bool" or column.least is None:
        return "seen " + " and ".join(map(_short, column.counts)) if column.counts else ""
    return f"seen {_short(column.least)}..{_short(column.greatest)}"


def _seen_nulls(column: JoinedColumn) -> str:
    if not column.max_null_share:
        return ""
    return f"{'at most ' if column.batches > 1 else ''}{100 * column.max_null_share:.3g} % NULL"


def _seen_odd(column: JoinedColumn) -> str:
    if not column.odd:
        return ""
    such = ", ".join(
        json.dumps(_short(value), ensure_ascii=False) if value != "" else '""' for value in column.frequent_odd
    )
    return f"{column.odd:,} {'is' if column.odd == 1 else 'are'} no {column.type} ({such})"


def _short(value: Any) -> str:
    if value == "":
        return "''"
    text = f"{value:.6g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= 30 else f"{text[:29]}…"

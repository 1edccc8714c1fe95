"""A dataset that is open, and its columns' profiles."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from assay.check.profile.edges import Counts, frequent_numbers, histogram, quantiles
from assay.check.profile.odd import most_fits, odd_values
from assay.check.profile.reading import Reading, reading
from assay.check.profile.sample import KIND, Sampled, ask_sample, read_sample, seems
from assay.check.profile.scan import ColumnPlan, Scanned, ask_extremes, ask_scan, plan_column, read_scan
from assay.check.questions import SOURCE
from assay.check.shown import shown_value
from assay.core.dataset import DataColumn, Dialect
from assay.core.ports import Opened
from assay.core.profile import NEARLY_ALL, ColumnProfile, Frequent, Histogram, Mostly, Quantile
from assay.core.rules import ColumnType

FREQUENT = 10
_SPARE = 14
"""So many more are counted than told: what a sample has tenth may be eleventh, and where these are all, all is known."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)


class Profiled(msgspec.Struct, frozen=True):
    """What was found."""

    rows: int
    sampled_rows: int
    columns: tuple[ColumnProfile, ...]


def profile_columns(
    opened: Opened,
    dialect: Dialect,
    *,
    relation: str = SOURCE,
    frequent: int = FREQUENT,
    has_lengths: bool = False,
    has_mostly: bool = False,
) -> Profiled:
    """The profile of every column of a relation that is open; ``has_lengths``: with the lengths of texts; ``has_mostly``: with
    what most values are where not all are."""
    columns = opened.columns[relation]
    if not columns:
        return Profiled(0, 0, ())
    question = ask_sample(columns, dialect, relation, frequent + _SPARE)
    (row,) = opened.rows(question.query)
    sampled_rows, sampled = read_sample(question, row)
    scanning = _Scanning(opened, dialect, relation, sampled, has_lengths=has_lengths)
    found = scanning.scanned(columns)
    profiles = {column.name: _profile(found, column, sampled, frequent) for column in columns}
    if has_mostly:
        most = scanning.most(found)
        odd = odd_values(opened, relation, [each.plan.read for each in most])
        for each, frequent_others in zip(most, odd, strict=True):
            mostly = _mostly(each, found.rows, _of(sampled, each.plan.read.column), frequent, frequent_others)
            if mostly.is_nearly_all or profiles[mostly.profile.name].type is None:
                name = mostly.profile.name
                profiles[name] = msgspec.structs.replace(profiles[name], mostly=mostly)
    return Profiled(found.rows, sampled_rows, tuple(profiles.values()))


Answers = dict[tuple[str, str], Any]


class _Counted(msgspec.Struct, frozen=True):
    """A column under a type."""

    plan: ColumnPlan
    scanned: Scanned

    @property
    def is_nearly_all(self) -> bool:
        """Nearly all values are of the type."""
        return self.scanned.values >= NEARLY_ALL * (self.scanned.values + self.scanned.others)


class _Found(msgspec.Struct):
    rows: int
    columns: dict[str, _Counted]
    refuted: dict[str, list[_Counted]]
    """Under types that the sample seemed to show, and some cell was not of."""


class _Scanning:
    """The scan, and another of those columns alone in which a cell was not what the sample seemed to say."""

    def __init__(
        self, opened: Opened, dialect: Dialect, relation: str, sampled: Mapping[str, Sampled], *, has_lengths: bool
    ) -> None:
        self.opened = opened
        self.dialect = dialect
        self.relation = relation
        self.sampled = sampled
        self.has_lengths = has_lengths

    def scanned(self, columns: Sequence[DataColumn]) -> _Found:
        found = _Found(0, {}, {})
        left: dict[str, tuple[ColumnType | None, ...]] = {
            column.name: seems(column, _of(self.sampled, column)) or (None,) for column in columns
        }
        pending = list(columns)
        while pending:
            reads = [reading(column, left[column.name][0], self.dialect) for column in pending]
            found.rows, counted = self._counted(reads)
            found.columns |= counted
            pending = [column for column in pending if counted[column.name].scanned.others]
            for column in pending:
                found.refuted.setdefault(column.name, []).append(counted[column.name])
                left[column.name] = left[column.name][1:] or _as_it_is(column)
        return found

    def most(self, found: _Found) -> list[_Counted]:
        """The columns of no narrow type, under the type that most of their values are of."""
        most: dict[str, _Counted] = {}
        reads = []
        for name, counted in found.columns.items():
            column, type_ = counted.plan.read.column, counted.plan.read.type
            if column.held not in ("csv", "json") or type_ not in ("str", None):
                continue
            refuted = {each.plan.read.type: each for each in found.refuted.get(name, ())}
            best = next((each.plan.read.type for each in refuted.values() if each.is_nearly_all), None)
            best = best or most_fits(counted.plan.read, _of(self.sampled, column))
            if best in refuted:
                most[name] = refuted[best]
            elif best is not None:
                reads.append(reading(column, best, self.dialect))
        if reads:
            most |= self._counted(reads)[1]
        return [each for each in most.values() if each.scanned.values and each.scanned.others]

    def _counted(self, reads: Sequence[Reading]) -> tuple[int, dict[str, _Counted]]:
        answers = self._answered(ask_extremes(reads, self.relation))
        plans = [self._plan(read, answers) for read in reads]
        answers |= self._answered(ask_scan(plans, self.relation))
        rows = int(answers["rows", ""])
        return rows, {plan.read.column.name: _Counted(plan, read_scan(plan, rows, answers)) for plan in plans}

    def _plan(self, read: Reading, answers: Answers) -> ColumnPlan:
        name = read.column.name
        extremes = (answers.get(("min", name)), answers.get(("max", name)))
        return plan_column(read, _of(self.sampled, read.column), extremes, has_lengths=self.has_lengths)

    def _answered(self, question: tuple[str, tuple[tuple[str, str], ...]] | None) -> Answers:
        if question is None:
            return {}
        query, asked = question
        (row,) = self.opened.rows(query)
        return dict(zip(asked, row, strict=True))


def column_profile(plan: ColumnPlan, scanned: Scanned, sampled: Sampled, rows: int, frequent: int) -> ColumnProfile:
    """What the counts of a column mean."""
    read = plan.read
    kind = None if read.type is None else KIND[read.type]
    counts, points = scanned.counts, sampled.points.get(kind, ()) if kind else ()
    if plan.is_narrow:
        points = (scanned.least, scanned.greatest)
    known = scanned.texts if counts is None or scanned.ends else frequent_numbers(counts)
    are_all = bool(known) and sum(each.rows for each in known) == scanned.values and not plan.are_cut
    distinct = len(known) if are_all else scanned.distinct
    told = [each for each in known[:frequent] if each.rows > 1 or are_all]
    return ColumnProfile(
        name=read.column.name,
        type=read.type,
        stored=read.column.type,
        nulls=rows - scanned.values - scanned.others,
        distinct=0 if not scanned.values and read.type is not None else distinct,
        is_distinct_exact=are_all or not scanned.values,
        least=_said(read.type, scanned.ends[0] if scanned.ends else scanned.least),
        greatest=_said(read.type, scanned.ends[1] if scanned.ends else scanned.greatest),
        mean=_finite(scanned.mean),
        stddev=_finite(scanned.stddev),
        quantiles=_quantiles(read.type, counts, are_close=scanned.ends is not None),
        frequent=tuple(Frequent(_said(read.type, each.value), each.rows) for each in told),
        are_all=are_all and len(told) == len(known),
        histogram=_histogram(read.type, counts, points),
        lengths=scanned.lengths,
    )


def said_moment(microseconds: int, type_: ColumnType) -> str:
    """A day or a time as ISO 8601 writes it; one that the calendar of Python does not have as its microseconds."""
    try:
        moment = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return f"{microseconds:,} µs since 1970"
    return moment.date().isoformat() if type_ == "date" else moment.isoformat()


def _quantiles(type_: ColumnType | None, counts: Counts | None, *, are_close: bool) -> tuple[Quantile, ...]:
    """``are_close``: none is exact."""
    found = () if counts is None else quantiles(counts)
    return tuple(
        Quantile(each.share, _said(type_, _rounded(type_, each)), is_exact=each.is_exact and not are_close)
        for each in found
    )


def _rounded(type_: ColumnType | None, quantile: Quantile) -> Any:
    """Of a time that is not exact nobody reads the microseconds."""
    return quantile.value // 1_000_000 * 1_000_000 if type_ == "time" and not quantile.is_exact else quantile.value


def _histogram(type_: ColumnType | None, counts: Counts | None, points: Sequence[Any]) -> Histogram | None:
    found = None if counts is None else histogram(counts, points)
    return found and Histogram(tuple(_said(type_, each) for each in found.edges), found.counts)


def _said(type_: ColumnType | None, value: Any) -> Any:
    if value is None:
        return None
    if type_ in ("date", "time"):
        return said_moment(int(value), type_)
    return shown_value(None, value)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _profile(found: _Found, column: DataColumn, sampled: Mapping[str, Sampled], frequent: int) -> ColumnProfile:
    counted = found.columns[column.name]
    return column_profile(counted.plan, counted.scanned, _of(sampled, column), found.rows, frequent)


def _mostly(
    counted: _Counted, rows: int, sampled: Sampled, frequent: int, frequent_others: tuple[Frequent, ...]
) -> Mostly:
    scanned = counted.scanned
    profile = column_profile(counted.plan, scanned, sampled, rows, frequent)
    return Mostly(rows=scanned.values, profile=profile, others=scanned.others, frequent_others=frequent_others)


def _of(sampled: Mapping[str, Sampled], column: DataColumn) -> Sampled:
    return sampled.get(column.name) or Sampled(0, {}, {}, {})


def _as_it_is(column: DataColumn) -> tuple[ColumnType | None, ...]:
    """JSON of several types in one column."""
    return (None,)

"""From what a scan measured to findings: which rules hold, which do not, and what was seen, in plain words.

Pure. A column line that holds gives one passed finding, one that does not a failed finding for each thing that is wrong
with it: NULLs, too many of them, the wrong type, values out of range or set, lengths. ``allow`` is held against the rows that
break the line in any way but the share of NULLs, which is a limit of its own.
"""

import math
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from assay.check.wording import counted, listed, ranged, share, written
from assay.core.artifact import Artifact
from assay.core.finding import CheckReport, Finding, Severity
from assay.core.near import near_miss
from assay.core.ports import Measurements
from assay.core.rules import Bounds, ColumnRule, Rules

Cause: TypeAlias = tuple[str, str]
"""What ``Engine.sample`` is asked for the failing rows: a column or key, and the field of ``Measurements`` that counts them."""
Judged: TypeAlias = tuple[Finding, Cause | None]


def findings(dataset: Artifact, rules: Rules, measured: Measurements) -> CheckReport:
    """The report on ``dataset``, without samples of rows."""
    return CheckReport(dataset, measured.rows, tuple(finding for finding, _ in judged(rules, measured)))


def judged(rules: Rules, measured: Measurements) -> Iterator[Judged]:
    """Each finding, and where the rows behind it can be had; None where there are none to show."""
    if rules.rows is not None:
        yield _row_count(rules.rows, measured), None
    names = [name for name, _ in measured.columns]
    for rule in rules.columns:
        if rule.column in names:
            yield from _column(rule, measured)
        else:
            yield _missing(f"{rule.column}: {written(rule)}", [rule.column], names, measured), None
    for key in rules.unique:
        yield _key(key, names, measured)
    unknown = _unknown(rules, names, measured)
    if unknown is not None:
        yield unknown, None


def _row_count(bounds: Bounds, measured: Measurements) -> Finding:
    holds = within(measured.rows, bounds)
    detail = "" if holds else f"{counted(measured.rows, 'row')}, not {ranged(bounds)}"
    return Finding(f"rows: {ranged(bounds)}", holds, "error", detail, rows=measured.rows)


def within(value: float, bounds: Bounds) -> bool:
    """The value lies in the range."""
    above = bounds.low is None or (value > bounds.low if bounds.low_open else value >= bounds.low)
    below = bounds.high is None or (value < bounds.high if bounds.high_open else value <= bounds.high)
    return above and below


def _column(rule: ColumnRule, measured: Measurements) -> Iterator[Judged]:
    name, rows = rule.column, measured.rows
    line = f"{name}: {written(rule)}"
    breaking, allowed = measured.breaking[name], _allowed(rule, rows)
    failed = _too_many_nulls(rule, measured) + (_broken(rule, measured) if breaking > allowed else [])
    for count, detail, aspect in failed:
        yield Finding(line, False, "error", detail, name, count, rows), (name, aspect) if aspect else None
    if not failed:
        detail = f"{share(breaking, rows)} break it, {allowed:,} may" if breaking else ""
        yield Finding(line, True, "error", detail, name, breaking, rows), None


_Failure: TypeAlias = tuple[int, str, str]
"""Failing rows, what was seen, and the field of ``Measurements`` that counts them; empty where each row would be a sample."""


def _allowed(rule: ColumnRule, rows: int) -> int:
    return max(rule.allow.rows, rows_of(rule.allow.share or 0.0, rows))


def rows_of(part: float, rows: int) -> int:
    """The most rows that are no more than this share of all: 29 of 100 for .29, though .29 * 100 is a little less."""
    return math.floor(part * rows * (1 + 1e-12))


def _too_many_nulls(rule: ColumnRule, measured: Measurements) -> list[_Failure]:
    nulls, rows = measured.nulls[rule.column], measured.rows
    if rule.max_null_share is None or nulls <= rows_of(rule.max_null_share, rows):
        return []
    limit = f"{rule.max_null_share * 100:.6g} %: {rows_of(rule.max_null_share, rows):,} rows"
    return [(nulls, f"{share(nulls, rows)} are NULL, more than {limit}", "nulls")]


def _broken(rule: ColumnRule, measured: Measurements) -> list[_Failure]:
    name, rows = rule.column, measured.rows
    nulls, wrong = measured.nulls[name], measured.wrong_type[name]
    may_be_null = rule.nullable or rule.max_null_share is not None
    found = [
        (0 if may_be_null else nulls, "are NULL", "nulls"),
        (max(wrong, 0), f"are not {rule.type}", "wrong_type"),
        (measured.out_of_bounds.get(name, 0), _out_of_bounds(rule, measured), "out_of_bounds"),
        (measured.not_in_set.get(name, 0), f"not in {listed(rule.one_of or ())}", "not_in_set"),
        (
            measured.wrong_length.get(name, 0),
            f"not of length {ranged(rule.length)}" if rule.length else "",
            "wrong_length",
        ),
    ]
    failed = [(count, f"{share(count, rows)} {what}", aspect) for count, what, aspect in found if count]
    if wrong < 0 and rows > nulls:
        held = next(type_ for column, type_ in measured.columns if column == name)
        failed.append((rows - nulls, f"the column holds {held}, not {rule.type}", ""))
    return failed


def _out_of_bounds(rule: ColumnRule, measured: Measurements) -> str:
    least, greatest = measured.extremes.get(rule.column, (None, None))
    is_range = ".." in str(rule.bounds)
    return f"{'outside' if is_range else 'not'} {rule.bounds}: {least} .. {greatest}"


def _key(key: Sequence[str], names: Sequence[str], measured: Measurements) -> Judged:
    joined = ", ".join(key)
    line = f"unique: [{joined}]"
    missing = [name for name in key if name not in names]
    if missing:
        return _missing(line, missing, names, measured), None
    column = key[0] if len(key) == 1 else None
    repeats = measured.duplicates[joined]
    if not repeats:
        return Finding(line, True, "error", "", column, rows=measured.rows), None
    told = f"{joined} is not unique: {counted(repeats, 'row')} {'repeats' if repeats == 1 else 'repeat'} an earlier key"
    return Finding(line, False, "error", told, column, repeats, measured.rows), (joined, "duplicates")


def _missing(line: str, missing: Sequence[str], names: Sequence[str], measured: Measurements) -> Finding:
    """A rule whose columns are not all there."""
    detail = "; ".join(_absent(name, names) for name in missing)
    return Finding(line, False, "error", detail, missing[0], rows=measured.rows)


def _absent(name: str, names: Sequence[str]) -> str:
    near = near_miss(name, names)
    return f"no column `{name}`; " + (f"did you mean `{near}`?" if near else f"the columns are {listed(names)}")


def _unknown(rules: Rules, names: Sequence[str], measured: Measurements) -> Finding | None:
    """Columns that no rule names. Without column lines nothing says which are known, so that they are no news."""
    if not rules.closed and not rules.columns:
        return None
    known = {rule.column for rule in rules.columns}.union(*rules.unique)
    unknown = [name for name in names if name not in known]
    if not unknown and not rules.closed:
        return None
    severity: Severity = "error" if rules.closed else "warn"
    line = "closed: true" if rules.closed else "columns"
    told = f"{counted(len(unknown), 'column')} without a rule: {listed(unknown)}" if unknown else ""
    return Finding(line, not unknown, severity, told, rows=measured.rows)

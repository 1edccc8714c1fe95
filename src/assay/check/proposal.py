"""What change of a rule would let the data pass, where the world may have moved: for a person to accept, never taken by itself.

A set takes the new values, if there are few of them; a range is widened outward to round numbers, with slack; a share of NULLs gets a
cap with room for a quarter more; a mean, a deviation or a quantile gets room of a tenth of what the range spans. What would take the rule's sense away (a type,
a pattern, members of another dataset, a key) is not proposed.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from assay.check.findings import Judged
from assay.check.measured import Measured
from assay.check.wording import significant, spelt
from assay.core.counted import counted, percent
from assay.core.finding import Finding, Proposal, ValueCount
from assay.core.rules import Bounds, ColumnRule, Rules
from assay.core.rules.respelling import respelt
from assay.core.rules.writing import quantile_word

MOST_NEW_VALUES = 9
"""More new values than these are another kind of column, and no news of this one."""
_SLACK = 1.25
_EXACT = 1e15
_INT64 = range(-(2**63), 2**63)


def proposed(rules: Rules, measured: Measured, judged: Iterable[Judged]) -> list[Finding]:
    """The findings, each broken one with the change under which it would pass, where there is one that a person may make lightly.

    Changes of one column's line build on one another in the order of the findings: the last line has all of them.
    """
    lines = {f"column {rule.column}": rule for rule in rules.columns}
    found = []
    for finding, cause in judged:
        proposal = None
        if cause is not None and cause.subject == "rows" and rules.rows is not None:
            proposal = _rows(rules.rows, measured.rows)
        elif cause is not None and cause.subject in lines:
            changed, says = _changed(lines[cause.subject], measured, finding, cause.aspect)
            line = None if changed is None else respelt(changed)
            if changed is not None and line is not None:
                lines[cause.subject] = changed
                proposal = Proposal(says, changed.column, line)
        found.append(finding if proposal is None else msgspec.structs.replace(finding, proposal=proposal))
    return found


def _changed(rule: ColumnRule, measured: Measured, finding: Finding, aspect: str) -> tuple[ColumnRule | None, str]:
    match aspect:
        case "not_in_set" if rule.one_of is not None:
            return _with_members(rule, finding.values)
        case "out_of_bounds" if rule.bounds is not None:
            return _widened(rule, rule.bounds, measured)
        case "nulls":
            return _with_nulls(rule, measured.count("nulls", rule.column), measured.rows)
        case "mean" | "stddev":
            return _of_all(rule, measured, aspect)
        case _ if aspect.startswith(("above/", "below/")):
            return _of_quantile(rule, measured, aspect.partition("/")[2])
        case _:
            return None, ""


def _with_members(rule: ColumnRule, values: Sequence[ValueCount]) -> tuple[ColumnRule | None, str]:
    if not values or len(values) > MOST_NEW_VALUES or rule.one_of is None:
        return None, ""
    fits = {"str": str, "int": int, "float": int | float, "bool": bool}.get(rule.type, str)
    if not all(isinstance(each.value, fits) for each in values):
        return None, ""
    told = ", ".join(f"{spelt(each.value)} ({counted(each.rows, 'row')})" for each in values[:3])
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""
    new = tuple(each.value for each in values)
    says = f"new {rule.column} {told}{more}"
    return msgspec.structs.replace(rule, one_of=(*rule.one_of, *new)), says


def _widened(rule: ColumnRule, bounds: Bounds, measured: Measured) -> tuple[ColumnRule | None, str]:
    least, greatest = measured.value("least", rule.column), measured.value("greatest", rule.column)
    low = None if least is None else _outward(least, rule, -1)
    high = None if greatest is None else _outward(greatest, rule, 1)
    if (low is None) != (least is None) or (high is None) != (greatest is None) or low is high is None:
        return None, ""
    found, said = bounds, []
    if low is not None:
        found = msgspec.structs.replace(found, low=low, low_open=False)
        said.append(f"from {least}")
    if high is not None:
        found = msgspec.structs.replace(found, high=high, high_open=False)
        said.append(f"up to {greatest}")
    return msgspec.structs.replace(rule, bounds=found), f"{rule.column} {' and '.join(said)}"


def _outward(value: Any, rule: ColumnRule, direction: int) -> int | float | str | None:
    """The next round number outward: two digits, of which the second is rounded. Of days that day, of times the second; None for what no
    line can spell."""
    if rule.type in ("date", "time"):
        return _moment(str(value), rule, direction)
    number = float(value)
    if not math.isfinite(number):
        return None
    found = _rounded(number, math.ceil if direction > 0 else math.floor)
    if rule.type == "int":
        return max(_INT64.start, min(_INT64.stop - 1, int(found)))
    return found if math.isfinite(found) else None


def _moment(text: str, rule: ColumnRule, direction: int) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
        if rule.type == "date":
            return moment.date().isoformat()
        if moment.microsecond and direction > 0:
            moment += timedelta(seconds=1)
    except (ValueError, OverflowError):  # before the year 1, after 9999, or without end
        return None
    return moment.replace(microsecond=0).isoformat(sep=" ")


def _with_nulls(rule: ColumnRule, nulls: int, rows: int) -> tuple[ColumnRule, str]:
    share = min(math.ceil(nulls / rows * _SLACK * 1000) / 1000, 1.0)
    says = f"NULL in {rule.column}, {percent(nulls, rows)} of the rows"
    return msgspec.structs.replace(rule, nullable=True, max_null_share=share), says


def _of_all(rule: ColumnRule, measured: Measured, what: str) -> tuple[ColumnRule | None, str]:
    bounds, value = getattr(rule, what), measured.value(what, rule.column)
    if not math.isfinite(value):
        return None, ""
    wide = _around(float(value), bounds)
    return msgspec.structs.replace(rule, **{what: wide}), f"{what} {significant(value)} of {rule.column}"


def _of_quantile(rule: ColumnRule, measured: Measured, share: str) -> tuple[ColumnRule | None, str]:
    value = measured.value(f"quantile/{share}", rule.column)
    if value is None or not math.isfinite(value):
        return None, ""
    wide = tuple(
        msgspec.structs.replace(each, bounds=_around(float(value), each.bounds)) if str(each.share) == share else each
        for each in rule.quantiles
    )
    word = "median" if share == "0.5" else quantile_word(float(share))
    says = f"{word} {significant(float(value))} of {rule.column}"
    return msgspec.structs.replace(rule, quantiles=wide), says


def _around(value: float, bounds: Bounds) -> Bounds:
    low, high = bounds.low, bounds.high
    assert not isinstance(low, str)
    assert not isinstance(high, str)
    span = high - low if low is not None and high is not None else abs(value)
    if low is not None and value <= low:
        return Bounds(_rounded(value - span / 10, math.floor), high, high_open=bounds.high_open)
    return Bounds(low, _rounded(value + span / 10, math.ceil), low_open=bounds.low_open)


def _rounded(value: float, way: Any) -> int | float:
    if value == 0:
        return 0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    if unit == 0 or not math.isfinite(value / unit):  # among the least numbers that there are
        return value
    rounded = float(f"{way(value / unit) * unit:.6g}")
    return _plain(rounded) if math.isfinite(rounded) else value


def _plain(number: float) -> int | float:
    """A whole number without its point, where every digit of it counts."""
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _rows(bounds: Bounds, rows: int) -> Proposal | None:
    low, high = bounds.low, bounds.high
    assert not isinstance(low, str)
    assert not isinstance(high, str)
    if low is not None and rows < low:
        wide = Bounds(math.floor(rows / _SLACK), None if high == low else high)
    else:
        wide = Bounds(None if high == low else low, math.ceil(rows * _SLACK))
    return Proposal(counted(rows, "row"), None, str(wide), key="rows")

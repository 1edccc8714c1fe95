"""What change of a rule would let the data pass, where the world may have moved: for a person to accept, never taken by itself.

A set takes the new values, if there are few of them; a range is widened outward to round numbers, with slack; a share of NULLs gets a
cap with room for a quarter more; a mean, a deviation or a quantile gets room of a tenth of what the range spans. What would take the rule's sense away (a type,
a pattern, members of another dataset, a key) is not proposed.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from assay.check.findings import Judged
from assay.check.measured import Measured
from assay.check.wording import counted, percent, significant
from assay.core.finding import Finding, Proposal, ValueCount
from assay.core.rules import Bounds, ColumnRule, Rules
from assay.core.rules.respelling import respelt
from assay.core.rules.writing import quantile_word

MOST_NEW_VALUES = 9
"""More new values than these are another kind of column, and no news of this one."""
_SLACK = 1.25
_EXACT = 1e15


def proposed(rules: Rules, measured: Measured, judged: Iterable[Judged]) -> list[Finding]:
    """The findings, each broken one with the change under which it would pass, where there is one that a person may make lightly.

    Changes of one column's line build on one another in the order of the findings: the last line has all of them.
    """
    lines = {rule.column: rule for rule in rules.columns}
    found = []
    for finding, cause in judged:
        proposal = None
        rule = lines.get(finding.column or "")
        if finding.passed:
            pass
        elif finding.rule.startswith("rows: ") and rules.rows is not None:
            proposal = _rows(rules.rows, measured.rows)
        elif rule is not None and finding.rule.startswith(f"{rule.column}: "):
            changed, says = _changed(rule, measured, finding, cause.aspect if cause is not None else "")
            line = None if changed is None else respelt(changed)
            if changed is not None and line is not None:
                lines[rule.column] = changed
                proposal = Proposal(says, rule.column, line)
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
        case "":
            return _of_all(rule, measured, finding)
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
    told = ", ".join(f"{each.value} ({counted(each.rows, 'row')})" for each in values[:3])
    more = f" and {len(values) - 3} more" if len(values) > 3 else ""
    new = tuple(each.value for each in values)
    says = f"new {rule.column} {told}{more}"
    return msgspec.structs.replace(rule, one_of=(*rule.one_of, *new)), says


def _widened(rule: ColumnRule, bounds: Bounds, measured: Measured) -> tuple[ColumnRule | None, str]:
    least, greatest = measured.value("least", rule.column), measured.value("greatest", rule.column)
    if any(isinstance(each, float) and not math.isfinite(each) for each in (least, greatest)):
        return None, ""
    found, said = bounds, []
    if least is not None:
        found = msgspec.structs.replace(found, low=_outward(least, rule, -1), low_open=False)
        said.append(f"from {least}")
    if greatest is not None:
        found = msgspec.structs.replace(found, high=_outward(greatest, rule, 1), high_open=False)
        said.append(f"up to {greatest}")
    if not said:
        return None, ""
    return msgspec.structs.replace(rule, bounds=found), f"{rule.column} {' and '.join(said)}"


def _outward(value: Any, rule: ColumnRule, direction: int) -> int | float | str:
    """The next round number outward: two digits, of which the second is rounded."""
    if rule.type == "date":
        return str(value)[:10]
    if rule.type == "time":
        return str(value)[:19]
    number = float(value)
    if number == 0:
        return 0
    unit = 10.0 ** (math.floor(math.log10(abs(number))) - 1)
    rounded = (math.ceil if direction > 0 else math.floor)(number / unit) * unit
    return int(rounded) if rule.type == "int" else _plain(float(f"{rounded:.6g}"))


def _with_nulls(rule: ColumnRule, nulls: int, rows: int) -> tuple[ColumnRule, str]:
    share = min(math.ceil(nulls / rows * _SLACK * 1000) / 1000, 1.0)
    says = f"NULL in {rule.column}, {percent(nulls / rows if nulls == rows else round(nulls / rows, 4))} of the rows"
    return msgspec.structs.replace(rule, nullable=True, max_null_share=share), says


def _of_all(rule: ColumnRule, measured: Measured, finding: Finding) -> tuple[ColumnRule | None, str]:
    for what, bounds in (("mean", rule.mean), ("stddev", rule.stddev)):
        value = measured.value(what, rule.column)
        if bounds is not None and value is not None and finding.detail.startswith(f"{what} ") and math.isfinite(value):
            wide = _around(float(value), bounds)
            return msgspec.structs.replace(rule, **{what: wide}), f"{what} {significant(value)} of {rule.column}"
    return None, ""


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
    return _plain(float(f"{way(value / unit) * unit:.6g}"))


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

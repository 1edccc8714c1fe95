"""Keys that name a row, and rows that stand twice."""

from collections.abc import Sequence

import msgspec

from assay.check.findings.cause import Cause, Judged
from assay.check.findings.column import allowed
from assay.check.findings.whole import missing
from assay.check.measured import Measured
from assay.core.counted import counted
from assay.core.finding import Finding
from assay.core.rules import Rules, Terms

DISTINCT = "distinct rows"


def wants_repeats(rules: Rules, measured: Measured) -> tuple[str, ...]:
    """The keys of which perhaps not all are different, as ``details`` calls them."""
    keys = tuple(
        f"key {', '.join(key)}"
        for key in rules.unique
        if all(name in measured.names for name in key) and not measured.is_unique(key)
    )
    if rules.distinct_rows and measured.names and measured.rows != measured.count(DISTINCT, ""):
        return (*keys, DISTINCT)
    return keys


def key_finding(key: Sequence[str], terms: Terms, measured: Measured) -> Judged:
    """No two rows have the same key, but for those that may."""
    joined = ", ".join(key)
    line, subject = f"unique: [{joined}]", f"key {joined}"
    absent = [name for name in key if name not in measured.names]
    if absent:
        return Judged(missing(line, absent, measured, terms.severity))
    column = key[0] if len(key) == 1 else None
    repeats = measured.count("repeats", subject)
    told = f"{joined} is not unique: {counted(repeats, 'row')} {'repeats' if repeats == 1 else 'repeat'} an earlier key"
    return rows_finding(Finding(line, True, terms.severity, told, column, repeats, measured.rows), terms, subject)


def distinct_rows_finding(terms: Terms, measured: Measured) -> Judged:
    """No row stands twice, but for those that may."""
    repeats = measured.count("repeats", DISTINCT)
    told = f"{counted(repeats, 'row')} {'is' if repeats == 1 else 'are'} equal to an earlier one in every column"
    found = Finding("distinct_rows: true", True, terms.severity, told, None, repeats, measured.rows)
    return rows_finding(found, terms, DISTINCT)


def rows_finding(told: Finding, terms: Terms, subject: str, aspect: str = "repeats") -> Judged:
    """What was told of the failing rows, with the verdict: they are as many as may be, or too many."""
    failing, may = told.failing_rows, allowed(terms.allow, told.rows)
    if not failing:
        return Judged(msgspec.structs.replace(told, detail=""))
    detail = f"{told.detail}, {may:,} may" if may else told.detail
    found = msgspec.structs.replace(told, passed=failing <= may, detail=detail)
    return Judged(found, None if found.passed else Cause(subject, aspect))

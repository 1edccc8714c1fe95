"""Keys that name a row, and rows that stand twice."""

from collections.abc import Sequence

from assay.check.findings.cause import Cause, Judged
from assay.check.findings.whole import missing
from assay.check.measured import Measured
from assay.check.wording import counted
from assay.core.finding import Finding
from assay.core.rules import Rules

DISTINCT = "distinct rows"


def wants_repeats(rules: Rules, measured: Measured) -> tuple[str, ...]:
    """The keys of which perhaps not all are different, as ``details`` calls them."""
    keys = tuple(
        f"key {', '.join(key)}"
        for key in rules.unique
        if all(name in measured.names for name in key) and measured.rows != measured.count("distinct", ", ".join(key))
    )
    if rules.distinct_rows and measured.names and measured.rows != measured.count(DISTINCT, ""):
        return (*keys, DISTINCT)
    return keys


def key_finding(key: Sequence[str], measured: Measured) -> Judged:
    """No two rows have the same key."""
    joined = ", ".join(key)
    line, subject = f"unique: [{joined}]", f"key {joined}"
    absent = [name for name in key if name not in measured.names]
    if absent:
        return Judged(missing(line, absent, measured))
    column = key[0] if len(key) == 1 else None
    repeats = measured.count("repeats", subject)
    if not repeats:
        return Judged(Finding(line, True, "error", "", column, rows=measured.rows))
    told = f"{joined} is not unique: {counted(repeats, 'row')} {'repeats' if repeats == 1 else 'repeat'} an earlier key"
    return Judged(Finding(line, False, "error", told, column, repeats, measured.rows), Cause(subject, "repeats"))


def distinct_rows_finding(measured: Measured) -> Judged:
    """No row stands twice."""
    repeats, line = measured.count("repeats", DISTINCT), "distinct_rows: true"
    if not repeats:
        return Judged(Finding(line, True, "error", "", rows=measured.rows))
    told = f"{counted(repeats, 'row')} {'is' if repeats == 1 else 'are'} equal to an earlier one in every column"
    return Judged(Finding(line, False, "error", told, None, repeats, measured.rows), Cause(DISTINCT, "repeats"))

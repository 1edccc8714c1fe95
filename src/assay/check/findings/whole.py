"""What is asked of a dataset as a whole: its number of rows, its age, its columns."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from assay.check.findings.cause import Cause, Judged
from assay.check.findings.column import within
from assay.check.measured import Measured
from assay.check.wording import lasted, listed, near_or_known, ranged
from assay.core.counted import counted
from assay.core.finding import Finding, Severity
from assay.core.rules import Bounds, Fresh, Rules, Terms

ZONES_S = 86_400.0
"""Times without a zone may be of one that is ahead."""


def row_count(bounds: Bounds, terms: Terms, measured: Measured) -> Judged:
    """There are as many rows as there should be."""
    holds = within(measured.rows, bounds)
    detail = "" if holds else f"{counted(measured.rows, 'row')}, not {ranged(bounds)}"
    cause = None if holds else Cause("rows", "rows", has_rows=False)
    return Judged(Finding(f"rows: {ranged(bounds)}", holds, terms.severity, detail, rows=measured.rows), cause)


def fresh_finding(fresh: Fresh, measured: Measured, now_s: float | None) -> Judged:
    """The newest row is young enough. Without a clock nothing is old."""
    line, name = f"fresh: {{{fresh.column}: {fresh.text or lasted(fresh.within_s)}}}", fresh.column
    if name not in measured.names:
        return Judged(missing(line, [name], measured, fresh.severity))
    newest = measured.value("newest", name)
    if newest is None:
        detail = f"{name} holds no day and no time" if measured.rows else "there are no rows"
        return Judged(Finding(line, False, fresh.severity, detail, name, rows=measured.rows))
    newest_s = _seconds(str(newest))
    if newest_s is None:
        detail = f"the newest {name} is {newest}, which is no day that can be"
        return Judged(Finding(line, False, fresh.severity, detail, name, rows=measured.rows))
    age_s = None if now_s is None else now_s - newest_s
    if age_s is not None and age_s < -ZONES_S:
        detail = f"the newest {name} is {newest}, which is still to come: how old the others are cannot be told"
        return Judged(Finding(line, False, fresh.severity, detail, name, rows=measured.rows))
    if age_s is None or age_s <= fresh.within_s:
        return Judged(Finding(line, True, fresh.severity, "", name, rows=measured.rows))
    detail = f"the newest {name} is {newest}: {lasted(age_s)} old"
    return Judged(Finding(line, False, fresh.severity, detail, name, rows=measured.rows))


def _seconds(moment: str) -> float | None:
    """None for what no calendar has: ``infinity``, years beyond 9999."""
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def missing(line: str, absent: Sequence[str], measured: Measured, severity: Severity = "error") -> Finding:
    """A rule whose columns are not all there."""
    detail = "; ".join(_absent(name, measured.names) for name in absent)
    return Finding(line, False, severity, detail, absent[0], rows=measured.rows)


def _absent(name: str, names: Sequence[str]) -> str:
    return f"no column `{name}`; {near_or_known(name, names)}"


def unknown_columns(rules: Rules, measured: Measured) -> Iterator[Judged]:
    """Columns that have no line, and those that should be absent. A key, ``fresh`` and ``train_only`` make a column known too; a
    condition on rows does not, for it says nothing of what the column may hold. Without column lines nothing says which are known,
    so that they are no news."""
    if rules.environment == "serve":
        leaked = [name for name in measured.names if name in rules.train_only]
        if leaked:
            told = f"{listed(leaked)} {'is' if len(leaked) == 1 else 'are'} there, though serving"
            yield Judged(Finding("train_only", False, "warn", told, leaked[0], rows=measured.rows))
    if not rules.closed and not rules.columns:
        return
    known = {rule.column for rule in rules.columns}.union(
        *rules.unique, rules.train_only, (f.column for f in rules.fresh)
    )
    unknown = [name for name in measured.names if name not in known]
    if not unknown and not rules.closed:
        return
    severity: Severity = rules.terms_of("closed").severity if rules.closed else "warn"
    line = ("closed: true" if severity == "error" else "closed: warn") if rules.closed else "columns"
    told = f"{counted(len(unknown), 'column')} without a line under `columns`: {listed(unknown)}" if unknown else ""
    yield Judged(Finding(line, not unknown, severity, told, rows=measured.rows))

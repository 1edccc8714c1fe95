"""Drift as findings: each column that drifted by itself, and one for all of it, which passes and says how it was measured. Pure."""

from collections.abc import Sequence

from assay.check.wording import batches, lasted
from assay.core.counted import counted
from assay.core.drift import ColumnDrift, DriftReport, drift_line
from assay.core.finding import Finding
from assay.core.rules import DriftRule

_LISTED = 12


def drift_findings(
    rule: DriftRule, since: str, report: DriftReport, notes: Sequence[str], *, rates: str
) -> tuple[Finding, ...]:
    """A failed finding of the rule's severity for each column that drifted, the farthest over its limit first, and a passed one."""
    drifted = [
        Finding(drift_line(column.column), False, rule.severity, _moved(column, since), column.column, rows=column.rows)
        for column in sorted(report.drifted, key=_excess, reverse=True)
    ]
    rows = max((column.rows for column in report.columns), default=0)
    told = _summary(rule, report, notes, rates)
    return (*drifted, Finding(f"drift: since {since}", True, rule.severity, told, rows=rows))


def unmeasured(rule: DriftRule, since: str, why: str) -> Finding:
    """There is nothing to hold the data against: no drift was found, and none was looked for."""
    return Finding(f"drift: since {since}", True, rule.severity, f"no reference yet: {why}")


def _moved(column: ColumnDrift, since: str) -> str:
    return f"{column.told.removeprefix(f'{column.column}: ')}; since {since}"


def _summary(rule: DriftRule, report: DriftReport, notes: Sequence[str], rates: str) -> str:
    window = batches(report.window_batches)
    each = "each a file" if rule.batch_s is None else f"each {lasted(rule.batch_s)}"
    sides = f"the newest {window} against {batches(report.reference_batches)}, {each}"
    parts = [f"{_headline(report)}: {sides}"]
    if report.false_alarms is not None:
        parts.append(rates)
    parts += [
        f"{state}: {', '.join(_reason(column) for column in columns[:_LISTED])}{', …' if len(columns) > _LISTED else ''}"
        for state in ("context", "cannot tell")
        if (columns := [column for column in report.columns if column.state == state])
    ]
    if report.separation is not None:
        told = ", ".join(pull.column for pull in report.separation.pulls[:3])
        parts.append(
            f"classifier: AUC {f'{report.separation.auc:.2f}'.removeprefix('0')}"
            + (f", most by {told}" if told else "")
        )
    return "; ".join([*parts, *notes])


def _headline(report: DriftReport) -> str:
    """What is said first; ``ok`` only of columns that could have alarmed."""
    few = [column for column in report.columns if column.state == "not enough reference"]
    judged = [column for column in report.columns if column.state in ("ok", "drifted")]
    if few and not judged:
        return f"not enough reference: {few[0].because}"
    if not judged:
        return "no column can be judged"
    told = f"{len(report.drifted)} of {counted(len(judged), 'column')} drifted"
    return told + (f", {len(few)} without enough reference" if few else "")


def _reason(column: ColumnDrift) -> str:
    return f"{column.column} ({column.because})" if column.because not in ("", "context") else column.column


def _excess(column: ColumnDrift) -> float:
    gaps = [
        gap.distance - gap.limit for gap in (column.distance, column.nulls) if gap is not None and gap.limit is not None
    ]
    return max(gaps, default=0.0)

"""Conditions that hold for every row, and queries of the user's own."""

from assay.check.findings.cause import Cause, Judged
from assay.check.findings.column import allowed
from assay.check.measured import Measured
from assay.core.counted import counted, share
from assay.core.finding import Finding
from assay.core.rules import QueryRule, RowRule


def row_finding(rule: RowRule, measured: Measured) -> Judged:
    """How many rows the condition does not hold for."""
    line, uncomputed = f"{rule.name}: {said(rule)}", measured.value("cannot", f"row {rule.name}")
    if uncomputed is not None:
        return Judged(Finding(line, False, rule.severity, f"it cannot be computed: {uncomputed}", rows=measured.rows))
    return _by_count(rule, line, measured.count("row", rule.name), measured.rows, "row")


def query_finding(rule: QueryRule, failing: int, rows: int) -> Judged:
    """How many rows the query returned."""
    return _by_count(rule, f"{rule.name}: {{sql: {rule.path}}}", failing, rows, "query")


def unanswered_finding(rule: QueryRule, why: str, rows: int) -> Finding:
    """The engine does not take the query."""
    told = f"{rule.path} cannot be answered: {why}"
    return Finding(f"{rule.name}: {{sql: {rule.path}}}", False, rule.severity, told, rows=rows)


def said(rule: RowRule) -> str:
    """The rule on one line, as the file has it."""
    return rule.holds if rule.given is None else f"{{if: {rule.given}, then: {rule.holds}}}"


def _by_count(rule: RowRule | QueryRule, line: str, failing: int, rows: int, kind: str) -> Judged:
    may = allowed(rule.allow, rows)
    told = f"{share(failing, rows) if failing <= rows else counted(failing, 'row')} break it"  # a query may return any number
    if failing <= may:
        detail = f"{told}, {may:,} may" if failing else ""
        return Judged(Finding(line, True, rule.severity, detail, None, failing, rows))
    detail = told + (f", {may:,} may" if may else "")
    return Judged(Finding(line, False, rule.severity, detail, None, failing, rows), Cause(f"{kind} {rule.name}", kind))

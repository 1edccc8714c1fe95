"""The answer in one line, and numbers of rows as people read them."""

from collections.abc import Sequence

from assay.core.counted import counted
from assay.core.finding import CheckReport
from assay.explain.findings.told import ToldRule, of_outcome, told_rules
from assay.explain.texts import clipped

LONGEST_NAME = 80


def headline(reports: Sequence[CheckReport], quote: str = "") -> str:
    """``3 of 24 rules are broken: 46 of 336,776 rows, flights@9c41e0d2``; of several datasets
    ``4 of 31 rules are broken, in 2 of 3 datasets``. One line, without its icon; ``quote`` stands around the dataset's name."""
    if len(reports) == 1:
        return dataset_line(reports[0], quote)
    rules = [rule for report in reports for rule in told_rules(report)]
    where = [report for report in reports if any(not finding.passed for finding in report.findings)]
    datasets = counted(len(reports), "dataset")
    if not reports:
        return "no dataset was checked"
    return f"{_answer(rules)}, in {f'{len(where):,} of {datasets}' if where else datasets}"


def dataset_line(report: CheckReport, quote: str = "") -> str:
    """The same of one dataset."""
    rules = told_rules(report)
    label = clipped(report.dataset.label, LONGEST_NAME).replace("`", "'")
    return f"{_answer(rules)}: {_rows(rules, report.rows)}, {quote}{label}{quote}"


def rule_count(report: CheckReport) -> str:
    """``3 of 24 rules are broken and 1 warns``"""
    return _answer(told_rules(report))


def _answer(rules: Sequence[ToldRule]) -> str:
    broken, warning = len(of_outcome(rules, "broken")), len(of_outcome(rules, "warns"))
    if broken:
        warns = f" and {warning:,} {_verb(warning, 'warns', 'warn')}" if warning else ""
        return f"{broken:,} of {counted(len(rules), 'rule')} {_verb(broken, 'is', 'are')} broken{warns}"
    if warning:
        return f"no rule is broken, {warning:,} of {len(rules):,} {_verb(warning, 'warns', 'warn')}"
    if not rules:
        return "there is no rule"
    return "the only rule holds" if len(rules) == 1 else f"all {len(rules):,} rules hold"


def _rows(rules: Sequence[ToldRule], rows: int) -> str:
    """How many of them fail. Rules count each for itself: where two have failing rows, a row may have been counted twice."""
    told = of_outcome(rules, "broken") or of_outcome(rules, "warns")
    counts = [finding.failing_rows for rule in told for finding in rule.findings if finding.failing_rows]
    if not counts:
        return counted(rows, "row")
    failing = min(sum(counts), rows)
    return f"{'up to ' if len(counts) > 1 else ''}{failing:,} of {counted(rows, 'row')}"


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many

"""Findings as JUnit XML, for whatever shows tests: GitLab, Jenkins, annotators on GitHub.

One testsuite a dataset, one testcase a rule. A broken rule is a failure. A rule that warns is ``skipped``, with its words in it: it must not
fail what only counts failures, and in a testcase that passed GitLab shows no text at all (pytest tells an expected failure so, too).
Text stands in the element as well as in its ``message``, since GitLab reads the one and Jenkins shows the other. Beyond the findings'
own samples no data is in it. The form is that of Jenkins' junit-10.xsd.
"""

from collections.abc import Iterator, Sequence
from html import escape

from assay.core.finding import CheckReport, Finding
from assay.explain.findings.cells import in_order, key_of, shown, telling_columns
from assay.explain.findings.facts import finding_facts, say_detail, say_rule
from assay.explain.findings.told import ToldRule, of_outcome, told_rules
from assay.explain.texts import clipped

MOST_COLUMNS = 8
LONGEST_NAME, LONGEST_LINE = 600, 500


def findings_junit(reports: Sequence[CheckReport], title: str = "Data checks") -> str:
    """The XML, whole, in the order of the rules' badness. What XML 1.0 cannot hold is told as ``\\x1b``."""
    suites = [_suite(report) for report in reports]
    rules = [rule for report in reports for rule in told_rules(report)]
    failures = len(of_outcome(rules, "broken"))
    head = f'<testsuites name="{_attribute(title)}" tests="{len(rules)}" failures="{failures}" errors="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *suites, "</testsuites>\n"])


def _suite(report: CheckReport) -> str:
    rules = told_rules(report)
    counts = f'tests="{len(rules)}" failures="{len(of_outcome(rules, "broken"))}" errors="0" skipped="{len(of_outcome(rules, "warns"))}"'
    name, group, key = _attribute(report.dataset.path), _attribute(_classname(report.dataset.path)), key_of(report)
    cases = "\n".join(_case(rule, group, key) for rule in rules)
    told = {"dataset": report.dataset.label, "rows": str(report.rows)}
    properties = "".join(f'<property name="{each}" value="{_attribute(value)}"/>' for each, value in told.items())
    inside = "\n".join(part for part in (f"<properties>{properties}</properties>", cases) if part)
    return f'<testsuite name="{name}" {counts}>\n{inside}\n</testsuite>'


def _case(rule: ToldRule, group: str, key: Sequence[str]) -> str:
    opening = f'<testcase classname="{group}" name="{_attribute(say_rule(rule.rule))}"'
    if rule.outcome == "holds":
        return f"{opening}/>"
    failed = [finding for finding in rule.findings if not finding.passed]
    message = _attribute("; ".join(say_detail(finding) for finding in failed))
    body = escape("\n".join(line for finding in failed for line in _lines(finding, key)), quote=False)
    if rule.outcome == "broken":
        return f'{opening}><failure type="check-failed" message="{message}">{body}</failure></testcase>'
    return f'{opening}><skipped type="check-warning" message="warning: {message}">warning: {body}</skipped></testcase>'


def _lines(finding: Finding, key: Sequence[str]) -> Iterator[str]:
    yield say_detail(finding)
    for label, text in finding_facts(finding):
        yield clipped(f"{label}: {text}", LONGEST_LINE)
    names = in_order(telling_columns(finding, key, MOST_COLUMNS), finding, key)
    for row in finding.sample:
        cells = ", ".join(f"{clipped(name, 60)} {shown(row.get(name))}" for name in names)
        yield clipped(f"row: {cells}", LONGEST_LINE)


def _classname(path: str) -> str:
    """``data.flights_parquet``: what shows tests makes packages of dots."""
    parts = (part.replace(".", "_") for part in path.split("/") if part not in {"", "."})
    return ".".join(parts)


def _attribute(text: str) -> str:
    return escape(clipped(text, LONGEST_NAME))

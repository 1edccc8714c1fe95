"""Findings in the order in which they are told: rules that are broken, rules that warn, rules that hold; of each kind the worst first."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from assay.core.finding import CheckReport, Finding

Outcome = Literal["broken", "warns", "holds"]

ICONS: dict[Outcome, str] = {"broken": "✗", "warns": "!", "holds": "✓"}
"""How a rule fared is an icon and its word, and never a colour alone."""

_RANKS: dict[Outcome, int] = {"broken": 0, "warns": 1, "holds": 2}


class ToldRule(msgspec.Struct, frozen=True):
    """A rule, with all that was found by it: a column line that fails in two ways has two findings."""

    rule: str
    findings: tuple[Finding, ...]

    @property
    def outcome(self) -> Outcome:
        """A rule of severity ``warn`` is never broken."""
        failed = [each for each in self.findings if not each.passed]
        if not failed:
            return "holds"
        return "broken" if any(each.severity == "error" for each in failed) else "warns"

    @property
    def failing_rows(self) -> int:
        """At most so many rows fail: one that fails in two ways counts twice. 0 where the rule is about no single row."""
        return min(
            sum(each.failing_rows for each in self.findings), max((each.rows for each in self.findings), default=0)
        )


def told_rules(report: CheckReport) -> list[ToldRule]:
    """All rules of a dataset, the worst first; where two are as bad, in the order of the file.

    Worst of all is what is about no single row, such as a column that is not there: the other numbers say little then.
    """
    by_rule: dict[tuple[str, str | None], list[Finding]] = {}
    for finding in report.findings:
        by_rule.setdefault((finding.rule, finding.column), []).append(finding)
    rules = [ToldRule(rule, tuple(findings)) for (rule, _), findings in by_rule.items()]
    return sorted(rules, key=_badness)


def failing(rules: Iterable[ToldRule]) -> list[ToldRule]:
    """Those that do not hold."""
    return [rule for rule in rules if rule.outcome != "holds"]


def of_outcome(rules: Iterable[ToldRule], outcome: Outcome) -> list[ToldRule]:
    """Those that fared so."""
    return [rule for rule in rules if rule.outcome == outcome]


def outcome_of(reports: Sequence[CheckReport]) -> Outcome:
    """How all of them fared together."""
    failed = [finding for report in reports for finding in report.findings if not finding.passed]
    if any(finding.severity == "error" for finding in failed):
        return "broken"
    return "warns" if failed else "holds"


def worst_first(reports: Iterable[CheckReport]) -> list[CheckReport]:
    """Datasets with broken rules, then with warnings, then those of which all rules hold; otherwise as they were given."""
    return sorted(reports, key=lambda report: _RANKS[outcome_of([report])])


def _badness(rule: ToldRule) -> tuple[int, bool, int]:
    rows = rule.failing_rows
    return _RANKS[rule.outcome], rule.outcome != "holds" and rows > 0, 0 if rule.outcome == "holds" else -rows

"""Findings in the few lines that a failed run has for them: the worst first, each with what one needs to look further."""

from collections.abc import Iterator, Sequence

from assay.core.counted import counted
from assay.core.finding import CheckReport, Finding
from assay.explain.findings.cells import in_order, key_of, shown, telling_columns
from assay.explain.findings.facts import (
    KEYS,
    LONGEST_COLUMN,
    PROPOSAL,
    SINCE,
    WHERE,
    Fact,
    finding_facts,
    say_detail,
    say_rule,
)
from assay.explain.findings.told import ToldRule, of_outcome, told_rules
from assay.explain.findings.words import rule_count
from assay.explain.texts import clipped

MOST_LINES = 12
_MOST_PLACES = 3
_MOST_CELLS = 6
_LONGEST_LINE = 240
_NAMED = {PROPOSAL: "", KEYS: "key "}


def summary(report: CheckReport) -> str:
    """``flights@9c41e0d2: 336,776 rows, 3 of 24 rules are broken``"""
    return f"{clipped(report.dataset.label, 80)}: {counted(report.rows, 'row')}, {rule_count(report)}"


def because(reports: Sequence[CheckReport], most: int = MOST_LINES) -> tuple[str, ...]:
    """The broken rules of all datasets, the worst first, in at most so many lines: each in a line, below it as much of what helps as there
    is room for, and how many more there are."""
    told = [(report, rule) for report in reports for rule in of_outcome(told_rules(report), "broken")]
    heads = [_head(report, rule, is_alone=len(reports) == 1) for report, rule in told]
    if len(heads) > most:
        return (*heads[: most - 1], f"and {counted(len(heads) - most + 1, 'more rule')}")
    helps = [tuple(_helping(rule, key_of(report))) for report, rule in told]
    room = _shared_out([len(each) for each in helps], most - len(heads))
    return tuple(
        line
        for head, each, lines in zip(heads, helps, room, strict=True)
        for line in (head, *(f"  {text}" for text in each[:lines]))
    )


def _shared_out(wanted: Sequence[int], lines: int) -> list[int]:
    """Lines for each, in turn, until all have what they want or there are none left."""
    given = [0] * len(wanted)
    while lines and given != list(wanted):
        for at, most in enumerate(wanted):
            if lines and given[at] < most:
                given[at] += 1
                lines -= 1
    return given


def one_line(report: CheckReport, finding: Finding) -> str:
    """``data/flights.parquet: month: int 1..12: 3 of 336,776 rows (<0.1 %) outside 1..12: 1 .. 13``"""
    path = clipped(report.dataset.path, 120)
    return clipped(f"{path}: {say_rule(finding.rule)}: {say_detail(finding)}", 2 * _LONGEST_LINE)


def _head(report: CheckReport, rule: ToldRule, *, is_alone: bool) -> str:
    seen = "; ".join(say_detail(finding) for finding in rule.findings if not finding.passed)
    where = "" if is_alone else f"{clipped(report.dataset.path, 120)}: "
    return clipped(f"{where}{say_rule(rule.rule)}: {seen}", 2 * _LONGEST_LINE)


def _helping(rule: ToldRule, key: Sequence[str]) -> Iterator[str]:
    """What helps most comes first."""
    for finding in rule.findings:
        if finding.passed:
            continue
        facts = finding_facts(finding, _MOST_PLACES)
        for texts in (
            _of(PROPOSAL, facts),
            _of(KEYS, facts),
            _first_row(finding, key),
            _of(SINCE, facts),
            _of(WHERE, facts),
        ):
            if told := "; ".join(texts):
                yield clipped(told, _LONGEST_LINE)


def _of(label: str, facts: Sequence[Fact]) -> list[str]:
    named = _NAMED.get(label, f"{label} ")
    return [f"{'' if at else named}{text}" for at, text in enumerate(text for each, text in facts if each == label)]


def _first_row(finding: Finding, key: Sequence[str]) -> Iterator[str]:
    for row in finding.sample[:1]:
        names = in_order(telling_columns(finding, key, _MOST_CELLS), finding, key)
        yield "first row: " + ", ".join(f"{clipped(name, LONGEST_COLUMN)} {shown(row.get(name))}" for name in names)

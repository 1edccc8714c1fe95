"""Findings as Markdown, fit for a job summary or a comment: the answer, a table of what does not hold, and the rest folded away."""

from collections.abc import Iterable, Iterator, Sequence

from assay.core.counted import counted, percent
from assay.core.finding import CheckReport, Finding
from assay.explain.findings.cells import in_order, key_of, shown, telling_columns
from assay.explain.findings.facts import (
    PROPOSAL,
    SINCE,
    WOULD_READ,
    finding_facts,
    say_accepted,
    say_detail,
    say_proposal,
)
from assay.explain.findings.told import ICONS, ToldRule, failing, of_outcome, outcome_of, told_rules, worst_first
from assay.explain.findings.words import dataset_line, headline
from assay.explain.markdown import code, folded, plain, rich, table_head, table_row
from assay.explain.texts import clipped, fitting

MARKDOWN_BYTES = 60_000
"""A comment on GitHub holds 65,536 characters."""
TABLE_SHARE, HOLDING_SHARE, FRAMES_BYTES = 0.4, 0.1, 700
MOST_DATASETS = 12
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 5, 8, 40
LONGEST_RULE = 160
_MOST_OFFERS = 3
_OFFERED = frozenset({PROPOSAL, WOULD_READ})
_EMPTY = "\N{EN DASH}"


def findings_markdown(reports: Sequence[CheckReport], title: str = "Data checks") -> str:
    """The findings in GitHub's Markdown, below 60,000 bytes: first the answer in one line, then for each dataset a table with a row a rule
    that does not hold, then the details. What does not fit is counted."""
    told = worst_first(reports)
    first = told[:MOST_DATASETS]
    parts = [
        f"### {ICONS[outcome_of(reports)]} {rich(headline(reports, quote='`'))}",
        f"**{plain(clipped(title, 200))}**",
    ]
    rest = len(told) - len(first)
    last = [f"{counted(rest, 'more dataset')} not shown here."] if rest else []
    room = MARKDOWN_BYTES - _bytes((*parts, *last))
    for at, report in enumerate(first):
        made = _dataset(report, room // (len(first) - at), is_alone=len(told) == 1)
        room -= _bytes(made)
        parts += made
    return "\n\n".join((*parts, *last)) + "\n"


def _bytes(parts: Iterable[str]) -> int:
    return sum(len(part.encode()) + 2 for part in parts)


def _dataset(report: CheckReport, room: int, *, is_alone: bool) -> list[str]:
    """One dataset in so many bytes."""
    rules = told_rules(report)
    bad, path = failing(rules), code(clipped(report.dataset.path, 300))
    head = [path] if is_alone else [f"#### {ICONS[outcome_of([report])]} {path}", rich(dataset_line(report, quote="`"))]
    offers, _ = fitting(_offers(bad), room // 4)
    room -= _bytes((*head, *offers)) + FRAMES_BYTES
    table, holding = (
        _table(bad, int(room * TABLE_SHARE)),
        _holding(of_outcome(rules, "holds"), int(room * HOLDING_SHARE)),
    )
    details = _details(bad, key_of(report), room - _bytes((table, holding)))
    return [part for part in (*head, table, *offers, details, holding) if part]


def _table(rules: Sequence[ToldRule], size_bytes: int) -> str:
    if not rules:
        return ""
    rows, left_out = fitting((table_row(_cells(rule)) for rule in rules), size_bytes)
    more = f"\n\nand {counted(left_out, 'more rule')}, not shown here." if left_out else ""
    return "\n".join([*table_head(["", "rule", "what was seen", "share"], words=3), *rows]) + more


def _cells(rule: ToldRule) -> list[str]:
    failed = _failed(rule)
    rows = max((finding.rows for finding in failed), default=0)
    return [
        f"{ICONS[rule.outcome]} {rule.outcome}",
        code(clipped(rule.rule, LONGEST_RULE)),
        rich("; ".join(clipped(finding.detail, 240) for finding in failed)) or _EMPTY,
        plain(percent(rule.failing_rows, rows)) if rule.failing_rows else _EMPTY,
    ]


def _offers(rules: Sequence[ToldRule]) -> Iterator[str]:
    """What could be accepted: the first few, since each is a question to a person."""
    offers = [(finding, finding.proposal) for rule in rules for finding in _failed(rule) if finding.proposal]
    for finding, proposal in offers[:_MOST_OFFERS]:
        line = say_accepted(finding)
        would = f"\\\n> the rule would read {code(line)}" if line else ""
        yield f"> {plain(say_proposal(finding))} {code(proposal.command)}{would}"


def _details(rules: Sequence[ToldRule], key: Sequence[str], size_bytes: int) -> str:
    if not rules:
        return ""
    blocks, left_out = fitting((_rule(rule, key) for rule in rules), size_bytes)
    if left_out:
        blocks.append(f"The details of {counted(left_out, 'more rule')} are not shown here: they are in the JSON.")
    return folded("Where, since when, and the first rows", blocks)


def _rule(rule: ToldRule, key: Sequence[str]) -> str:
    parts = [f"**{ICONS[rule.outcome]} {rule.outcome}** {code(clipped(rule.rule, LONGEST_RULE))}"]
    for finding in _failed(rule):
        parts += [rich(say_detail(finding)), _facts(finding), _sample(finding, key)]
    return "\n\n".join(part for part in parts if part)


def _facts(finding: Finding) -> str:
    """Names of versions and lines of rules are to be copied: in code, nothing is put between their letters."""
    facts = [fact for fact in finding_facts(finding, most=5) if fact[0] not in _OFFERED]
    return "\n".join(f"- {label}: {code(text) if label == SINCE else plain(text)}" for label, text in facts)


def _sample(finding: Finding, key: Sequence[str]) -> str:
    if not finding.sample:
        return ""
    names = in_order(telling_columns(finding, key, MOST_COLUMNS), finding, key)
    head = [table_row(code(shown(name, LONGEST_CELL)) for name in names), f"|{'---|' * len(names)}"]
    rows = [table_row(code(shown(row.get(name), LONGEST_CELL)) for name in names) for row in finding.sample[:MOST_ROWS]]
    return "\n".join([*head, *rows])


def _holding(rules: Sequence[ToldRule], size_bytes: int) -> str:
    if not rules:
        return ""
    items, left_out = fitting((f"- {code(clipped(rule.rule, LONGEST_RULE))}" for rule in rules), size_bytes)
    more = [f"and {left_out:,} more"] if left_out else []
    verb = "holds" if len(rules) == 1 else "hold"
    return folded(f"{ICONS['holds']} {counted(len(rules), 'rule')} {verb}", ["\n".join(items), *more])


def _failed(rule: ToldRule) -> list[Finding]:
    return [finding for finding in rule.findings if not finding.passed]

"""What every face says below a broken rule, in the same words: since when, where, which values, and what could be accepted."""

from collections.abc import Iterator, Sequence

from assay.core.counted import counted, share
from assay.core.finding import Finding, KeyCount, SliceCount
from assay.explain.findings.cells import is_number, shown
from assay.explain.texts import clipped, visible

Fact = tuple[str, str]
"""A label and what it says."""

ROWS, SINCE, WHERE, VALUES, KEYS = "rows", "last passed", "where", "values", "keys"
PROPOSAL, WOULD_READ = "proposal", "would read"
"""The labels."""

LONGEST_DETAIL = 600
LONGEST_RULE = 300
LONGEST_COLUMN = 60


def finding_facts(finding: Finding, most: int = 10) -> list[Fact]:
    """The facts of a finding that does not hold, with at most so many values, and so many places of each slice."""
    facts = [
        (ROWS, _say_rows(finding)),
        (SINCE, clipped(finding.since, 200)),
        *((WHERE, f"{column}: {_say_places(parts, most)}") for column, parts in places_by_column(finding)),
        (VALUES, say_values(finding, most)),
        (KEYS, say_keys(finding, most)),
        (PROPOSAL, f"{say_proposal(finding)} {finding.proposal.command}" if finding.proposal else ""),
        (WOULD_READ, say_accepted(finding)),
    ]
    return [fact for fact in facts if fact[1]]


def say_rule(rule: str) -> str:
    """The rule on one line."""
    return clipped(rule, LONGEST_RULE)


def say_detail(finding: Finding) -> str:
    """What was seen, on one line."""
    return clipped(finding.detail, LONGEST_DETAIL)


def say_values(finding: Finding, most: int) -> str:
    """``ZZ in 14 rows, MQ in 1 row``, and how many rows have other values."""
    told = finding.values[:most]
    parts = [f"{shown(each.value)} in {counted(each.rows, 'row')}" for each in told]
    rest = finding.failing_rows - sum(each.rows for each in told)
    if parts and rest > 0:
        parts.append(f"other values in {counted(rest, 'row')}")
    return ", ".join(parts)


def say_keys(finding: Finding, most: int) -> str:
    """``17 stands 3 times, 12 stands 2 times``, and how many rows repeat other keys."""
    told = finding.keys[:most]
    parts = [f"{_say_key(each)} stands {each.rows:,} times" for each in told]
    rest = finding.failing_rows - sum(each.rows - 1 for each in told)
    if parts and rest > 0:
        parts.append(f"other keys repeat in {counted(rest, 'row')}")
    return ", ".join(parts)


def _say_key(counted_key: KeyCount) -> str:
    values = [shown(each) for each in counted_key.key]
    return values[0] if len(values) == 1 else f"({', '.join(values)})"


def places_by_column(finding: Finding) -> Iterator[tuple[str, Sequence[SliceCount]]]:
    """Where rows fail, column by column."""
    columns = dict.fromkeys(each.column for each in finding.slices)
    for column in columns:
        yield clipped(column, LONGEST_COLUMN), [each for each in finding.slices if each.column == column]


def say_place(part: SliceCount) -> str:
    """``ZZ 14 of 14``; a number is kept from those that follow: ``13: 3 of 28,243``"""
    return f"{shown(part.value)}{':' if is_number(part.value) else ''} {part.rows:,} of {part.of_rows:,}"


def say_proposal(finding: Finding) -> str:
    """``new carrier ZZ, 14 rows: accept it?``, which its command does; empty where nothing is proposed."""
    return f"{clipped(finding.proposal.says, 200)}: accept it?" if finding.proposal else ""


def say_accepted(finding: Finding) -> str:
    """The line of the rules that would be written: ``carrier: str in [AA, UA, ZZ]``"""
    if finding.proposal is None or not finding.proposal.line:
        return ""
    key = finding.proposal.column if finding.proposal.column is not None else finding.proposal.key
    return clipped(f"{key}: {finding.proposal.line}" if key else finding.proposal.line, LONGEST_RULE)


def _say_rows(finding: Finding) -> str:
    """What was seen says it most often itself."""
    told = f"{finding.failing_rows:,} of "
    if not finding.failing_rows or told in visible(finding.detail):
        return ""
    return share(finding.failing_rows, finding.rows)


def _say_places(parts: Sequence[SliceCount], most: int) -> str:
    told = ", ".join(say_place(each) for each in parts[:most])
    return f"{told} and {len(parts) - most:,} more" if len(parts) > most else told

"""What of a proposal does not hold for the data, taken back."""

from collections.abc import Collection

import msgspec

from assay.check.infer.propose import ProposedColumn, ProposedRules
from assay.core.finding import CheckReport


def failing_columns(report: CheckReport) -> frozenset[str]:
    """Columns whose line the data breaks."""
    return frozenset(each.column for each in report.findings if each.column is not None and not each.passed)


def without_failing(proposed: ProposedRules, failing: Collection[str]) -> ProposedRules:
    """The same with the lines of these columns one step wider: the last clause that can be said in a wider way is, else it goes."""
    columns = tuple(_wider(column) if column.name in failing else column for column in proposed.columns)
    return msgspec.structs.replace(proposed, columns=columns)


def _wider(column: ProposedColumn) -> ProposedColumn:
    """Patterns and limits on all values were read off samples and estimates; they are the first to go. What few values are
    allowed to break is the last."""
    if not column.clauses:
        return msgspec.structs.replace(column, type="", seen=f"{column.seen}; no line holds")
    for at in reversed(range(len(column.clauses))):
        ways = column.clauses[at]
        if len(ways) > 1:
            clauses = (*column.clauses[:at], ways[1:], *column.clauses[at + 1 :])
            return msgspec.structs.replace(column, clauses=clauses)
    doubtful = [at for at, ways in enumerate(column.clauses) if ways[0].startswith(("~", "mean", "p95"))]
    others = [at for at, ways in enumerate(column.clauses) if not ways[0].startswith("allow")]
    gone = (doubtful or others or [0])[-1]
    return msgspec.structs.replace(column, clauses=(*column.clauses[:gone], *column.clauses[gone + 1 :]))

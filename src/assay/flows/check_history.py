"""What earlier checks found: since when a rule is broken."""

from collections.abc import Iterable, Iterator

import msgspec

from assay.core.artifact import Artifact
from assay.core.drift import drift_line
from assay.core.events import Checked, Entry
from assay.core.finding import CheckReport, Finding


def with_since(report: CheckReport, entries: Iterable[Entry]) -> CheckReport:
    """The report, each broken rule with the last version of the data that passed it. ``entries``: the checks of the ledger, oldest first."""
    broken = [finding for finding in report.findings if not finding.passed]
    if not broken:
        return report
    earlier = list(_reports_on(report.dataset, entries))
    found = tuple(
        finding if finding.passed else msgspec.structs.replace(finding, since=_since(finding, earlier))
        for finding in report.findings
    )
    return msgspec.structs.replace(report, findings=found)


def _reports_on(dataset: Artifact, entries: Iterable[Entry]) -> Iterator[tuple[int, CheckReport]]:
    for entry in entries:
        event = entry.event
        if isinstance(event, Checked) and event.report.dataset.path == dataset.path:
            yield event.run, event.report


def _since(finding: Finding, earlier: list[tuple[int, CheckReport]]) -> str:
    """The newest check in which the same rule held; empty where none is known."""
    return next(
        (f"{report.dataset.label}, run {run}" for run, report in reversed(earlier) if _held(finding, report)), ""
    )


def _held(finding: Finding, report: CheckReport) -> bool:
    """The rule passed. Of drift nothing passes for a column by itself, but it was measured."""
    if finding.column is not None and finding.rule == drift_line(finding.column):
        measured = report.drift.columns if report.drift is not None else ()
        return any(each.column == finding.column and each.state == "ok" for each in measured)
    return any(each.rule == finding.rule and each.passed for each in report.findings)

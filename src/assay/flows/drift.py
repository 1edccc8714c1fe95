"""Drift of a dataset: its reference, what was measured, and the profile that is kept of it."""

import msgspec

from assay.check.drift_asked import Since
from assay.core.finding import CheckReport
from assay.core.reference_profile import ReferenceProfile
from assay.core.rules import Rules
from assay.flows.datasets import FoundDataset
from assay.flows.drift_reference import Reference, open_reference
from assay.workspace import Workspace, open_engine

_LINE = "drift: "


def with_drift(
    workspace: Workspace, report: CheckReport, found: FoundDataset, rules: Rules, reference: Reference
) -> tuple[CheckReport, ReferenceProfile]:
    """The report with what its drift rule finds in a project, and the dataset's profile, which is kept nowhere yet."""
    model = workspace.pipeline.model
    time = rules.drift_time(model.time if model else None)
    return drifted(report, found, rules, open_reference(workspace, reference), time, workspace.clock.now_s())


def drifted(
    report: CheckReport, found: FoundDataset, rules: Rules, since: Since, time: str | None, now_s: float
) -> tuple[CheckReport, ReferenceProfile]:
    """The same, since what is open."""
    from assay import __version__
    from assay.check.drifting import drift  # numpy is loaded where drift is asked for

    assert rules.drift is not None
    measured = drift(
        report.dataset,
        found.source,
        rules.drift,
        since,
        open_engine(found.engine),
        time=time,
        types={rule.column: rule.type for rule in rules.columns},
        now_s=now_s,
        code_version=__version__,
    )
    findings = (*report.findings, *measured.findings)
    return msgspec.structs.replace(report, findings=findings, drift=measured.report), measured.profile


def undecided_drift(report: CheckReport) -> str:
    """In a few words, where a drift rule could not be decided; else empty. It passed, and must not look as if it were ``ok``."""
    if report.drift is not None and report.drift.state in ("ok", "drifted"):
        return ""
    told = (
        finding.detail for finding in reversed(report.findings) if finding.passed and finding.rule.startswith(_LINE)
    )
    return next((f"; drift: {detail.partition(';')[0]}" for detail in told), "")

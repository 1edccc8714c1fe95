"""Drift of a dataset: its reference, what was measured, and the profile that is kept of it."""

import msgspec

from assay.core.finding import CheckReport
from assay.core.reference_profile import encode_profile
from assay.core.rules import Rules
from assay.flows.datasets import FoundDataset
from assay.flows.drift_reference import Reference, open_reference
from assay.workspace import Workspace

_LINE = "drift: "


def with_drift(
    workspace: Workspace, report: CheckReport, found: FoundDataset, rules: Rules, reference: Reference
) -> CheckReport:
    """The report with what its drift rule finds. The dataset's profile is in the store when this returns."""
    from assay import __version__
    from assay.check.drifting import drift  # numpy is loaded where drift is asked for

    assert rules.drift is not None
    model = workspace.pipeline.model
    drifted = drift(
        report.dataset,
        found.source,
        rules.drift,
        open_reference(workspace, reference),
        workspace.engine(found.engine),
        time=rules.drift_time(model.time if model else None),
        types={rule.column: rule.type for rule in rules.columns},
        code_version=__version__,
    )
    profile = workspace.store.add_bytes(encode_profile(drifted.profile))
    findings = (*report.findings, *drifted.findings)
    return msgspec.structs.replace(report, findings=findings, drift=drifted.report, profile=profile)


def undecided_drift(report: CheckReport) -> str:
    """In a few words, where a drift rule could not be decided; else empty. It passed, and must not look as if it were ``ok``."""
    if report.profile is None or (report.drift is not None and report.drift.state in ("ok", "drifted")):
        return ""
    told = next(finding.detail for finding in reversed(report.findings) if finding.rule.startswith(_LINE))
    return f"; drift: {told.partition(';')[0]}"

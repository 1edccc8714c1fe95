"""A ``check`` step: hold datasets against their rules."""

import msgspec

from assay.check import check
from assay.core.artifact import Artifact
from assay.core.canonical import value_digest
from assay.core.events import Checked
from assay.core.finding import CheckReport, Finding
from assay.core.pipeline import CheckAction, Step
from assay.core.problem import EvidenceError, Problem
from assay.core.run import StepResult
from assay.execute import check_key
from assay.flows.actions.context import RunContext


def run_check(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Check every dataset of the step, record each report, and fail where a rule of severity ``error`` is broken."""
    assert isinstance(step.action, CheckAction)
    workspace = context.workspace
    found = {pattern: find_dataset(context, pattern) for pattern, _ in step.action.datasets}
    datasets = tuple(artifact for artifacts in found.values() for artifact in artifacts)
    context.datasets += datasets
    key = check_key(step.action, datasets)
    before = next((result for result in context.past.of_key(key) if result.is_good), None)
    if before is not None and not context.is_forced:
        return msgspec.structs.replace(
            before, step=step.name, outcome="reused", reason="the same data passed the same rules before"
        )
    reports = []
    for pattern, rules in step.action.datasets:
        artifacts = found[pattern]
        paths = [workspace.files.locate(artifact.path) for artifact in artifacts]
        reports.append(check(as_one(pattern, artifacts), paths, rules, workspace.engine))
    context.record(*(Checked(context.run, step.name, report) for report in reports))
    broken = [report for report in reports if not report.passed]
    summary = ", ".join(_summary(report) for report in (broken or reports))
    return StepResult(
        step.name,
        "failed" if broken else "ok",
        summary,
        key=key,
        inputs=tuple(report.dataset for report in reports),
        warnings=tuple(
            _warning(report, finding) for report in reports for finding in report.findings if _warns(finding)
        ),
        problem=_problem(step, broken) if broken else None,
    )


def find_dataset(context: RunContext, pattern: str) -> tuple[Artifact, ...]:
    """The files that a path or glob names; ``EvidenceError`` where there is none."""
    artifacts = tuple(
        artifact
        for path in context.workspace.files.expand(pattern)
        if (artifact := context.workspace.files.artifact(path)) is not None
    )
    if not artifacts:
        raise EvidenceError(
            Problem(
                "data-not-found",
                f"data file not found: {pattern}",
                ("no file of the project has this name",),
                "put the data there, or correct the path in assay.yaml",
            )
        )
    return artifacts


def as_one(pattern: str, artifacts: tuple[Artifact, ...]) -> Artifact:
    """Several files as one dataset, named by the digest over theirs."""
    if len(artifacts) == 1:
        return artifacts[0]
    digest = value_digest([[artifact.path, artifact.digest] for artifact in artifacts])
    size_bytes = sum(artifact.size_bytes for artifact in artifacts)
    return Artifact(pattern, digest, "folder", size_bytes, len(artifacts))


def _summary(report: CheckReport) -> str:
    broken = [finding for finding in report.findings if not finding.passed]
    warnings = sum(finding.severity == "warn" for finding in broken)
    checks = len(report.findings) - warnings
    told = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    return f"{report.dataset.label}: {report.rows:,} rows, {checks - len(broken) + warnings}/{checks} checks{told}"


def _told(report: CheckReport, finding: Finding) -> tuple[str, ...]:
    """A broken rule in words, and the first of the rows that break it."""
    row = ", ".join(f"{name} {value!r}" for name, value in finding.sample[0].items()) if finding.sample else ""
    head = f"{report.dataset.path}: {finding.rule}: {finding.detail}"
    return (head, f"  the first such row: {row}") if row else (head,)


def _warns(finding: Finding) -> bool:
    return not finding.passed and finding.severity == "warn"


def _warning(report: CheckReport, finding: Finding) -> Problem:
    return Problem("check-warning", f"{report.dataset.path}: {finding.rule}: {finding.detail}")


def _problem(step: Step, broken: list[CheckReport]) -> Problem:
    findings = [
        (report, finding)
        for report in broken
        for finding in report.findings
        if not finding.passed and finding.severity == "error"
    ]
    because = tuple(line for report, finding in findings for line in _told(report, finding))
    names = ", ".join(dict.fromkeys(report.dataset.path for report, _ in findings))
    return Problem(
        "check-failed",
        f"{names} breaks {len(findings)} of its rules",
        because,
        f"mend the data or, where the world has moved, the rules of {step.name}",
        step=step.name,
    )

"""A ``check`` step: hold datasets against their rules."""

import msgspec

from assay.check import Beside, check
from assay.core.artifact import Artifact
from assay.core.dataset import Source
from assay.core.events import Checked
from assay.core.finding import CheckReport, Finding
from assay.core.pipeline import CheckAction, Step
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import Rules
from assay.core.run import StepResult
from assay.execute import check_key
from assay.flows.actions.context import RunContext
from assay.flows.datasets import FoundDataset, find_beside, find_dataset
from assay.flows.drift import undecided_drift, with_drift
from assay.flows.drift_reference import Reference, find_reference
from assay.workspace import Workspace


def run_check(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Check every dataset of the step, record each report, and fail where a rule of severity ``error`` is broken."""
    assert isinstance(step.action, CheckAction)
    workspace = context.workspace
    asked = [_asked(workspace, name, rules) for name, rules in step.action.datasets]
    context.datasets += [artifact for each in asked for artifact in each.found.artifacts]
    key = check_key(step.action, tuple(artifact for each in asked for artifact in each.artifacts))
    before = next((result for result in context.past.of_key(key) if result.is_good), None)
    if before is not None and not context.is_forced and not step.action.rests_on_time:
        return msgspec.structs.replace(
            before, step=step.name, outcome="reused", reason="the same data passed the same rules before"
        )
    reports = [check_dataset(workspace, each) for each in asked]
    context.record(*(Checked(context.run, step.name, report) for report in reports))
    broken = [report for report in reports if not report.passed]
    summary = ", ".join(_summary(report) for report in (broken or reports))
    return StepResult(
        step.name,
        "failed" if broken else "ok",
        summary,
        key=key,
        inputs=tuple(artifact for each in asked if each.found.artifacts for artifact in (each.found.as_one,)),
        warnings=tuple(
            _warning(report, finding) for report in reports for finding in report.findings if _warns(finding)
        ),
        problem=_problem(step, broken) if broken else None,
    )


class Asked(msgspec.Struct, frozen=True):
    """A dataset, its rules, and what these look into."""

    found: FoundDataset
    rules: Rules
    others: dict[str, FoundDataset]
    queries: dict[str, Artifact]
    reference: Reference | None = None
    """Of a drift rule."""

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """All that decides what is found."""
        looked_into = (artifact for other in self.others.values() for artifact in other.artifacts)
        since = self.reference.artifacts if self.reference else ()
        return (*self.found.artifacts, *looked_into, *self.queries.values(), *since)


def _asked(workspace: Workspace, name: str, rules: Rules) -> Asked:
    found = find_dataset(workspace.files, workspace.environ, name, rules.engine)
    reference = find_reference(workspace, rules.drift, name, found.engine) if rules.drift else None
    return Asked(found, rules, *find_beside(workspace.files, workspace.environ, rules), reference)


def check_dataset(workspace: Workspace, asked: Asked) -> CheckReport:
    """All findings on one dataset. ``EvidenceError`` where it changed while it was read: no finding would be of one version."""
    others: dict[str, Source] = {name: each.source for name, each in asked.others.items()}
    queries = {path: (workspace.files.read(path) or b"").decode("utf-8", "replace") for path in asked.queries}
    beside = Beside(others, queries, workspace.clock.now_s())
    engine = workspace.engine(asked.found.engine)
    report = check(asked.found.as_one, asked.found.source, asked.rules, engine, beside, cache=workspace.cache)
    if asked.reference is not None:
        report = with_drift(workspace, report, asked.found, asked.rules, asked.reference)
    for artifact in asked.found.artifacts:
        now = workspace.files.artifact(artifact.path)
        if now is None or now.digest != artifact.digest:
            raise EvidenceError(
                Problem(
                    "data-changed",
                    f"{artifact.path} changed while it was checked",
                    ("what was counted is of no one version",),
                    "see that nothing writes to it meanwhile, and run again",
                )
            )
    return report


def _summary(report: CheckReport) -> str:
    broken = [finding for finding in report.findings if not finding.passed]
    warnings = sum(finding.severity == "warn" for finding in broken)
    checks = len(report.findings) - warnings
    told = f", {warnings} warning{'s' if warnings > 1 else ''}" if warnings else ""
    return f"{report.dataset.label}: {report.rows:,} rows, {checks - len(broken) + warnings}/{checks} checks{told}{undecided_drift(report)}"


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

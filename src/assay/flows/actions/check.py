"""A ``check`` step: hold datasets against their rules."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import msgspec

from assay.check import Beside, check, members_of
from assay.core.artifact import Artifact
from assay.core.dataset import Source
from assay.core.events import Checked
from assay.core.finding import CheckReport, Finding
from assay.core.pipeline import CheckAction, Step
from assay.core.ports import Cache, ProjectFiles
from assay.core.problem import EvidenceError, Problem
from assay.core.reference_profile import encode_profile
from assay.core.rules import Rules
from assay.core.run import StepResult
from assay.execute import check_key
from assay.explain.findings import because, one_line, summary, told_rules
from assay.flows.actions.context import RunContext
from assay.flows.check_history import with_since
from assay.flows.datasets import FoundDataset, find_beside, find_dataset
from assay.flows.drift import undecided_drift, with_drift
from assay.flows.drift_reference import Reference, find_reference
from assay.flows.findings_report import leave_page
from assay.workspace import Workspace, open_engine


def run_check(context: RunContext, step: Step, earlier: tuple[StepResult, ...]) -> StepResult:
    """Check every dataset of the step, record each report, and fail where a rule of severity ``error`` is broken."""
    assert isinstance(step.action, CheckAction)
    workspace = context.workspace
    asked = [demanded_in(workspace, *each) for each in step.action.datasets]
    context.datasets += [artifact for each in asked for artifact in each.found.artifacts]
    key = check_key(step.action, tuple(artifact for each in asked for artifact in each.artifacts))
    before = next((result for result in context.past.of_key(key) if result.is_good), None)
    if before is not None and not context.is_forced and not step.action.rests_on_time:
        return msgspec.structs.replace(
            before, step=step.name, outcome="reused", reason="the same data passed the same rules before"
        )
    reports = _with_since(context, [check_in(workspace, each) for each in asked])
    context.record(*(Checked(context.run, step.name, report) for report in reports))
    broken = [report for report in reports if not report.passed]
    page = leave_page(workspace, context.run, step.name, reports) if broken else ""
    return StepResult(
        step.name,
        "failed" if broken else "ok",
        ", ".join(f"{summary(report)}{undecided_drift(report)}" for report in (broken or reports)),
        key=key,
        inputs=tuple(dict.fromkeys(artifact for each in asked for artifact in each.looked_into)),
        warnings=tuple(
            _warning(report, finding) for report in reports for finding in report.findings if _warns(finding)
        ),
        problem=_problem(step, broken, page) if broken else None,
    )


def _with_since(context: RunContext, reports: list[CheckReport]) -> list[CheckReport]:
    if all(report.passed for report in reports):
        return reports
    entries = tuple(context.workspace.ledger.entries(context.pipeline.name, Checked))
    return [with_since(report, entries) for report in reports]


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
        beside = (artifact for other in self.others.values() for artifact in other.artifacts)
        since = self.reference.artifacts if self.reference else ()
        return (*self.found.artifacts, *beside, *self.queries.values(), *since)

    @property
    def looked_into(self) -> tuple[Artifact, ...]:
        """What stands in files, each dataset as one."""
        datasets = (self.found, *self.others.values())
        return (*(each.as_one for each in datasets if each.artifacts), *self.queries.values())


def demanded(files: ProjectFiles, environ: Mapping[str, str], name: str, rules: Rules) -> Asked:
    """The dataset of that name with all that its rules look into, but for what it is to have drifted from; ``EvidenceError`` where
    something of it is not there."""
    found = find_dataset(files, environ, name, rules.engine)
    return Asked(found, rules, *find_beside(files, environ, rules))


def demanded_in(workspace: Workspace, name: str, rules: Rules) -> Asked:
    """The same of a project, which knows what the dataset may have drifted from."""
    asked = demanded(workspace.files, workspace.environ, name, rules)
    if rules.drift is None:
        return asked
    return msgspec.structs.replace(asked, reference=find_reference(workspace, rules.drift, name, asked.found.engine))


def check_in(workspace: Workspace, asked: Asked) -> CheckReport:
    """All findings on a dataset of a project."""
    report = check_dataset(workspace.files, asked, workspace.clock.now_s(), workspace.cache)
    if asked.reference is None:
        return report
    with of_one_version(workspace.files, asked):
        told, profile = with_drift(workspace, report, asked.found, asked.rules, asked.reference)
    return msgspec.structs.replace(told, profile=workspace.store.add_bytes(encode_profile(profile)))


def check_dataset(files: ProjectFiles, asked: Asked, now_s: float, cache: Cache | None) -> CheckReport:
    """All findings on one dataset, but for its drift. ``EvidenceError`` where it changed while it was read: no finding would be of one
    version. ``cache`` keeps compiled queries."""
    rules = _on_one_engine(asked)
    others: dict[str, Source] = {name: asked.others[name].source for name in rules.others}
    queries = {path: (files.read(path) or b"").decode("utf-8", "replace") for path in asked.queries}
    beside = Beside(others, queries, now_s)
    engine = open_engine(asked.found.engine)
    with of_one_version(files, asked):
        return check(asked.found.as_one, asked.found.source, rules, engine, beside, cache=cache)


@contextmanager
def of_one_version(files: ProjectFiles, asked: Asked) -> Iterator[None]:
    """Reading within it is of the version that ``asked`` names; else ``EvidenceError``, also where half a file could not be read."""
    try:
        yield
    except EvidenceError:
        _demand_unchanged(files, asked)
        raise
    _demand_unchanged(files, asked)


def _demand_unchanged(files: ProjectFiles, asked: Asked) -> None:
    standing = asked.reference.standing if asked.reference else ()
    for artifact in (*(each for found in (asked.found, *asked.others.values()) for each in found.artifacts), *standing):
        now = files.artifact(artifact.path)
        if now is None or now.digest != artifact.digest:
            raise EvidenceError(
                Problem(
                    "data-changed",
                    f"{artifact.path} changed while it was checked",
                    ("what was counted is of no one version",),
                    "see that nothing writes to it meanwhile, and run again",
                )
            )


def _on_one_engine(asked: Asked) -> Rules:
    """The rules, with the values of each set that another engine reads."""
    columns = []
    for rule in asked.rules.columns:
        other = None if rule.members is None else asked.others[rule.members.dataset]
        if other is not None and other.engine != asked.found.engine:
            values = members_of(rule, other.source, open_engine(other.engine))
            columns.append(msgspec.structs.replace(rule, one_of=values))
        else:
            columns.append(rule)
    return msgspec.structs.replace(asked.rules, columns=tuple(columns))


def _warns(finding: Finding) -> bool:
    return not finding.passed and finding.severity == "warn"


def _warning(report: CheckReport, finding: Finding) -> Problem:
    return Problem("check-warning", one_line(report, finding))


def _problem(step: Step, broken: list[CheckReport], page: str) -> Problem:
    """What is told of a failed step; ``page`` is where all of it stands."""
    names = dict.fromkeys(report.dataset.path for report in broken)
    breaks, whose = ("breaks", "its") if len(names) == 1 else ("break", "their")
    rules = [rule for report in broken for rule in told_rules(report)]
    count = sum(rule.outcome == "broken" for rule in rules)
    mend = f"mend the data or, where the world has moved, the rules of {step.name}"
    return Problem(
        "check-failed",
        f"{', '.join(names)} {breaks} {count} of {whose} {len(rules)} rules",
        because(broken),
        f"{mend}; all of it: {page}" if page else mend,
        step=step.name,
    )

"""``assay why``: the root cause of a failure, or why something ran, was refused, was retrained, was released."""

import re

import msgspec

from assay.core.digest import short
from assay.core.events import Judged, Promoted
from assay.core.history import ReleaseState
from assay.core.problem import NotFound, Problem
from assay.core.run import StepResult
from assay.core.verdict import Verdict
from assay.explain import page
from assay.flows.diagnosis.aftermath import notices_of_run
from assay.flows.log import RunLog, find_run, list_runs
from assay.flows.releases import describe_release, find_release, read_bill
from assay.flows.results import find_step
from assay.workspace import Workspace


class Why(msgspec.Struct, frozen=True):
    """The answer: one line first, then what it rests on."""

    subject: str
    answer: str
    details: tuple[str, ...] = ()
    problem: Problem | None = None
    verdict: Verdict | None = None
    notices: tuple[Problem, ...] = ()
    """Of a run: what is worth telling beside the answer, such as that its code is in no commit."""


def why(workspace: Workspace, subject: str | None) -> Why:
    """Explain a run (``3``), a release (``r2``), a step (``Train``); the last run where nothing is named."""
    if subject is None or re.fullmatch(r"(run ?)?\d+", subject):
        digits = re.sub(r"\D", "", subject or "")
        return _why_run(workspace, find_run(workspace, int(digits) if digits else None))
    if re.fullmatch(r"r\d+", subject):
        return _why_release(workspace, find_release(workspace, subject))
    return _why_step(workspace, find_step(workspace.pipeline, subject).name)


def why_code(code: str) -> Why | None:
    """What an error code means; None where no error has it. Needs no project."""
    text = page(code)
    return None if text is None else Why(code, text)


def _why_run(workspace: Workspace, log: RunLog) -> Why:
    number = log.run.run
    failed = next((result for result in log.steps if result.outcome == "failed"), None)
    verdict = _verdict_of_run(workspace, number)
    details = (f"started by {log.run.trigger.why}", *map(_step_line, log.steps))
    noticed = notices_of_run(workspace, number, log.steps)
    if failed is None:
        return Why(f"run {number}", f"run {number}: {log.run.outcome}", details, log.run.problem, verdict, noticed)
    answer = f"run {number}: {log.run.outcome}, because {failed.step} failed"
    return Why(f"run {number}", answer, details, failed.problem, verdict, noticed)


def _why_step(workspace: Workspace, step: str) -> Why:
    for line in list_runs(workspace):
        log = find_run(workspace, line.run)
        result = next((result for result in log.steps if result.step == step), None)
        if result is not None:
            details = tuple(warning.what for warning in result.warnings)
            return Why(step, f"{_step_line(result)} (run {line.run})", details, result.problem)
    raise NotFound(Problem("no-such-run", f"{step} has not run yet", (), "assay run"))


def _why_release(workspace: Workspace, release: ReleaseState) -> Why:
    history = workspace.history()
    bill = read_bill(workspace, release)
    log = find_run(workspace, release.released.run)
    promoted = [entry.event for entry in history.promotions if isinstance(entry.event, Promoted)]
    causes = [f"became champion by {event.cause}" for event in promoted if event.release == release.name]
    details = (
        f"run {log.run.run}, started by {log.run.trigger.why}",
        f"code {bill.code_version.text}, data {', '.join(artifact.label for artifact in bill.data) or 'none named'}",
        f"model {bill.model.label}, bill {short(release.released.bill)}",
        *causes,
    )
    verdict = bill.verdicts[-1] if bill.verdicts else None
    answer = (
        f"{describe_release(release)} was released because the gate said {verdict.outcome if verdict else 'nothing'}"
    )
    return Why(release.name, answer, details, verdict=verdict)


def _verdict_of_run(workspace: Workspace, run: int) -> Verdict | None:
    found = [e.event for e in workspace.history().verdicts if isinstance(e.event, Judged) and e.event.run == run]
    return found[-1].verdict if found else None


def _step_line(result: StepResult) -> str:
    if result.outcome == "failed" and result.exit_code is not None:
        return f"{result.step}: failed with exit code {result.exit_code}"
    return f"{result.step}: {result.outcome}: {result.reason}"

"""``assay why``: the root cause of a failure, or why something ran, was refused, was retrained, was released."""

import re

import msgspec

from assay.core.digest import short
from assay.core.events import Judged, Promoted, RunEnded, RunStarted, StepEnded
from assay.core.history import ReleaseState
from assay.core.pipeline import Step
from assay.core.problem import NotFound, Problem
from assay.core.run import StepResult
from assay.core.verdict import Verdict
from assay.execute import UNCHANGED
from assay.explain.codes import page
from assay.flows.diagnosis.aftermath import notices_of_run
from assay.flows.log import RunLog, find_run
from assay.flows.releases import describe_release, find_release, read_bill
from assay.flows.results import find_steps
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
    steps = find_steps(workspace.pipeline, subject)
    return _why_step(workspace, steps[0].name) if len(steps) == 1 else _why_cells(workspace, subject, steps)


def why_code(code: str) -> Why | None:
    """What an error code means; None where no error has it. Needs no project."""
    text = page(code)
    return None if text is None else Why(code, text)


def _why_run(workspace: Workspace, log: RunLog) -> Why:
    number = log.run.run
    failed = next((result for result in log.steps if result.outcome == "failed"), None)
    verdict = _verdict_of_run(workspace, number)
    details = (f"started by {log.run.trigger.why}", *(line for each in log.steps for line in _step_lines(each)))
    noticed = notices_of_run(workspace, number, log.steps)
    if failed is None:
        return Why(f"run {number}", f"run {number}: {log.run.outcome}", details, log.run.problem, verdict, noticed)
    answer = f"run {number}: {log.run.outcome}, because {failed.step} failed"
    return Why(f"run {number}", answer, details, failed.problem, verdict, noticed)


def _step_lines(result: StepResult) -> tuple[str, ...]:
    """How the step fared, and what it warned of."""
    return _step_line(result), *(f"{result.step} warns: {warning.what}" for warning in result.warnings)


def _why_step(workspace: Workspace, step: str) -> Why:
    ran, since = _last_of_step(workspace, step)
    if ran is None and since is None:
        raise NotFound(Problem("no-such-run", f"{step} has not run yet", (), "assay run"))
    if since is None:
        assert ran is not None
        return Why(step, f"{_step_line(ran.result)} (run {ran.run})", _circumstances(ran.result), ran.result.problem)
    answer = f"{_step_line(since.result)} (run {since.run})"
    if ran is None:
        return Why(step, answer, problem=since.result.problem)
    last = f"it last ran in run {ran.run}: {ran.result.outcome}: {ran.result.reason}"
    return Why(step, answer, (last, *_circumstances(ran.result)), since.result.problem)


def _why_cells(workspace: Workspace, declared: str, steps: tuple[Step, ...]) -> Why:
    """Of a declared step that stands for several: the first that failed, and a line for each."""
    found = {step.name: _last_of_step(workspace, step.name) for step in steps}
    last = {name: since or ran for name, (ran, since) in found.items()}
    failed = next((name for name, each in last.items() if each is not None and each.result.outcome == "failed"), None)
    lines = tuple(
        f"{name}: it has not run yet" if each is None else f"{_step_line(each.result)} (run {each.run})"
        for name, each in last.items()
    )
    if failed is None:
        return Why(declared, f"{declared} is {len(steps)} steps, and none of them failed when it last ran", lines)
    cause = _why_step(workspace, failed)
    return msgspec.structs.replace(cause, subject=declared, details=(*cause.details, *lines))


class _OfRun(msgspec.Struct, frozen=True):
    run: int
    result: StepResult


def _last_of_step(workspace: Workspace, step: str) -> tuple[_OfRun | None, _OfRun | None]:
    """How the step last ran, and how it last fared since without running."""
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded)
    ended = (entry.event for entry in entries if isinstance(entry.event, StepEnded))
    ran = {event.run: event.result for event in ended if event.result.step == step}
    since: _OfRun | None = None
    for started, end in reversed(workspace.history().runs):
        assert isinstance(started.event, RunStarted)
        run = started.event.run
        if run in ran:
            return _OfRun(run, ran[run]), since
        if since is None and end is not None and isinstance(end.event, RunEnded):
            result = _without_running(workspace, step, started.event, end.event)
            since = _OfRun(run, result) if result else None
    return None, since


def _without_running(workspace: Workspace, step: str, started: RunStarted, ended: RunEnded) -> StepResult | None:
    """The step's result in a run in which it did not run; None where it was no part of it. A run says only the number of those that
    it reused where these were a great many, or all that there are."""
    listed = next((result for result in ended.steps if result.step == step), None)
    planned = {each.step for each in started.plan.steps}
    is_among = step in planned if planned else ended.reused >= len(workspace.pipeline.steps)
    if listed is None and ended.reused and is_among:
        return StepResult(step, "reused", UNCHANGED)
    return listed


def _circumstances(result: StepResult) -> tuple[str, ...]:
    """What is worth knowing of how a step ran, one thing a line."""
    attempts = f"it took {result.attempts} attempts" if result.attempts > 1 else ""
    over = "it was ended because its time was over" if result.timed_out else ""
    return tuple(
        filter(None, (attempts, over, _memory(result), *_unseen(result), *(each.what for each in result.warnings)))
    )


def _memory(result: StepResult) -> str:
    if not result.peak_memory_bytes:
        return ""
    limit = f" of {_megabytes(result.memory_bytes)} that it may take" if result.memory_bytes else ""
    return f"it took {result.cpu_s:.1f} CPU s and at most {_megabytes(result.peak_memory_bytes)}{limit}"


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.0f} MB"


def _unseen(result: StepResult) -> tuple[str, ...]:
    """What tracing could not see of a step that ran as a command."""
    trace = result.trace
    if result.exit_code is None:
        return ()
    if trace.how == "off":
        return ("not traced: tracing was off",)
    unseen = [] if trace.traced else ["not traced: no Python process of it reported what it reads"]
    if trace.watching == "unavailable":
        unseen.append("native reads not seen: this machine cannot tell")
    elif trace.watching == "shared":
        unseen.append("native reads not attributed: other steps, or Assay, opened watched files at the same time")
    return tuple(unseen)


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

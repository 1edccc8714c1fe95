"""``assay status``: the loop at a glance. Reads the ledger, and while a run goes on also the ends of its logs; writes nothing."""

import msgspec

from assay.core.events import Deployed, Entry, Judged, Measured, Promoted, RunEnded, RunStarted, ServeChanged
from assay.core.history import History
from assay.core.run import RunningStep
from assay.core.verdict import SEALED, UNPROTECTED, Verdict
from assay.core.watch import Reading
from assay.watch import decided_reading, newest_readings
from assay.workspace import Workspace


class RunStatus(msgspec.Struct, frozen=True):
    """The last run."""

    run: int
    outcome: str
    """As recorded; ``running`` while it goes on, ``killed`` where it has neither an end nor a process."""
    started_s: float
    seconds: float | None
    why: str
    steps: int = 0
    """So many does it have, while it goes on; 0 once it has ended."""
    ended: int = 0
    """So many of them have run to an end. What was reused is not among them yet."""
    running: tuple[RunningStep, ...] = ()


class ReleaseStatus(msgspec.Struct, frozen=True):
    """A release, in a line."""

    release: str
    model: str
    since_s: float
    marks: tuple[str, ...]


class VerdictStatus(msgspec.Struct, frozen=True):
    """The last verdict."""

    outcome: str
    run: int
    reason: str
    at_s: float
    marks: tuple[str, ...] = ()
    """What must be said of it: ``unprotected: no rows``."""


class Status(msgspec.Struct, frozen=True):
    """Where the loop stands. None where there is nothing to say yet."""

    pipeline: str
    live: ReleaseStatus | None
    champion: ReleaseStatus | None
    verdict: VerdictStatus | None
    reading: Reading | None
    """The newest of the live release that says whether it has decayed; else its last."""
    run: RunStatus | None
    holder: str | None
    """``PID PURPOSE`` of a run that goes on now."""
    serving_problem: str | None
    """Why a server could not take up the release that is live; None where it could, or there is no server."""


def status(workspace: Workspace) -> Status:
    """The state of the project's pipeline. Answers during a run too."""
    history = workspace.history()
    holder = workspace.run_lock.holder()
    return Status(
        pipeline=workspace.pipeline.name,
        live=_release(history, history.live),
        champion=_release(history, history.champion),
        verdict=_verdict(history),
        reading=_reading(history),
        run=_run(workspace, history, is_held=holder is not None),
        holder=holder,
        serving_problem=_serving_problem(history),
    )


def _release(history: History, name: str | None) -> ReleaseStatus | None:
    release = history.release(name) if name else None
    if release is None:
        return None
    entries = (*history.promotions, *history.deployments)
    since = [entry.at_s for entry in entries if _names(entry, release.name)]
    return ReleaseStatus(release.name, release.released.model, max(since, default=release.at_s), release.marks)


def _names(entry: Entry, release: str) -> bool:
    return isinstance(entry.event, Promoted | Deployed) and entry.event.release == release


def _verdict(history: History) -> VerdictStatus | None:
    if not history.verdicts:
        return None
    entry = history.verdicts[-1]
    assert isinstance(entry.event, Judged)
    verdict = entry.event.verdict
    marks = () if verdict.has_rows else (UNPROTECTED,)
    return VerdictStatus(verdict.outcome, entry.event.run, _reason(verdict), entry.at_s, marks)


def _reason(verdict: Verdict) -> str:
    if verdict.reveal == "verdict":
        return SEALED
    telling = [each for each in verdict.sentences if each.verdict == verdict.outcome] or list(verdict.sentences)
    return telling[0].reason if telling else ""


def _reading(history: History) -> Reading | None:
    """The newest reading of the live release that decides, else its last one."""
    events = (entry.event for entry in history.readings)
    taken = [event.reading for event in events if isinstance(event, Measured) and event.reading.release == history.live]
    return decided_reading(newest_readings(taken)) or (taken[-1] if taken else None)


def _serving_problem(history: History) -> str | None:
    if history.serving is None or history.live_entry is None or history.serving.seq < history.live_entry.seq:
        return None
    event = history.serving.event
    assert isinstance(event, ServeChanged)
    return f"{event.release} does not serve: {event.detail}" if event.state == "failed" else None


def _run(workspace: Workspace, history: History, *, is_held: bool) -> RunStatus | None:
    if not history.runs:
        return None
    started, ended = history.runs[-1]
    assert isinstance(started.event, RunStarted)
    why = started.event.trigger.why
    if ended is None and is_held:
        from assay.flows.progress import find_progress  # what has ended need not be looked at

        ended_steps, running = find_progress(workspace, started)
        steps = len(started.event.plan.steps)
        return RunStatus(started.event.run, "running", started.at_s, None, why, steps, ended_steps, running)
    if ended is None:
        return RunStatus(started.event.run, "killed", started.at_s, None, why)
    assert isinstance(ended.event, RunEnded)
    return RunStatus(started.event.run, ended.event.outcome, started.at_s, ended.event.seconds, why)

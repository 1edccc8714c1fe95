"""``assay gate``: the last verdict that each gate of the pipeline gave."""

from pathlib import Path

import msgspec

from assay.core.events import Entry, Judged, RunEnded, RunStarted, StepEnded
from assay.core.near import near_miss
from assay.core.problem import NotFound, Problem
from assay.core.run import StepResult
from assay.core.verdict import Verdict
from assay.execute import UNCHANGED
from assay.flows.paths import run_folder
from assay.flows.verdict_report import report_paths
from assay.workspace import Workspace

BELOW = ("judge", "plan", "easeml")
"""What stands below ``assay gate`` and is no gate."""


class LastVerdict(msgspec.Struct, frozen=True):
    """A verdict, and where it was given."""

    verdict: Verdict
    run: int
    step: str
    at_s: float
    files: tuple[Path, ...] = ()
    """The run's reports of it that are there, from the project's folder on."""


class NothingToJudge(msgspec.Struct, frozen=True):
    """A run in which the model was the champion's."""

    run: int
    reason: str


class GateVerdict(msgspec.Struct, frozen=True):
    """A gate, and its last verdict; None where it has not judged yet."""

    step: str
    last: LastVerdict | None
    nothing_to_judge: NothingToJudge | None = None
    """The run since then that had nothing to judge: the last verdict is of a model that is not at hand any more."""


def last_verdicts(workspace: Workspace, step: str | None = None) -> tuple[GateVerdict, ...]:
    """What each gate last said, in the order of the file; or the one of that name, also where it is in the file no more.

    ``NotFound`` where none of them has judged yet. Where all gates have other names now, the last verdict of the ledger.
    """
    gates = _gates(workspace)
    if step is None:
        found = tuple(_last_of(workspace, name) for name in gates)
        before = None if any(each.last for each in found) else last_of_gate(workspace)
        found = found if before is None else (_last_of(workspace, before.step),)
    else:
        found = (_last_of(workspace, step),)
    if any(each.last for each in found):
        return found
    is_known = step is None or step in gates
    raise NotFound(_nothing_judged(workspace, gates) if is_known else _no_such_gate(str(step), gates))


def last_of_gate(workspace: Workspace, step: str | None = None) -> LastVerdict | None:
    """The last verdict of a gate, of any where no step is named; None where it has not judged yet."""
    for entry in reversed(workspace.history().verdicts):
        event = entry.event
        assert isinstance(event, Judged)
        if step in (None, event.step):
            return LastVerdict(event.verdict, event.run, event.step, entry.at_s)
    return None


def _last_of(workspace: Workspace, step: str) -> GateVerdict:
    found = last_of_gate(workspace, step)
    if found is None:
        return GateVerdict(step, None)
    since = _since(workspace, step, found.run)
    if isinstance(since, StepResult):
        found = _answered_before(workspace, step, since) or found
    last = msgspec.structs.replace(found, files=_files(workspace, found))
    return GateVerdict(step, last, None if isinstance(since, StepResult) else since)


def _since(workspace: Workspace, step: str, run: int) -> NothingToJudge | StepResult | None:
    """How the gate last fared in the runs after that one: it had nothing to judge, or was answered as before; None where it did not
    come to that."""
    later = [pair for pair in workspace.history().runs if _number(pair[0]) > run]
    if not later:
        return None
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded, after=later[0][0].seq)
    ended = (entry.event for entry in entries if isinstance(entry.event, StepEnded))
    ran = {event.run: event.result for event in ended if event.result.step == step}
    for started, end in reversed(later):
        number = _number(started)
        if number in ran and ran[number].outcome in ("ok", "failed"):
            return ran[number]
        reason = _reused(started, end, step)
        if reason:
            return NothingToJudge(number, reason)
    return None


def _number(started: Entry) -> int:
    assert isinstance(started.event, RunStarted)
    return started.event.run


def _reused(started: Entry, end: Entry | None, step: str) -> str:
    """Why the gate was reused in that run; empty where it was not, or only because nothing at all had changed."""
    if end is None or not isinstance(end.event, RunEnded) or not isinstance(started.event, RunStarted):
        return ""
    listed = next((result for result in end.event.steps if result.step == step), None)
    if listed is not None:
        return listed.reason if listed.outcome == "reused" and listed.reason != UNCHANGED else ""
    is_planned = any(each.step == step for each in started.event.plan.steps)
    return "the model is the champion's: nothing to judge" if end.event.reused and is_planned else ""


def _answered_before(workspace: Workspace, step: str, result: StepResult) -> LastVerdict | None:
    """The verdict that the run was answered with, where it asked what had been asked before: no new one was recorded."""
    judged = result.inputs[0].digest if result.inputs else None
    for entry in reversed(workspace.history().verdicts):
        event = entry.event
        assert isinstance(event, Judged)
        if event.step == step and event.verdict.challenger == judged:
            return LastVerdict(event.verdict, event.run, event.step, entry.at_s)
    return None


def _gates(workspace: Workspace) -> tuple[str, ...]:
    return tuple(step.name for step in workspace.pipeline.steps if step.kind == "gate")


def _files(workspace: Workspace, found: LastVerdict) -> tuple[Path, ...]:
    is_only_gate = len(_gates(workspace)) <= 1
    paths = report_paths(run_folder(workspace, found.run), found.step, is_only_gate=is_only_gate)
    return tuple(path.relative_to(workspace.root) for path in paths if path.is_file())


def _no_such_gate(step: str, gates: tuple[str, ...]) -> Problem:
    near = near_miss(step, (*gates, *BELOW))
    known = f"its gates are {', '.join(gates)}" if gates else "no step in assay.yaml is a gate"
    because = (known, f"commands below `assay gate` are {', '.join(BELOW)}")
    fix = f"did you mean `assay gate {near}`?" if near else "name a gate, or leave the name out to see all"
    return Problem("no-such-step", f"no gate is called {step!r}, and none was", because, fix)


def _nothing_judged(workspace: Workspace, gates: tuple[str, ...]) -> Problem:
    what = f"no gate of {workspace.pipeline.name} has judged a model yet"
    if not gates:
        because, fix = "no step in assay.yaml is a gate", "add a `gate:` step, or judge two tables: assay gate judge"
    else:
        because, fix = f"its gates are {', '.join(gates)}", "assay run"
    return Problem("nothing-judged", what, (because,), fix)

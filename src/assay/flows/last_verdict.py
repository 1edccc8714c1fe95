"""``assay gate``: the last verdict that a gate of the pipeline gave."""

from pathlib import Path

import msgspec

from assay.core.events import Judged
from assay.core.problem import NotFound, Problem
from assay.core.verdict import Verdict
from assay.flows.paths import run_folder
from assay.flows.verdict_report import report_paths
from assay.workspace import Workspace


class LastVerdict(msgspec.Struct, frozen=True):
    """A verdict, and where it was given."""

    verdict: Verdict
    run: int
    step: str
    at_s: float
    files: tuple[Path, ...] = ()
    """The run's reports of it that are there, from the project's folder on."""


def last_verdict(workspace: Workspace) -> LastVerdict:
    """The last verdict in the ledger; ``NotFound`` where no gate has judged yet."""
    found = last_of_gate(workspace)
    if found is None:
        raise NotFound(_nothing_judged(workspace))
    return msgspec.structs.replace(found, files=_files(workspace, found))


def last_of_gate(workspace: Workspace, step: str | None = None) -> LastVerdict | None:
    """The last verdict of a gate, of any where no step is named; None where it has not judged yet."""
    for entry in reversed(workspace.history().verdicts):
        event = entry.event
        assert isinstance(event, Judged)
        if step in (None, event.step):
            return LastVerdict(event.verdict, event.run, event.step, entry.at_s)
    return None


def _files(workspace: Workspace, found: LastVerdict) -> tuple[Path, ...]:
    gates = [step for step in workspace.pipeline.steps if step.kind == "gate"]
    paths = report_paths(run_folder(workspace, found.run), found.step, is_only_gate=len(gates) <= 1)
    return tuple(path.relative_to(workspace.root) for path in paths if path.is_file())


def _nothing_judged(workspace: Workspace) -> Problem:
    gates = [step.name for step in workspace.pipeline.steps if step.kind == "gate"]
    what = f"no gate of {workspace.pipeline.name} has judged a model yet"
    if not gates:
        because, fix = "no step in assay.yaml is a gate", "add a `gate:` step, or judge two tables: assay gate judge"
    else:
        because, fix = f"its gates are {', '.join(gates)}", "assay run"
    return Problem("nothing-judged", what, (because,), fix)

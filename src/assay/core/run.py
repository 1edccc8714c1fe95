"""Runs: what happened when a plan was executed."""

from typing import Any, Literal

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.problem import Problem
from assay.core.release import Environment

StepOutcome = Literal["ok", "reused", "skipped", "failed", "held", "interrupted"]
"""``held``: not started, because something before it failed. ``skipped``: its ``when`` does not hold. ``reused`` in a result that
others rest on: another tool had made it."""

RAN: tuple[StepOutcome, ...] = ("ok", "failed", "interrupted")
"""Something was done in this run."""

Watching = Literal["", "alone", "shared", "unavailable"]

RunOutcome = Literal["ok", "failed", "check failed", "refused", "interrupted", "deploy failed"]

RUN_EXIT_CODES: dict[RunOutcome, int] = {
    "ok": 0,
    "failed": 1,
    "refused": 3,
    "check failed": 4,
    "deploy failed": 7,
    "interrupted": 130,
}


class Metric(msgspec.Struct, frozen=True):
    """A number that a step reported. The last value stands; the series is kept in the order it came."""

    name: str
    value: float
    series: tuple[float, ...] = ()
    source: str = "printed"
    """``printed``, ``logged`` (assay.log_metric), or the path of a metrics file."""


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that appeared or changed while a step ran."""

    path: str
    size_bytes: int
    modified_s: float
    """Seconds since the epoch."""


class Trace(msgspec.Struct, frozen=True):
    """What a step was seen to touch, below the project or missing anywhere. Order is first touch."""

    traced: bool = False
    """False: no Python process of the step reported; nothing follows from the empty lists."""
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Paths that were opened or asked for (stat, exists) and were not there."""
    native: tuple[str, ...] = ()
    """Watched files that something opened without Python's knowing: a reader in C or Rust, another language."""
    how: Literal["", "python", "strace", "off"] = ""
    """How it was looked; empty in results from before this was recorded."""
    watching: Watching = ""
    """What ``native`` is worth. ``alone``: no watched file was opened but by this step. ``shared``: one was opened while other
    steps, or Assay itself, were at work, and was attributed to nobody. ``unavailable``: this machine cannot tell. Empty: nothing
    was watched."""
    updates: tuple[str, ...] = ()
    """Of ``writes``: those that it had read before it first wrote them."""


class StepResult(msgspec.Struct, frozen=True):
    """How one step ended, and what it left."""

    step: str
    outcome: StepOutcome
    reason: str
    """Why it ran, was reused or was held, in a few words."""
    exit_code: int | None = None
    seconds: float = 0.0
    key: Digest | None = None
    """The declared key; None for a step that always runs."""
    inputs: tuple[Artifact, ...] = ()
    discovered: tuple[Artifact, ...] = ()
    """Project files that it read without declaring them; they decide about reuse too."""
    outputs: tuple[Artifact, ...] = ()
    metrics: tuple[Metric, ...] = ()
    model: Artifact | None = None
    """The model it said it saved (``Model saved to PATH``), kept as an artifact."""
    trace: Trace = Trace()
    written: tuple[WrittenFile, ...] = ()
    """Files that a scan saw appear or change; only where the step declares no outputs, or failed."""
    warnings: tuple[Problem, ...] = ()
    problem: Problem | None = None
    started_s: float = 0.0
    """Seconds since the epoch."""
    command: str = ""
    """As the shell got it, ``${...}`` replaced; empty for what is no command."""
    params: dict[str, Any] = {}
    """The selected parameters, as ``params.yaml:train.rate`` -> value."""
    environment: Environment | None = None
    """In which it ran, as far as that is in its key; None for what is no command, and in results from before this was recorded."""
    attempts: int = 1
    cpu_s: float = 0.0
    peak_memory_bytes: int = 0
    """0: not known."""
    memory_bytes: int | None = None
    """What it was held to."""
    timed_out: bool = False
    oom_kills: int = 0
    rows: dict[str, int] = {}
    """Of the small tables among its inputs, by path: to say later by how many they differ."""
    settings: dict[str, str] | None = None
    """What else of its declaration decides: environment variables, names of secrets, folder, shell; only what is not as by default.
    None for what is no command, and in results from before this was recorded."""
    entry: int = 0
    """Sequence number of the ledger's entry that holds it; 0 where that is not known, as in that entry itself. Results that differ only
    in what was discovered share a key: this tells which of them stands."""

    @property
    def is_good(self) -> bool:
        """What depends on it may go on."""
        return self.outcome in ("ok", "reused", "skipped")

    @property
    def ran_until_s(self) -> float:
        """Seconds since the epoch; before anything else for a step that did not run now."""
        return self.started_s + self.seconds if self.outcome in RAN else 0.0


class RunningStep(msgspec.Struct, frozen=True):
    """A step that runs now."""

    step: str
    last_line: str
    """The last that it printed; empty where it has printed nothing yet, or is no command."""

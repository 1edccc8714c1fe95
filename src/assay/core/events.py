"""Events: what happened. The ledger is their append-only list; what is live and who is champion are queries over it.

Each kind is a struct with a tag of its own; ``Event`` is their union, and ``decode_event`` reads one back from its bytes.
A tag once used keeps its meaning; fields are only ever added, with a default.
"""

from typing import Literal, TypeAlias

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.finding import CheckReport
from assay.core.machine import Machine
from assay.core.plan import Plan
from assay.core.problem import Problem
from assay.core.release import CodeVersion, Environment
from assay.core.run import RunOutcome, StepResult
from assay.core.verdict import Verdict
from assay.core.watch import Reading, Trigger


class RunStarted(msgspec.Struct, frozen=True, tag="run-started"):
    """A run began; its number is one more than the last."""

    run: int
    trigger: Trigger
    plan: Plan
    """Which steps, in order. Why each ran, or did not, is said by its result: these bear no reasons, or are not there at all."""
    code_version: CodeVersion
    file: Digest
    """Digest of assay.yaml."""
    owner: str = ""
    """Which checkout runs it, as ``host:folder``: only there can it be known to be dead."""
    environment: Environment | None = None
    """None in events from before it was recorded, as below."""
    machine: Machine | None = None
    packages: Digest | None = None
    """Of the stored list of ``name==version`` lines, sorted: what the steps' Python has installed."""


class StepEnded(msgspec.Struct, frozen=True, tag="step-ended"):
    """A step ran to an end, good or bad."""

    run: int
    result: StepResult


class Checked(msgspec.Struct, frozen=True, tag="checked"):
    """Data was held against its rules."""

    run: int
    step: str
    report: CheckReport


class Judged(msgspec.Struct, frozen=True, tag="judged"):
    """A gate gave its verdict."""

    run: int
    step: str
    verdict: Verdict


class RunEnded(msgspec.Struct, frozen=True, tag="run-ended"):
    """A run is over. ``interrupted`` is also written by the next command that finds a run without an end."""

    run: int
    outcome: RunOutcome
    seconds: float
    steps: tuple[StepResult, ...] = ()
    """Steps that did not run: held, skipped or reused, these in short. Those that ran have their own events."""
    reused: int = 0
    """Further steps that were reused and are not listed: a great many, or all there are."""
    stood: tuple[tuple[int, int], ...] = ()
    """The entries that hold the results of these, as far as they are known: first and last sequence number of each run of them. A
    thousand steps mostly stand in a row, and this is told of every run in which nothing is to be done."""
    problem: Problem | None = None


class Released(msgspec.Struct, frozen=True, tag="released"):
    """A release was written. It is champion only when a ``Promoted`` says so."""

    release: str
    run: int
    bill: Digest
    model: Digest
    data: tuple[Artifact, ...]
    verdicts: tuple[int, ...]
    """Sequence numbers of the verdicts it rests on."""
    override: str | None = None
    """The reason given to ``assay run --override``; shown wherever the release appears."""
    code: Digest | None = None
    """Digest of the code that predicts with the model."""


class Promoted(msgspec.Struct, frozen=True, tag="promoted"):
    """The champion changed. The ledger itself refuses one that has no pass behind it (``door.py``)."""

    release: str
    after: int
    """Sequence number of the ``Promoted`` that was in force when this was decided; 0 where there was none."""
    cause: Literal["release", "deploy", "rollback"]
    verdict: int | None = None
    """Sequence number of the verdict that lets it pass; None only with ``override`` or for a rollback."""
    override: str | None = None
    reason: str = ""


class Deployed(msgspec.Struct, frozen=True, tag="deployed"):
    """Which release gets the live traffic."""

    release: str
    by: Literal["deploy", "rollback"]
    run: int | None = None


class ServeChanged(msgspec.Struct, frozen=True, tag="serve-changed"):
    """A server took up a release, or could not."""

    release: str
    state: Literal["live", "failed"]
    detail: str = ""


class BatchPredicted(msgspec.Struct, frozen=True, tag="batch-predicted"):
    """A batch was scored by the live release, before or after its labels came."""

    batch: str
    batch_digest: Digest
    release: str
    rows: int
    labels_known: int
    """Rows whose label was already known then."""
    predictions: Digest
    """The stored predictions: JSON with the columns ``id`` and ``prediction``."""
    data_time_s: float | None


class Measured(msgspec.Struct, frozen=True, tag="measured"):
    """A reading was taken."""

    reading: Reading


class Triggered(msgspec.Struct, frozen=True, tag="triggered"):
    """A run was asked for by what was seen."""

    trigger: Trigger


class Declined(msgspec.Struct, frozen=True, tag="declined"):
    """A trigger did not start a run, and why: told once for the same data."""

    trigger: Trigger
    reason: Literal["cooldown", "at most"]
    detail: str


Event: TypeAlias = (
    RunStarted
    | StepEnded
    | Checked
    | Judged
    | RunEnded
    | Released
    | Promoted
    | Deployed
    | ServeChanged
    | BatchPredicted
    | Measured
    | Triggered
    | Declined
)


class Entry(msgspec.Struct, frozen=True):
    """An event in its place in the ledger."""

    seq: int
    """From 1, without gaps."""
    at_s: float
    """When it was appended, seconds since the epoch."""
    actor: str
    """Who or what appended it: ``user@host``."""
    pipeline: str
    event: Event
    previous: Digest
    digest: Digest
    """Over sequence number, time, actor, pipeline, the event's bytes and ``previous``."""


def event_kind(event: Event | type[Event]) -> str:
    """The tag of an event or of its class: ``run-started``."""
    return str(event.__struct_config__.tag)


def decode_event(data: bytes | str) -> Event:
    """The event that these bytes spell; ``msgspec.ValidationError`` where they do not."""
    return _DECODER.decode(data)


_DECODER: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def subject_of(event: Event) -> str:
    """What a ledger can select an event by: a step's key where it has one, else the run's number, else nothing."""
    match event:
        case StepEnded():
            return event.result.key or str(event.run)
        case RunStarted() | RunEnded() | Checked() | Judged():
            return str(event.run)
        case Released() | Promoted() | Deployed() | ServeChanged() | BatchPredicted():
            return event.release
        case _:
            return ""

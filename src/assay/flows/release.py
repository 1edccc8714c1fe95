"""``assay release`` and ``assay rollback``."""

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.events import Deployed, Entry, Event, Promoted, RunStarted
from assay.core.history import History, ReleaseState
from assay.core.problem import IntegrityError, Problem, UsageError
from assay.core.release import Bill
from assay.core.watch import Trigger
from assay.flows import notify
from assay.flows.releases import find_release, read_bill
from assay.workspace import Workspace


class ReleaseLine(msgspec.Struct, frozen=True):
    """One release, in a line."""

    release: str
    model: Digest
    run: int
    at_s: float
    is_champion: bool
    is_live: bool
    was_champion: bool
    marks: tuple[str, ...]


class ReleaseRecord(msgspec.Struct, frozen=True):
    """A release whole: the bill, and the record of events around it."""

    line: ReleaseLine
    bill_digest: Digest
    bill: Bill
    trigger: Trigger | None
    promotions: tuple[Entry, ...]
    deployments: tuple[Entry, ...]
    chain_head: Digest
    """Digest of the ledger's last entry as it was read."""


class Examined(msgspec.Struct, frozen=True):
    """One artifact of a release, read again."""

    artifact: Artifact
    role: str
    faults: tuple[str, ...]


class Verification(msgspec.Struct, frozen=True):
    """Every byte that a release names, read again."""

    release: str
    examined: tuple[Examined, ...]
    chain_fault: str | None
    marks: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return self.chain_fault is None and not any(item.faults for item in self.examined)


class RolledBack(msgspec.Struct, frozen=True):
    """The champion changed back."""

    release: str
    previous: str | None
    reason: str
    marks: tuple[str, ...] = ()
    """What must be said of the release that is champion again."""
    untold: tuple[Problem, ...] = ()
    """Who of `notify:` could not be reached."""


def list_releases(workspace: Workspace) -> tuple[ReleaseLine, ...]:
    """Every release, the newest first."""
    history = workspace.history()
    return tuple(_line(release, history) for release in reversed(history.releases))


def show_release(workspace: Workspace, name: str) -> ReleaseRecord:
    """A release with its bill, checked, and its record."""
    release, history = find_release(workspace, name), workspace.history()
    started = [
        s.event for s, _ in history.runs if isinstance(s.event, RunStarted) and s.event.run == release.released.run
    ]
    return ReleaseRecord(
        _line(release, history),
        release.released.bill,
        read_bill(workspace, release),
        started[0].trigger if started else None,
        tuple(entry for entry in history.promotions if _names(entry.event, name)),
        tuple(entry for entry in history.deployments if _names(entry.event, name)),
        workspace.ledger.head()[1],
    )


def verify_release(workspace: Workspace, name: str) -> Verification:
    """Read every byte that a release names again, and the ledger's chain."""
    release = find_release(workspace, name)
    bill = read_bill(workspace, release)
    roles = [("code", bill.code), *(("data", artifact) for artifact in bill.data), ("model", bill.model)]
    examined = tuple(Examined(artifact, role, workspace.store.verify(artifact)) for role, artifact in roles)
    return Verification(name, examined, workspace.ledger.verify(), release.marks)


def rollback(workspace: Workspace, name: str | None, reason: str) -> RolledBack:
    """Make an earlier champion the champion and give it the traffic; the one before, where none is named.

    A new event, never an erased one. ``DoorError`` where the release never was champion.
    """
    history = workspace.history()
    target = name or history.previous_champion
    if target is None:
        problem = Problem(
            "nothing-to-roll-back-to", "there is no earlier champion", (_ever(history),), "assay release ls"
        )
        raise UsageError(problem)
    release = find_release(workspace, target)
    bill = read_bill(workspace, release)
    if target == history.champion == history.live:
        raise UsageError(Problem("already-live", f"{target} is live already", (), "assay status"))
    faults = [fault for artifact in (bill.code, bill.model) for fault in workspace.store.verify(artifact)]
    if faults:
        fix = f"assay release verify {target}; roll back to another release"
        raise IntegrityError(
            Problem("release-damaged", f"{target} is not whole: the champion stays", tuple(faults), fix)
        )
    events: list[Event] = [Deployed(target, "rollback")]
    if target != history.champion:
        events.insert(0, Promoted(target, history.champion_seq, "rollback", reason=reason))
    notify.begin(workspace)
    workspace.ledger.append(workspace.pipeline.name, *events)
    return RolledBack(target, history.champion, reason, release.marks, notify.tell(workspace))


def _line(release: ReleaseState, history: History) -> ReleaseLine:
    return ReleaseLine(
        release.name,
        release.released.model,
        release.released.run,
        release.at_s,
        release.name == history.champion,
        release.name == history.live,
        release.was_champion,
        release.marks,
    )


def _names(event: Event, name: str) -> bool:
    return isinstance(event, Promoted | Deployed) and event.release == name


def _ever(history: History) -> str:
    return f"no champion stands before {history.champion}" if history.champion else "there never was a champion"

"""What the ledger says: who is champion, what is live, what was decided last.

A ``History`` is folded from the entries of one pipeline, in order; folding is pure and cheap, and nothing else in Assay
remembers state.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

from assay.core.digest import Digest
from assay.core.events import (
    BatchPredicted,
    Declined,
    Deployed,
    Entry,
    Event,
    Judged,
    Measured,
    Promoted,
    Released,
    RunEnded,
    RunStarted,
    ServeChanged,
    Triggered,
)
from assay.core.verdict import UNPROTECTED, Verdict

SUMMARY_EVENTS: tuple[type[Event], ...] = (
    RunStarted,
    RunEnded,
    Judged,
    Released,
    Promoted,
    Deployed,
    ServeChanged,
    BatchPredicted,
    Measured,
    Triggered,
    Declined,
)
"""The kinds that a History is made of; step results, the bulk of a ledger, are not among them."""


class ReleaseState(msgspec.Struct, frozen=True):
    """One release, and what became of it."""

    name: str
    seq: int
    at_s: float
    released: Released
    was_champion: bool = False
    override: str | None = None
    """The reason for which a gate was overridden, when it was released or when it was promoted."""
    is_unprotected: bool = False
    """Every verdict that it rests on compared the numbers of a metrics file: no rows stand behind it."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What must be said wherever the release appears: ``override: REASON``, ``unprotected: no rows``."""
        override = (f"override: {self.override}",) if self.override else ()
        return (*override, UNPROTECTED) if self.is_unprotected else override

    @property
    def title(self) -> str:
        """Its name with its marks: ``r2 [unprotected: no rows]``."""
        return " ".join((self.name, *(f"[{mark}]" for mark in self.marks)))


class History(msgspec.Struct, frozen=True):
    """The state of one pipeline after ``head`` entries of the ledger."""

    head: int = 0
    last_run: int = 0
    open_runs: tuple[int, ...] = ()
    """Runs that started and did not end: one that goes on now, or one that was killed."""
    runs: tuple[tuple[Entry, Entry | None], ...] = ()
    """(RunStarted, RunEnded or None) of every run, in order."""
    releases: tuple[ReleaseState, ...] = ()
    promotions: tuple[Entry, ...] = ()
    deployments: tuple[Entry, ...] = ()
    verdicts: tuple[Entry, ...] = ()
    readings: tuple[Entry, ...] = ()
    predicted: tuple[Entry, ...] = ()
    triggers: tuple[Entry, ...] = ()
    """Triggered and Declined, in order."""
    serving: Entry | None = None

    @staticmethod
    def fold(entries: Iterable[Entry], onto: "History | None" = None) -> "History":
        """The history of these entries, continuing ``onto`` where given. Kinds that do not matter are passed over."""
        state = _Fold(onto or History())
        for entry in entries:
            state.take(entry)
        return state.done()

    @property
    def champion(self) -> str | None:
        """Name of the release in force."""
        return _promoted(self.promotions[-1]).release if self.promotions else None

    @property
    def champion_seq(self) -> int:
        """Sequence number of the entry that made it champion; 0 where there is none."""
        return self.promotions[-1].seq if self.promotions else 0

    @property
    def live(self) -> str | None:
        """Name of the release that gets the live traffic."""
        if self.live_entry is None:
            return None
        assert isinstance(self.live_entry.event, Deployed | Promoted)
        return self.live_entry.event.release

    @property
    def live_entry(self) -> Entry | None:
        """The entry that gave it the traffic: the last deployment, or a promotion after it that no deployment followed."""
        return max((*self.deployments[-1:], *self.promotions[-1:]), key=lambda entry: entry.seq, default=None)

    @property
    def previous_champion(self) -> str | None:
        """Where a rollback goes: the champion before the one in force, passing over those that were rolled back."""
        standing, _ = self._succession()
        return standing[-2] if len(standing) > 1 else None

    def was_rolled_back(self, release: str) -> bool:
        """A rollback took the release out of force, and nothing has put it back since."""
        return release in self._succession()[1]

    def _succession(self) -> tuple[list[str], set[str]]:
        """The champions that stand, each on the one before it, and those that rollbacks took away."""
        standing: list[str] = []
        taken: set[str] = set()
        for promoted in map(_promoted, self.promotions):
            if promoted.cause == "rollback" and promoted.release in standing:
                while standing[-1] != promoted.release:
                    taken.add(standing.pop())
            else:
                standing.append(promoted.release)
            taken.discard(promoted.release)
        return standing, taken

    def release(self, name: str) -> ReleaseState | None:
        """The release of that name."""
        return next((release for release in self.releases if release.name == name), None)

    def title(self, name: str) -> str:
        """The name of a release with what must be said of it: ``r2 [unprotected: no rows]``."""
        release = self.release(name)
        return name if release is None else release.title

    def release_of_bill(self, bill: Digest) -> ReleaseState | None:
        """The release with that bill: identical inputs are one release."""
        return next((release for release in self.releases if release.released.bill == bill), None)

    def verdict(self, seq: int) -> Verdict | None:
        """The verdict that was recorded under that sequence number."""
        for entry in self.verdicts:
            if entry.seq == seq and isinstance(entry.event, Judged):
                return entry.event.verdict
        return None

    @property
    def next_release(self) -> str:
        """The name of the release that would come next."""
        return f"r{len(self.releases) + 1}"


class _Fold:
    """The mutable side of ``History.fold``: lists while folding, tuples when done."""

    def __init__(self, start: History) -> None:
        self.head = start.head
        self.runs = {_started(pair[0]).run: pair for pair in start.runs}
        self.releases = {release.name: release for release in start.releases}
        self.lists: dict[_ListName, list[Entry]] = {name: list(getattr(start, name)) for name in _LISTS.values()}
        self.serving = start.serving

    def take(self, entry: Entry) -> None:
        self.head = max(self.head, entry.seq)
        event = entry.event
        if type(event) in _LISTS:
            self.lists[_LISTS[type(event)]].append(entry)
        match event:
            case RunStarted():
                self.runs[event.run] = (entry, None)
            case RunEnded():
                started = self.runs.get(event.run)
                if started is not None:
                    self.runs[event.run] = (started[0], entry)
            case Released():
                self.releases[event.release] = ReleaseState(
                    event.release,
                    entry.seq,
                    entry.at_s,
                    event,
                    override=event.override,
                    is_unprotected=self._is_unprotected(event),
                )
            case Promoted():
                release = self.releases.get(event.release)
                if release is not None:
                    override = event.override or release.override
                    self.releases[event.release] = msgspec.structs.replace(
                        release, was_champion=True, override=override
                    )
            case ServeChanged():
                self.serving = entry

    def _is_unprotected(self, released: Released) -> bool:
        """It rests on verdicts, and rows stand behind none. Verdicts come before what rests on them."""
        rested = (entry.event for entry in reversed(self.lists["verdicts"]) if entry.seq in released.verdicts)
        has_rows = [event.verdict.has_rows for event in rested if isinstance(event, Judged)]
        return bool(has_rows) and not any(has_rows)

    def done(self) -> History:
        return History(
            head=self.head,
            last_run=max(self.runs, default=0),
            open_runs=tuple(run for run, (_, ended) in self.runs.items() if ended is None),
            runs=tuple(self.runs.values()),
            releases=tuple(self.releases.values()),
            serving=self.serving,
            **{name: tuple(entries) for name, entries in self.lists.items()},
        )


_ListName = Literal["promotions", "deployments", "verdicts", "readings", "predicted", "triggers"]
_LISTS: dict[type[Event], _ListName] = {
    Promoted: "promotions",
    Deployed: "deployments",
    Judged: "verdicts",
    Measured: "readings",
    BatchPredicted: "predicted",
    Triggered: "triggers",
    Declined: "triggers",
}


def _promoted(entry: Entry) -> Promoted:
    assert isinstance(entry.event, Promoted)
    return entry.event


def _started(entry: Entry) -> RunStarted:
    assert isinstance(entry.event, RunStarted)
    return entry.event

"""The ledger in one SQLite file (WAL), for any number of processes on one machine.

One table holds the events as the bytes that were chained; kind and subject stand beside them only to be found by. Triggers
refuse changes and removals by accident; what they cannot stop, ``verify`` shows.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias, get_args

import msgspec

from assay.adapters.ledgers.database import Database
from assay.core import door
from assay.core.chain import GENESIS, broken_link, chained, event_bytes
from assay.core.digest import Digest
from assay.core.events import Entry, Event, decode_event, event_kind, subject_of
from assay.core.history import SUMMARY_EVENTS, History
from assay.core.ports import Clock
from assay.core.problem import Conflict, Problem, StateError

_KINDS: tuple[type[Event], ...] = get_args(Event)
_TAGS = frozenset(event_kind(kind) for kind in _KINDS)
_CHUNK_ROWS = 500

_Row: TypeAlias = tuple[int, float, str, str, bytes, Digest, Digest]
_ROW = "seq, at_s, actor, pipeline, event, previous, digest"


class SqliteLedger:
    """A ``Ledger`` in the file ``path``, made at the first append. Threads may share it.

    Events of kinds that this Assay does not know are passed over when reading; ``verify`` checks them too.
    """

    def __init__(self, path: Path, clock: Clock | Callable[[], float], actor: str) -> None:
        self._database = Database(path)
        self._now_s = clock if callable(clock) else clock.now_s
        self._actor = actor
        self._lock = threading.RLock()
        self._folded: dict[str, tuple[int, int, History]] = {}
        """By pipeline: at which opening, up to which sequence number, and what came of it."""

    def append(
        self, pipeline: str, *events: Event, after: int | None = None, durable: bool = True
    ) -> tuple[Entry, ...]:
        """Append in one transaction. ``ValueError`` for an event without canonical bytes (NaN, infinity)."""
        with self._lock:
            with self._database.writing(durable=durable) as connection:
                head, previous = _head(connection)
                if after is not None and after != head:
                    raise _moved(after, head)
                history = self._history(connection, pipeline, head)
                entries: list[Entry] = []
                for event in events:
                    door.admit(event, history)
                    data = event_bytes(event)
                    entry = chained(head + 1, float(self._now_s()), self._actor, pipeline, event, previous, data)
                    _insert(connection, entry, data)
                    if isinstance(event, SUMMARY_EVENTS):
                        history = History.fold((entry,), onto=history)
                    entries.append(entry)
                    head, previous = entry.seq, entry.digest
            self._folded[pipeline] = (self._database.openings, head, history)
        return tuple(entries)

    def entries(
        self, pipeline: str | None, *kinds: type[Event], after: int = 0, subject: str | None = None
    ) -> Iterator[Entry]:
        """The entries that are there when the first is asked for. An iterator that is left half-read holds nothing open."""
        with self._lock, self._database.reading() as connection:
            found = [] if connection is None else _find(connection, pipeline, kinds or _KINDS, after, subject)
        for chunk in _chunks(found):
            with self._lock, self._database.reading() as connection:
                rows = [] if connection is None else _fetch(connection, chunk)
            yield from map(self._entry, rows)

    def head(self) -> tuple[int, Digest]:
        """One look-up by primary key."""
        with self._lock, self._database.reading() as connection:
            return (0, GENESIS) if connection is None else _head(connection)

    def verify(self) -> str | None:
        """The chain, the file's own structure, and that every event is found by its kind and subject."""
        try:
            with self._lock, self._database.reading() as connection:
                return None if connection is None else _fault(connection)
        except StateError as error:
            if error.problem.code == "state-damaged":
                return error.problem.what
            raise

    def _history(self, connection: sqlite3.Connection, pipeline: str, head: int) -> History:
        """The pipeline's history: what was folded before, and what came since."""
        opening, upto, history = self._folded.get(pipeline, (self._database.openings, 0, History()))
        if opening != self._database.openings:
            upto, history = 0, History()
        if upto == head:
            return history
        newer = _find(connection, pipeline, SUMMARY_EVENTS, upto)
        if not newer:
            return history
        rows = (row for chunk in _chunks(newer) for row in _fetch(connection, chunk))
        return History.fold(map(self._entry, rows), onto=history)

    def _entry(self, row: _Row) -> Entry:
        seq, at_s, actor, pipeline, event, previous, digest = row
        try:
            return Entry(seq, at_s, actor, pipeline, decode_event(event), previous, digest)
        except msgspec.DecodeError as error:
            raise self._database.damaged(f"event {seq} cannot be read ({error})") from error


def _head(connection: sqlite3.Connection) -> tuple[int, Digest]:
    row = connection.execute("select seq, digest from event order by seq desc limit 1").fetchone()
    return (0, GENESIS) if row is None else (row[0], Digest(row[1]))


def _insert(connection: sqlite3.Connection, entry: Entry, data: bytes) -> None:
    connection.execute(
        f"insert into event ({_ROW}, kind, subject) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own words
        (
            entry.seq,
            entry.at_s,
            entry.actor,
            entry.pipeline,
            data,
            entry.previous,
            entry.digest,
            event_kind(entry.event),
            subject_of(entry.event),
        ),
    )


def _find(
    connection: sqlite3.Connection,
    pipeline: str | None,
    kinds: Sequence[type[Event]],
    after: int,
    subject: str | None = None,
) -> list[int]:
    """Sequence numbers in order. The unary plus makes SQLite walk the few new rows instead of the index."""
    plus = "+" if after and subject is None else ""
    marks = ", ".join("?" * len(kinds))
    query = f"select seq from event where seq > ? and {plus}kind in ({marks})"  # noqa: S608 - our own words
    values: list[object] = [after, *map(event_kind, kinds)]
    if pipeline is not None:
        query += f" and {plus}pipeline = ?"
        values.append(pipeline)
    if subject is not None:
        query += " and subject = ?"
        values.append(subject)
    return sorted(row[0] for row in connection.execute(query, values))


def _fetch(connection: sqlite3.Connection, found: Sequence[int]) -> list[_Row]:
    marks = ", ".join("?" * len(found))
    query = f"select {_ROW} from event where seq in ({marks}) order by seq"  # noqa: S608 - our own words
    return connection.execute(query, found).fetchall()


def _chunks(found: Sequence[int]) -> Iterator[Sequence[int]]:
    return (found[start : start + _CHUNK_ROWS] for start in range(0, len(found), _CHUNK_ROWS))


def _fault(connection: sqlite3.Connection) -> str | None:
    (structure,) = connection.execute("pragma integrity_check(1)").fetchone()
    if structure != "ok":
        return f"the file is damaged: {structure}"
    rows = connection.execute(f"select {_ROW} from event order by seq")  # noqa: S608 - our own words
    return broken_link(rows) or _misfiled(
        connection.execute("select seq, kind, subject, event from event order by seq")
    )


def _misfiled(rows: Iterable[tuple[int, str, str, bytes]]) -> str | None:
    """The first event that queries would overlook, because its kind or subject is not its own."""
    for seq, kind, subject, data in rows:
        own_kind = msgspec.json.decode(data)["type"]
        if kind != own_kind or (kind in _TAGS and subject != subject_of(decode_event(data))):
            return f"event {seq} was altered: it is filed as {kind} {subject!r}"
    return None


def _moved(after: int, head: int) -> Conflict:
    return Conflict(
        Problem(
            "ledger-moved",
            "somebody else wrote to the ledger first",
            (f"decided after event {after}, but the last one is {head}",),
            "run the command again",
        )
    )

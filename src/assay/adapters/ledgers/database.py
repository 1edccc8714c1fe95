"""The SQLite file behind a ledger: made whole or not at all, opened as far as its folder allows, its errors in plain words."""

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from assay.adapters.disk import disk_errors, disk_full, make_folder, not_permitted, sync_file, sync_folder
from assay.core.problem import Problem, StateError

FORMAT = 1
_BUSY_S = 30.0

_SCHEMA = f"""
pragma journal_mode = wal;
begin;
create table meta (key text primary key, value text not null) strict;
insert into meta values ('format', '{FORMAT}');
create table event (
    seq integer primary key,
    at_s real not null,
    actor text not null,
    pipeline text not null,
    kind text not null,
    subject text not null,
    event blob not null,
    previous text not null,
    digest text not null
) strict;
create index event_by_subject on event (pipeline, kind, subject, seq);
create trigger event_is_never_changed before update on event
    begin select raise(abort, 'the ledger is append-only'); end;
create trigger event_is_never_removed before delete on event
    begin select raise(abort, 'the ledger is append-only'); end;
create trigger event_follows_the_last before insert on event
    when new.seq != (select coalesce(max(seq), 0) + 1 from event)
    begin select raise(abort, 'the ledger is append-only'); end;
commit;
"""  # noqa: S608 - the format is our own number

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CONSTRAINT)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_REFUSED = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN)


class Database:
    """One connection, opened when it is first needed and again when another file stands at ``path``.

    Not safe against several threads at once: whoever owns it holds a lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._close: weakref.finalize[..., Database] | None = None
        self._identity = (0, 0)
        self._is_durable: bool | None = None
        """How the connection was told to commit last; None where it was not told."""
        self.openings = 0
        """How often a file was opened: what was learned from an earlier one holds no more."""

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to read with; None where there is no file yet."""
        with self._errors("read"), self._connected() as connection:
            yield connection

    @contextmanager
    def writing(self, *, durable: bool) -> Iterator[sqlite3.Connection]:
        """A transaction that no other writer comes between: committed at the end, rolled back on any exception."""
        with self._errors("write"):
            if not self._find():
                self._create()
        with self._errors("write"), self._connected() as connection:
            assert connection is not None
            if self._is_durable != durable:
                connection.execute(f"pragma synchronous = {'full' if durable else 'normal'}")
                self._is_durable = durable
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    def damaged(self, what: str) -> StateError:
        """The error for content that no Assay wrote."""
        return StateError(
            Problem(
                "state-damaged",
                f"{self._path} is damaged: {what}",
                ("it is not a ledger as Assay writes them",),
                f"bring it back from a backup, or begin a new one: mv {self._path} {self._path}.damaged",
            )
        )

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection | None]:
        if not self._find():
            yield None
        elif self._connection is not None:
            yield self._connection
        else:
            with closing(self._open_frozen()) as connection:
                yield connection

    def _find(self) -> bool:
        """There is a file, and a connection to it if one can be kept."""
        try:
            status = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            self._drop()
            return False
        except OSError as error:
            raise StateError(not_permitted(f"cannot read {self._path}", self._path, str(error.strerror))) from error
        identity = (status.st_dev, status.st_ino)
        if self._connection is None or identity != self._identity:
            self._drop()
            self._identity = identity
            self.openings += 1
            self._open()
        return True

    def _drop(self) -> None:
        if self._close is not None:
            self._close()
        self._connection = self._close = self._is_durable = None

    def _open(self) -> None:
        """Keep a connection, unless the folder is such that none would see later changes."""
        for mode in ("mode=rw", "mode=ro"):
            try:
                self._connection = self._try(mode)
            except sqlite3.OperationalError as error:
                if _primary(error) not in _REFUSED:
                    raise
            else:
                self._close = weakref.finalize(self, self._connection.close)
                return

    def _open_frozen(self) -> sqlite3.Connection:
        """For a folder in which SQLite cannot make its side files. It would then overlook what only the -wal file holds."""
        aside = self._path.with_name(f"{self._path.name}-wal")
        if aside.exists() and aside.stat().st_size:
            raise StateError(
                Problem(
                    "state-not-writable",
                    f"cannot read {self._path}: its latest events are in {aside.name}, and the folder is read-only",
                    (f"SQLite wants to write beside it in {self._path.parent}",),
                    f"copy both files to a folder of your own: cp {self._path}* FOLDER",
                )
            )
        return self._try("mode=ro&immutable=1")

    def _try(self, mode: str) -> sqlite3.Connection:
        address = f"{self._path.absolute().as_uri()}?{mode}"
        connection = sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            found = connection.execute("select value from meta where key = 'format'").fetchone()
            self._demand_known("none" if found is None else found[0])
        except BaseException:
            connection.close()
            raise
        return connection

    def _demand_known(self, found: str) -> None:
        if found == str(FORMAT):
            return
        if not found.isdecimal():
            raise self.damaged(f"its format is {found!r}")
        raise StateError(
            Problem(
                "state-newer",
                f"{self._path} was written by a newer Assay (format {found}; this one knows {FORMAT})",
                (),
                "upgrade Assay: pip install --upgrade assay",
            )
        )

    def _create(self) -> None:
        """Make the file; where another process is quicker, its file stands."""
        new = self._path.with_name(f".{self._path.name}-{os.getpid()}-{os.urandom(4).hex()}")
        with disk_errors(f"cannot make the ledger {self._path}", self._path):
            make_folder(self._path.parent)
            try:
                with closing(sqlite3.connect(new, isolation_level=None)) as connection:
                    connection.executescript(_SCHEMA)
                sync_file(new)
                try:
                    os.link(new, self._path)
                except FileExistsError:
                    pass
                sync_folder(self._path.parent)
            finally:
                for suffix in ("", "-wal", "-shm"):
                    new.with_name(new.name + suffix).unlink(missing_ok=True)

    @contextmanager
    def _errors(self, verb: str) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._translated(f"cannot {verb} {self._path}", error) from error

    def _translated(self, doing: str, error: sqlite3.Error) -> StateError:
        code = _primary(error)
        if code in _DAMAGED:
            return self.damaged(str(error))
        if code == sqlite3.SQLITE_FULL:
            return StateError(disk_full(doing, self._path))
        if code in _REFUSED:
            return StateError(not_permitted(doing, self._path, str(error)))
        if code in _BUSY:
            return StateError(
                Problem(
                    "state-busy",
                    f"{doing}: another process holds it",
                    (f"waited {_BUSY_S:.0f} s",),
                    f"see who does: fuser {self._path}",
                )
            )
        fix = f"look at that place and its disk: ls -ld {self._path}; df -h {self._path.parent}"
        return StateError(Problem("disk-failed", f"{doing}: {error}", (f"it happened at {self._path}",), fix))


def _primary(error: sqlite3.Error) -> int:
    """SQLite's primary result code; its low byte (https://sqlite.org/rescode.html)."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_INTERNAL) & 0xFF

"""Digests of files by what ``stat`` says of them, so that unchanged files are not read again.

The cache is never the truth: its file may be deleted, damaged, locked or not writable at any moment, and is then made anew
or done without; nobody is told. Every row carries a check of its own, so that a damaged row is a forgotten one.
"""

import os
import sqlite3
import struct
import time
import weakref
from contextlib import closing, suppress
from pathlib import Path

import msgspec
from blake3 import blake3

from assay.adapters.folders import signature
from assay.core.digest import PREFIX, Digest, hex_of
from assay.core.ports import FileState

RACY_NS = 2_000_000_000
"""A file that changed so shortly before it was read may have changed again without a mark: clocks of file systems are
coarse (the racy problem of git's index)."""
TICK_NS = 50_000_000
"""The same where the file system notes parts of a microsecond: its clock is then the kernel's, which ticks every 1 to 10 ms."""

SAVE_EVERY_S = 2.0
"""What was learned in between is lost with a killed process, and learned again."""

_ROW = struct.Struct(">QqqQq32s")
_CHECK_BYTES = 8
_BUSY_S = 1.0
_BROKEN = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_MISMATCH)
_TABLE = "create table if not exists digest_by_path (path blob primary key, row blob not null) strict, without rowid"


class KnownFile(msgspec.Struct, frozen=True):
    """A file's digest, its ``signature`` when it was read, and when that was (ns since the epoch)."""

    signature: tuple[int, int, int, int]
    read_ns: int
    digest: Digest

    def still_holds(self, status: os.stat_result) -> bool:
        """The file can be taken for unread since: same signature, and old enough when it was read."""
        return self.signature == signature(status) and self._was_old_enough

    def holds_for(self, state: FileState) -> bool:
        """The same, of a state that was taken before."""
        taken = (state.size_bytes, state.modified_ns, state.changed_ns, state.inode)
        return self.signature == taken and self._was_old_enough

    @property
    def _was_old_enough(self) -> bool:
        _, modified_ns, changed_ns, _ = self.signature
        is_fine = modified_ns % 1000 and changed_ns % 1000
        return max(modified_ns, changed_ns) + (TICK_NS if is_fine else RACY_NS) < self.read_ns


class StatCache:
    """What is known of files, by absolute path. Loaded whole when first asked; saved now and then, and at the end. Without a
    ``path`` it is known to this process alone."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._kept: dict[bytes, bytes] | None = None
        self._known: dict[bytes, KnownFile] = {}
        self._unsaved: dict[bytes, KnownFile] = {}
        self._saved_s = time.monotonic()
        weakref.finalize(self, _save, path, self._unsaved)

    def recall(self, place: str) -> KnownFile | None:
        """What is known of that file."""
        key = os.fsencode(place)
        known = self._known.get(key)
        if known is not None:
            return known
        if self._kept is None:
            self._kept = {} if self._path is None else _load(self._path)
        row = self._kept.get(key)
        return None if row is None else _unpacked(key, row)

    def learn(self, place: str, known: KnownFile) -> None:
        """Take note; other processes know it after it was saved."""
        key = os.fsencode(place)
        self._known[key] = self._unsaved[key] = known
        if time.monotonic() - self._saved_s > SAVE_EVERY_S:
            self.save()

    def save(self) -> None:
        """Write what was learned since; where that cannot be, forget it."""
        _save(self._path, self._unsaved)
        self._saved_s = time.monotonic()


def _save(path: Path | None, unsaved: dict[bytes, KnownFile]) -> None:
    if path is None or not unsaved:
        return
    rows = [(key, _packed(key, known)) for key, known in unsaved.items()]
    unsaved.clear()
    with suppress(sqlite3.Error, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with closing(sqlite3.connect(path, timeout=_BUSY_S)) as database, database:
                database.execute("pragma synchronous = off")  # every row is checked when it is read
                database.execute(_TABLE)
                database.executemany("insert or replace into digest_by_path values (?, ?)", rows)
        except sqlite3.Error as error:
            _discard_if_broken(path, error)


def _load(path: Path) -> dict[bytes, bytes]:
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(path, timeout=_BUSY_S)) as database:
            database.execute(_TABLE)
            return dict(database.execute("select path, row from digest_by_path"))
    except sqlite3.Error as error:
        _discard_if_broken(path, error)
        return {}


def _discard_if_broken(path: Path, error: sqlite3.Error) -> None:
    """Only a file: what else stands there, such as a device, is not ours to remove."""
    if path.is_file() and getattr(error, "sqlite_errorcode", sqlite3.SQLITE_INTERNAL) & 0xFF in _BROKEN:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with suppress(OSError):
                path.with_name(path.name + suffix).unlink()


def _packed(key: bytes, known: KnownFile) -> bytes:
    size_bytes, modified_ns, changed_ns, inode = known.signature
    row = _ROW.pack(size_bytes, modified_ns, changed_ns, inode, known.read_ns, bytes.fromhex(hex_of(known.digest)))
    return row + _check(key, row)


def _unpacked(key: bytes, packed: bytes) -> KnownFile | None:
    if not isinstance(packed, bytes):
        return None
    row, check = packed[:-_CHECK_BYTES], packed[-_CHECK_BYTES:]
    if len(row) != _ROW.size or check != _check(key, row):
        return None
    size_bytes, modified_ns, changed_ns, inode, read_ns, digest = _ROW.unpack(row)
    return KnownFile((size_bytes, modified_ns, changed_ns, inode), read_ns, Digest(PREFIX + digest.hex()))


def _check(key: bytes, row: bytes) -> bytes:
    return blake3(key + row).digest(_CHECK_BYTES)

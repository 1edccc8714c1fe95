"""Digests of files by what ``stat`` says of them, so that unchanged files are not read again.

The cache is never the truth: its file may be deleted, damaged, locked or not writable at any moment, and is then made anew
or done without; nobody is told. Every row carries a check of its own, so that a damaged row is a forgotten one.
"""

import os
import sqlite3
import struct
from contextlib import closing, suppress
from pathlib import Path

import msgspec
from blake3 import blake3

from assay.adapters.folders import signature
from assay.core.digest import PREFIX, Digest, hex_of

RACY_NS = 2_000_000_000
"""A file that changed so shortly before it was read may have changed again without a mark: clocks of file systems are
coarse (the racy problem of git's index)."""

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
        _, modified_ns, changed_ns, _ = self.signature
        return self.signature == signature(status) and max(modified_ns, changed_ns) + RACY_NS < self.read_ns


class StatCache:
    """What is known of files, by absolute path. Loaded whole when first asked, written by ``save``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[bytes, KnownFile] | None = None
        self._new: dict[bytes, KnownFile] = {}

    def recall(self, place: Path) -> KnownFile | None:
        """What is known of that file."""
        if self._known is None:
            self._known = self._load()
        return self._known.get(os.fsencode(place))

    def learn(self, place: Path, known: KnownFile) -> None:
        """Take note; other processes know it after ``save``."""
        key = os.fsencode(place)
        self._new[key] = known
        if self._known is not None:
            self._known[key] = known

    def save(self) -> None:
        """Write what was learned since; where that cannot be, forget it."""
        if not self._new:
            return
        rows = [(key, _packed(key, known)) for key, known in self._new.items()]
        self._new = {}
        with suppress(sqlite3.Error, OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._write(rows)

    def _load(self) -> dict[bytes, KnownFile]:
        if not self._path.exists():
            return {}
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as database:
                database.execute(_TABLE)
                rows = database.execute("select path, row from digest_by_path").fetchall()
        except sqlite3.Error as error:
            self._discard_if_broken(error)
            return {}
        unpacked = ((key, _unpacked(key, row)) for key, row in rows)
        return {key: known for key, known in unpacked if known is not None}

    def _write(self, rows: list[tuple[bytes, bytes]]) -> None:
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_S)) as database, database:
                database.execute("pragma synchronous = off")  # every row is checked when it is read
                database.execute(_TABLE)
                database.executemany("insert or replace into digest_by_path values (?, ?)", rows)
        except sqlite3.Error as error:
            self._discard_if_broken(error)

    def _discard_if_broken(self, error: sqlite3.Error) -> None:
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_INTERNAL) & 0xFF in _BROKEN:
            for suffix in ("", "-journal", "-wal", "-shm"):
                with suppress(OSError):
                    self._path.with_name(self._path.name + suffix).unlink()


def _packed(key: bytes, known: KnownFile) -> bytes:
    size_bytes, modified_ns, changed_ns, inode = known.signature
    row = _ROW.pack(size_bytes, modified_ns, changed_ns, inode, known.read_ns, bytes.fromhex(hex_of(known.digest)))
    return row + _check(key, row)


def _unpacked(key: bytes, packed: bytes) -> KnownFile | None:
    row, check = packed[:-_CHECK_BYTES], packed[-_CHECK_BYTES:]
    if len(row) != _ROW.size or check != _check(key, row):
        return None
    size_bytes, modified_ns, changed_ns, inode, read_ns, digest = _ROW.unpack(row)
    return KnownFile((size_bytes, modified_ns, changed_ns, inode), read_ns, Digest(PREFIX + digest.hex()))


def _check(key: bytes, row: bytes) -> bytes:
    return blake3(key + row).digest(_CHECK_BYTES)

"""What may be computed again at any time, kept in .assay/cache.sqlite.

The file may be deleted, garbage or not writable at any moment: then nothing is remembered, and nobody is told.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from blake3 import blake3

SEAL_BYTES = 16


class SqliteCache:
    """Bytes by key. Forgetting is always right."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def recall(self, key: str) -> bytes | None:
        """What was remembered under the key, or None."""
        if not self._path.exists():
            return None
        try:
            with closing(sqlite3.connect(self._path, timeout=1.0)) as database:
                row = database.execute("select value from remembered where key = ?", (key,)).fetchone()
        except sqlite3.Error:
            return None
        return None if row is None else _unsealed(row[0])

    def remember(self, key: str, value: bytes) -> None:
        """Keep ``value``; what was there under the same key goes."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=1.0)) as database, database:
                database.execute(
                    "pragma synchronous = off"
                )  # what a power cut damages is forgotten: every value is sealed
                database.execute("create table if not exists remembered (key text primary key, value blob) strict")
                database.execute("insert or replace into remembered values (?, ?)", (key, _sealed(value)))
        except (sqlite3.Error, OSError):
            return


def _sealed(value: bytes) -> bytes:
    """The value behind a checksum of it: what is damaged is forgotten, never believed."""
    return blake3(value).digest(SEAL_BYTES) + value


def _unsealed(kept: object) -> bytes | None:
    if not isinstance(kept, bytes):
        return None
    seal, value = kept[:SEAL_BYTES], kept[SEAL_BYTES:]
    return value if blake3(value).digest(SEAL_BYTES) == seal else None

"""Every prediction that was served, as lines of JSON in append-only segments.

One segment for every process that serves, named after the time of its first record and the process, so that sorting the
names gives the order. Records are written in one call before they are answered, so they survive kill -9; a thread brings
them to disk within 200 ms, which is all that a power cut may cost.
"""

import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from assay.adapters.disk import disk_errors, make_folder, sync_folder, write_all
from assay.core.problem import IntegrityError, Problem, StateError

GATHER_S = 0.1
"""How long records may come together before the disk is asked: half of what is promised."""

_NUMBERS = itertools.count()
_DECODER = msgspec.json.Decoder(dict[str, Any])
_flush_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)  # macOS has no fdatasync


class SegmentLog:
    """A ``PredictionLog`` in ``folder``, which is made at the first append. With ``sync`` every append waits for the disk."""

    def __init__(
        self,
        folder: Path,
        *,
        sync: bool = False,
        now_s: Callable[[], float] = time.time,
        flush: Callable[[int], None] = _flush_data,
    ) -> None:
        self._folder = folder
        self._sync = sync
        self._now_s = now_s
        self._flush = flush
        self._lock = threading.Lock()
        self._segment: _Segment | None = None
        self._is_closed = False

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Keep the records, all or none. NaN is kept as null. ``StateError`` where the disk is full, where it failed
        since the last append, or when the log was closed."""
        if not records:
            return
        lines = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
        with self._lock, disk_errors("cannot keep predictions", self._folder, len(lines)):
            if self._is_closed:
                raise _closed(self._folder)
            if self._segment is None:
                self._segment = self._begin()
            try:
                self._segment.write(lines)
            except OSError:
                if self._segment.is_spoilt:
                    self._segment.abandon()
                    self._segment = None
                raise

    def records(self) -> Iterator[dict[str, Any]]:
        """Everything in all segments. A torn last line was never answered for, and is passed over."""
        for path in sorted(self._folder.glob("*.jsonl")):
            yield from _read_segment(path)

    def close(self) -> None:
        """Wait for the disk, and take no more."""
        with self._lock, disk_errors("cannot bring predictions to disk", self._folder):
            self._is_closed = True
            segment, self._segment = self._segment, None
            if segment is not None:
                segment.close()

    def _begin(self) -> "_Segment":
        make_folder(self._folder)
        stamp = datetime.fromtimestamp(self._now_s(), UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        path = self._folder / f"{stamp}-{os.getpid()}-{next(_NUMBERS):04}.jsonl"
        return _Segment(path, self._flush, sync=self._sync)


class _Segment:
    """One open file, and the thread that brings it to disk."""

    def __init__(self, path: Path, flush: Callable[[int], None], *, sync: bool) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        sync_folder(path.parent)
        self._size_bytes = 0
        self._flush = flush
        self._sync = sync
        self._failure: OSError | None = None
        self.is_spoilt = False
        """It ends in a torn piece, or the disk did not take it: nothing more must be written here."""
        self._is_written = threading.Event()
        self._is_ending = threading.Event()
        self._thread = threading.Thread(target=self._bring_to_disk, name="assay-predictions", daemon=True)
        if not sync:
            self._thread.start()

    def write(self, lines: bytes) -> None:
        if self._failure is not None:
            self.is_spoilt = True
            raise self._failure
        try:
            write_all(self._descriptor, lines)
            if self._sync:
                self._flush(self._descriptor)
        except OSError:
            self._take_back()
            raise
        self._size_bytes += len(lines)
        if not self._sync:
            self._is_written.set()

    def close(self) -> None:
        try:
            self._stop_thread()
            if self._failure is not None:
                raise self._failure
            self._flush(self._descriptor)
        finally:
            os.close(self._descriptor)

    def abandon(self) -> None:
        self._stop_thread()
        os.close(self._descriptor)

    def _stop_thread(self) -> None:
        self._is_ending.set()
        self._is_written.set()
        if not self._sync:
            self._thread.join()

    def _take_back(self) -> None:
        self.is_spoilt = True
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._size_bytes)
            self.is_spoilt = False

    def _bring_to_disk(self) -> None:
        while not self._is_ending.is_set():
            self._is_written.wait()
            self._is_ending.wait(GATHER_S)
            self._is_written.clear()
            try:
                self._flush(self._descriptor)
            except OSError as error:
                self._failure = error
                return


def _read_segment(path: Path) -> Iterator[dict[str, Any]]:
    with disk_errors(f"cannot read {path}", path), path.open("rb") as file:
        line = file.readline()
        number = 1
        while line:
            following = file.readline()
            try:
                record = _DECODER.decode(line)
            except msgspec.DecodeError as error:
                if following:
                    raise _damaged(path, number) from error
                return
            if line.endswith(b"\n"):
                yield record
            line, number = following, number + 1


def _damaged(path: Path, number: int) -> IntegrityError:
    return IntegrityError(
        Problem(
            "predictions-damaged",
            f"line {number} of {path} is no prediction",
            ("only the last line of a file can be torn by a crash",),
            f"look at it (sed -n {number}p {path}); bring the file back from a backup, or take the line out",
        )
    )


def _closed(folder: Path) -> StateError:
    return StateError(
        Problem(
            "predictions-closed",
            "cannot keep predictions: the log was closed",
            (f"it is in {folder}",),
            "start the server again: assay serve",
        )
    )

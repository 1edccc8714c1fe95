"""Predictions in segments: torn lines, full disks, and the thread that brings them to disk."""

import errno
import os
import threading
from datetime import UTC, datetime

import pytest

from assay.adapters.predictions.segments import SegmentLog
from assay.core.problem import IntegrityError, StateError


@pytest.fixture
def folder(tmp_path):
    return tmp_path / ".assay" / "predictions"


def ids(folder):
    return [record["id"] for record in SegmentLog(folder).records()]


def written(folder, *records):
    log = SegmentLog(folder)
    log.append([{"id": record} for record in records])
    log.close()
    (segment,) = folder.iterdir()
    return segment


def test_a_segment_is_named_after_its_time_and_process(folder):
    log = SegmentLog(folder, now_s=lambda: datetime(2013, 7, 1, 12, 30, tzinfo=UTC).timestamp())
    assert not folder.exists()
    log.append([{"id": 1}])
    log.close()
    (segment,) = folder.iterdir()
    assert segment.name.startswith(f"20130701T123000.000000Z-{os.getpid()}-")


def test_segments_are_read_in_the_order_of_their_times(folder):
    for second in (3, 1, 2):
        log = SegmentLog(folder, now_s=lambda now_s=second: float(now_s))
        log.append([{"id": second}])
        log.close()
    assert ids(folder) == [1, 2, 3]


@pytest.mark.parametrize("torn", [b'{"id":', b'{"id":3}', b"\0" * 100, b'{"id": garbage}\n'])
def test_a_torn_last_line_is_passed_over(folder, torn):
    segment = written(folder, 1, 2)
    segment.write_bytes(segment.read_bytes() + torn)
    assert ids(folder) == [1, 2]
    written_later = SegmentLog(folder)
    written_later.append([{"id": 4}])
    written_later.close()
    assert ids(folder) == [1, 2, 4]


def test_a_damaged_line_before_the_last_is_told_with_its_number(folder):
    segment = written(folder, 1, 2, 3)
    segment.write_bytes(segment.read_bytes().replace(b'{"id":2}', b'{"id"!2}'))
    with pytest.raises(IntegrityError, match=r"line 2 of .*jsonl is no prediction"):
        ids(folder)


def test_what_was_appended_is_brought_to_disk_without_being_asked(folder):
    flushed = threading.Event()
    log = SegmentLog(folder, flush=lambda descriptor: flushed.set())
    log.append([{"id": 1}])
    assert flushed.wait(30)
    log.close()


def test_with_sync_every_append_waits_for_the_disk(folder):
    flushed = []
    log = SegmentLog(folder, sync=True, flush=flushed.append)
    log.append([{"id": 1}])
    log.append([{"id": 2}])
    assert len(flushed) == 2
    log.close()


def test_closing_waits_for_the_disk_and_ends_the_log(folder):
    flushed = []
    log = SegmentLog(folder, flush=flushed.append)
    log.append([{"id": 1}])
    log.close()
    assert flushed
    log.close()
    with pytest.raises(StateError, match="was closed"):
        log.append([{"id": 2}])


def append_for_ever(log):
    while True:
        log.append([{"id": 2}])


class FailingDisk:
    """Takes nothing while ``error`` is set."""

    def __init__(self, error=None):
        self.error = error
        self.has_failed = threading.Event()

    def flush(self, descriptor):
        if self.error is not None:
            self.has_failed.set()
            raise OSError(self.error, os.strerror(self.error))


def test_a_disk_that_fails_under_sync_keeps_nothing_of_that_append(folder):
    disk = FailingDisk()
    log = SegmentLog(folder, sync=True, flush=disk.flush)
    log.append([{"id": 1}])
    disk.error = errno.EIO
    with pytest.raises(StateError) as error:
        log.append([{"id": 2}])
    assert error.value.problem.code == "disk-failed"
    disk.error = None
    log.append([{"id": 3}])
    log.close()
    assert ids(folder) == [1, 3]


def test_a_disk_that_fails_afterwards_is_told_at_the_next_append(folder):
    disk = FailingDisk(errno.ENOSPC)
    log = SegmentLog(folder, flush=disk.flush)
    log.append([{"id": 1}])
    assert disk.has_failed.wait(30)
    disk.error = None
    with pytest.raises(StateError) as error:
        append_for_ever(log)
    assert error.value.problem.code == "disk-full"
    log.append([{"id": 3}])
    log.close()
    assert len(list(folder.iterdir())) == 2
    assert ids(folder)[-1] == 3


def test_a_disk_that_fails_at_the_end_is_told_by_close(folder):
    log = SegmentLog(folder, flush=FailingDisk(errno.EIO).flush)
    log.append([{"id": 1}])
    with pytest.raises(StateError, match="cannot bring predictions to disk"):
        log.close()


def test_numbers_that_json_does_not_know_are_kept_as_null(folder):
    log = SegmentLog(folder)
    log.append([{"id": float("nan")}])
    log.close()
    assert ids(folder) == [None]

"""One holder at a time; whoever only looks does not stand in the way."""

import subprocess
import sys
import threading

import pytest

from assay.adapters.locks.flock import FileLock
from assay.core.problem import StateError

HOLD = """
import sys
from pathlib import Path
from assay.adapters.locks.flock import FileLock
with FileLock(Path(sys.argv[1])).held("assay run"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until its standard input ends."""
    words = [sys.executable, "-c", HOLD, str(tmp_path / "run.lock")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_holder_is_told_at_once_who_the_first_is(tmp_path, holder):
    lock = FileLock(tmp_path / "run.lock")
    assert lock.holder() == f"{holder.pid} assay run"
    with pytest.raises(StateError, match="assay run is going on") as error, lock.held("assay run"):
        pass
    assert f"process {holder.pid}" in error.value.problem.because[0]


def test_a_lock_is_free_as_soon_as_its_holder_is_killed(tmp_path, holder):
    holder.kill()
    holder.wait()
    lock = FileLock(tmp_path / "run.lock")
    assert lock.holder() is None
    with lock.held("assay run"):
        pass


def test_looking_all_the_time_does_not_keep_anybody_out(tmp_path):
    lock = FileLock(tmp_path / "run.lock")
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            lock.holder()

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(200):
            with FileLock(tmp_path / "run.lock").held("assay run"):
                pass
    finally:
        stop.set()
        for watcher in watchers:
            watcher.join()

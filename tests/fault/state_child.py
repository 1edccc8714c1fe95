"""What the fault tests run in a process of their own: it writes state, and tells each thing once it is kept.

    state_child.py SCENE FOLDER [ARGUMENTS]

Every line on stdout was printed after the call returned: whoever reads it may hold the store or the ledger to it.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path

from assay.adapters.files.local import LocalFiles
from assay.adapters.ledgers.sqlite import SqliteLedger
from assay.adapters.predictions.segments import SegmentLog
from assay.adapters.stores import swap  # now: the user who may not write may not read the library either
from assay.adapters.stores.local import LocalStore
from assay.core.artifact import Artifact
from assay.core.problem import StateError
from assay.testing.memory import ManualClock
from assay.testing.samples import PIPELINE, run_ended, run_started, step_ended


def tell(**facts):
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def ledger_in(folder):
    return SqliteLedger(folder / "ledger.sqlite", ManualClock(), "child@test")


def fill_store(folder):
    """Add new folders for ever."""
    source = folder / f"source-{os.getpid()}"
    source.mkdir()
    store = LocalStore(folder / "store")
    number = 0
    while True:
        (source / "changing").write_bytes(f"{os.getpid()} {number}".encode() * 500)
        artifact = store.add(source, "source")
        number += 1
        tell(digest=artifact.digest, size_bytes=artifact.size_bytes)


def fill_ledger(folder):
    """Append pairs of events for ever, durably and not."""
    ledger = ledger_in(folder)
    number = 0
    while True:
        name = f"{os.getpid()}/{number}"
        entries = ledger.append(PIPELINE, step_ended(name), step_ended(f"{name}b"), durable=number % 2 == 0)
        number += 1
        tell(seqs=[entry.seq for entry in entries], step=name)


def write_ledger(folder, count):
    """Append so many events, in competition with others."""
    ledger = ledger_in(folder)
    for number in range(int(count)):
        ledger.append(PIPELINE, step_ended(f"{os.getpid()}/{number}"), durable=False)


def fill_predictions(folder):
    """Append predictions for ever."""
    log = SegmentLog(folder / "predictions")
    number = 0
    while True:
        log.append([{"id": f"{os.getpid()}/{number}", "part": part} for part in range(3)])
        tell(id=f"{os.getpid()}/{number}")
        number += 1


def die_at_each_step(folder, scene):
    """Do one thing in a child of its own, killed before its first, second, third ... call to the system, until one lives."""
    step = 1
    while True:
        child = os.fork()
        if child == 0:
            die_at(step)
            SCENES[scene](folder)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        tell(step=step, killed=os.WIFSIGNALED(status), status=status, left=bytes_below(folder / "work" / "data"))
        if not os.WIFSIGNALED(status):
            return
        step += 1


def bytes_below(folder):
    return {found.name: found.read_text() for found in folder.iterdir()} if folder.is_dir() else None


def die_at(step):
    """Kill this process before its ``step``-th call that touches the disk."""
    left = step

    def count(*_):
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("open", "write", "fsync", "mkdir", "replace", "rename", "unlink", "rmdir", "fchmod", "link", "close"):
        setattr(os, name, counted(getattr(os, name), count))


def counted(call, count):
    def wrapped(*arguments, **named):
        count()
        return call(*arguments, **named)

    return wrapped


def add_folder(folder):
    """Add a folder to a store in which an older one stands."""
    LocalStore(folder / "store").add(folder / "new", "data")


def restore_folder(folder):
    """Put the new folder where the old one stands."""
    LocalStore(folder / "store").restore(artifact_of(folder / "new.json"), folder / "work" / "data")


def artifact_of(file):
    return Artifact(**json.loads(file.read_text()))


def append_first(folder):
    """Make a ledger and append to it."""
    ledger_in(folder).append(PIPELINE, run_started(1), run_ended(1))


def limit_disk(size_bytes):
    """Where no small disk can be had: no file may grow larger than this."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(size_bytes), int(size_bytes)))


def exhaust(folder, limit_bytes):
    """Write to everything until nothing more fits, and tell what was kept and what was said."""
    if int(limit_bytes):
        limit_disk(limit_bytes)
    store, ledger, log = LocalStore(folder / "store"), ledger_in(folder), SegmentLog(folder / "predictions", sync=True)
    ledger.append(PIPELINE, run_started(1))
    log.append([{"id": "first"}])
    for keep in (
        lambda number: tell(digest=store.add_bytes(os.urandom(40_000 * (number + 1)))),
        lambda number: tell(seq=ledger.append(PIPELINE, step_ended("x" * 4000))[0].seq),
        lambda number: (log.append([{"id": number, "x": "y" * 4000}]), tell(id=number)),
    ):
        number = 0
        while True:
            try:
                keep(number)
            except StateError as error:
                tell(
                    code=error.problem.code,
                    what=error.problem.what,
                    because=error.problem.because,
                    fix=error.problem.fix,
                )
                break
            number += 1


def look_without_rights(folder):
    """As a user who may read but not write: read everything, and try to write."""
    assert swap
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    store, ledger = LocalStore(folder / "store"), ledger_in(folder)
    files = LocalFiles(folder, folder / "cache.sqlite")
    artifact = artifact_of(folder / "kept.json")
    tell(
        head=ledger.head()[0],
        entries=len(list(ledger.entries(PIPELINE))),
        fault=ledger.verify(),
        has=store.has(artifact),
        faults=store.verify(artifact),
        digest=files.artifact("kept").digest,
    )
    for write in (
        lambda: store.add_bytes(b"new"),
        lambda: store.restore(artifact, folder / "restored"),
        lambda: ledger.append(PIPELINE, run_started(2)),
        lambda: SegmentLog(folder / "predictions").append([{"id": 1}]),
        lambda: ledger_in(folder / "new").append(PIPELINE, run_started(1)),
    ):
        try:
            write()
        except StateError as error:
            tell(code=error.problem.code, what=error.problem.what, because=error.problem.because)


SCENES = {scene.__name__: scene for scene in (add_folder, restore_folder, append_first)}

if __name__ == "__main__":
    os.umask(0o022)
    scene, place, *rest = sys.argv[1:]
    globals()[scene](Path(place), *rest)

"""State under faults: processes are killed, disks are full or read-only, objects are damaged."""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from assay.adapters.ledgers.sqlite import SqliteLedger
from assay.adapters.predictions.segments import SegmentLog
from assay.adapters.stores.local import LocalStore
from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.events import StepEnded
from assay.testing.memory import ManualClock
from assay.testing.samples import PIPELINE, run_started

pytestmark = pytest.mark.fault

CHILD = Path(__file__).with_name("state_child.py")
DISK_BYTES = 2 << 20


def child(scene, folder, *arguments):
    command = [sys.executable, CHILD, scene, folder, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(scene, folder, *arguments):
    """Everything that a child told that ran to its end."""
    with child(scene, folder, *arguments) as process:
        output, errors = process.communicate()
    assert process.returncode == 0, errors
    return [json.loads(line) for line in output.splitlines()]


def killed_after(lines, scene, folder):
    """What a child told before it was killed, just after its line of that number."""
    with child(scene, folder) as process:
        heard = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        heard += process.stdout.readlines()
    return [json.loads(line) for line in heard if line.endswith("\n")]


def ledger_in(folder):
    return SqliteLedger(folder / "ledger.sqlite", ManualClock(), "parent@test")


def folder_of(path, **files):
    path.mkdir(parents=True)
    for name, data in files.items():
        (path / name).write_bytes(data)
    return path


def encoded(texts):
    return {name: text.encode() for name, text in texts.items()}


@pytest.mark.parametrize("lines", [1, 2, 3, 5, 8, 13])
def test_a_store_keeps_what_was_told_by_writers_that_were_killed(tmp_path, lines):
    for _ in range(3):
        kept = killed_after(lines, "fill_store", tmp_path)
        store = LocalStore(tmp_path / "store")
        for fact in kept:
            artifact = Artifact("source", fact["digest"], "folder", fact["size_bytes"])
            assert store.has(artifact)
            assert store.verify(artifact) == ()
    assert every_object_is_whole(tmp_path / "store")


def every_object_is_whole(root):
    return all(
        digest_of(found.read_bytes()) == f"b3:{found.parent.name}{found.name}"
        for found in (root / "objects").glob("*/*")
    )


@pytest.mark.parametrize("lines", [1, 2, 5, 9, 20, 40])
def test_a_ledger_keeps_what_was_told_by_writers_that_were_killed(tmp_path, lines):
    steps = []
    for _ in range(3):
        steps += [fact["step"] for fact in killed_after(lines, "fill_ledger", tmp_path)]
        assert ledger_in(tmp_path).verify() is None
    kept = [entry.event.result.step for entry in ledger_in(tmp_path).entries(PIPELINE, StepEnded)]
    assert set(steps) <= set(kept)
    assert len(kept) == len(set(kept))
    assert {name for name in kept if not name.endswith("b")} == {name[:-1] for name in kept if name.endswith("b")}
    ledger_in(tmp_path).append(PIPELINE, run_started(1))


@pytest.mark.parametrize("lines", [1, 3, 30])
def test_predictions_that_were_told_survive_the_server(tmp_path, lines):
    told_ids = []
    for _ in range(3):
        told_ids += [fact["id"] for fact in killed_after(lines, "fill_predictions", tmp_path)]
    kept = [(record["id"], record["part"]) for record in SegmentLog(tmp_path / "predictions").records()]
    assert {(name, part) for name in told_ids for part in range(3)} <= set(kept)
    assert len(kept) == len(set(kept))


def test_a_store_is_whole_wherever_an_add_was_killed(tmp_path):
    """Killed before each of its calls in turn: what stood there stands, and adding again gives the same digest."""
    store = LocalStore(tmp_path / "store")
    old = store.add(folder_of(tmp_path / "old", a=b"shared", b=b"old"), "data")
    folder_of(tmp_path / "new", a=b"shared", c=b"new", d=b"d" * 100_000)
    steps = told("die_at_each_step", tmp_path, "add_folder")
    assert len(steps) > 30
    assert [step["killed"] for step in steps] == [True] * (len(steps) - 1) + [False]
    assert steps[-1]["status"] == 0
    assert store.verify(old) == ()
    assert every_object_is_whole(tmp_path / "store")
    again = store.add(tmp_path / "new", "data")
    assert store.verify(again) == ()
    assert not (tmp_path / "store" / "quarantine").exists()


def test_a_folder_is_the_old_or_the_new_wherever_a_restore_was_killed(tmp_path):
    old, new = {"a": "old", "b": "old"}, {"a": "new", "c": "c" * 10_000}
    artifact = LocalStore(tmp_path / "store").add(folder_of(tmp_path / "new", **encoded(new)), "data")
    (tmp_path / "new.json").write_bytes(msgspec.json.encode(artifact))
    folder_of(tmp_path / "work" / "data", **encoded(old))
    left = [step["left"] for step in told("die_at_each_step", tmp_path, "restore_folder")]
    assert len(left) > 10
    assert all(found in (old, new) for found in left)
    assert (left[0], left[-1]) == (old, new)


def test_a_ledger_is_whole_or_not_there_wherever_its_making_was_killed(tmp_path):
    """The children find what those before them left; the one that lives, or one that was killed after its commit, counts."""
    told("die_at_each_step", tmp_path, "append_first")
    ledger = ledger_in(tmp_path)
    assert ledger.verify() is None
    assert ledger.head()[0] == 2


def test_processes_that_append_at_once_lose_nothing(tmp_path):
    writers = [child("write_ledger", tmp_path, 40) for _ in range(8)]
    for writer in writers:
        with writer:
            _, errors = writer.communicate()
        assert writer.returncode == 0, errors
    ledger = ledger_in(tmp_path)
    steps = [entry.event.result.step for entry in ledger.entries(PIPELINE, StepEnded)]
    assert sorted(steps) == sorted(f"{writer.pid}/{number}" for writer in writers for number in range(40))
    assert ledger.verify() is None


@pytest.fixture
def small_disk(tmp_path):
    """(folder, limit): a disk of 2 MiB and no limit; where we may not mount one, any disk and a limit on file sizes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "assay-test", place], check=False, capture_output=True
    )
    if mounted.returncode:
        yield place, DISK_BYTES // 4
        return
    yield place, 0
    subprocess.run(["umount", place], check=True)


def test_a_full_disk_is_told_and_costs_nothing_that_was_kept(small_disk):
    folder, limit_bytes = small_disk
    facts = told("exhaust", folder, limit_bytes)
    refusals = [fact for fact in facts if "code" in fact]
    assert len(refusals) == 3
    if not limit_bytes:
        assert [fact["code"] for fact in refusals] == ["disk-full"] * 3
        assert all("bytes are free" in fact["because"][0] for fact in refusals)
        assert "are needed" in refusals[0]["because"][0]
    store, ledger = LocalStore(folder / "store"), ledger_in(folder)
    kept = [fact["digest"] for fact in facts if "digest" in fact]
    assert kept
    assert all(digest_of(store.read(digest)) == digest for digest in kept)
    assert list((folder / "store" / "tmp").iterdir()) == []
    assert ledger.verify() is None
    assert ledger.head()[0] == max([fact["seq"] for fact in facts if "seq" in fact], default=1)
    assert [record["id"] for record in SegmentLog(folder / "predictions").records()] == [
        "first",
        *(fact["id"] for fact in facts if "id" in fact),
    ]


def test_after_a_full_disk_was_cleared_everything_goes_on(small_disk):
    folder, limit_bytes = small_disk
    (folder / "ballast").write_bytes(bytes(DISK_BYTES // 4))
    told("exhaust", folder, limit_bytes)
    (folder / "ballast").unlink()
    store, ledger, log = LocalStore(folder / "store"), ledger_in(folder), SegmentLog(folder / "predictions")
    assert store.read(store.add_bytes(b"new")) == b"new"
    ledger.append(PIPELINE, run_started(2))
    assert ledger.verify() is None
    log.append([{"id": "last"}])
    log.close()
    assert [record["id"] for record in log.records()][-1] == "last"


@pytest.fixture
def open_folder():
    """A folder that other users can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="assay-test-"))
    folder.chmod(0o755)
    yield folder
    for place in (folder, *folder.rglob("*")):
        if place.is_dir():
            place.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("is_open", [False, True], ids=["ledger at rest", "ledger in use"])
def test_a_read_only_folder_can_be_read_and_every_write_is_refused_by_name(open_folder, is_open):
    folder_of(open_folder / "kept", a=b"1", b=b"2")
    artifact = LocalStore(open_folder / "store").add(open_folder / "kept", "kept")
    (open_folder / "kept.json").write_bytes(msgspec.json.encode(artifact))
    ledger = ledger_in(open_folder)
    ledger.append(PIPELINE, run_started(1))
    if not is_open:
        del ledger
    for place in (open_folder, *open_folder.rglob("*")):
        place.chmod(0o555 if place.is_dir() else 0o444)
    found, *refusals = told("look_without_rights", open_folder)
    assert found == {"head": 1, "entries": 1, "fault": None, "has": True, "faults": [], "digest": artifact.digest}
    assert [fact["code"] for fact in refusals] == ["state-not-writable"] * 5
    assert all(str(open_folder) in fact["what"] + "".join(fact["because"]) for fact in refusals)


def test_every_flipped_bit_in_a_store_is_found_and_healed(tmp_path):
    source = folder_of(tmp_path / "source", a=b"first", b=b"second" * 5000, c=b"")
    store = LocalStore(tmp_path / "store")
    artifact = store.add(source, "data")
    objects = [
        found
        for kind in ("objects", "trees")
        for found in (tmp_path / "store" / kind).glob("*/*")
        if found.stat().st_size
    ]
    for found in objects:
        sound = found.read_bytes()
        for bit in range(0, 8 * len(sound), max(1, len(sound))):
            damaged = bytearray(sound)
            damaged[bit // 8] ^= 1 << bit % 8
            found.chmod(0o644)
            found.write_bytes(bytes(damaged))
            assert len(store.verify(artifact)) == 1
            assert not store.has(artifact)
            assert store.add(source, "data") == artifact
            assert store.verify(artifact) == ()


def test_two_stores_in_one_folder_do_not_get_in_each_others_way(tmp_path):
    def fill(writer):
        store = LocalStore(tmp_path / "store")
        return [store.add_bytes(f"{number}".encode() * 100) for number in range(60 if writer % 2 else 40)]

    with ThreadPoolExecutor(4) as pool:
        kept = {digest for digests in pool.map(fill, range(4)) for digest in digests}
    assert len(kept) == 60
    store = LocalStore(tmp_path / "store")
    assert all(store.verify(Artifact("x", digest, "file", 0)) == () for digest in kept)
    assert not (tmp_path / "store" / "quarantine").exists()

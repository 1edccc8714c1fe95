"""The store in a folder: what stands where, and what happens when bytes or formats are not as they should be."""

import os
from pathlib import Path

import pytest

from assay.adapters.folders import read_file
from assay.adapters.stores.local import LocalStore
from assay.adapters.stores.swap import _exchange_in_steps
from assay.core.artifact import Artifact
from assay.core.digest import digest_of, hex_of
from assay.core.problem import IntegrityError, NotFound, StateError
from assay.core.tree import tree_digest


@pytest.fixture
def root(tmp_path):
    return tmp_path / ".assay" / "store"


@pytest.fixture
def store(root):
    return LocalStore(root)


def place(root, digest, kind="objects"):
    name = hex_of(digest)
    return root / kind / name[:2] / name[2:]


def damage(path):
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def test_a_store_is_made_at_the_first_write(root, store):
    assert not store.has(Artifact("x", digest_of(b"x"), "file", 1))
    assert store.verify(Artifact("x", digest_of(b"x"), "file", 1))
    assert not root.parent.exists()
    store.add_bytes(b"x")
    assert (root / "format").read_text() == "assay-store 1\n"


def test_bytes_stand_under_their_digest_read_only_and_nothing_else_is_left(root, store, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_bytes(b"1,2\n")
    folder = store.add(tmp_path / "data", "data")
    kept = place(root, digest_of(b"1,2\n"))
    assert kept.read_bytes() == b"1,2\n"
    assert kept.stat().st_mode & 0o777 == 0o444
    assert place(root, folder.digest, "trees").exists()
    assert list((root / "tmp").iterdir()) == []
    assert sorted(found.name for found in root.iterdir()) == ["format", "objects", "tmp", "trees"]


def test_a_store_of_a_newer_assay_is_left_alone(root):
    root.mkdir(parents=True)
    (root / "format").write_text("assay-store 2\n")
    newer = LocalStore(root)
    for touch in (lambda: newer.add_bytes(b"x"), lambda: newer.read(digest_of(b"x"))):
        with pytest.raises(StateError, match="newer Assay") as error:
            touch()
        assert error.value.problem.code == "state-newer"
    assert [found.name for found in root.iterdir()] == ["format"]


@pytest.mark.parametrize("text", ["", "assay-store", "assay-store one", "git 1"])
def test_a_folder_that_is_no_store_is_not_taken_for_one(root, text):
    root.mkdir(parents=True)
    (root / "format").write_text(text)
    with pytest.raises(StateError, match="not a store") as error:
        LocalStore(root).add_bytes(b"x")
    assert error.value.problem.code == "state-damaged"


def test_a_damaged_object_is_refused_put_aside_and_healed_by_adding_it_again(root, store):
    digest = store.add_bytes(b"some bytes")
    damage(place(root, digest))
    with pytest.raises(IntegrityError, match=digest.removeprefix("b3:")[:8]) as error:
        store.read(digest)
    (aside,) = (root / "quarantine").iterdir()
    assert str(aside) in error.value.problem.because[0]
    assert aside.read_bytes() != b"some bytes"
    with pytest.raises(NotFound):
        store.read(digest)
    store.add_bytes(b"some bytes")
    assert store.read(digest) == b"some bytes"
    assert list((root / "quarantine").iterdir()) == [aside]


@pytest.mark.parametrize("way", ["bytes", "file"])
def test_adding_again_heals_damage_that_nobody_has_seen_yet(root, store, tmp_path, way):
    (tmp_path / "file").write_bytes(b"some bytes")
    digest = store.add_bytes(b"some bytes")
    damage(place(root, digest))
    if way == "bytes":
        store.add_bytes(b"some bytes")
    else:
        store.add(tmp_path / "file", "file")
    assert store.read(digest) == b"some bytes"
    assert len(list((root / "quarantine").iterdir())) == 1


def test_a_damaged_object_is_never_restored(root, store, tmp_path):
    (tmp_path / "data").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "data" / name).write_bytes(name.encode() * 100)
    folder = store.add(tmp_path / "data", "data")
    damage(place(root, digest_of(b"b" * 100)))
    (tmp_path / "to").write_bytes(b"stands")
    with pytest.raises(IntegrityError):
        store.restore(folder, tmp_path / "to")
    assert (tmp_path / "to").read_bytes() == b"stands"
    assert [found.name for found in tmp_path.iterdir() if found.name.startswith(".assay-")] == []
    assert not store.has(folder)


def test_verify_names_every_fault_below_a_folder(root, store, tmp_path):
    (tmp_path / "data" / "in").mkdir(parents=True)
    for name in ("good", "gone", "in/bad"):
        (tmp_path / "data" / name).write_bytes(name.encode() * 100)
    folder = store.add(tmp_path / "data", "data")
    place(root, digest_of(b"gone" * 100)).unlink()
    damage(place(root, digest_of(b"in/bad" * 100)))
    gone, bad = digest_of(b"gone" * 100), digest_of(b"in/bad" * 100)
    assert sorted(store.verify(folder)) == sorted([f"data/gone: missing ({gone})", f"data/in/bad: damaged ({bad})"])


def test_a_damaged_node_makes_its_folder_damaged_and_adding_heals_it(root, store, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a").write_bytes(b"a")
    folder = store.add(tmp_path / "data", "data")
    damage(place(root, folder.digest, "trees"))
    assert store.verify(folder) == (f"data: damaged ({folder.digest})",)
    assert not store.has(folder)
    assert store.add(tmp_path / "data", "data") == folder
    assert store.verify(folder) == ()


def test_an_object_of_another_size_is_not_had(root, store):
    digest = store.add_bytes(b"some bytes")
    place(root, digest).chmod(0o644)
    place(root, digest).write_bytes(b"some")
    assert not store.has(Artifact("x", digest, "file", 10))


def test_a_crafted_node_cannot_write_outside_its_folder(root, store, tmp_path):
    evil = store.add_bytes(b"evil")
    encoded = b"f" + (4).to_bytes(8, "big") + bytes.fromhex(hex_of(evil)) + b"../evil\0"
    crafted = place(root, tree_digest(encoded), "trees")
    crafted.parent.mkdir(parents=True, exist_ok=True)
    crafted.write_bytes(encoded)
    with pytest.raises(IntegrityError, match="does not name a folder"):
        store.restore(Artifact("x", tree_digest(encoded), "folder", 4), tmp_path / "in" / "x")
    assert not (tmp_path / "in" / "evil").exists()


def test_a_file_that_keeps_changing_is_refused(tmp_path):
    """/proc tells a size of 0 for files that hold bytes: for the reader that is a file which grew."""
    with pytest.raises(StateError, match="changed while it was read") as error:
        LocalStore(tmp_path / "store").add(Path("/proc/self/status"), "status")
    assert error.value.problem.code == "changed-while-read"


def test_a_file_that_changed_once_is_read_again(tmp_path):
    """The copy is what stood in the file at the end, and nothing of before."""
    file = tmp_path / "file"
    file.write_bytes(b"before, and longer")
    target = os.open(tmp_path / "copy", os.O_RDWR | os.O_CREAT)
    os.write(target, b"left over from an earlier attempt that was longer")
    file.write_bytes(b"after")
    assert read_file(file, copy_to=target).digest == digest_of(b"after")
    os.close(target)
    assert (tmp_path / "copy").read_bytes() == b"after"


def test_where_two_names_cannot_be_swapped_at_once_they_are_swapped_in_steps(tmp_path):
    (tmp_path / "made").mkdir()
    (tmp_path / "to").write_bytes(b"old")
    _exchange_in_steps(tmp_path / "made", tmp_path / "to")
    assert (tmp_path / "to").is_dir()
    assert (tmp_path / "made").read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_place_below_a_file_is_told(store, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    digest = store.add_bytes(b"x")
    with pytest.raises(StateError, match="cannot write x"):
        store.restore(Artifact("x", digest, "file", 1), tmp_path / "file" / "x")

"""What every store keeps."""

import os
from pathlib import Path

import msgspec
import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.ports import Store
from assay.core.problem import NotFound, StateError
from assay.core.tree import TreeEntry, encode_tree, tree_digest


class StoreContract:
    """Override ``store``: an empty store, a new one for each test."""

    @pytest.fixture
    def store(self) -> Store:
        """The store under test."""
        raise NotImplementedError("override the fixture `store`")

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """A folder with nested folders, one of them empty, an executable, and names that are not plain ASCII."""
        top = tmp_path / "flights"
        (top / "2013" / "empty").mkdir(parents=True)
        (top / "2013" / "jan.csv").write_bytes(b"a,b\n1,2\n")
        (top / "zero").write_bytes(b"")
        (top / "line\nbreak \N{SNOWMAN}.txt").write_bytes(b"odd name")
        (top / os.fsdecode(b"latin-\xe9")).write_bytes(b"not UTF-8")
        (top / "run.sh").write_bytes(b"#!/bin/sh\n")
        (top / "run.sh").chmod(0o755)
        return top

    def test_a_files_digest_is_the_digest_of_its_bytes(self, store: Store, tmp_path: Path) -> None:
        file = tmp_path / "data.csv"
        file.write_bytes(b"1,2\n")
        assert store.add(file, "data/data.csv") == Artifact("data/data.csv", digest_of(b"1,2\n"), "file", 4, 1)

    def test_what_was_added_is_there_and_reads_back(self, store: Store, tmp_path: Path) -> None:
        data = os.urandom(3_000_000)
        file = tmp_path / "weights.bin"
        file.write_bytes(data)
        artifact = store.add(file, "weights.bin")
        assert store.has(artifact)
        assert store.read(artifact.digest) == data
        assert store.verify(artifact) == ()

    def test_the_same_bytes_are_the_same_object_by_whatever_way_they_come(self, store: Store, tmp_path: Path) -> None:
        file = tmp_path / "one"
        file.write_bytes(b"same")
        assert store.add_bytes(b"same") == store.add(file, "one").digest == store.add(file, "two").digest

    def test_nothing_is_there_before_it_was_added(self, store: Store) -> None:
        absent = Artifact("x", digest_of(b"never added"), "file", 11)
        assert not store.has(absent)
        assert not store.has(msgspec.structs.replace(absent, kind="folder"))
        assert store.verify(absent) == (f"x: missing ({absent.digest})",)
        with pytest.raises(NotFound):
            store.read(absent.digest)

    def test_adding_what_does_not_stand_there_is_not_found(self, store: Store, tmp_path: Path) -> None:
        with pytest.raises(NotFound, match=r"model\.onnx"):
            store.add(tmp_path / "model.onnx", "model.onnx")

    def test_a_folder_comes_back_as_it_was(self, store: Store, folder: Path, tmp_path: Path) -> None:
        artifact = store.add(folder, "data/flights")
        store.restore(artifact, tmp_path / "back")
        assert contents(tmp_path / "back") == contents(folder)
        assert os.access(tmp_path / "back" / "run.sh", os.X_OK)
        assert (artifact.kind, artifact.files, artifact.size_bytes) == ("folder", 5, 8 + 0 + 8 + 9 + 10)
        assert store.has(artifact)
        assert store.verify(artifact) == ()

    def test_a_file_that_may_be_executed_comes_back_so_and_others_do_not(
        self, store: Store, folder: Path, tmp_path: Path
    ) -> None:
        for name, is_executable in (("run.sh", True), ("zero", False)):
            artifact = store.add(folder / name, name)
            store.restore(artifact, tmp_path / name)
            assert artifact.is_executable == os.access(tmp_path / name, os.X_OK) == is_executable

    def test_an_empty_folder_is_an_artifact(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        artifact = store.add(tmp_path / "empty", "empty")
        assert (artifact.digest, artifact.size_bytes, artifact.files) == (tree_digest(b""), 0, 0)
        assert store.has(artifact)
        store.restore(artifact, tmp_path / "back")
        assert list((tmp_path / "back").iterdir()) == []

    def test_a_folders_digest_knows_names_bytes_and_modes_but_no_times(self, store: Store, folder: Path) -> None:
        before = store.add(folder, "x").digest
        os.utime(folder / "zero", (1, 1))
        assert store.add(folder, "x").digest == before
        (folder / "zero").chmod(0o755)
        changed_mode = store.add(folder, "x").digest
        (folder / "zero").rename(folder / "nought")
        changed_name = store.add(folder, "x").digest
        (folder / "nought").write_bytes(b"0")
        assert len({before, changed_mode, changed_name, store.add(folder, "x").digest}) == 4

    def test_a_file_that_holds_the_bytes_of_a_folders_node_is_not_that_folder(
        self, store: Store, folder: Path, tmp_path: Path
    ) -> None:
        encoded = encode_tree((TreeEntry("a", "file", 4, digest_of(b"same")),))
        forged = store.add_bytes(encoded)
        store.add_bytes(b"same")
        assert not store.has(Artifact("x", forged, "folder", 4))
        with pytest.raises(NotFound):
            store.restore(Artifact("x", forged, "folder", 4), tmp_path / "back")

    def test_a_link_to_a_file_is_the_file(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"bytes")
        (tmp_path / "link").symlink_to("real")
        assert store.add(tmp_path / "link", "link").digest == digest_of(b"bytes")

    @pytest.mark.parametrize("target", ["2013/jan.csv", "2013", "nowhere"])
    def test_a_link_within_a_folder_is_refused_by_name(self, store: Store, folder: Path, target: str) -> None:
        (folder / "2013" / "shortcut").symlink_to(folder / target)
        with pytest.raises(StateError, match="shortcut"):
            store.add(folder, "data")

    def test_a_pipe_is_refused_by_name(self, store: Store, folder: Path) -> None:
        os.mkfifo(folder / "pipe")
        with pytest.raises(StateError, match="pipe"):
            store.add(folder, "data")
        with pytest.raises(StateError, match="pipe"):
            store.add(folder / "pipe", "pipe")

    def test_restoring_replaces_what_stands_there(self, store: Store, folder: Path, tmp_path: Path) -> None:
        as_folder = store.add(folder, "data")
        as_file = store.add(folder / "2013" / "jan.csv", "jan.csv")
        to = tmp_path / "new" / "place"
        for artifact in (as_file, as_file, as_folder, as_folder, as_file):
            store.restore(artifact, to)
            assert to.is_file() == (artifact.kind == "file")
        assert to.read_bytes() == b"a,b\n1,2\n"
        assert [place.name for place in to.parent.iterdir()] == ["place"]

    def test_restoring_over_a_link_leaves_its_target_alone(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"mine")
        (tmp_path / "link").symlink_to("real")
        digest = store.add_bytes(b"theirs")
        store.restore(Artifact("x", digest, "file", 6), tmp_path / "link")
        assert (tmp_path / "real").read_bytes() == b"mine"
        assert (tmp_path / "link").read_bytes() == b"theirs"
        assert not (tmp_path / "link").is_symlink()

    def test_a_restored_file_may_be_changed_without_harm_to_the_store(self, store: Store, tmp_path: Path) -> None:
        digest = store.add_bytes(b"kept")
        store.restore(Artifact("x", digest, "file", 4), tmp_path / "x")
        (tmp_path / "x").write_bytes(b"changed")
        assert store.read(digest) == b"kept"

    def test_what_is_not_whole_is_not_restored_at_all(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"stands")
        with pytest.raises(NotFound):
            store.restore(Artifact("x", digest_of(b"absent"), "file", 6), tmp_path / "x")
        with pytest.raises(NotFound):
            store.restore(Artifact("x", digest_of(b"absent"), "folder", 6), tmp_path / "x")
        assert (tmp_path / "x").read_bytes() == b"stands"
        assert [place.name for place in tmp_path.iterdir() if place.name.startswith(".")] == []


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder with its bytes; None for a folder."""
    return {
        str(place.relative_to(folder)): place.read_bytes() if place.is_file() else None for place in folder.rglob("*")
    }

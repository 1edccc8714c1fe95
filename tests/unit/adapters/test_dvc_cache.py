"""DVC's cache is read by its names, checked, and never written."""

import hashlib
import json
from pathlib import Path

import pytest

from assay.adapters.files.local import LocalFiles
from assay.adapters.stores.dvc import DvcBackedStore, DvcCache
from assay.adapters.stores.local import LocalStore
from assay.core.problem import IntegrityError, NotFound


class Remembered(dict):
    """A ``Cache`` in memory."""

    def recall(self, key):
        return self.get(key)

    def remember(self, key, value):
        self[key] = value


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / ".dvc/cache"


@pytest.fixture
def cache(root: Path) -> DvcCache:
    return DvcCache(root, Remembered())


def keep(root: Path, data: bytes, *, is_folder: bool = False, old: bool = False) -> str:
    """Keep bytes as DVC does; their name."""
    digest = md5(data)
    place = (root if old else root / "files/md5") / digest[:2] / f"{digest[2:]}{'.dir' * is_folder}"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(data)
    return f"{'md5-dos2unix' if old else 'md5'}:{digest}{'.dir' * is_folder}"


def keep_folder(root: Path, files: dict[str, bytes]) -> str:
    listing = [{"md5": keep(root, data).partition(":")[2], "relpath": path} for path, data in sorted(files.items())]
    return keep(root, json.dumps(listing, sort_keys=True).encode(), is_folder=True)


def put(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


FILES = {"a.txt": b"a", "sub/b.bin": b"\0\1", "sub/deep/c": b""}


def test_a_file_comes_back(cache, root, tmp_path):
    name = keep(root, b"data")
    cache.restore(name, tmp_path / "made/here")
    assert (tmp_path / "made/here").read_bytes() == b"data"
    assert cache.agrees(tmp_path / "made/here", name)


def test_a_folder_comes_back_and_replaces_what_stands_there(cache, root, tmp_path):
    name = keep_folder(root, FILES)
    here = put(tmp_path / "here", {"other": b"x"})
    assert not cache.agrees(here, name)
    cache.restore(name, here)
    assert {str(path.relative_to(here)): path.read_bytes() for path in here.rglob("*") if path.is_file()} == FILES
    assert cache.agrees(here, name)
    assert cache.within(name, "sub/b.bin") == f"md5:{md5(bytes([0, 1]))}"


@pytest.mark.parametrize("make", [lambda root: keep(root, b"data"), lambda root: keep_folder(root, FILES)])
def test_what_is_kept_is_the_artifact_that_will_stand_there(cache, root, tmp_path, make):
    name = make(root)
    kept = cache.kept(name, "here")
    cache.restore(name, tmp_path / "here")
    assert kept == LocalFiles(tmp_path, tmp_path / "stat.sqlite").artifact("here")
    assert cache.find(kept.digest) == name


def test_text_of_dvc_2_is_named_over_line_ends_made_one(cache, root, tmp_path):
    name = keep(root, b"a\nb\n", old=True)
    place = put(tmp_path, {"text": b"a\r\nb\r\n", "binary": b"\0a\r\nb\r\n"})
    assert cache.agrees(place / "text", name)
    assert not cache.agrees(place / "binary", name)
    cache.restore(name, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b"a\nb\n"


def test_other_bytes_are_refused_and_nothing_is_left(cache, root, tmp_path):
    name = keep(root, b"data")
    (root / "files/md5" / name[4:6] / name[6:]).write_bytes(b"dAta")
    assert cache.kept(name, "here") is None
    with pytest.raises(IntegrityError, match="damaged"):
        cache.restore(name, tmp_path / "here")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".dvc"]


def test_a_listing_never_leaves_its_folder(cache, root, tmp_path):
    entry = keep(root, b"x").partition(":")[2]
    listing = [{"md5": entry, "relpath": path} for path in ("../out", "/tmp/out", "in")]
    name = keep(root, json.dumps(listing).encode(), is_folder=True)
    cache.restore(name, tmp_path / "here")
    assert [path.name for path in (tmp_path / "here").rglob("*")] == ["in"]
    assert not (tmp_path / "out").exists()


def test_a_folder_of_which_a_file_is_missing_is_not_there(cache, root, tmp_path):
    name = keep_folder(root, FILES)
    (root / "files/md5" / md5(b"a")[:2] / md5(b"a")[2:]).unlink()
    assert not cache.has(name)
    assert cache.kept(name, "here") is None
    with pytest.raises(NotFound):
        cache.restore(name, tmp_path / "here")


def test_a_cache_that_is_not_there_has_nothing(cache):
    assert not cache.has("md5:0123456789abcdef0123456789abcdef")
    assert cache.kept("md5:0123456789abcdef0123456789abcdef.dir", "x") is None


def test_a_store_behind_which_dvc_stands_has_both(cache, root, tmp_path):
    store = DvcBackedStore(LocalStore(tmp_path / "store"), lambda: cache)
    kept = cache.kept(keep(root, b"dvc's"), "here")
    own = store.add(put(tmp_path, {"own": b"ours"}) / "own", "own")
    assert store.has(kept)
    assert store.has(own)
    store.restore(kept, tmp_path / "here")
    store.restore(own, tmp_path / "there")
    assert (tmp_path / "here").read_bytes() + (tmp_path / "there").read_bytes() == b"dvc'sours"
    assert not LocalStore(tmp_path / "store").has(kept)

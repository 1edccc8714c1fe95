"""The project's folder: paths, scans, and a stat cache that is never believed too much."""

import os
import sqlite3
import time
from contextlib import closing

import msgspec
import pytest

from assay.adapters.files.local import LocalFiles
from assay.adapters.files.stat_cache import KnownFile, StatCache
from assay.core.digest import digest_of
from assay.core.problem import StateError


@pytest.fixture
def root(tmp_path):
    (tmp_path / "project" / "data").mkdir(parents=True)
    (tmp_path / "project" / "data" / "a.csv").write_bytes(b"1\n")
    return tmp_path / "project"


@pytest.fixture
def cache(root):
    return root / ".assay" / "cache.sqlite"


def an_hour_later():
    return time.time_ns() + 3600 * 10**9


def digest_in(root, cache, path="data/a.csv", now_ns=an_hour_later):
    return LocalFiles(root, cache, now_ns).artifact(path).digest


def plant(cache, file, digest, read_ns):
    """Write into the cache that ``file``, as it stands, has another digest: whoever believes the cache tells it."""
    status = file.stat()
    kept = StatCache(cache)
    kept.learn(
        str(file), KnownFile((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino), read_ns, digest)
    )
    kept.save()


PLANTED = digest_of(b"planted")


def test_an_unchanged_file_is_not_read_again(root, cache):
    plant(cache, root / "data" / "a.csv", PLANTED, an_hour_later())
    assert digest_in(root, cache) == PLANTED


def test_a_digest_learned_once_serves_the_next_process(root, cache):
    assert digest_in(root, cache) == digest_of(b"1\n")
    known = StatCache(cache).recall(str(root / "data" / "a.csv"))
    assert known.digest == digest_of(b"1\n")
    assert known.still_holds((root / "data" / "a.csv").stat())


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.write_bytes(b"2\n"),
        lambda file: file.write_bytes(b"123\n"),
        lambda file: os.utime(file, (1, 1)),
        lambda file: (file.with_name("b").write_bytes(b"1\n"), file.with_name("b").replace(file)),
    ],
    ids=["same size", "other size", "other time", "another inode"],
)
def test_a_changed_file_is_read_again(root, cache, change):
    file = root / "data" / "a.csv"
    plant(cache, file, PLANTED, an_hour_later())
    change(file)
    assert digest_in(root, cache) == digest_of(file.read_bytes())


def test_a_file_that_was_read_right_after_it_changed_is_read_again(root, cache):
    """It may have changed once more within the same tick of the file system's clock."""
    file = root / "data" / "a.csv"
    plant(cache, file, PLANTED, file.stat().st_ctime_ns + 10**7)
    assert digest_in(root, cache) == digest_of(b"1\n")


def test_where_times_are_whole_seconds_it_takes_longer_to_be_sure(root, cache):
    file = root / "data" / "a.csv"
    os.utime(file, ns=(0, file.stat().st_mtime_ns // 10**9 * 10**9))
    plant(cache, file, PLANTED, file.stat().st_ctime_ns + 10**9)
    assert digest_in(root, cache) == digest_of(b"1\n")


def test_a_file_is_seen_with_its_digest_and_known_again_until_it_changes(root, cache):
    files, file = LocalFiles(root, cache, an_hour_later), root / "data" / "a.csv"
    seen = files.seen("data/a.csv")
    assert seen.digest == digest_of(b"1\n")
    assert files.look_again(seen) is seen
    os.utime(file, (1, 1))
    touched = files.look_again(seen)
    assert touched.digest == seen.digest
    assert touched.state != seen.state
    file.chmod(0o755)
    executable = files.look_again(seen)
    assert executable is not None
    executable = msgspec.structs.replace(executable, is_executable=True)
    file.chmod(0o644)
    assert files.look_again(executable) is None
    file.write_bytes(b"2\n")
    assert files.look_again(seen) is None
    file.unlink()
    assert files.look_again(seen) is None


def test_a_file_that_has_just_changed_is_not_seen_yet(root, cache):
    """A further change within the same tick would not show."""
    assert LocalFiles(root, cache, (root / "data" / "a.csv").stat().st_ctime_ns.__int__).seen("data/a.csv") is None
    assert LocalFiles(root, cache).seen("data") is None
    assert LocalFiles(root, cache).seen("nothing") is None


def test_nothing_outside_the_project_is_removed(root, cache):
    files = LocalFiles(root, cache)
    for path in (".", "..", "../other", "/", str(root)):
        with pytest.raises(ValueError, match="not below"):
            files.remove(path)
    files.remove("nothing")
    files.remove("data")
    assert not (root / "data").exists()


def test_a_file_from_the_future_is_always_read(root, cache):
    file = root / "data" / "a.csv"
    os.utime(file, (2**32, 2**32))
    plant(cache, file, PLANTED, an_hour_later())
    assert digest_in(root, cache) == digest_of(b"1\n")


def test_files_below_a_folder_are_remembered_one_by_one(root, cache):
    (root / "data" / "b.csv").write_bytes(b"2\n")
    before = digest_in(root, cache, "data")
    plant(cache, root / "data" / "b.csv", PLANTED, an_hour_later())
    assert digest_in(root, cache, "data") != before


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage" * 1000, b"SQLite format 3\0" + bytes(5000)],
    ids=["empty", "no database", "half a database"],
)
def test_a_cache_that_is_garbage_is_made_anew_and_nobody_is_told(root, cache, content):
    cache.parent.mkdir()
    cache.write_bytes(content)
    assert digest_in(root, cache) == digest_of(b"1\n")
    digest_in(root, cache)
    assert StatCache(cache).recall(str(root / "data" / "a.csv")) is not None


def test_a_table_of_another_shape_is_made_anew(root, cache):
    cache.parent.mkdir()
    with closing(sqlite3.connect(cache)) as database:
        database.execute("create table digest_by_path (something text)")
    for _ in range(2):
        assert digest_in(root, cache) == digest_of(b"1\n")
    assert StatCache(cache).recall(str(root / "data" / "a.csv")) is not None


def test_a_row_with_a_flipped_bit_is_forgotten(root, cache):
    digest_in(root, cache)
    with closing(sqlite3.connect(cache)) as database, database:
        (row,) = database.execute("select row from digest_by_path").fetchone()
        for bit in range(0, 8 * len(row), 7):
            flipped = bytearray(row)
            flipped[bit // 8] ^= 1 << bit % 8
            database.execute("update digest_by_path set row = ?", (bytes(flipped),))
            database.commit()
            assert StatCache(cache).recall(str(root / "data" / "a.csv")) is None


def test_a_cache_that_cannot_be_written_is_done_without(root, tmp_path):
    (tmp_path / "file").write_bytes(b"")
    assert digest_in(root, tmp_path / "file" / "cache.sqlite") == digest_of(b"1\n")
    (tmp_path / "folder").mkdir()
    assert digest_in(root, tmp_path / "folder") == digest_of(b"1\n")


def test_a_deleted_cache_is_made_again(root, cache):
    digest_in(root, cache)
    cache.unlink()
    assert digest_in(root, cache) == digest_of(b"1\n")
    assert cache.exists()


def test_paths_are_relative_within_the_project_and_absolute_outside(root, cache, tmp_path):
    (tmp_path / "outside.csv").write_bytes(b"3\n")
    files = LocalFiles(root, cache)
    assert files.artifact(str(root / "data" / "a.csv")).path == "data/a.csv"
    assert files.artifact("../outside.csv").path == str(tmp_path / "outside.csv")
    assert files.artifact(str(tmp_path / "outside.csv")).path == str(tmp_path / "outside.csv")
    assert files.expand("../*.csv") == (str(tmp_path / "outside.csv"),)
    assert files.expand(str(root / "data" / "*.csv")) == ("data/a.csv",)


def test_a_project_reached_by_a_link_is_the_same_project(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    files = LocalFiles(tmp_path / "link", tmp_path / "cache.sqlite")
    assert files.artifact(str(tmp_path / "link" / "data" / "a.csv")).path == "data/a.csv"
    assert files.artifact(str(root / "data" / "a.csv")).path == "data/a.csv"


def test_links_are_followed_where_asked_for_and_refused_below_a_folder(root, cache, tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.csv").write_bytes(b"1\n")
    (root / "linked").symlink_to(tmp_path / "store")
    files = LocalFiles(root, cache)
    assert files.artifact("linked").digest == files.artifact("data").digest
    (root / "data" / "shortcut").symlink_to(tmp_path / "store" / "a.csv")
    assert files.artifact("data/shortcut").digest == digest_of(b"1\n")
    with pytest.raises(StateError, match="shortcut is a symbolic link"):
        files.artifact("data")


@pytest.mark.parametrize("path", ["pipe", "data"])
def test_a_pipe_is_refused_and_never_waited_for(root, cache, path):
    os.mkfifo(root / "pipe")
    os.mkfifo(root / "data" / "pipe")
    with pytest.raises(StateError, match="pipe is a device, pipe or socket"):
        LocalFiles(root, cache).artifact(path)


def test_a_link_to_nowhere_and_a_ring_of_links(root, cache):
    (root / "nowhere").symlink_to("not-there")
    (root / "ring").symlink_to("ring")
    assert LocalFiles(root, cache).artifact("nowhere") is None
    with pytest.raises(StateError, match="ring"):
        LocalFiles(root, cache).artifact("ring")


def test_a_scan_passes_over_what_is_not_the_projects(root, cache):
    for folder in (
        ".git",
        ".assay",
        ".venv",
        "node_modules",
        "src/__pycache__",
        "src/.mypy_cache",
        "my-env/lib",
        "src/.tox",
    ):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "file.py").write_bytes(b"")
    (root / "my-env" / "pyvenv.cfg").write_bytes(b"")
    (root / "src" / "mine.py").write_bytes(b"x")
    (root / ".hidden").write_bytes(b"")
    (root / "link.csv").symlink_to("data/a.csv")
    (root / "nowhere").symlink_to("not-there")
    (root / "ring").symlink_to(".")
    os.mkfifo(root / "pipe")
    scan = LocalFiles(root, cache).scan()
    assert sorted(scan) == [".hidden", "data/a.csv", "link.csv", "src/mine.py"]
    status = (root / "data" / "a.csv").stat()
    seen = scan["data/a.csv"]
    assert (seen.size_bytes, seen.modified_ns, seen.changed_ns, seen.inode) == (
        2,
        status.st_mtime_ns,
        status.st_ctime_ns,
        status.st_ino,
    )


def test_a_pattern_passes_over_hidden_files_unless_it_names_them(root, cache):
    (root / ".hidden.csv").write_bytes(b"")
    files = LocalFiles(root, cache)
    assert files.expand("**/*.csv") == ("data/a.csv",)
    assert files.expand(".*.csv") == (".hidden.csv",)


def test_names_that_are_not_utf8_are_files_too(root, cache):
    name = os.fsdecode(b"caf\xe9.csv")
    (root / "data" / name).write_bytes(b"x")
    for _ in range(2):
        assert digest_in(root, cache, f"data/{name}") == digest_of(b"x")
    assert "data/caf\\xe9.csv" in LocalFiles(root, cache).scan()

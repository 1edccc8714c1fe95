"""What the system says about the disk becomes a sentence with a fix; what is written lasts."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assay.adapters.disk import disk_errors, make_folder, state_error, write_all
from assay.core.problem import StateError


def problem(number, path, needed_bytes=None, filename=None):
    error = OSError(number, os.strerror(number), filename)
    return state_error("cannot keep data.csv", path, error, needed_bytes).problem


def test_a_full_disk_says_how_much_is_free_and_how_much_is_needed(tmp_path):
    told = problem(errno.ENOSPC, tmp_path / "store" / "objects", 4096)
    assert told.code == "disk-full"
    assert told.what == "cannot keep data.csv: the disk is full"
    assert f"bytes are free at {tmp_path}, 4096 are needed" in told.because[0]
    assert f"df -h {tmp_path}" in told.fix


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_missing_rights_name_the_place(tmp_path, number):
    told = problem(number, tmp_path / "store")
    assert told.code == "state-not-writable"
    assert told.what.startswith("cannot keep data.csv: ")
    assert told.because == (f"it happened at {tmp_path / 'store'}",)
    assert f"chmod -R u+rwX {tmp_path}" in told.fix


def test_any_other_failure_is_told_as_the_system_tells_it(tmp_path):
    told = problem(errno.EIO, tmp_path)
    assert (told.code, told.what) == ("disk-failed", "cannot keep data.csv: Input/output error")


def test_the_file_that_the_system_names_is_told_instead_of_the_folder(tmp_path):
    assert problem(errno.EACCES, tmp_path, filename="/data/a.csv").because == ("it happened at /data/a.csv",)


def test_a_block_that_fails_otherwise_is_left_alone(tmp_path):
    with pytest.raises(KeyError), disk_errors("cannot keep data.csv", tmp_path):
        raise KeyError
    with pytest.raises(StateError) as error, disk_errors("cannot keep data.csv", tmp_path):
        Path(tmp_path / "absent").read_bytes()
    assert isinstance(error.value.__cause__, FileNotFoundError)


def test_folders_are_made_with_all_above_them(tmp_path):
    make_folder(tmp_path / "a" / "b" / "c")
    make_folder(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()


def test_every_byte_is_written_even_where_the_system_takes_only_some():
    """A pipe takes 64 KiB at a time, and the rest when a reader made room."""
    reading, writing = os.pipe()
    data = os.urandom(1_000_000)
    with ThreadPoolExecutor(1) as pool, os.fdopen(reading, "rb") as pipe:
        taken = pool.submit(pipe.read)
        write_all(writing, data)
        os.close(writing)
        assert taken.result() == data

"""Every view of a project's files passes its suite, and gives the digests that the stores give."""

import os

import pytest

from assay.adapters.files.local import LocalFiles
from assay.adapters.stores.local import LocalStore
from assay.testing.memory import MemoryFiles, MemoryStore
from assay.testing.suites import FilesContract


class TestLocalFiles(FilesContract):
    @pytest.fixture
    def files_with(self, tmp_path):
        def make(contents):
            for path, data in contents.items():
                file = tmp_path / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(data)
            return LocalFiles(tmp_path, tmp_path / ".assay" / "cache.sqlite")

        return make


class TestMemoryFiles(FilesContract):
    @pytest.fixture
    def files_with(self):
        return MemoryFiles


@pytest.mark.parametrize("path", ["data", "data/2013", "data/2013/jan.csv", "data/run.sh", "data/2013/empty"])
def test_files_and_stores_name_the_same_bytes_alike(tmp_path, path):
    (tmp_path / "data" / "2013" / "empty").mkdir(parents=True)
    (tmp_path / "data" / "2013" / "jan.csv").write_bytes(b"1,2\n")
    (tmp_path / "data" / os.fsdecode(b"caf\xe9")).write_bytes(b"not UTF-8")
    (tmp_path / "data" / "run.sh").write_bytes(b"#!/bin/sh\n")
    (tmp_path / "data" / "run.sh").chmod(0o755)
    seen = LocalFiles(tmp_path, tmp_path / "cache.sqlite").artifact(path)
    assert seen == LocalStore(tmp_path / "store").add(tmp_path / path, path)
    assert seen == MemoryStore().add(tmp_path / path, path)

"""Every store passes the store's suite."""

import pytest

from assay.adapters.caches.sqlite import SqliteCache
from assay.adapters.stores.dvc import DvcBackedStore, DvcCache
from assay.adapters.stores.local import LocalStore
from assay.testing.memory import MemoryStore
from assay.testing.suites import StoreContract


class TestLocalStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path_factory):
        return LocalStore(tmp_path_factory.mktemp("state") / "store")


class TestStoreBackedByDvc(StoreContract):
    @pytest.fixture
    def store(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("state")
        cache = DvcCache(folder / "dvc", SqliteCache(folder / "cache.sqlite"))
        return DvcBackedStore(LocalStore(folder / "store"), lambda: cache)


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        return MemoryStore()

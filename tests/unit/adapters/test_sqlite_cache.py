"""A cache may be deleted, garbage or damaged at any time: then it has forgotten, and nobody is told."""

import sqlite3

import pytest

from assay.adapters.caches.sqlite import SqliteCache


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "cache.sqlite"


def test_what_is_remembered_is_recalled_by_another_process_too(path):
    SqliteCache(path).remember("key", b"value")
    SqliteCache(path).remember("empty", b"")
    assert SqliteCache(path).recall("key") == b"value"
    assert SqliteCache(path).recall("empty") == b""
    assert SqliteCache(path).recall("other") is None


def test_a_later_value_takes_the_place_of_an_earlier_one(path):
    cache = SqliteCache(path)
    cache.remember("key", b"one")
    cache.remember("key", b"two")
    assert cache.recall("key") == b"two"


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 40])
def test_a_damaged_value_is_forgotten(path, damage):
    cache = SqliteCache(path)
    cache.remember("key", b"value")
    with sqlite3.connect(path) as database:
        database.execute("update remembered set value = ?", (damage,))
    assert cache.recall("key") is None


def test_garbage_and_a_place_that_cannot_be_written_are_no_errors(path, tmp_path):
    path.parent.mkdir()
    path.write_bytes(b"garbage")
    cache = SqliteCache(path)
    cache.remember("key", b"value")
    assert cache.recall("key") is None
    (tmp_path / "file").write_text("x")
    SqliteCache(tmp_path / "file" / "cache.sqlite").remember("key", b"value")

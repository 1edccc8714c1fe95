"""Threads of DuckDB share the memory that checks may use: there are no more than it is enough for."""

import duckdb
import pytest

from assay.adapters.engines.duckdb_session import MOST_THREADS, opened_database


@pytest.mark.parametrize(("processors", "threads"), [(1, 1), (MOST_THREADS, MOST_THREADS), (64, MOST_THREADS)])
def test_a_machine_of_many_processors_has_as_many_threads_as_its_memory_is_enough_for(monkeypatch, processors, threads):
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda path, config: connect(path, config={**config, "threads": processors}))
    with opened_database((), "500MB") as connection:
        assert connection.execute("SELECT current_setting('threads')").fetchall() == [(threads,)]

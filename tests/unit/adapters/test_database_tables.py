"""Tables in the files of databases: which database it is, what its cells are, and every reason why there is no table."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assay.adapters.engines import sqlite_rows
from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import DatabaseTable, Files
from assay.core.digest import digest_of
from assay.core.finding import Finding
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import RowRule, Rules, parse_column

ORDERS = Artifact("orders", digest_of(b"orders"), "file", 1)


def sqlite_of(path: Path, *statements: str, rows: Any = ()) -> Path:
    """A database of these statements, the last of which takes the rows."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements[:-1] if rows else statements:
            connection.execute(statement)
        if rows:
            connection.executemany(statements[-1], rows)
    return path


def found(path: Path, table: str, *lines: tuple[str, str], **rules: Any) -> tuple[Finding, ...]:
    columns = tuple(parse_column(*line) for line in lines)
    source = DatabaseTable(str(path), table)
    return check(ORDERS, source, Rules(columns=columns, **rules), DuckdbEngine()).findings


def refused(path: Path, table: str = "orders") -> Problem:
    with pytest.raises(EvidenceError) as caught, DuckdbEngine().open({"source": DatabaseTable(str(path), table)}):
        pass
    assert caught.value.problem.because
    assert caught.value.problem.fix
    return caught.value.problem


# SQLite


def test_each_cell_of_sqlite_has_a_type_of_its_own(tmp_path: Path) -> None:
    rows = [(1, 7), (2, "7"), (3, 7.0), (4, b"7"), (5, None), (6, 7.5), (7, float("inf")), (8, 2**63 - 1), (9, True)]
    path = sqlite_of(tmp_path / "a.db", "CREATE TABLE orders (id, x)", "INSERT INTO orders VALUES (?, ?)", rows=rows)
    ids = ("id", "int")
    ints, floats, texts = (found(path, "orders", ids, ("x", line))[1] for line in ("int?", "float?", "str?"))
    assert [row["id"] for row in ints.sample] == [2, 4, 6, 7]
    assert [row["id"] for row in floats.sample] == [2, 4]
    assert [row["id"] for row in texts.sample] == [1, 3, 4, 6, 7, 8, 9]
    assert ints.sample[1]["x"] == '{"blob":"37"}'.replace(":", ": ")


def test_what_is_declared_boolean_is_true_or_false(tmp_path: Path) -> None:
    statements = ("CREATE TABLE orders (id, paid BOOLEAN)", "INSERT INTO orders VALUES (?, ?)")
    rows = [(1, True), (2, 0), (3, None), (4, 2), (5, "true")]
    (bools,) = found(sqlite_of(tmp_path / "a.db", *statements, rows=rows), "orders", ("paid", "bool?"))[:1]
    assert [row["id"] for row in bools.sample] == [4, 5]


def test_days_and_times_are_texts_that_spell_them(tmp_path: Path) -> None:
    statements = ("CREATE TABLE orders (id, day DATE, moment DATETIME)", "INSERT INTO orders VALUES (?, ?, ?)")
    rows = [
        (1, "2013-01-01", "2013-01-01 05:00:00"),
        (2, "2013-01-01", "2013-01-01T05:00:00+02:00"),
        (3, 2456293.5, 1356998400),
        (4, "01/02/2013", "2013-13-01"),
    ]
    path = sqlite_of(tmp_path / "a.db", *statements, rows=rows)
    rule = RowRule("early", "hour(moment) = 3")
    days, times, early, _ = found(path, "orders", ("day", "date"), ("moment", "time"), row_rules=(rule,))
    assert [row["id"] for row in days.sample] == [3, 4]
    assert [row["id"] for row in times.sample] == [3, 4]
    assert [row["id"] for row in early.sample] == [1]


def test_rows_are_read_in_chunks_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_rows, "CHUNK_CELLS", 7)
    rows = [(number, f"é {number}") for number in range(100)]
    statements = ("CREATE TABLE orders (id INTEGER PRIMARY KEY, name)", "INSERT INTO orders VALUES (?, ?)")
    path = sqlite_of(tmp_path / "a.db", *statements, rows=rows)
    with DuckdbEngine().open({"source": DatabaseTable(str(path), "orders")}) as opened:
        assert opened.rows("SELECT CAST(c0 AS BIGINT), c1 ->> '$' FROM source") == rows


def test_views_and_odd_names_of_sqlite_are_tables_too(tmp_path: Path) -> None:
    path = sqlite_of(
        tmp_path / "a?b#c.db",
        'CREATE TABLE "x; DROP TABLE y" ("a ""b""" INTEGER, "SELECT" TEXT)',
        """INSERT INTO "x; DROP TABLE y" VALUES (1, 'it''s')""",
        'CREATE VIEW Seen AS SELECT "SELECT" AS s, 1 AS one FROM "x; DROP TABLE y"',
    )
    assert found(path, "x; DROP TABLE y", ('a "b"', "int 1..1"), ("SELECT", "str"))[0].passed
    assert found(path, "seen", ("s", 'str ~ "\'"'), ("one", "int"))[0].passed


def test_a_text_of_sqlite_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    path = sqlite_of(tmp_path / "a.db", "CREATE TABLE orders (x)", "INSERT INTO orders VALUES (CAST(x'ff41' AS TEXT))")
    problem = refused(path)
    assert (problem.code, problem.because) == ("not-utf8", ("a text in 'x' holds the byte 0xff",))


def test_a_table_of_sqlite_without_rows_has_its_columns(tmp_path: Path) -> None:
    path = sqlite_of(tmp_path / "a.db", "CREATE TABLE orders (id INTEGER, x TEXT)")
    assert all(finding.passed for finding in found(path, "orders", ("id", "int unique"), ("x", "str")))


def test_rows_that_are_not_committed_are_not_read(tmp_path: Path) -> None:
    path = sqlite_of(tmp_path / "a.db", "PRAGMA journal_mode = WAL", "CREATE TABLE orders (id)")
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO orders VALUES (1)")
        with DuckdbEngine().open({"source": DatabaseTable(str(path), "orders")}) as opened:
            writer.commit()
            assert opened.rows("SELECT count(*) FROM source") == [(0,)]


def test_a_database_that_is_held_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = sqlite_of(tmp_path / "a.db", "CREATE TABLE orders (id)")
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *args, **options: connect(*args, timeout=0, **options))
    with closing(connect(path)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert refused(path).code == "database-locked"


def test_a_damaged_database_of_sqlite_is_told(tmp_path: Path) -> None:
    rows = [(number, "x" * 500) for number in range(1000)]
    statements = ("CREATE TABLE orders (id, x)", "INSERT INTO orders VALUES (?, ?)")
    path = sqlite_of(tmp_path / "a.db", *statements, rows=rows)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert refused(path).code == "data-unreadable"


# DuckDB


def test_tables_and_views_of_a_duckdb_database_are_read_and_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE SCHEMA sales")
        connection.execute("CREATE TYPE size AS ENUM ('small', 'large', 'Medium')")
        connection.execute("CREATE TABLE sales.orders (size size, id UUID, doc JSON)")
        connection.execute(
            "INSERT INTO sales.orders VALUES ('small', uuid(), '1'), ('large', NULL, '{}'), ('Medium', NULL, NULL)"
        )
        connection.execute("CREATE VIEW orders AS SELECT id FROM sales.orders")
        connection.execute("CREATE VIEW passwords AS SELECT * FROM read_csv('/etc/passwd')")
    sizes, ids, _ = found(path, "sales.orders", ("size", "str in [tiny]"), ("id", "str? len 36"))
    assert [value.value for value in sizes.values] == ["Medium", "large", "small"]
    assert ids.passed
    assert found(path, "ORDERS", ("id", "str?"))[0].passed
    with pytest.raises(EvidenceError) as caught:
        found(path, "passwords", ("x", "str"))
    assert caught.value.problem.code == "data-unreadable"


def test_tables_of_two_databases_and_a_file_are_read_together(tmp_path: Path) -> None:
    one = sqlite_of(tmp_path / "one.db", "CREATE TABLE a AS SELECT 1 AS x")
    two = tmp_path / "two.duckdb"
    with duckdb.connect(two) as connection:
        connection.execute("CREATE TABLE b AS SELECT 2 AS x")
    (tmp_path / "three.csv").write_text("x\n3\n")
    datasets = {
        "source": DatabaseTable(str(one), "a"),
        "other0": DatabaseTable(str(two), "b"),
        "other1": Files((tmp_path / "three.csv",)),
    }
    with DuckdbEngine().open(datasets) as opened:
        asked = "SELECT s.c0::VARCHAR, a.c0::VARCHAR, b.c0 FROM source s, other0 a, other1 b"
        assert opened.rows(asked) == [("1", "2", "3")]


def test_a_missing_table_is_told_with_its_near_miss(tmp_path: Path) -> None:
    path = sqlite_of(tmp_path / "a.db", "CREATE TABLE orders (id)")
    assert refused(path, "order").fix == "did you mean orders?"
    other = tmp_path / "b.duckdb"
    with duckdb.connect(other) as connection:
        connection.execute("CREATE SCHEMA sales")
        connection.execute("CREATE TABLE sales.orders (id INT)")
    assert refused(other, "sale.orders").fix == "did you mean sales.orders?"
    assert refused(other, "nothing").because == ("it holds sales.orders",)


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"id,x\n1,2\n")
    (tmp_path / "lfs.db").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n")
    (tmp_path / "empty.db").write_bytes(b"")
    (tmp_path / "torn.duckdb").write_bytes(b"\0" * 8 + b"DUCK" + b"\0" * 100)
    assert refused(tmp_path / "a.db").code == "no-database"
    assert refused(tmp_path / "lfs.db").code == "git-lfs-pointer"
    assert refused(tmp_path / "empty.db").code == "data-empty"
    assert refused(tmp_path / "torn.duckdb").code == "data-unreadable"
    assert refused(tmp_path / "absent.db").code == "data-not-found"
    assert refused(tmp_path).code == "data-is-folder"

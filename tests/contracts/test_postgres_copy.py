"""Tables of PostgreSQL as DuckDB has them once they are copied."""

import sys

import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check.profile import profile_columns
from assay.check.questions import SOURCE
from assay.core.dataset import DatabaseTable, Files
from assay.core.problem import EvidenceError


def copied(database, table="odd"):
    """The columns and the rows."""
    with DuckdbEngine().open({SOURCE: DatabaseTable(database.address, table)}) as opened:
        columns = opened.columns[SOURCE]
        zones = {"zoned": " AT TIME ZONE 'UTC'"}  # else it is written as in the zone where the tests run
        cells = ", ".join(f"CAST({column.ref}{zones.get(column.held, '')} AS VARCHAR)" for column in columns)
        return columns, opened.rows(f"SELECT {cells} FROM {SOURCE}")


def refused(database, table="odd"):
    with pytest.raises(EvidenceError) as caught:
        copied(database, table)
    return caught.value.problem


@pytest.mark.parametrize(
    ("type_", "value", "held", "text"),
    [
        ("smallint", "-7", "int", "-7"),
        ("bigint", "9223372036854775807", "int", "9223372036854775807"),
        ("float8", "'NaN'", "float", "nan"),
        ("real", "'-Infinity'", "float", "-inf"),
        ("numeric(10,2)", "12.5", "decimal", "12.50"),
        (
            "numeric(38,10)",
            "1234567890123456789012345678.0123456789",
            "decimal",
            "1234567890123456789012345678.0123456789",
        ),
        ("numeric(60,2)", "1e40", "decimal", "1e+40"),
        ("numeric", "'NaN'", "decimal", None),
        ("numeric", "1e400", "decimal", "inf"),
        ("boolean", "true", "bool", "true"),
        ("text", "''", "text", ""),
        ("text", "NULL", "text", None),
        ("text", r"'\N'", "text", r"\N"),
        ("text", "E'a\\r\\nb\"c,d'", "text", 'a\r\nb"c,d'),
        ("text", "'ü💡'", "text", "ü💡"),
        ("char(5)", "'ab'", "text", "ab"),
        ("date", "'infinity'", "date", "infinity"),
        ("date", "'0044-03-15 BC'", "date", "0044-03-15 (BC)"),
        ("timestamp", "'2013-01-01 05:00:00.123456'", "time", "2013-01-01 05:00:00.123456"),
        ("timestamptz", "'2013-01-01 05:00:00+02'", "zoned", "2013-01-01 03:00:00"),
        ("int[]", "'{1,NULL}'", "other", "{1,NULL}"),
        ("jsonb", '\'{"a": "x,y"}\'', "other", '{"a": "x,y"}'),
        ("bytea", r"'\x00ff'", "other", r"\x00ff"),
        ("interval", "'1 day 2 hours'", "other", "P1DT2H"),
    ],
)
def test_a_value_is_what_it_was(database, type_, value, held, text):
    database.execute(f'CREATE TABLE odd ("a ""b, c" {type_})')
    database.execute(f"INSERT INTO odd VALUES ({value})")
    (column,), ((cell,),) = copied(database)
    assert (column.name, column.held) == ('a "b, c', held)
    assert cell == text if held != "zoned" else cell.startswith(text)


def test_rows_of_a_view_and_of_an_empty_table_and_a_long_cell(database):
    database.execute("CREATE TABLE many AS SELECT g AS id, repeat('x', g % 7) AS t FROM generate_series(1, 20000) g")
    database.execute("CREATE VIEW part AS SELECT id, t FROM many WHERE id % 10 = 0")
    columns, rows = copied(database, "part")
    assert [column.name for column in columns] == ["id", "t"]
    assert len(rows) == 2000
    database.execute("CREATE TABLE nothing (id int)")
    assert copied(database, "nothing")[1] == []
    database.execute("CREATE TABLE odd AS SELECT repeat('y', 3000000) AS t")
    assert len(copied(database)[1][0][0]) == 3_000_000


def test_two_tables_of_which_one_is_a_file(database, tmp_path):
    database.execute("CREATE TABLE odd AS SELECT 7 AS n")
    (tmp_path / "a.csv").write_text("n\n8\n")
    both = {"before": DatabaseTable(database.address, "odd"), "after": Files((tmp_path / "a.csv",))}
    with DuckdbEngine().open(both) as opened:
        assert opened.rows("SELECT b.c0, a.c0 FROM before b, after a") == [(7, "8")]


def test_endless_days_do_not_hide_the_others(database):
    database.execute("CREATE TABLE odd (d date)")
    database.execute("INSERT INTO odd VALUES ('infinity'), ('2013-01-02'), ('2013-01-03'), ('-infinity')")
    with DuckdbEngine().open({SOURCE: DatabaseTable(database.address, "odd")}) as opened:
        (column,) = profile_columns(opened, "duckdb").columns
    assert (column.least, column.greatest) == ("2013-01-02", "2013-01-03")


def test_what_is_no_table_is_told_as_by_a_check(database):
    database.execute("CREATE TABLE odder (n int)")
    problem = refused(database)
    assert problem.code == "no-such-table"
    assert problem.fix == "did you mean public.odder?"


def test_without_the_driver_the_fix_installs_it(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "psycopg"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(EvidenceError) as caught:
        DuckdbEngine().open({SOURCE: DatabaseTable("postgresql://db.example/sales", "orders")}).__enter__()
    problem = caught.value.problem
    assert (problem.code, problem.fix) == ("extra-not-installed", 'pip install "assay[postgres]"')


def test_a_query_that_fails_on_the_way_leaves_nothing_behind(database, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    database.execute("CREATE VIEW odd AS SELECT 1 / (g - 9000) AS n FROM generate_series(1, 10000) g")
    problem = refused(database)
    assert problem.code == "query-failed"
    assert "division by zero" in " ".join(problem.because)
    assert list(tmp_path.iterdir()) == []

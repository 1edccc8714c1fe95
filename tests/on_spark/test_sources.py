"""What Spark opens: files, tables of its catalog, values; and what it refuses, with cause and fix."""

import pytest
from both import DATA, assert_alike, found, written

from assay.check import check
from assay.core.dataset import DatabaseTable, Files, Values
from assay.core.problem import EvidenceError
from assay.core.rules import Rules, parse_column

pytestmark = pytest.mark.spark


def opened(spark, source, query="SELECT * FROM source ORDER BY c0"):
    with spark.open({"source": source}) as there:
        return [(column.name, column.held) for column in there.columns["source"]], there.rows(query)


def refused(spark, source, query="SELECT count(*) FROM source"):
    with pytest.raises(EvidenceError) as caught:
        opened(spark, source, query)
    return caught.value.problem


def test_several_files_are_joined_by_the_names_of_their_columns(spark, tmp_path):
    one = written(tmp_path, "SELECT i AS id, 'a' || i AS name FROM range(3) AS t(i)", "1.parquet")
    two = written(tmp_path, "SELECT i / 2 AS half, i + 3 AS id FROM range(3) AS t(i)", "2.parquet")
    rules = Rules(
        columns=tuple(map(parse_column, ("id", "name", "half"), ("int 0..4", "str", "float? < 1"))), unique=(("id",),)
    )
    findings = assert_alike(spark, [one, two], rules)
    assert findings[0]["rows"] == 6


def test_of_several_files_it_is_told_in_which_rows_fail(spark, tmp_path):
    names = ("its [1] +%20 é.parquet", "two words.parquet")
    paths = [written(tmp_path, f"SELECT {n} + i AS id FROM range(3) AS t(i)", name) for n, name in enumerate(names)]
    findings = assert_alike(spark, paths, Rules(columns=(parse_column("id", "int 1..2"),)))
    (told,) = (finding for finding in findings if not finding["passed"])
    assert {each["value"]: each["rows"] for each in told["slices"]} == dict.fromkeys(names, 1)


def test_columns_of_other_types_become_the_widest(spark, tmp_path):
    one = written(tmp_path, "SELECT 1::INTEGER AS id, 1 AS n, DATE '2013-01-01' AS day, 1::TINYINT AS f", "1.parquet")
    two = written(
        tmp_path, "SELECT 2::BIGINT AS id, 2.5 AS n, TIMESTAMP '2013-01-02 01:00' AS day, 2::FLOAT AS f", "2.parquet"
    )
    three = written(tmp_path, "SELECT 3::BIGINT AS id, 2.25::DOUBLE AS n, 'x' AS more", "3.parquet")
    rules = Rules(
        columns=tuple(map(parse_column, ("id", "n", "day", "f"), ("int < 2", "float < 2", "date?", "float? < 2"))),
        unique=(("id",),),
    )
    assert_alike(spark, [one, two, three], rules)


def test_columns_that_cannot_be_one_are_refused(spark, tmp_path):
    one = written(tmp_path, "SELECT 1 AS id", "1.parquet")
    two = written(tmp_path, "SELECT 'x' AS id", "2.parquet")
    problem = refused(spark, Files((one, two)))
    assert problem.code == "mixed-types"
    assert str(two) in problem.because[0]


@pytest.mark.parametrize(
    "name", ["a[1]*?.parquet", "per%20c #x.parquet", "a{b,c}.parquet", "back\\slash.parquet", "ü,x.parquet"]
)
def test_names_of_files_mean_themselves(spark, tmp_path, name):
    path = written(tmp_path, "SELECT 1 AS id")
    path.rename(tmp_path / name)
    assert opened(spark, Files((tmp_path / name,))) == ([("id", "int")], [(1,)])


def test_folders_of_partitions_add_no_columns(spark, tmp_path):
    folders = [tmp_path / f"k={n}" for n in range(2)]
    for folder in folders:
        folder.mkdir()
    paths = tuple(written(folder, "SELECT 1 AS id") for folder in folders)
    assert opened(spark, Files(paths), "SELECT c0 FROM source") == ([("id", "int")], [(1,), (1,)])


@pytest.mark.parametrize("name, text", [("a.csv", "id\n1\n"), ("a.jsonl", '{"id": 1}\n')])
def test_texts_are_left_to_duckdb(spark, tmp_path, name, text):
    (tmp_path / name).write_text(text)
    problem = refused(spark, Files((tmp_path / name,)))
    assert problem.code == "not-for-this-engine"
    assert "Spark reads texts in ways of its own" in problem.because[0]


def test_hidden_files_are_told(spark, tmp_path):
    assert refused(spark, Files((written(tmp_path, "SELECT 1", "_a.parquet"),))).code == "data-unreadable"


def test_types_that_spark_lacks_are_told(spark, tmp_path):
    problem = refused(spark, Files((written(tmp_path, "SELECT uuid() AS u"),)))
    assert problem.code == "not-for-this-engine"
    assert "UUID" in problem.because[0]


def test_damaged_files(spark, tmp_path):
    path = written(tmp_path, "SELECT i, i::DOUBLE AS f FROM range(100000) AS t(i)")
    data = bytearray(path.read_bytes())
    data[1000:9000] = bytes(8000)
    path.write_bytes(data)
    problem = refused(spark, Files((path,)), "SELECT sum(c0), sum(c1) FROM source")
    assert problem.code == "data-unreadable"
    assert str(path) in problem.what


def test_a_file_that_goes_while_it_is_read(spark, tmp_path):
    path = written(tmp_path, "SELECT 1 AS id")
    with spark.open({"source": Files((path,))}) as there:
        path.unlink()
        with pytest.raises(EvidenceError) as caught:
            there.rows("SELECT max(c0) FROM source")
    assert caught.value.problem.code == "data-changed"


def test_a_file_that_is_not_there(spark, tmp_path):
    assert refused(spark, Files((tmp_path / "a.parquet",))).code == "data-not-found"


def test_values(spark):
    assert opened(spark, Values((3, None, 1)), "SELECT c0 FROM source ORDER BY c0") == (
        [("value", "int")],
        [(None,), (1,), (3,)],
    )
    assert opened(spark, Values((2, 0.5))) == ([("value", "float")], [(0.5,), (2.0,)])
    assert opened(spark, Values(("b", "a'"))) == ([("value", "text")], [("a'",), ("b",)])
    assert opened(spark, Values(())) == ([("value", "int")], [])


@pytest.fixture
def base(spark):
    """A database of the catalog."""
    from pyspark.sql import SparkSession

    opened(spark, Values((1,)))
    session = SparkSession.builder.getOrCreate()
    session.sql("CREATE DATABASE IF NOT EXISTS base")
    yield session
    session.sql("DROP DATABASE base CASCADE")


def test_tables_of_the_catalog(spark, base, tmp_path):
    base.sql(
        "CREATE TABLE base.flights (id INT, name CHAR(3), dest VARCHAR(5), fare DECIMAL(9, 2), at TIMESTAMP, local TIMESTAMP_NTZ,"
        " tags ARRAY<STRING>, raw BINARY) USING parquet"
    )
    base.sql(
        "INSERT INTO base.flights VALUES (1, 'ab', 'BOS', 1.5, timestamp'2013-01-01 05:00:00 UTC', timestamp_ntz'2013-01-01 06:00:00',"
        " array('x'), X'00'), (2, 'abc', NULL, NULL, NULL, NULL, NULL, NULL)"
    )
    columns, rows = opened(
        spark, DatabaseTable("spark", "base.flights"), "SELECT count(*), sum(c0), max(CAST(c6 AS STRING)) FROM source"
    )
    assert [held for _, held in columns] == ["int", "text", "text", "decimal", "zoned", "time", "other", "other"]
    assert rows == [(2, 3, "[x]")]


def test_a_table_that_is_not_there(spark, base):
    base.sql("CREATE TABLE base.flights (id INT) USING parquet")
    problem = refused(spark, DatabaseTable("spark", "base.flihgts"))
    assert (problem.code, problem.fix) == ("no-such-table", "did you mean base.flights?")
    assert refused(spark, DatabaseTable("spark", "bas.flights")).code == "no-such-table"


def test_rules_on_a_table(spark, base):
    base.sql("CREATE TABLE base.numbers AS SELECT id, id % 3 AS third FROM range(10)")
    rules = Rules(columns=(parse_column("third", "int 0..1"),), unique=(("id",),))
    report = check(DATA, DatabaseTable("spark", "base.numbers"), rules, spark)
    assert [row["id"] for row in report.findings[0].sample] == [2, 5, 8]


@pytest.mark.parametrize(
    "query",
    [
        "SELEC 1",
        "SELECT nothing FROM source",
        "CREATE TABLE made (a INT)",
        "INSERT INTO base.x VALUES (1)",
        "SELECT * FROM csv.`/etc/passwd`",
    ],
)
def test_nothing_but_queries_over_what_was_opened(spark, query):
    assert refused(spark, Values((1,)), query).code == "query-failed"


def test_what_is_opened_twice_is_apart(spark, tmp_path):
    path = written(tmp_path, "SELECT 1 AS id")
    with spark.open({"source": Values((5,))}) as one, spark.open({"source": Files((path,))}) as other:
        assert one.rows("SELECT c0 FROM source") == [(5,)]
        assert other.rows("SELECT c0 FROM source") == [(1,)]


def test_nothing_is_said_on_stderr(spark, tmp_path, capfd):
    refused(spark, Values((1,)), "SELECT nothing FROM source")
    found(spark, [written(tmp_path, "SELECT 1 AS id")], Rules(unique=(("id",),)))
    assert capfd.readouterr() == ("", "")

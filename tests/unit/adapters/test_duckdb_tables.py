"""Tables through DuckDB on real files: what is read, and as what."""

import gzip
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from assay.adapters.engines.duckdb_tables import DuckdbTables
from assay.core.ports import Tables
from assay.core.problem import EvidenceError
from assay.core.table import Field

Write = Callable[[str, str], Path]


@pytest.fixture
def tables() -> Tables:
    return DuckdbTables()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text under a name in a temporary folder."""

    def written(name: str, content: str) -> Path:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return path

    return written


@pytest.fixture
def parquet(tmp_path: Path) -> Write:
    """Write what a SELECT yields as Parquet."""

    def written(name: str, select: str) -> Path:
        path = tmp_path / name
        with duckdb.connect() as connection:
            connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
        return path

    return written


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_csv_becomes_the_narrowest_kinds_that_all_values_fit(tables: Tables, write: Write) -> None:
    path = write("a.csv", "n,x,s,b,gap,z\n1,1.5,EWR,true,1,\n2,2,JFK,False,,\n")
    table, schema = tables.read([path])
    assert schema == (
        Field("n", "int"),
        Field("x", "float"),
        Field("s", "text"),
        Field("b", "bool"),
        Field("gap", "int", nullable=True),
        Field("z", "text", nullable=True),
    )
    assert [table[name].dtype for name in table] == [np.int64, np.float64, object, np.bool_, np.float64, object]
    assert table["n"].tolist() == [1, 2]
    assert table["b"].tolist() == [True, False]
    assert np.array_equal(table["gap"], [1.0, np.nan], equal_nan=True)
    assert table["z"].tolist() == [None, None]


def test_the_last_row_counts_for_a_columns_kind_as_the_first_does(tables: Tables, write: Write) -> None:
    path = write("a.csv", "n\n" + "1\n" * 30_000 + "oops\n")
    table, schema = tables.read([path])
    assert schema == (Field("n", "text"),)
    assert table["n"][-1] == "oops"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["007", "+3", "-1"], "int"),
        (["9223372036854775807"], "int"),
        (["9223372036854775808", "1"], "text"),
        (["1e3", "2"], "float"),
        (["nan", "1"], "float"),
        (["inf", "-Infinity"], "float"),
        (["1_000"], "text"),
        (["0x10"], "text"),
        (["1,5"], "text"),
        (["2013-01-01"], "text"),
        (["true", "1"], "text"),
    ],
)
def test_texts_are_numbers_only_where_every_reader_would_say_so(
    tables: Tables, write: Write, cells: list[str], kind: str
) -> None:
    path = write("a.csv", "v\n" + "".join(f'"{cell}"\n' for cell in cells))
    assert tables.read([path])[1][0].type == kind


def test_nan_is_null(tables: Tables, write: Write) -> None:
    assert tables.read([write("a.csv", "v\n1.5\nnan\n")])[1] == (Field("v", "float", nullable=True),)


def test_typed_columns_of_parquet_become_numpy_arrays(tables: Tables, parquet: Write) -> None:
    path = parquet(
        "a.parquet",
        """SELECT * FROM (VALUES
        (1::SMALLINT, 2.5::DECIMAL(9,2), 7::UBIGINT, 18446744073709551615::UBIGINT, 0.5::FLOAT, true, 'é', DATE '2013-01-02',
         TIMESTAMP '2013-01-02 03:04:05.5', TIMESTAMPTZ '2013-01-02 03:04:05+01', TIME '01:02:03', [1, 2]),
        (NULL, NULL, 8, 1, 'nan', NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS rows(i, d, h, w, f, b, s, day, ts, tz, t, l)""",
    )
    table, schema = tables.read([path])
    assert {field.name: field.type for field in schema} == {
        "i": "int",
        "d": "float",
        "h": "int",
        "w": "float",
        "f": "float",
        "b": "bool",
        "s": "text",
        "day": "text",
        "ts": "text",
        "tz": "text",
        "t": "text",
        "l": "text",
    }
    assert {field.name for field in schema if not field.nullable} == {"h", "w"}
    first = {name: column[0] for name, column in table.items()}
    assert (first["i"], first["d"], first["h"], first["w"], first["f"]) == (1.0, 2.5, 7, 2.0**64, 0.5)
    assert table["b"].tolist() == [True, None]
    assert first["s"] == "é"
    assert first["day"] == "2013-01-02"
    assert first["ts"] == "2013-01-02T03:04:05.5"
    assert first["tz"] == "2013-01-02T02:04:05Z"
    assert first["t"] == "01:02:03"
    assert first["l"] == "[1, 2]"


def test_json_lines_keep_the_type_of_each_cell(tables: Tables, write: Write) -> None:
    path = write("a.jsonl", '{"n":1,"x":1.0,"s":"1","b":true}\n{"n":null,"x":2,"b":false,"late":{"deep":[1]}}\n')
    table, schema = tables.read([path])
    assert schema == (
        Field("n", "int", nullable=True),
        Field("x", "float"),
        Field("s", "text", nullable=True),
        Field("b", "bool"),
        Field("late", "text", nullable=True),
    )
    assert table["s"].tolist() == ["1", None]
    assert table["late"].tolist() == [None, '{"deep":[1]}']


@pytest.mark.parametrize("keys", [199, 200, 201, 3000])
def test_json_lines_may_have_any_number_of_keys(tables: Tables, write: Write, keys: int) -> None:
    row = ",".join(f'"c{at}":{at}' for at in range(keys))
    path = write("a.jsonl", f"{{{row}}}\n{{{row}}}\n")
    assert [name for name, _ in tables.schema([path])] == [f"c{at}" for at in range(keys)]


def test_json_lines_may_have_other_keys_in_every_line(tables: Tables, write: Write) -> None:
    path = write("a.jsonl", "".join(f'{{"c{at}":{at}}}\n' for at in range(300)))
    assert [name for name, _ in tables.schema([path])] == [f"c{at}" for at in range(300)]


def test_a_json_key_that_shows_up_in_the_last_line_is_a_column(tables: Tables, write: Write) -> None:
    path = write("a.ndjson", '{"a":1}\n' * 40_000 + '{"a":1,"z":2}\n')
    assert tables.schema([path]) == (("a", "JSON"), ("z", "JSON"))


def test_only_the_wanted_columns_are_read_in_the_order_wanted(tables: Tables, write: Write) -> None:
    table, schema = tables.read([write("a.csv", "a,b,c\n1,2,3\n")], ["c", "a", "c"])
    assert list(table) == ["c", "a"]
    assert [field.name for field in schema] == ["c", "a"]


def test_a_wanted_column_that_is_missing_names_the_near_miss(tables: Tables, write: Write) -> None:
    with pytest.raises(EvidenceError) as caught:
        tables.read([write("a.csv", "month,day\n1,2\n")], ["mnth"])
    assert caught.value.problem.code == "no-column"
    assert caught.value.problem.fix == "did you mean 'month'?"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz", "A.CSV", "a b'c?[1]*.csv", "a\\b.csv", "year=2013.csv"])
def test_delimited_files_of_every_name_are_read(tables: Tables, tmp_path: Path, name: str) -> None:
    text = "a\tb\n1\tx\n" if ".tsv" in name else "a,b\n1,x\n"
    data = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
    (tmp_path / name).write_bytes(data)
    (tmp_path / "axc.csv").write_text("decoy\n")
    table, _ = tables.read([tmp_path / name])
    assert {column: values.tolist() for column, values in table.items()} == {"a": [1], "b": ["x"]}


def test_relative_paths_and_symbolic_links_lead_to_their_file(
    tables: Tables, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("real.csv", "a\n1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").symlink_to("real.csv")
    monkeypatch.chdir(tmp_path)
    for path in (Path("real.csv"), Path("link.csv"), Path("folder/../real.csv"), tmp_path / "link.csv"):
        assert tables.read([path])[0]["a"].tolist() == [1]


def test_a_folder_named_like_a_partition_adds_no_column(tables: Tables, tmp_path: Path) -> None:
    (tmp_path / "year=2013").mkdir()
    path = tmp_path / "year=2013" / "a.csv"
    path.write_text("a\n1\n")
    assert tables.schema([path]) == (("a", "VARCHAR"),)


def test_a_byte_order_mark_quoted_line_ends_and_semicolons_are_understood(tables: Tables, write: Write) -> None:
    table, _ = tables.read([write("a.csv", '\ufeffname;n\r\n"say ""hi"";\r\nbye";1\r\n"";2\r\n')])
    assert table["name"].tolist() == ['say "hi";\r\nbye', None]
    assert table["n"].tolist() == [1, 2]


def test_an_unnamed_column_is_named_after_its_place(tables: Tables, write: Write) -> None:
    assert list(tables.read([write("a.csv", ",x\n0,1\n")])[0]) == ["column0", "x"]


def test_a_header_alone_is_a_table_without_rows(tables: Tables, write: Write) -> None:
    path = write("a.csv", "a,b\n")
    table, schema = tables.read([path])
    assert [len(column) for column in table.values()] == [0, 0]
    assert schema == (Field("a", "text"), Field("b", "text"))


def test_several_csv_files_are_one_dataset_joined_by_the_names_of_columns(tables: Tables, write: Write) -> None:
    files = [
        write("3.csv", "b,a\nx,1\n"),
        write("1.csv", "a,c\n2,true\n"),
        write("2.csv", "b,a\ny,3\n"),
    ]
    table, _ = tables.read(files)
    assert list(table) == ["b", "a", "c"]
    assert table["a"].tolist() == [1, 2, 3]
    assert table["b"].tolist() == ["x", None, "y"]
    assert table["c"].tolist() == [None, True, None]


def test_several_parquet_files_are_joined_by_name_in_the_order_given(tables: Tables, parquet: Write) -> None:
    second = parquet("2.parquet", "SELECT range AS a, 'x' AS b FROM range(5000)")
    first = parquet("1.parquet", "SELECT 'y' AS b, 7.5 AS c, -range AS a FROM range(3)")
    table, _ = tables.read([second, first])
    assert table["a"].tolist() == [*range(5000), 0, -1, -2]
    assert table["c"].tolist()[-1] == 7.5


def test_rows_come_in_the_order_of_the_file_however_many_threads_read_it(tables: Tables, parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT range AS n FROM range(400000)")
    assert np.array_equal(tables.read([path])[0]["n"], np.arange(400_000))

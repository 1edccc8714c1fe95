"""The DuckDB engine on real files: what it reads, what it counts, which rows it shows."""

import gzip
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.core.ports import Engine, Measurements
from assay.core.problem import EvidenceError
from assay.core.rules import Bounds, ColumnRule, Rules, parse_column
from assay.core.table import Field

Write = Callable[[str, str], Path]


@pytest.fixture
def engine() -> Engine:
    return DuckdbEngine()


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


def measured(engine: Engine, path: Path, **lines: str) -> Measurements:
    return engine.measure([path], Rules(columns=tuple(parse_column(column, text) for column, text in lines.items())))


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_csv_becomes_the_narrowest_kinds_that_all_values_fit(engine: Engine, write: Write) -> None:
    path = write("a.csv", "n,x,s,b,gap,z\n1,1.5,EWR,true,1,\n2,2,JFK,False,,\n")
    table, schema = engine.read([path])
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


def test_the_last_row_counts_for_a_columns_kind_as_the_first_does(engine: Engine, write: Write) -> None:
    path = write("a.csv", "n\n" + "1\n" * 30_000 + "oops\n")
    table, schema = engine.read([path])
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
    engine: Engine, write: Write, cells: list[str], kind: str
) -> None:
    path = write("a.csv", "v\n" + "".join(f'"{cell}"\n' for cell in cells))
    assert engine.read([path])[1][0].type == kind


def test_nan_is_null(engine: Engine, write: Write) -> None:
    assert engine.read([write("a.csv", "v\n1.5\nnan\n")])[1] == (Field("v", "float", nullable=True),)


def test_typed_columns_of_parquet_become_numpy_arrays(engine: Engine, parquet: Write) -> None:
    path = parquet(
        "a.parquet",
        """SELECT * FROM (VALUES
        (1::SMALLINT, 2.5::DECIMAL(9,2), 7::UBIGINT, 18446744073709551615::UBIGINT, 0.5::FLOAT, true, 'é', DATE '2013-01-02',
         TIMESTAMP '2013-01-02 03:04:05.5', TIMESTAMPTZ '2013-01-02 03:04:05+01', TIME '01:02:03', [1, 2]),
        (NULL, NULL, 8, 1, 'nan', NULL, NULL, NULL, NULL, NULL, NULL, NULL)) AS rows(i, d, h, w, f, b, s, day, ts, tz, t, l)""",
    )
    table, schema = engine.read([path])
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


def test_json_lines_keep_the_type_of_each_cell(engine: Engine, write: Write) -> None:
    path = write("a.jsonl", '{"n":1,"x":1.0,"s":"1","b":true}\n{"n":null,"x":2,"b":false,"late":{"deep":[1]}}\n')
    table, schema = engine.read([path])
    assert schema == (
        Field("n", "int", nullable=True),
        Field("x", "float"),
        Field("s", "text", nullable=True),
        Field("b", "bool"),
        Field("late", "text", nullable=True),
    )
    assert table["s"].tolist() == ["1", None]
    assert table["late"].tolist() == [None, '{"deep":[1]}']


def test_a_json_key_that_shows_up_in_the_last_line_is_a_column(engine: Engine, write: Write) -> None:
    path = write("a.ndjson", '{"a":1}\n' * 40_000 + '{"a":1,"z":2}\n')
    assert engine.schema([path]) == (("a", "JSON"), ("z", "JSON"))


def test_only_the_wanted_columns_are_read_in_the_order_wanted(engine: Engine, write: Write) -> None:
    table, schema = engine.read([write("a.csv", "a,b,c\n1,2,3\n")], ["c", "a", "c"])
    assert list(table) == ["c", "a"]
    assert [field.name for field in schema] == ["c", "a"]


def test_a_wanted_column_that_is_missing_names_the_near_miss(engine: Engine, write: Write) -> None:
    with pytest.raises(EvidenceError) as caught:
        engine.read([write("a.csv", "month,day\n1,2\n")], ["mnth"])
    assert caught.value.problem.code == "no-column"
    assert caught.value.problem.fix == "did you mean 'month'?"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.csv.gz", "A.CSV", "a b'c?[1]*.csv", "a\\b.csv", "year=2013.csv"])
def test_delimited_files_of_every_name_are_read(engine: Engine, tmp_path: Path, name: str) -> None:
    text = "a\tb\n1\tx\n" if ".tsv" in name else "a,b\n1,x\n"
    data = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
    (tmp_path / name).write_bytes(data)
    (tmp_path / "axc.csv").write_text("decoy\n")
    table, _ = engine.read([tmp_path / name])
    assert {column: values.tolist() for column, values in table.items()} == {"a": [1], "b": ["x"]}


def test_relative_paths_and_symbolic_links_lead_to_their_file(
    engine: Engine, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("real.csv", "a\n1\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link.csv").symlink_to("real.csv")
    monkeypatch.chdir(tmp_path)
    for path in (Path("real.csv"), Path("link.csv"), Path("folder/../real.csv"), tmp_path / "link.csv"):
        assert engine.read([path])[0]["a"].tolist() == [1]


def test_a_folder_named_like_a_partition_adds_no_column(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "year=2013").mkdir()
    path = tmp_path / "year=2013" / "a.csv"
    path.write_text("a\n1\n")
    assert engine.schema([path]) == (("a", "VARCHAR"),)


def test_a_byte_order_mark_quoted_line_ends_and_semicolons_are_understood(engine: Engine, write: Write) -> None:
    table, _ = engine.read([write("a.csv", '\ufeffname;n\r\n"say ""hi"";\r\nbye";1\r\n"";2\r\n')])
    assert table["name"].tolist() == ['say "hi";\r\nbye', None]
    assert table["n"].tolist() == [1, 2]


def test_an_unnamed_column_is_named_after_its_place(engine: Engine, write: Write) -> None:
    assert list(engine.read([write("a.csv", ",x\n0,1\n")])[0]) == ["column0", "x"]


def test_a_header_alone_is_a_table_without_rows(engine: Engine, write: Write) -> None:
    path = write("a.csv", "a,b\n")
    table, schema = engine.read([path])
    assert [len(column) for column in table.values()] == [0, 0]
    assert schema == (Field("a", "text"), Field("b", "text"))
    seen = measured(engine, path, a="int 1..2", b="str in [x]")
    assert (seen.rows, seen.breaking, seen.extremes) == (0, {"a": 0, "b": 0}, {"a": (None, None)})


def test_several_csv_files_are_one_dataset_joined_by_the_names_of_columns(engine: Engine, write: Write) -> None:
    files = [
        write("3.csv", "b,a\nx,1\n"),
        write("1.csv", "a,c\n2,true\n"),
        write("2.csv", "b,a\ny,3\n"),
    ]
    table, _ = engine.read(files)
    assert list(table) == ["b", "a", "c"]
    assert table["a"].tolist() == [1, 2, 3]
    assert table["b"].tolist() == ["x", None, "y"]
    assert table["c"].tolist() == [None, True, None]


def test_several_parquet_files_are_joined_by_name_in_the_order_given(engine: Engine, parquet: Write) -> None:
    second = parquet("2.parquet", "SELECT range AS a, 'x' AS b FROM range(5000)")
    first = parquet("1.parquet", "SELECT 'y' AS b, 7.5 AS c, -range AS a FROM range(3)")
    table, _ = engine.read([second, first])
    assert table["a"].tolist() == [*range(5000), 0, -1, -2]
    assert table["c"].tolist()[-1] == 7.5


def test_rows_come_in_the_order_of_the_file_however_many_threads_read_it(engine: Engine, parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT range AS n FROM range(400000)")
    assert np.array_equal(engine.read([path])[0]["n"], np.arange(400_000))


# --- measuring -------------------------------------------------------------------------------------------------------


def test_one_bad_cell_of_a_csv_is_one_bad_row(engine: Engine, write: Write) -> None:
    seen = measured(engine, write("a.csv", "month\n1\noops\n\n13\n3.0\n2.5\n"), month="int 1..12")
    assert seen.rows == 6
    assert seen.nulls == {"month": 1}
    assert seen.wrong_type == {"month": 2}
    assert seen.out_of_bounds == {"month": 1}
    assert seen.breaking == {"month": 4}
    assert seen.extremes == {"month": (1, 13)}


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        (
            "int",
            ["3", "3.0", "3e2", " 3", "-0", "9223372036854775807"],
            ["x", "3.5", "9223372036854775808", "inf", "1_0"],
        ),
        ("float", ["3", "3.5", "1e-3", "inf"], ["x", "1,5", "1_0", "0x1"]),
        ("bool", ["true", "False", "T", "f", "0", "1"], ["yes", "2", "x"]),
        ("str", ["x", " ", "3", "nan"], []),
        ("date", ["2013-01-31", "2013-01-31 00:00:00"], ["2013-02-30", "31/01/2013", "2013-01-31 05:00", "epoch"]),
        ("time", ["2013-01-31", "2013-01-31 05:00", "2013-01-31T05:00:00Z"], ["05:00", "infinity", "2013-01-31 25:00"]),
    ],
)
def test_what_counts_as_an_instance_of_a_type_in_a_csv(
    engine: Engine, write: Write, line: str, good: list[str], bad: list[str]
) -> None:
    path = write("a.csv", "v,k\n" + "".join(f'"{cell}",1\n' for cell in good + bad))
    seen = measured(engine, path, v=line)
    assert (seen.wrong_type, seen.nulls) == ({"v": len(bad)}, {"v": 0})
    shown = engine.sample([path], Rules(columns=(parse_column("v", line),)), "v", "wrong_type", 10)
    assert [row["v"] for row in shown] == bad


def test_a_cell_of_json_is_what_it_says_it_is(engine: Engine, write: Write) -> None:
    cells = ["1", "1.0", "1.5", '"1"', "true", "null", "NaN", "[1]", '"2013-01-01"', '""']
    path = write("a.jsonl", "".join(f'{{"v":{cell},"k":0}}\n' for cell in cells) + '{"k":0}\n')
    wrong = {line: measured(engine, path, v=line).wrong_type["v"] for line in ("int", "float", "str", "bool", "date")}
    assert wrong == {"int": 6, "float": 5, "str": 6, "bool": 8, "date": 8}
    assert measured(engine, path, v="int").nulls == {"v": 3}


@pytest.mark.parametrize(
    ("value", "types"),
    [
        ("1", {"int", "float"}),
        ("1.0::DOUBLE", {"int", "float"}),
        ("1.5::DOUBLE", {"float"}),
        ("2.00::DECIMAL(38,30)", {"int", "float"}),
        ("(2::HUGEINT^80)::HUGEINT", {"float"}),
        ("'inf'::DOUBLE", {"float"}),
        ("'1'", {"str"}),
        ("true", {"bool"}),
        ("DATE '2013-01-01'", {"date", "time"}),
        ("TIMESTAMP '2013-01-01 00:00:00'", {"date", "time"}),
        ("TIMESTAMP_NS '2013-01-01 05:00:00'", {"time"}),
        ("TIMESTAMPTZ '2013-01-01 05:00:00+00'", {"time"}),
        ("TIME '05:00:00'", set()),
        ("[1]", set()),
        ("'x'::BLOB", set()),
        ("{'a': 1}", set()),
    ],
)
def test_what_counts_as_an_instance_of_a_type_in_parquet(
    engine: Engine, parquet: Write, value: str, types: set[str]
) -> None:
    path = parquet("a.parquet", f"SELECT {value} AS v")
    lines = ("int", "float", "str", "bool", "date", "time")
    assert {line for line in lines if measured(engine, path, v=line).breaking["v"] == 0} == types


def test_a_parquet_column_whose_type_admits_no_instance_is_said_to_be_ruled_out(engine: Engine, parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT CASE WHEN range > 0 THEN range::VARCHAR END AS v FROM range(3)")
    seen = measured(engine, path, v="int? 0..1")
    assert (seen.wrong_type, seen.breaking, seen.out_of_bounds) == ({"v": -1}, {"v": 2}, {"v": 0})
    assert seen.columns == (("v", "VARCHAR"),)


def test_nan_in_a_float_column_is_null_and_breaks_no_other_rule(engine: Engine, parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT unnest(['1', 'nan', NULL, 'inf', '13'])::DOUBLE AS v")
    seen = measured(engine, path, v="float 1..12")
    assert (seen.nulls, seen.wrong_type, seen.out_of_bounds) == ({"v": 2}, {"v": 0}, {"v": 2})


@pytest.mark.parametrize(
    ("bounds", "outside"),
    [
        (Bounds(1, 3), 2),
        (Bounds(low=1), 1),
        (Bounds(high=3), 1),
        (Bounds(0, 4, low_open=True, high_open=True), 2),
        (Bounds(0.5, 3.5), 2),
        (Bounds(), 0),
        (Bounds(-(2**80), 2**80), 0),
        (Bounds(1, float("inf")), 1),
    ],
)
def test_the_ends_of_a_range_belong_to_it_unless_open(
    engine: Engine, write: Write, bounds: Bounds, outside: int
) -> None:
    rules = Rules(columns=(ColumnRule("v", "int", bounds=bounds),))
    path = write("a.csv", "v\n0\n1\n2\n3\n4\n")
    assert engine.measure([path], rules).out_of_bounds == {"v": outside}


def test_sets_hold_texts_with_quotes_and_numbers_and_truth(engine: Engine, write: Write) -> None:
    path = write("a.csv", 's,n,b\nO\'Hare,1,true\n"x""y",2.0,false\nDROP TABLE,3,1\n')
    rules = Rules(
        columns=(
            ColumnRule("s", "str", one_of=("O'Hare", 'x"y', "'; DROP TABLE x; --")),
            ColumnRule("n", "int", one_of=(1, 2)),
            ColumnRule("b", "bool", one_of=(True,)),
        )
    )
    assert engine.measure([path], rules).not_in_set == {"s": 1, "n": 1, "b": 1}


def test_a_set_without_a_member_that_could_match_fails_every_value(engine: Engine, write: Write) -> None:
    rules = Rules(columns=(ColumnRule("n", "int", nullable=True, one_of=("x", True)),))
    assert engine.measure([write("a.csv", "n,k\n1,0\n,0\n")], rules).not_in_set == {"n": 1}


def test_days_and_times_can_be_members_of_a_set(engine: Engine, write: Write) -> None:
    path = write("a.csv", "d,t\n2013-01-01,2013-01-01 05:00:00\n2013-01-02,2013-01-01T05:00:00Z\n")
    rules = Rules(
        columns=(
            ColumnRule("d", "date", one_of=("2013-01-01",)),
            ColumnRule("t", "time", one_of=("2013-01-01T05:00:00",)),
        )
    )
    assert engine.measure([path], rules).not_in_set == {"d": 1, "t": 0}


def test_length_counts_characters(engine: Engine, write: Write) -> None:
    seen = measured(engine, write("a.csv", "s\nüüü\n日本語\nab\nabcd\n"), s="str len 3")
    assert seen.wrong_length == {"s": 2}


def test_a_row_that_breaks_a_rule_in_two_ways_is_one_breaking_row(engine: Engine, write: Write) -> None:
    seen = measured(engine, write("a.csv", "n\n1\n9\n"), n="int 1..5 in [1, 2]")
    assert (seen.out_of_bounds, seen.not_in_set, seen.breaking) == ({"n": 1}, {"n": 1}, {"n": 1})


def test_keys_count_the_rows_beyond_the_first_and_null_is_a_value(engine: Engine, write: Write) -> None:
    path = write("a.csv", "a,b\n1,x\n1,x\n1,y\n,x\n,x\n1,x\n,\n,\n")
    seen = engine.measure([path], Rules(unique=(("a",), ("a", "b"))))
    assert seen.duplicates == {"a": 6, "a, b": 4}


def test_rules_on_missing_columns_are_not_measured(engine: Engine, write: Write) -> None:
    rules = Rules(columns=(parse_column("zz", "int"), parse_column("A", "int")), unique=(("a", "zz"),))
    seen = engine.measure([write("a.csv", "a\n1\n")], rules)
    assert (seen.rows, seen.nulls, seen.duplicates, seen.columns) == (1, {}, {}, (("a", "VARCHAR"),))


HOSTILE = ['a"b', "a b", "a.b", "a;b", "select", "x'y", "');--", '"; DROP TABLE t; --', "{0}", "c0", "n0", "v1", "é"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_columns_may_be_called_anything(engine: Engine, write: Write, tmp_path: Path, suffix: str) -> None:
    header = ",".join('"' + name.replace('"', '""') + '"' for name in HOSTILE)
    path = write("a.csv", f"{header}\n" + ",".join(map(str, range(len(HOSTILE)))) + "\n")
    if suffix != "csv":
        target = tmp_path / f"a.{suffix}"
        form = "parquet" if suffix == "parquet" else "json"
        with duckdb.connect() as connection:
            connection.execute(f"COPY (FROM read_csv('{path}', header=true)) TO '{target}' (FORMAT {form})")
        path = target
    rules = Rules(
        columns=tuple(ColumnRule(name, "int", bounds=Bounds(1, 11)) for name in HOSTILE), unique=((*HOSTILE,),)
    )
    seen = engine.measure([path], rules)
    assert [name for name, _ in seen.columns] == HOSTILE
    assert [name for name, count in seen.breaking.items() if count] == [HOSTILE[0], HOSTILE[12]]
    (row,) = engine.sample([path], rules, HOSTILE[12], "out_of_bounds", 10)
    assert [str(value) for value in row.values()] == [str(place) for place in range(len(HOSTILE))]
    assert [column.tolist() for column in engine.read([path])[0].values()] == [[place] for place in range(len(HOSTILE))]


def test_names_that_differ_only_in_case_are_two_columns_of_a_csv(engine: Engine, write: Write) -> None:
    seen = measured(engine, write("a.csv", "a,A\n1,\n"), a="int", A="int")
    assert seen.nulls == {"a": 0, "A": 1}


@pytest.mark.parametrize(
    "rule", [ColumnRule("s", "str", bounds=Bounds(1, 2)), ColumnRule("s", "int", length=Bounds(1))]
)
def test_a_rule_that_its_type_cannot_answer_is_refused(engine: Engine, write: Write, rule: ColumnRule) -> None:
    with pytest.raises(EvidenceError) as caught:
        engine.measure([write("a.csv", "s\nx\n")], Rules(columns=(rule,)))
    assert caught.value.problem.code == "rule-without-sense"


def test_a_cell_of_two_hundred_thousand_characters_is_read_and_cut_only_in_samples(
    engine: Engine, write: Write
) -> None:
    path = write("a.csv", "s,n\n" + "x" * 200_000 + ",1\n")
    assert measured(engine, path, s="str len 200000").breaking == {"s": 0}
    (row,) = engine.sample([path], Rules(columns=(parse_column("s", "str len 1"),)), "s", "wrong_length", 1)
    assert row["s"] == "x" * 200 + "…"


def test_uniqueness_finishes_under_a_small_memory_limit(parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT range AS n, 'key number ' || range AS s FROM range(2000000)")
    seen = DuckdbEngine("120MB").measure([path], Rules(unique=(("s", "n"),)))
    assert seen.duplicates == {"s, n": 0}


# --- samples ---------------------------------------------------------------------------------------------------------


def test_samples_are_the_first_failing_rows_in_the_order_of_files_and_rows(engine: Engine, parquet: Write) -> None:
    files = [parquet(f"{name}.parquet", "SELECT range AS n FROM range(200000)") for name in ("b", "a")]
    rules = Rules(columns=(parse_column("n", "int ..199997"),))
    first = engine.sample(files, rules, "n", "out_of_bounds", 3)
    assert [row["n"] for row in first] == [199_998, 199_999, 199_998]
    assert engine.sample(files, rules, "n", "out_of_bounds", 3) == first


def test_repeats_are_shown_in_order_without_the_first_of_their_key(engine: Engine, write: Write) -> None:
    path = write("a.csv", "k,place\nb,0\na,1\na,2\nb,3\na,4\n,5\n,6\n")
    rows = engine.sample([path], Rules(unique=(("k",),)), "k", "duplicates", 3)
    assert [row["place"] for row in rows] == ["2", "3", "4"]


def test_breaking_rows_can_be_sampled_whatever_they_break(engine: Engine, write: Write) -> None:
    rules = Rules(columns=(parse_column("n", "int 1..5"),))
    rows = engine.sample([write("a.csv", "n,k\n9,a\n,b\n3,c\nx,d\n")], rules, "n", "breaking", 10)
    assert [row["k"] for row in rows] == ["a", "b", "d"]


def test_sampled_values_are_what_json_can_hold(engine: Engine, parquet: Write) -> None:
    path = parquet(
        "a.parquet",
        """SELECT NULL::INTEGER AS n, 'nan'::DOUBLE AS x, 'inf'::DOUBLE AS y, 1.5::DECIMAL(9,2) AS d, true AS b,
        TIMESTAMPTZ '2013-01-01 05:00:00+00' AS t, DATE '2013-01-01' AS day, [1] AS l, 'x'::BLOB AS raw""",
    )
    (row,) = engine.sample([path], Rules(columns=(parse_column("n", "int"),)), "n", "nulls", 1)
    assert row == {
        "n": None,
        "x": None,
        "y": "inf",
        "d": 1.5,
        "b": True,
        "t": "2013-01-01T05:00:00Z",
        "day": "2013-01-01",
        "l": "[1]",
        "raw": "x",
    }

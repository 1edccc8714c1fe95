"""Checks on real files through DuckDB: what counts as an instance, what is counted, which rows are shown."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.duckdb_tables import DuckdbTables
from assay.check.findings import Cause
from assay.check.kept import Queries
from assay.check.measured import Measured
from assay.check.questions import SOURCE, Wanted
from assay.check.samples import first_rows
from assay.check.shown import shown_row
from assay.core.dataset import Files
from assay.core.problem import EvidenceError
from assay.core.rules import Bounds, ColumnRule, Rules, parse_column

Write = Callable[[str, str], Path]


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


class Seen(msgspec.Struct):
    """Everything that can be asked, by column or key."""

    rows: int
    columns: tuple[tuple[str, str], ...]
    nulls: dict[str, int] = {}
    wrong_type: dict[str, int] = {}
    """-1: the column's type rules it out for every row."""
    out_of_bounds: dict[str, int] = {}
    not_in_set: dict[str, int] = {}
    wrong_length: dict[str, int] = {}
    breaking: dict[str, int] = {}
    duplicates: dict[str, int] = {}
    extremes: dict[str, tuple[Any, Any]] = {}


def measured_by(paths: Sequence[Path], rules: Rules, engine: DuckdbEngine | None = None) -> Seen:
    """What the scan and every further question answer."""
    engine = engine or DuckdbEngine()
    with engine.open({SOURCE: Files(tuple(paths))}) as opened:
        queries = Queries(rules, engine.dialect, opened, None)
        answers: dict[tuple[str, str], Any] = {}
        columns = opened.columns[SOURCE]
        names = [column.name for column in columns]
        asked = [f"column {rule.column}" for rule in rules.columns if rule.column in names]
        asked += [f"key {', '.join(key)}" for key in rules.unique if set(key) <= set(names)]
        for question in (*queries.scan(rules), *queries.details(tuple(asked))):
            (row,) = opened.rows(question.query)
            answers |= dict(zip(question.asked, row, strict=True))
    found = Measured(columns, answers)
    seen = Seen(found.rows, tuple((column.name, column.type) for column in columns))
    for rule in rules.columns:
        name = rule.column
        if name not in found.names:
            continue
        seen.breaking[name] = found.breaking(rule)
        for aspect in ("nulls", "wrong_type", "out_of_bounds", "not_in_set", "wrong_length"):
            getattr(seen, aspect)[name] = found.count(aspect, name)
        if found.is_ruled_out(rule):
            seen.wrong_type[name] = -1
        seen.extremes[name] = (found.value("least", name), found.value("greatest", name))
    for key in rules.unique:
        if set(key) <= set(found.names):
            seen.duplicates[", ".join(key)] = found.count("repeats", f"key {', '.join(key)}")
    return seen


def measured(path: Path, **lines: str) -> Seen:
    return measured_by([path], Rules(columns=tuple(parse_column(column, text) for column, text in lines.items())))


def failing(paths: Sequence[Path], rules: Rules, name: str, aspect: str, limit: int) -> list[dict[str, Any]]:
    """The rows that are shown of one way to fail."""
    engine = DuckdbEngine()
    with engine.open({SOURCE: Files(tuple(paths))}) as opened:
        queries = Queries(rules, engine.dialect, opened, None)
        subject = f"key {name}" if aspect == "repeats" else f"column {name}"
        (rows,) = first_rows(opened, queries, [queries.probe(Cause(subject, aspect), Wanted(limit))])
        return [shown_row(opened.columns[SOURCE], row, {}) for row in rows]


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("time 2020-01-01..2020-12-31", 2),
        ("time <= 2020-12-31", 1),
        ("time < 2020-12-31", 4),
        ("time <= 2020-12-31 00:00", 3),
    ],
)
def test_a_day_as_the_upper_end_of_times_is_in_the_range(parquet: Write, line: str, broken: int) -> None:
    times = ["2019-12-31 23:59:59", "2020-12-31", "2020-12-31 00:00:01", "2020-12-31 23:59:59.999999", "2021-01-01"]
    path = parquet("a.parquet", " UNION ALL ".join(f"SELECT TIMESTAMP '{time}' AS t" for time in times))
    seen = measured(path, t=line)
    assert seen.breaking == {"t": broken}


def test_one_bad_cell_of_a_csv_is_one_bad_row(write: Write) -> None:
    seen = measured(write("a.csv", "month\n1\noops\n\n13\n3.0\n2.5\n"), month="int 1..12")
    assert seen.rows == 6
    assert seen.nulls == {"month": 1}
    assert seen.wrong_type == {"month": 2}
    assert seen.out_of_bounds == {"month": 1}
    assert seen.breaking == {"month": 4}
    assert seen.extremes == {"month": (None, 13)}


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
    write: Write, line: str, good: list[str], bad: list[str]
) -> None:
    path = write("a.csv", "v,k\n" + "".join(f'"{cell}",1\n' for cell in good + bad))
    seen = measured(path, v=line)
    assert (seen.wrong_type, seen.nulls) == ({"v": len(bad)}, {"v": 0})
    if bad:
        shown = failing([path], Rules(columns=(parse_column("v", line),)), "v", "wrong_type", 10)
        assert [row["v"] for row in shown] == bad


def test_a_cell_of_json_is_what_it_says_it_is(write: Write) -> None:
    cells = ["1", "1.0", "1.5", '"1"', "true", "null", "NaN", "[1]", '"2013-01-01"', '""']
    path = write("a.jsonl", "".join(f'{{"v":{cell},"k":0}}\n' for cell in cells) + '{"k":0}\n')
    wrong = {line: measured(path, v=line).wrong_type["v"] for line in ("int", "float", "str", "bool", "date")}
    assert wrong == {"int": 6, "float": 5, "str": 6, "bool": 8, "date": 8}
    assert measured(path, v="int").nulls == {"v": 3}


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
def test_what_counts_as_an_instance_of_a_type_in_parquet(parquet: Write, value: str, types: set[str]) -> None:
    path = parquet("a.parquet", f"SELECT {value} AS v")
    lines = ("int", "float", "str", "bool", "date", "time")
    assert {line for line in lines if measured(path, v=line).breaking["v"] == 0} == types


def test_a_parquet_column_whose_type_admits_no_instance_is_said_to_be_ruled_out(parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT CASE WHEN range > 0 THEN range::VARCHAR END AS v FROM range(3)")
    seen = measured(path, v="int? 0..1")
    assert (seen.wrong_type, seen.breaking, seen.out_of_bounds) == ({"v": -1}, {"v": 2}, {"v": 0})
    assert seen.columns == (("v", "VARCHAR"),)


def test_nan_in_a_float_column_is_null_and_breaks_no_other_rule(parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT unnest(['1', 'nan', NULL, 'inf', '13'])::DOUBLE AS v")
    seen = measured(path, v="float 1..12")
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
def test_the_ends_of_a_range_belong_to_it_unless_open(write: Write, bounds: Bounds, outside: int) -> None:
    rules = Rules(columns=(ColumnRule("v", "int", bounds=bounds),))
    path = write("a.csv", "v\n0\n1\n2\n3\n4\n")
    assert measured_by([path], rules).out_of_bounds == {"v": outside}


def test_sets_hold_texts_with_quotes_and_numbers_and_truth(write: Write) -> None:
    path = write("a.csv", 's,n,b\nO\'Hare,1,true\n"x""y",2.0,false\nDROP TABLE,3,1\n')
    rules = Rules(
        columns=(
            ColumnRule("s", "str", one_of=("O'Hare", 'x"y', "'; DROP TABLE x; --")),
            ColumnRule("n", "int", one_of=(1, 2)),
            ColumnRule("b", "bool", one_of=(True,)),
        )
    )
    assert measured_by([path], rules).not_in_set == {"s": 1, "n": 1, "b": 1}


def test_a_set_without_a_member_that_could_match_fails_every_value(write: Write) -> None:
    rules = Rules(columns=(ColumnRule("n", "int", nullable=True, one_of=("x", True)),))
    assert measured_by([write("a.csv", "n,k\n1,0\n,0\n")], rules).not_in_set == {"n": 1}


def test_days_and_times_can_be_members_of_a_set(write: Write) -> None:
    path = write("a.csv", "d,t\n2013-01-01,2013-01-01 05:00:00\n2013-01-02,2013-01-01T05:00:00Z\n")
    rules = Rules(
        columns=(
            ColumnRule("d", "date", one_of=("2013-01-01",)),
            ColumnRule("t", "time", one_of=("2013-01-01T05:00:00",)),
        )
    )
    assert measured_by([path], rules).not_in_set == {"d": 1, "t": 0}


def test_a_header_alone_is_a_table_without_rows(write: Write) -> None:
    seen = measured(write("a.csv", "a,b\n"), a="int 1..2", b="str in [x]")
    assert (seen.rows, seen.breaking) == (0, {"a": 0, "b": 0})
    assert seen.extremes["a"] == (None, None)


def test_length_counts_characters(write: Write) -> None:
    seen = measured(write("a.csv", "s\nüüü\n日本語\nab\nabcd\n"), s="str len 3")
    assert seen.wrong_length == {"s": 2}


def test_a_row_that_breaks_a_rule_in_two_ways_is_one_breaking_row(write: Write) -> None:
    seen = measured(write("a.csv", "n\n1\n9\n"), n="int 1..5 in [1, 2]")
    assert (seen.out_of_bounds, seen.not_in_set, seen.breaking) == ({"n": 1}, {"n": 1}, {"n": 1})


def test_keys_count_the_rows_beyond_the_first_and_null_is_a_value(write: Write) -> None:
    path = write("a.csv", "a,b\n1,x\n1,x\n1,y\n,x\n,x\n1,x\n,\n,\n")
    seen = measured_by([path], Rules(unique=(("a",), ("a", "b"))))
    assert seen.duplicates == {"a": 6, "a, b": 4}


def test_rules_on_missing_columns_are_not_measured(write: Write) -> None:
    rules = Rules(columns=(parse_column("zz", "int"), parse_column("A", "int")), unique=(("a", "zz"),))
    seen = measured_by([write("a.csv", "a\n1\n")], rules)
    assert (seen.rows, seen.nulls, seen.duplicates, seen.columns) == (1, {}, {}, (("a", "VARCHAR"),))


HOSTILE = ['a"b', "a b", "a.b", "a;b", "select", "x'y", "');--", '"; DROP TABLE t; --', "{0}", "c0", "n0", "v1", "é"]


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_columns_may_be_called_anything(write: Write, tmp_path: Path, suffix: str) -> None:
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
    seen = measured_by([path], rules)
    assert [name for name, _ in seen.columns] == HOSTILE
    assert [name for name, count in seen.breaking.items() if count] == [HOSTILE[0], HOSTILE[12]]
    (row,) = failing([path], rules, HOSTILE[12], "out_of_bounds", 10)
    assert [str(value) for value in row.values()] == [str(place) for place in range(len(HOSTILE))]
    assert [column.tolist() for column in DuckdbTables().read([path])[0].values()] == [
        [place] for place in range(len(HOSTILE))
    ]


def test_names_that_differ_only_in_case_are_two_columns_of_a_csv(write: Write) -> None:
    seen = measured(write("a.csv", "a,A\n1,\n"), a="int", A="int")
    assert seen.nulls == {"a": 0, "A": 1}


@pytest.mark.parametrize(
    "rule", [ColumnRule("s", "str", bounds=Bounds(1, 2)), ColumnRule("s", "int", length=Bounds(1))]
)
def test_a_rule_that_its_type_cannot_answer_is_refused(write: Write, rule: ColumnRule) -> None:
    with pytest.raises(EvidenceError) as caught:
        measured_by([write("a.csv", "s\nx\n")], Rules(columns=(rule,)))
    assert caught.value.problem.code == "rule-without-sense"


def test_a_cell_of_two_hundred_thousand_characters_is_read_and_cut_only_in_samples(write: Write) -> None:
    path = write("a.csv", "s,n\n" + "x" * 200_000 + ",1\n")
    assert measured(path, s="str len 200000").breaking == {"s": 0}
    (row,) = failing([path], Rules(columns=(parse_column("s", "str len 1"),)), "s", "wrong_length", 1)
    assert row["s"] == "x" * 200 + "…"


def test_uniqueness_finishes_under_a_small_memory_limit(parquet: Write) -> None:
    path = parquet("a.parquet", "SELECT range AS n, 'key number ' || range AS s FROM range(2000000)")
    seen = measured_by([path], Rules(unique=(("s", "n"),)), DuckdbEngine("120MB"))
    assert seen.duplicates == {"s, n": 0}


@pytest.mark.parametrize("now", ["k,t\n1,a,b,c\n", "k,t\n1,'a", ""])
def test_what_cannot_be_read_into_a_table_is_told_by_the_next_query(write: Write, now: str) -> None:
    path = write("a.csv", "k,t\n" + "1,a\n" * 9)
    with DuckdbEngine().open({SOURCE: Files((path,))}) as opened:
        assert opened.rows("SELECT count(*) FROM source") == [(9,)]
        path.write_text(now)
        opened.settle(SOURCE)
        opened.settle(SOURCE)
        if now.startswith("k,t\n1,a,"):
            with pytest.raises(EvidenceError):
                opened.rows("SELECT c0, c1 FROM source")


def test_rows_that_were_read_into_a_table_keep_their_order(write: Write) -> None:
    path = write("a.csv", "k\n" + "".join(f"{place}\n" for place in range(5000)))
    with DuckdbEngine().open({SOURCE: Files((path,))}) as opened:
        before = opened.rows("SELECT c0 FROM source LIMIT 9 OFFSET 4000")
        opened.settle(SOURCE)
        path.unlink()
        assert opened.rows("SELECT c0 FROM source LIMIT 9 OFFSET 4000") == before


# --- samples ---------------------------------------------------------------------------------------------------------


def test_samples_are_the_first_failing_rows_in_the_order_of_files_and_rows(parquet: Write) -> None:
    files = [parquet(f"{name}.parquet", "SELECT range AS n FROM range(200000)") for name in ("b", "a")]
    rules = Rules(columns=(parse_column("n", "int ..199997"),))
    first = failing(files, rules, "n", "out_of_bounds", 3)
    assert [row["n"] for row in first] == [199_998, 199_999, 199_998]
    assert failing(files, rules, "n", "out_of_bounds", 3) == first


def test_repeats_are_shown_by_their_keys_without_the_first_of_each(write: Write) -> None:
    path = write("a.csv", "k,place\nb,0\na,1\na,2\nb,3\na,4\n,5\n,6\n")
    rows = failing([path], Rules(unique=(("k",),)), "k", "repeats", 3)
    assert [row["place"] for row in rows] == ["2", "4", "3"]


@pytest.mark.parametrize("limit", [1, 3, 10])
def test_repeats_are_the_same_by_however_many_rows_a_key_is_shared(parquet: Write, limit: int) -> None:
    keys = "CASE WHEN range < 5000 THEN 7 WHEN range < 5003 THEN NULL ELSE 2 + range % 3 // 2 END"
    path = parquet("a.parquet", f"SELECT {keys} AS k, range AS place FROM range(5010)")
    rows = failing([path], Rules(unique=(("k",),)), "k", "repeats", limit)
    assert [row["place"] for row in rows] == [5005, 5007, 5008, 5006, 5009, 1, 2, 3, 4, 5][:limit]


def test_numbers_of_32_bits_are_what_people_write_for_them(parquet: Write) -> None:
    path = parquet(
        "a.parquet", "SELECT unnest([.1, .2, 1.3, 16777216, 1e38])::FLOAT AS x, unnest([.1, .2, 1.3, 2, 3]) AS y"
    )
    assert measured(path, x="float in [0.1, 0.2]", y="float in [0.1, 0.2]").breaking == {"x": 3, "y": 3}
    assert measured(path, x="float 0.1..1.3").breaking == {"x": 2}
    assert measured(path, x="float > 0.1").breaking == {"x": 1}
    rows = failing([path], Rules(columns=(parse_column("x", "float in [0.1]"),)), "x", "not_in_set", 9)
    assert [row["x"] for row in rows] == [0.2, 1.3, 16777216.0, 1e38]


def test_sampled_values_are_what_json_can_hold(parquet: Write) -> None:
    path = parquet(
        "a.parquet",
        """SELECT NULL::INTEGER AS n, 'nan'::DOUBLE AS x, 'inf'::DOUBLE AS y, 1.5::DECIMAL(9,2) AS d, true AS b,
        12345678901234567.25::DECIMAL(38,2) AS long,
        TIMESTAMPTZ '2013-01-01 05:00:00+00' AS t, DATE '2013-01-01' AS day, [1] AS l, 'x'::BLOB AS raw""",
    )
    (row,) = failing([path], Rules(columns=(parse_column("n", "int"),)), "n", "nulls", 1)
    assert row == {
        "n": None,
        "x": None,
        "y": "inf",
        "d": 1.5,
        "b": True,
        "long": "12345678901234567.25",
        "t": "2013-01-01T05:00:00Z",
        "day": "2013-01-01",
        "l": "[1]",
        "raw": "x",
    }

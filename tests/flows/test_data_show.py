"""``assay data show``, on files of every format, outside a project."""

import json
import sqlite3
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from assay.cli.data_show import show
from assay.cli.terminal_lines import cells
from assay.core.problem import EvidenceError

ROWS = "SELECT i, i % 12 + 1 AS month, CASE WHEN i % 10 > 0 THEN i / 7 END AS x, ['EWR', 'JFK', 'LGA'][1 + i % 3] AS origin FROM range(600) AS t(i)"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(query: str, name: str) -> None:
    with duckdb.connect(config={"threads": "1"}) as connection:
        connection.execute(f"COPY ({query}) TO '{name}'")


def shown(*words: str, width: int = 80) -> str:
    done = CliRunner(env={"COLUMNS": str(width)}).invoke(show, words, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.output


def columns(name: str) -> dict[str, dict]:
    found = json.loads(shown(name, "--json"))
    assert found["schema"] == "assay.profile/1"
    return {each["name"]: each for each in found["columns"]}


@pytest.mark.parametrize("name", ["t.parquet", "t.csv"])
def test_what_a_column_holds_is_the_same_in_every_format(place, name):
    write(ROWS, name)
    found = columns(name)
    assert [each["type"] for each in found.values()] == ["int", "int", "float", "str"]
    assert found["x"]["nulls"] == 60
    assert found["x"]["least"] == pytest.approx(1 / 7)
    assert found["month"]["distinct"] == 12
    assert found["month"]["histogram"] == {"edges": list(range(13)), "counts": [50] * 12}
    assert found["origin"]["frequent"][0] == {"value": "EWR", "rows": 200}
    assert found["origin"]["are_all"]


@pytest.mark.parametrize(
    ("type_", "least"),
    [
        ("UTINYINT", 0),
        ("USMALLINT", 0),
        ("UINTEGER", 0),
        ("TINYINT", -(2**7)),
        ("SMALLINT", -(2**15)),
        ("INTEGER", -(2**31)),
        ("BIGINT", -(2**63)),
    ],
)
@pytest.mark.parametrize("step", [1, 2])
def test_the_least_number_of_a_narrow_type_is_counted_like_every_other(place, type_, least, step):
    """Where all values lie near each other, each is counted by itself; elsewhere the sample says where."""
    write(f"SELECT CAST({least} + i * {step} AS {type_}) AS x FROM range(60) AS t(i)", "t.parquet")
    found = columns("t.parquet")["x"]
    assert (found["least"], found["greatest"]) == (least, least + 59 * step)
    assert sum(found["histogram"]["counts"]) == 60


def test_a_time_keeps_its_fraction_just_after_midnight(place):
    write("SELECT TIMESTAMP '2024-01-01 00:00:00.123457' AS t UNION ALL SELECT TIMESTAMP '2024-01-03'", "t.parquet")
    line = shown("t.parquet", width=120).splitlines()[-1]
    assert "2024-01-01 00:00:00.123457" in line
    assert "2024-01-03" in line
    assert "2024-01-03T" not in line


def test_json_lines_have_the_types_of_their_cells(place):
    lines = [{"n": at, "t": str(at), "b": at % 2 == 0, "o": {"x": at}, "m": at if at % 2 else "a"} for at in range(50)]
    Path("t.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert [each["type"] for each in columns("t.jsonl").values()] == ["int", "str", "bool", None, None]


def test_a_folder_and_a_glob_are_one_dataset(place):
    Path("in").mkdir()
    for at in range(3):
        write(f"SELECT {at} AS x FROM range(10)", f"in/{at}.csv")
    assert "30 rows · 1 column · 3 files" in shown("in")
    assert "30 rows" in shown("in/*.csv")


def test_a_cell_that_the_sample_has_not_seen_decides_the_type(place):
    numbers = [*map(str, range(30_000)), "oops"]
    Path("t.csv").write_text("x\n" + "\n".join(numbers) + "\n")
    assert columns("t.csv")["x"]["type"] == "str"


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(place, width):
    parts = [
        f"repeat('ä', 200000) || i AS \"column {at} of a long and tedious name 日本\", i AS c{at}" for at in range(3)
    ]
    write(f"SELECT {', '.join(parts)}, {{'k': i}} AS s, NULL::INT AS n, '' AS e FROM range(30) AS t(i)", "t.parquet")
    for words in ((), ("-c", "c0"), ("-c", "s"), ("-c", "n"), ("-c", "column 0 of a long and tedious name 日本")):
        lines = shown("t.parquet", *words, width=width).splitlines()
        assert max(map(cells, lines)) <= width
        assert not any(line.endswith(" ") for line in lines)


def test_what_a_column_is_called_cannot_command_the_terminal(place):
    write("SELECT 1 AS \"a\x1b[31mb\", '\x1b]0;x\x07' AS t", "t.parquet")
    assert all(each.isprintable() or each == "\n" for each in shown("t.parquet"))


def test_a_table_without_rows_is_shown(place):
    write(f"{ROWS} LIMIT 0", "t.parquet")
    Path("h.csv").write_text("a,b\n")
    assert "there is no row" in shown("t.parquet")
    assert "there is no row" in shown("h.csv")
    assert columns("t.parquet")["x"]["distinct"] == 0


def test_a_column_of_nulls_says_so(place):
    Path("t.csv").write_text("a,b\n" + ",1\n" * 9)
    assert "nothing but NULL" in shown("t.csv")


def test_all_of_a_column_is_told_where_it_is_named(place):
    write(ROWS, "t.parquet")
    found = shown("t.parquet", "--column", "x")
    for word in ("NULL       60 (10 %)", "distinct", "mean", "stddev", "p5 ", "median ", "p95 ", "histogram  up to"):
        assert word in found


def test_a_column_that_is_not_there_is_told_with_the_near_miss(place):
    write(ROWS, "t.parquet")
    with pytest.raises(EvidenceError, match="did you mean 'origin'"):
        shown("t.parquet", "-c", "orgin")


@pytest.mark.parametrize(
    ("name", "said"), [("tt.csv", "did you mean t.csv"), ("nowhere/x.csv", "no data at"), (".", "two formats|holds no")]
)
def test_what_is_no_dataset_is_refused_with_a_fix(place, name, said):
    Path("t.csv").write_text("a\n1\n")
    write("SELECT 1", "t.parquet")
    with pytest.raises(EvidenceError, match=said):
        shown(name)


def test_the_same_data_is_shown_the_same(place):
    write("SELECT i, hash(i) % 1000 AS h FROM range(100000) AS t(i)", "t.parquet")
    assert shown("t.parquet") == shown("t.parquet")


def write_ages(name: str, rows: int = 500) -> None:
    """Ages, of which one in 25 is "abc" and three are "N/A"."""
    ages = ["abc" if at % 25 == 0 else "N/A" if at in (7, 8, 9) else str(18 + at % 60) for at in range(rows)]
    Path(name).write_text("id,age\n" + "".join(f"{at},{age}\n" for at, age in enumerate(ages)))


def test_a_column_of_which_nearly_all_is_of_a_type_says_so_and_what_is_not(place):
    write_ages("t.csv")
    assert '477 of 500 are int, not: "abc" 20, "N/A" 3 · 18 ' in shown("t.csv", width=120)
    found = shown("t.csv", "-c", "age")
    for line in ("mostly     477 of 500 values are int, 23 are not", 'not        "abc"  20 (4 %)', "least      18"):
        assert line in found
    mostly = columns("t.csv")["age"]["mostly"]
    assert (mostly["rows"], mostly["others"], mostly["profile"]["greatest"]) == (477, 23, 77)


def test_a_single_text_beyond_the_sample_hides_no_numbers(place):
    Path("t.csv").write_text("x\n" + "\n".join([*map(str, range(30_000)), "x"]) + "\n")
    assert '30,000 of 30,001 are int, not: "x" 1' in shown("t.csv")


def test_texts_that_are_no_mistakes_are_texts(place):
    Path("t.csv").write_text("x\n" + "".join(f"{at if at % 3 else 'other'}\n" for at in range(300)))
    assert columns("t.csv")["x"]["mostly"] is None


def test_cells_of_several_types_are_tried_as_checks_try_them(place):
    with sqlite3.connect("t.sqlite") as database:
        database.execute("CREATE TABLE orders(total REAL, note)")
        rows = [("n/a" if at % 50 == 0 else at * 1.5, at if at % 2 else "t") for at in range(1000)]
        database.executemany("INSERT INTO orders VALUES (?, ?)", rows)
    found = shown("t.sqlite#orders")
    assert '980 of 1,000 are float, not: "n/a" 20' in found
    assert '500 of 1,000 are int, not: "t" 500' in found
    assert "median ~748" in shown("t.sqlite#orders", "--column", "total")
    lines = [{"amount": "free" if at % 40 == 0 else at, "o": {"x": 1} if at % 2 else 5} for at in range(1000)]
    Path("t.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    assert '975 of 1,000 are int, not: "free" 25' in shown("t.jsonl")
    assert columns("t.jsonl")["o"]["mostly"]["frequent_others"] == [{"value": '{"x":1}', "rows": 500}]


def test_a_terminal_of_80_columns_cuts_no_end_and_no_median(place):
    moments = "TIMESTAMP '2024-03-01 08:00:00' + i * INTERVAL 37 SECOND AS started, DATE '2024-01-01' + i::INT AS day"
    whole = "TIMESTAMP '2023-12-01' + i * INTERVAL 1 HOUR AS hourly"
    write(f"SELECT i AS ride_number, {moments}, {whole}, i / 7 AS km FROM range(60000) AS t(i)", "t.parquet")
    found = shown("t.parquet")
    assert "…" not in found
    assert "2024-03-01 08:00:00 " in found
    assert " 03-27 00:39:23" in found
    assert "2023-12-01 00:00 " in found
    assert found.count("median") == 2


def test_what_is_no_terminal_has_room_for_all(place, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    name = "a_name_that_is_longer_than_a_terminal_would_give_it_room_for"
    write(f"SELECT 'a value of thirty letters and {{}}' || i % 6 AS {name} FROM range(600) AS t(i)", "t.parquet")
    done = CliRunner().invoke(show, ["t.parquet"], standalone_mode=False)
    assert name in done.output
    assert done.output.count("16.7 %") == 6


@pytest.mark.parametrize("suffix", ["sqlite", "duckdb"])
def test_a_database_without_a_table_names_those_that_it_holds(place, suffix):
    connect = sqlite3.connect if suffix == "sqlite" else duckdb.connect
    with connect(f"shop.{suffix}") as database:
        database.execute("CREATE TABLE orders(total REAL)")
        database.execute("CREATE TABLE returns(total REAL)")
    with pytest.raises(EvidenceError) as refused:
        shown(f"shop.{suffix}")
    assert refused.value.problem.code == "no-table-named"
    assert refused.value.problem.because == ("it holds orders, returns",)
    assert refused.value.problem.fix == f"name a table: shop.{suffix}#orders"


@pytest.mark.parametrize(
    ("text", "type_"),
    [
        *((text, "int") for text in ("34", "-5", "+5", "007", "1.0", "1e3", " 34 ")),
        *((text, "float") for text in ("1.5", " 1.5 ", "inf", "9223372036854775808.5")),
        ("9223372036854775808", "str"),  # so that it loses no digit
        *((text, "str") for text in ("1_000", "0x10", '"1,000"', "yes", " true", "31.1.2013", " 2013-01-31")),
        ("true", "bool"),
        ("2013-01-31", "date"),
        ("2013-01-31T05:00:00Z", "time"),
    ],
)
def test_a_cell_of_a_csv_is_what_the_guide_says_that_it_spells(place, text, type_):
    Path("t.csv").write_text(f"x\n{text}\n")
    assert columns("t.csv")["x"]["type"] == type_

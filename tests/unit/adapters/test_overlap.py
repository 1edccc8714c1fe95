"""Rows of one file that stand in another too, whatever format and types the two have."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from assay.adapters.engines.duckdb_tables import DuckdbTables
from assay.adapters.engines.table_files import _SUFFIXES as SUFFIXES
from assay.core.ports import Overlap
from assay.core.problem import EvidenceError
from assay.core.table import TABLE_SUFFIXES, is_table_name

Put = Callable[[str, str], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """A file with these contents; where its name ends in .parquet, what the contents select."""

    def written(name: str, content: str) -> Path:
        path = tmp_path / name
        if name.endswith(".parquet"):
            with duckdb.connect() as connection:
                connection.execute(f"COPY ({content}) TO '{path}' (FORMAT parquet)")
        else:
            path.write_text(content, encoding="utf-8")
        return path

    return written


def overlap(rows: Path, others: Path, *columns: str, filled: tuple[str, ...] = (), limit: int = 10) -> Overlap:
    return DuckdbTables().overlap([rows], [others], columns, filled, limit)


def column(type_: str, *values: str) -> str:
    """A SELECT of one column v."""
    return " UNION ALL ".join(f"SELECT CAST({value} AS {type_}) AS v" for value in values)


def test_rows_that_stand_in_both_are_counted_and_the_first_are_shown(put: Put) -> None:
    rows = put("gate.csv", "id,x,y\n7,1,a\n8,2,b\n9,3,c\n")
    others = put("train.csv", "id,x,y\n1,1,a\n9,0,a\n8,0,a\n8,5,a\n")
    assert overlap(rows, others, "id") == Overlap(3, 4, 2, 1, ({"id": "8"}, {"id": "9"}))
    assert overlap(rows, others, "id", limit=1).sample == ({"id": "8"},)
    assert overlap(rows, others, "x", "y").sample == ({"x": "1", "y": "a"},)


def test_a_row_that_stands_twice_counts_twice_among_those_asked_about_alone(put: Put) -> None:
    found = overlap(put("g.csv", "v\n1\n1\n2\n"), put("t.csv", "v\n1\n1\n1\n5\n"), "v")
    assert (found.shared, found.repeated) == (2, 1 + 2)


def test_what_repeats_is_not_counted_where_nothing_is_shared(put: Put) -> None:
    assert overlap(put("g.csv", "v\n1\n1\n"), put("t.csv", "v\n2\n2\n"), "v").repeated == 0


@pytest.mark.parametrize(
    ("type_", "value", "text"),
    [
        ("BIGINT", "7", "7"),
        ("BIGINT", "7", "7.0"),
        ("BIGINT", "7", "007"),
        ("DOUBLE", "7", "7"),
        ("VARCHAR", "'007'", "7"),
        ("VARCHAR", "'flight 7'", "flight 7"),
        ("UBIGINT", "18446744073709551615", "18446744073709551615"),
        ("DOUBLE", "0.1", "0.1"),
        ("DOUBLE", "0.1", "1e-1"),
        ("DOUBLE", "'inf'", "inf"),
        ("FLOAT", "0.1", "0.1"),
        ("DECIMAL(9,2)", "1.5", "1.5"),
        ("BOOLEAN", "true", "True"),
        ("DATE", "'2013-01-02'", "2013-01-02"),
        ("DATE", "'2013-01-02'", "2013-01-02 00:00:00"),
        ("TIMESTAMP", "'2013-01-02 03:04:05'", "2013-01-02T03:04:05"),
        ("TIMESTAMPTZ", "'2013-01-02 03:04:05+00'", "2013-01-02T03:04:05Z"),
        ("TIMESTAMPTZ", "'2013-01-02 03:04:05+00'", "2013-01-02T05:04:05+02:00"),
        ("DECIMAL(38,1)", "9007199254740993.0", "9007199254740993"),
    ],
)
def test_a_value_is_the_same_in_parquet_and_csv(put: Put, type_: str, value: str, text: str) -> None:
    parquet, csv = put("p.parquet", column(type_, value)), put("c.csv", f"v\n{text}\n")
    assert overlap(parquet, csv, "v").shared == 1
    assert overlap(csv, parquet, "v").shared == 1


@pytest.mark.parametrize(
    ("one", "other"), [("7", "8"), ("1.5", "2"), ("a", "A"), ("9007199254740993", "9007199254740992"), ("x7", "7")]
)
def test_other_values_are_others(put: Put, one: str, other: str) -> None:
    assert overlap(put("g.csv", f"v\n{one}\n"), put("t.csv", f"v\n{other}\n"), "v").shared == 0


def test_json_lines_are_compared_too(put: Put) -> None:
    lines = put("t.jsonl", '{"v": 7.0, "s": "a", "d": "2013-01-02"}\n{"v": 8, "s": "b", "d": null}\n')
    csv = put("g.csv", "v,s,d\n7,a,2013-01-02\n8,b,\n")
    assert overlap(csv, lines, "v", "s", "d").shared == 2
    assert overlap(lines, csv, "v", "s", "d").shared == 2


def test_long_numbers_are_not_rounded(put: Put) -> None:
    one, other = put("g.parquet", column("UBIGINT", "18446744073709551615")), put("t.csv", "v\n18446744073709551614\n")
    assert overlap(one, other, "v").shared == 0


def test_numbers_of_json_may_be_texts(put: Put) -> None:
    assert overlap(put("g.csv", "v\n7\n"), put("t.jsonl", '{"v": "007"}\n'), "v").shared == 1


def test_null_equals_null_but_where_a_column_must_be_filled(put: Put) -> None:
    rows, others = put("g.csv", "id,x\n,1\n2,\n"), put("t.csv", "id,x\n,1\n2,\n")
    assert overlap(rows, others, "id", "x").shared == 2
    assert overlap(rows, others, "id", "x", filled=("id",)) == Overlap(1, 1, 1, 0, ({"id": "2", "x": None},))


def test_rows_without_a_label_take_no_part_though_the_label_is_not_compared(put: Put) -> None:
    rows = put("g.csv", "id,y\n1,0\n2,1\n")
    others = put("t.parquet", "SELECT 1 AS id, NULL::DOUBLE AS y UNION ALL SELECT 2, 'nan' UNION ALL SELECT 3, 1")
    assert overlap(rows, others, "id", filled=("id", "y")) == Overlap(2, 1, 0, 0, ())
    words = put("w.csv", "id,y\n1,nan\n2,yes\n")
    assert overlap(rows, words, "id", filled=("id", "y")).sample == ({"id": "2"},)


def test_a_column_of_the_same_name_but_of_another_kind_has_nothing_in_common(put: Put) -> None:
    assert overlap(put("g.csv", "v\n1\n2\n"), put("t.csv", "v\none\ntwo\n"), "v").shared == 0


def test_cells_and_names_are_never_run(put: Put) -> None:
    name, cell = 'a"b; DROP TABLE asked; --', "'); DROP TABLE met; --"
    content = f'"{name.replace(chr(34), chr(34) * 2)}"\n"{cell}"\n'
    assert overlap(put("g.csv", content), put("t.csv", content), name) == Overlap(1, 1, 1, 0, ({name: cell},))


def test_a_damaged_file_is_told_of_by_its_own_name(put: Put) -> None:
    with pytest.raises(EvidenceError) as raised:
        overlap(put("g.parquet", column("INT", "1")), put("t.csv", "v\n1\n1,2\n"), "v")
    assert raised.value.problem.code == "ragged-csv"
    assert "t.csv" in raised.value.problem.what


def test_a_column_that_is_not_there_is_told_of(put: Put) -> None:
    with pytest.raises(EvidenceError) as raised:
        overlap(put("g.csv", "key\n1\n"), put("t.csv", "keys\n1\n"), "key")
    assert raised.value.problem.code == "no-column"
    assert raised.value.problem.fix == "did you mean 'keys'?"


def test_every_format_that_is_read_is_known_by_its_name() -> None:
    assert set(TABLE_SUFFIXES) == set(SUFFIXES)
    assert is_table_name("data/Train.CSV.gz")
    assert not is_table_name("train.py")

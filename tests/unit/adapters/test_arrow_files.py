"""Arrow's files: what they hold, how they are torn, and what stands under their names instead."""

import sys
from pathlib import Path

import pytest

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.adapters.engines.duckdb_tables import DuckdbTables
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.finding import CheckReport
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import Rules, parse_column

pa = pytest.importorskip("pyarrow")
from pyarrow import feather, ipc  # noqa: E402 - where it is there

ROWS = 1000
TABLE = pa.table(
    {
        "id": pa.array(range(ROWS), pa.int32()),
        "half": pa.array([1.5] * ROWS).cast(pa.float16()),
        "name": pa.array([f"é {number % 3}" for number in range(ROWS)]).dictionary_encode(),
        "amount": pa.array([None if number % 7 == 0 else number / 2 for number in range(ROWS)]),
    }
)


def written(path: Path, table: "pa.Table" = TABLE, **options: object) -> Path:
    """A stream where the path ends in ``.arrows``, else with a footer."""
    writer = ipc.new_stream if path.suffix == ".arrows" else ipc.new_file
    with writer(path, table.schema, **options) as stream:
        stream.write_table(table, max_chunksize=100)
    return path


def checked(*paths: Path) -> CheckReport:
    columns = tuple(parse_column(*line) for line in (("id", "int 0..998"), ("name", "str ~ '^é'"), ("half", "float")))
    rules = Rules(columns=(*columns, parse_column("amount", "float?")), unique=(("id",),))
    return check(Artifact("data", digest_of(b""), "file", 1), Files(paths), rules, DuckdbEngine())


def refused(*paths: Path) -> Problem:
    with pytest.raises(EvidenceError) as caught:
        checked(*paths)
    assert caught.value.problem.because
    assert caught.value.problem.fix
    return caught.value.problem


@pytest.mark.parametrize("name", ["a.arrow", "a.arrows", "a.feather", "[1]*?.arrow", "A.ARROW"])
def test_both_kinds_of_file_are_checked_and_read(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name)
    report = checked(path)
    assert report.rows == ROWS
    assert [row["id"] for row in report.findings[0].sample] == [999]
    assert [finding.passed for finding in report.findings[1:]] == [True] * 4
    table, schema = DuckdbTables().read([path], ["name", "amount", "id"])
    assert [(field.name, field.type, field.nullable) for field in schema] == [
        ("name", "text", False), ("amount", "float", True), ("id", "int", False),
    ]  # fmt: skip
    assert list(table["id"]) == list(range(ROWS))


def test_files_of_one_dataset_are_joined_by_the_names_of_their_columns(tmp_path: Path) -> None:
    one = written(tmp_path / "1.arrow", pa.table({"a": [1, 2], "b": ["x", "y"]}))
    two = written(tmp_path / "2.arrows", pa.table({"b": ["z"], "c": [0.5]}))
    assert DuckdbTables().schema([one, two]) == (("a", "BIGINT"), ("b", "VARCHAR"), ("c", "DOUBLE"))
    table, _ = DuckdbTables().read([one, two])
    assert list(table["b"]) == ["x", "y", "z"]


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_compressed_files_are_read(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "a.feather"
    feather.write_feather(TABLE.drop_columns(["half"]), str(path), compression=codec)
    assert DuckdbTables().schema([path])[0] == ("id", "INTEGER")


def test_rows_of_an_arrow_file_may_stand_in_another_format(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("id\n7\n5000\n")
    path = written(tmp_path / "a.arrow")
    overlap = DuckdbTables().overlap([path], [tmp_path / "b.csv"], ["id"], [], 5)
    assert (overlap.rows, overlap.others, overlap.shared) == (ROWS, 2, 1)


@pytest.mark.parametrize("name", ["a.arrow", "a.arrows"])
def test_a_torn_file_is_told(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name)
    whole = path.read_bytes()
    for length in (len(whole) - 1, len(whole) - 8, len(whole) // 2, 12):
        path.write_bytes(whole[:length])
        assert refused(path).code == "torn-arrow", length


def test_a_stream_without_its_last_batches_is_told(tmp_path: Path) -> None:
    """As far as it goes it is well-formed: only the mark of its end is missing."""
    path = tmp_path / "a.arrows"
    with path.open("wb") as sink:
        writer = ipc.new_stream(sink, TABLE.schema)
        writer.write_table(TABLE.slice(0, 100))
    assert refused(path).code == "torn-arrow"


@pytest.mark.parametrize("name", ["a.arrow", "a.arrows"])
def test_a_damaged_file_is_told_and_never_taken_for_data(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / name, TABLE.select(["id", "name", "amount", "half"]))
    whole = path.read_bytes()
    told = set()
    for place in range(16, len(whole) - 16, len(whole) // 40):
        path.write_bytes(whole[:place] + b"\xfe" * 8 + whole[place + 8 :])
        try:
            checked(path)
        except EvidenceError as error:
            told.add(error.problem.code)
    assert told <= {"data-unreadable", "torn-arrow", "duplicate-columns"}
    assert told


def test_other_files_under_these_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_text("id,x\n1,2\n")
    (tmp_path / "b.csv").write_bytes(written(tmp_path / "c.arrow").read_bytes())
    (tmp_path / "d.feather").write_bytes(b"FEA1" + b"\0" * 64)
    (tmp_path / "e.arrow").write_bytes(b"")
    (tmp_path / "f.arrow.gz").write_bytes(b"\x1f\x8b")
    assert refused(tmp_path / "a.arrow").fix == f"mv {tmp_path}/a.arrow {tmp_path}/a.csv"
    assert refused(tmp_path / "b.csv").fix == f"mv {tmp_path}/b.csv {tmp_path}/b.arrow"
    assert refused(tmp_path / "d.feather").what.endswith("is a Feather file of the first version")
    assert refused(tmp_path / "e.arrow").code == "data-empty"
    assert refused(tmp_path / "f.arrow.gz").code == "unknown-format"


def test_a_column_that_is_named_twice_is_told(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert refused(written(tmp_path / "a.arrow", table)).code == "duplicate-columns"


def test_without_pyarrow_the_fix_installs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "a.arrow")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    problem = refused(path)
    assert (problem.code, problem.fix) == ("extra-not-installed", 'pip install "assay[arrow]"')

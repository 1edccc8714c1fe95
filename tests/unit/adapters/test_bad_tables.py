"""Files that are no tables: each is told with its cause and a fix that can be typed, never by a traceback."""

import gzip
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from assay.adapters.engines.duckdb import MEMORY_LIMIT, DuckdbEngine
from assay.adapters.engines.duckdb_tables import DuckdbTables
from assay.adapters.engines.table_files import table_files, unreadable
from assay.check import check
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.finding import CheckReport
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import Rules, parse_column

LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


@contextmanager
def refused() -> Iterator[list[Problem]]:
    """The problem that is raised within."""
    problems: list[Problem] = []
    with pytest.raises(EvidenceError) as caught:
        yield problems
    problems.append(caught.value.problem)
    assert caught.value.problem.because
    assert caught.value.problem.fix


def parquet_bytes(folder: Path, select: str = "SELECT range AS zab, range AS zac FROM range(1000)") -> bytes:
    path = folder / "made.bin"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


CSV = b"a,b\n1,2\n"
RULES = Rules(columns=(parse_column("a", "int"), parse_column("b", "int")))
WHATEVER = Artifact("data/a", digest_of(b""), "file", 0)


def checked(paths: Sequence[Path], rules: Rules = RULES, memory_limit: str = MEMORY_LIMIT) -> CheckReport:
    return check(WHATEVER, Files(tuple(paths)), rules, DuckdbEngine(memory_limit))


BAD: list[tuple[str, Callable[[Path], bytes], str]] = [
    ("empty.csv", lambda _: b"", "data-empty"),
    ("blank.csv", lambda _: b"\n\na,b\n1,2\n", "data-empty"),
    ("empty.jsonl", lambda _: b"\n  \n", "data-empty"),
    ("empty.parquet", lambda _: b"", "data-empty"),
    ("empty.csv.gz", lambda _: gzip.compress(b""), "data-empty"),
    ("pointer.csv", lambda _: LFS, "git-lfs-pointer"),
    ("pointer.parquet", lambda _: LFS, "git-lfs-pointer"),
    ("csv_inside.parquet", lambda _: CSV, "wrong-extension"),
    ("parquet_inside.csv", parquet_bytes, "wrong-extension"),
    ("zipped.csv", lambda _: gzip.compress(CSV), "wrong-extension"),
    ("plain.csv.gz", lambda _: CSV, "wrong-extension"),
    ("torn.parquet", lambda folder: parquet_bytes(folder)[:-9], "torn-parquet"),
    ("stub.parquet", lambda _: b"PAR1", "torn-parquet"),
    ("garbled.parquet", lambda folder: b"PAR1" + b"\xff" * 500 + b"\x80\0\0\0PAR1", "data-unreadable"),
    ("twins.parquet", lambda folder: parquet_bytes(folder).replace(b"zac", b"zab"), "duplicate-columns"),
    ("alike.parquet", lambda folder: parquet_bytes(folder).replace(b"zac", b"ZAB"), "duplicate-columns"),
    ("alike.jsonl", lambda _: b'{"a":1,"A_1":5}\n{"A":2}\n', "duplicate-columns"),
    ("torn.csv.gz", lambda _: gzip.compress(CSV + b"3,4\n" * 100_000)[:-200], "torn-gzip"),
    ("torn.jsonl.gz", lambda _: gzip.compress(b'{"a":1}\n' * 100_000)[:-100], "torn-gzip"),
    ("ragged_short.csv", lambda _: b"a,b\n1,2\n3\n4,5\n", "ragged-csv"),
    ("ragged_long.csv", lambda _: b"a,b\n" + b"1,2\n" * 50_000 + b"3,4,5\n", "ragged-csv"),
    ("open_quote.csv", lambda _: b'a,b\n1,"x\n2,y\n', "malformed-csv"),
    ("open_quote_in_header.csv", lambda _: b'a,"b\n1,2\n', "malformed-csv"),
    ("stray_quote.csv", lambda _: b'a,b\n1,"x"y\n', "malformed-csv"),
    ("mixed_ends.csv", lambda _: b"a,b\n1,2\r\n3,4\n", "malformed-csv"),
    ("endless_line.csv", lambda _: b"a,b\n" + b"x" * 3_000_000 + b",1\n", "malformed-csv"),
    ("twins.csv", lambda _: b"a,b,a\n1,2,3\n", "duplicate-columns"),
    ("utf16.csv", lambda _: "a,b\n1,2\n".encode("utf-16"), "not-utf8"),
    ("utf16_without_mark.csv", lambda _: "a,b\n1,2\n".encode("utf-16-le"), "not-utf8"),
    ("latin1.csv", lambda _: "a,b\nZürich,2\n".encode("latin-1"), "not-utf8"),
    ("latin1_header.csv", lambda _: "a,größe\n1,2\n".encode("latin-1"), "not-utf8"),
    ("utf16.jsonl", lambda _: '{"a":1}\n'.encode("utf-16"), "not-utf8"),
    ("mark.jsonl", lambda _: b'\xef\xbb\xbf{"a":1}\n', "json-byte-order-mark"),
    ("array.jsonl", lambda _: b'[{"a":1},\n{"a":2}]\n', "malformed-json"),
    ("number_inside.jsonl", lambda _: b'{"a":1}\n3\n', "malformed-json"),
    ("torn.jsonl", lambda _: b'{"a":1}\n' * 2000 + b'{"a":\n', "malformed-json"),
    ("twin_keys.jsonl", lambda _: b'{"a":1}\n{"b":1,"b":2}\n', "malformed-json"),
    ("without_keys.jsonl", lambda _: b"{}\n{}\n", "malformed-json"),
    ("book.xlsx", lambda _: b"PK\x03\x04", "unknown-format"),
    ("a.json", lambda _: b"{}", "unknown-format"),
    ("array.json", lambda _: b'[{"a":1},\n{"a":2}]\n', "unknown-format"),
    ("a.parquet.gz", lambda _: b"\x1f\x8b", "unknown-format"),
    ("without_suffix", lambda _: CSV, "unknown-format"),
]


@pytest.mark.parametrize(("name", "content", "code"), BAD, ids=[name for name, _, _ in BAD])
def test_a_file_that_is_no_table_is_refused(
    tmp_path: Path, name: str, content: Callable[[Path], bytes], code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content(tmp_path))
    for ask in (DuckdbTables().read, checked):
        with refused() as problems:
            ask([path])
        assert problems[0].code == code
        assert name in problems[0].what


def test_the_messages_are_those_that_were_agreed_on(tmp_path: Path, snapshot: Callable[[str, str], None]) -> None:
    told = []
    for name, content, _ in BAD:
        (tmp_path / name).write_bytes(content(tmp_path))
        with refused() as problems:
            DuckdbTables().read([tmp_path / name])
        problem = problems[0]
        told += [problem.what, *(f"  because  {fact}" for fact in problem.because), f"  fix      {problem.fix}", ""]
    snapshot("bad_tables.txt", "\n".join(told).replace(str(tmp_path), "data"))


def test_a_missing_file_names_the_near_miss(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_bytes(CSV)
    with refused() as problems:
        DuckdbTables().schema([tmp_path / "fligths.csv"])
    assert problems[0].code == "data-not-found"
    assert problems[0].because == (f"did you mean {tmp_path / 'flights.csv'}?",)


def test_a_missing_folder_is_said_to_be_missing(tmp_path: Path) -> None:
    with refused() as problems:
        DuckdbTables().schema([tmp_path / "nowhere" / "flights.csv"])
    assert problems[0].because == (f"there is no folder {tmp_path / 'nowhere'} either",)


@pytest.mark.parametrize("name", ["data", "data.parquet"])
def test_a_folder_is_refused_and_its_files_are_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "jan.parquet").write_bytes(b"")
    with refused() as problems:
        DuckdbTables().schema([tmp_path / name])
    assert problems[0].code == "data-is-folder"
    assert problems[0].because == ("it holds jan.parquet",)


def test_a_pipe_is_refused_before_anything_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with refused() as problems:
        DuckdbTables().schema([tmp_path / "pipe.csv"])
    assert problems[0].what.endswith("is no regular file")


def test_what_the_system_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    with refused() as problems:
        DuckdbTables().schema([loop])
    assert problems[0].code == "data-unreadable"


def test_a_file_without_permission_says_how_to_give_it() -> None:
    """The error is made by hand: whoever runs as root may read everything."""
    problem = unreadable(Path("data/a.csv"), PermissionError(13, "Permission denied")).problem
    assert problem.what == "data/a.csv may not be read"
    assert problem.fix == "chmod u+r data/a.csv"


def test_no_files_are_no_dataset() -> None:
    with refused() as problems:
        DuckdbTables().schema([])
    assert problems[0].code == "no-data-files"


def test_one_dataset_has_one_format(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "b.jsonl").write_bytes(b'{"a":1}\n')
    with refused() as problems:
        DuckdbTables().schema([tmp_path / "a.csv", tmp_path / "b.jsonl"])
    assert problems[0].code == "mixed-formats"


def test_of_several_files_the_bad_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "b.csv").write_bytes(b"a,b\n1\n")
    with refused() as problems:
        DuckdbTables().read([tmp_path / "a.csv", tmp_path / "b.csv"])
    assert str(tmp_path / "b.csv") in problems[0].what


def test_memory_that_does_not_suffice_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("s\n" + "".join(f"{number}\n" for number in range(300_000)))
    with refused() as problems:
        checked([path], Rules(unique=(("s",),)), "1MB")
    assert problems[0].code == "out-of-memory"


def test_a_table_file_knows_its_header_and_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('"a,\nb";c|d;e\n1;2;3\n')
    (file,) = table_files([path])
    assert (file.header, file.delimiter) == (("a,\nb", "c|d", "e"), ";")


@pytest.mark.parametrize("format_", ["parquet", "jsonl"])
def test_columns_of_several_files_that_differ_in_case_alone_are_not_taken_for_one(tmp_path: Path, format_: str) -> None:
    for name in ("a", "A"):
        how = "" if format_ == "parquet" else "(FORMAT json)"
        duckdb.execute(f"COPY (SELECT 1 AS {name}) TO '{tmp_path / name}.{format_}' {how}")
    with refused() as problems:
        checked([tmp_path / f"a.{format_}", tmp_path / f"A.{format_}"])
    assert problems[0].code == "duplicate-columns"


def test_a_name_that_ends_in_a_number_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1, "A_1": 2, "b_2": 3}\n')
    assert [name for name, _ in DuckdbTables().schema([tmp_path / "a.jsonl"])] == ["a", "A_1", "b_2"]

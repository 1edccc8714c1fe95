# ruff: noqa: DTZ001 -- the times of data have no zone
"""Counting for drift: an engine counts what a loop in Python would."""

import csv
import datetime as dt
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, get_args

import duckdb
import numpy as np
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.adapters.engines.duckdb import DuckdbEngine, OpenedInDuckdb
from assay.check.compile.drift import (
    Scan,
    compile_counts,
    compile_frequent,
    compile_rows,
    compile_survey,
    compile_values,
)
from assay.check.counting import MOST_VALUES, Counting, time_column
from assay.check.drift import MOST_EDGES, Counts
from assay.check.drift.profile import CountedColumn, CountedData, held_against, pack_profile, unpack_profile
from assay.check.drift_asked import Batching, Binned, Tallied, Valued
from assay.core.dataset import DataColumn, Dialect, Files
from assay.core.digest import digest_of
from assay.core.problem import EvidenceError
from assay.core.reference_profile import decode_profile, encode_profile
from assay.core.rules import ColumnType

DAY = 86400.0
TYPES: dict[str, ColumnType] = {"x": "float", "n": "int", "w": "str", "b": "bool"}
Row = tuple[dt.datetime | None, float | None, int | None, str | None, bool | None]

ROWS = st.lists(
    st.tuples(
        st.none() | st.datetimes(dt.datetime(1969, 12, 28), dt.datetime(1970, 1, 6)),
        st.none()
        | st.sampled_from([math.inf, -math.inf, -1.0, 0.0, 0.5])
        | st.floats(-5, 5, allow_nan=False).map(lambda x: x + 0.0),
        st.none() | st.integers(-3, 3) | st.sampled_from([2**40, -(2**40)]),
        st.none() | st.sampled_from(["a", "b", "B", "it's", "ü", '"', "a b", "{x, y}"]),
        st.none() | st.booleans(),
    ),
    max_size=40,
)


@contextmanager
def counting(
    *paths: Path, types: dict[str, ColumnType] | None = None, dialect: Dialect = "duckdb"
) -> Iterator[Counting]:
    """By days of ``t``."""
    with DuckdbEngine().open({"source": Files(paths)}) as opened:
        batching = Batching(time_column(opened.columns["source"], "t"), DAY)
        asked = opened if dialect == "duckdb" else Translated(opened, dialect)
        yield Counting(asked, dialect, types or TYPES, batching)


class Translated(OpenedInDuckdb):
    """DuckDB, asked in another engine's SQL."""

    def __init__(self, opened: OpenedInDuckdb, dialect: Dialect) -> None:
        self.columns = opened.columns
        self._opened = opened
        self._dialect = dialect

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        (translated,) = sqlglot.transpile(query, read=self._dialect, write="duckdb")
        return self._opened.rows(translated)


def parquet(path: Path, rows: Sequence[Row]) -> Path:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE made (t TIMESTAMP, x DOUBLE, n BIGINT, w VARCHAR, b BOOLEAN)")
    if rows:
        connection.executemany("INSERT INTO made VALUES (?, ?, ?, ?, ?)", [list(row) for row in rows])
    connection.execute(f"COPY made TO '{path}'")
    return path


def as_csv(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow("txnwb")
        writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    return path


def counted_slowly(rows: Sequence[Row], data: CountedData) -> list[tuple[int, str, list[int], int]]:
    """(batch, column, bins, nulls) of every batch, a row at a time."""
    found = []
    dated = [(math.floor((row[0] - dt.datetime(1970, 1, 1)).total_seconds() / DAY), row) for row in rows if row[0]]
    for number in sorted({batch for batch, _ in dated}):
        for place, name in enumerate("xnwb", start=1):
            column = data.column(name)
            assert column is not None
            cells = [row[place] for batch, row in dated if batch == number]
            counts: Counter[int] = Counter()
            for cell in cells:
                if cell is None:
                    continue
                if column.edges is not None:
                    counts[sum(edge < cell for edge in column.edges.tolist())] += 1
                else:
                    word = str(cell).lower() if name == "b" else cell
                    counts[column.kept.index(word) if word in column.kept else len(column.kept)] += 1
            size = len(column.kept if column.edges is None else column.edges) + 1
            found.append((number, name, [counts[bin_] for bin_ in range(size)], sum(cell is None for cell in cells)))
    return found


def told(data: CountedData) -> list[tuple[int, str, list[int], int]]:
    return [
        (number, column.name, column.counts.bins[place].tolist(), int(column.counts.nulls[place]))
        for place, number in enumerate(data.numbers.tolist())
        for column in data.columns
    ]


@settings(max_examples=6, deadline=None)
@given(ROWS)
def test_counts_of_any_rows_are_those_of_a_loop_over_them(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Row]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    for path in (parquet(folder / "rows.parquet", rows), as_csv(folder / "rows.csv", rows)):
        with counting(path) as asked:
            data = asked.own()
            assert told(data) == counted_slowly(rows, data)
            assert data.undated == sum(row[0] is None for row in rows)
            values = [row[1] for row in rows if row[0] and row[1] is not None and math.isfinite(row[1])]
            x = data.column("x")
            assert x is not None
            assert x.edges is not None
            assert x.edges.tolist() == sorted(set(values))


@settings(max_examples=4, deadline=None)
@given(ROWS)
def test_the_tree_of_other_engines_counts_the_same(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    path = parquet(tmp_path_factory.mktemp("rows") / "rows.parquet", rows)
    with counting(path) as asked, counting(path, dialect="snowflake") as other:
        assert told(asked.own()) == told(other.own())


def test_every_dialect_takes_what_is_asked() -> None:
    columns = [
        Tallied(DataColumn(name, "", held, f"c{place}"), type_)  # type: ignore[arg-type]
        for place, (name, held, type_) in enumerate(
            [("x", "float", "float"), ("n", "int", "int"), ("w", "text", "str"), ("b", "bool", "bool")]
        )
    ]
    binned = [
        *(Binned(column, (-1.5, 0.0, 2.0)) for column in columns[:2]),
        *(Binned(column, None, ("it's", "b")) for column in columns[2:]),
    ]
    for dialect in get_args(Dialect):
        scan = Scan(dialect, "source", Batching(DataColumn("t", "", "time", "c4"), DAY), 7)
        for query in (
            compile_survey(columns, scan),
            compile_values([Valued(column, 3) for column in columns], scan),
            compile_frequent(columns[2], ["it's"], 5, scan),
            compile_counts(binned, scan),
            compile_rows(columns, 3, 10, scan),
        ):
            assert sqlglot.parse_one(query, read=dialect).find(sqlglot.exp.Select)


def test_postgres_counts_upper_ends_in() -> None:
    """Its own function has them out, and is asked of what is negated."""
    column = Tallied(DataColumn("x", "", "float", "c0"), "float")
    query = compile_counts([Binned(column, (1.0, 2.5))], Scan("postgres", "source", Batching()))
    assert "2 - WIDTH_BUCKET(-v0, CAST('{-2.5, -1.0}' AS DOUBLE PRECISION[]))" in query


def test_many_values_give_255_edges_and_always_the_same(tmp_path: Path) -> None:
    count = 4 * MOST_VALUES
    values = [(dt.datetime(2024, 1, 1), k * 0.5, k, f"w{k}", None) for k in range(count)]
    edges = []
    for name, rows in (("a", values), ("b", values[::-1])):
        with counting(as_csv(tmp_path / f"{name}.csv", rows), types={"x": "float", "n": "int", "w": "str"}) as asked:
            data = asked.own()
        x, w = data.column("x"), data.column("w")
        assert x is not None
        assert w is not None
        assert x.edges is not None
        assert len(x.edges) == MOST_EDGES
        assert w.kept == tuple(sorted(f"w{k}" for k in range(count))[:MOST_EDGES])
        share = x.counts.bins[0] / count
        assert share.max() < 0.012  # 1/256 of a share of the values
        edges.append(x.edges.tolist())
    assert edges[0] == edges[1]


def test_files_are_batches_in_their_order_and_what_one_lacks_is_null_there(tmp_path: Path) -> None:
    texts = ("x,w\n1,a\n2,a\n", "x\n3\n", "w,x\nb,\n")
    paths = [tmp_path / f"{place}.csv" for place in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    relations = {f"file{place}": Files((path,)) for place, path in enumerate(paths)}
    with DuckdbEngine().open({"source": Files(tuple(paths)), **relations}) as opened:
        asked = Counting(opened, "duckdb", {"x": "int", "w": "str"}, None, tuple(relations))
        data = asked.own()
        newest = asked.newest(data, 2)
    assert told(data) == [
        (0, "x", [1, 1, 0, 0], 0),
        (0, "w", [2, 0, 0], 0),
        (1, "x", [0, 0, 1, 0], 0),
        (1, "w", [0, 0, 0], 1),
        (2, "x", [0, 0, 0, 0], 1),
        (2, "w", [0, 1, 0], 0),
    ]
    assert told(newest) == [(2, "x", [0, 0, 0, 0], 1), (2, "w", [0, 1, 0], 0)]


def test_a_value_that_only_the_window_has_gets_a_bin_of_its_own(tmp_path: Path) -> None:
    day = dt.datetime(2024, 1, 1)
    before = [(day, 1.0, 1, "a", True)] * 3
    after = [(day + dt.timedelta(9), 1.0, 1, word, True) for word in ("ZZ", "ZZ", "a", "YY")]
    with counting(parquet(tmp_path / "before.parquet", before)) as asked:
        reference = asked.own()
    with counting(parquet(tmp_path / "after.parquet", [*before, *after])) as asked:
        window = asked.newest(reference, int(reference.numbers[0]) + 3)
    word = next(column for column in held_against(reference, window) if column.name == "w")
    assert word.kept == ("a", "ZZ", "YY")  # type: ignore[union-attr]
    assert word.reference.bins.tolist() == [[3, 0, 0, 0]]
    assert word.window.bins.tolist() == [[1, 2, 1, 0]]


def test_a_profile_keeps_every_count(tmp_path: Path) -> None:
    start = dt.datetime(2024, 1, 1)
    rows: list[Row] = [
        (start + dt.timedelta(hours=k), k % 7 / 2, k**2, "xyz"[k % 3], None if k % 5 else True) for k in range(200)
    ]
    with counting(parquet(tmp_path / "rows.parquet", rows)) as asked:
        data = asked.own()
    digest = digest_of(b"rows")
    profile = pack_profile(data, "rows@1", digest, batch_s=DAY, time="t", code_version="1")
    found = decode_profile(encode_profile(profile))
    assert found == profile
    assert found is not None
    again = unpack_profile(found)
    assert told(again) == told(data)
    assert again.rows == 200
    for one, other in zip(again.columns, data.columns, strict=True):
        assert one.kept == other.kept
        assert (one.edges is None) == (other.edges is None)
        assert one.edges is None or np.array_equal(one.edges, other.edges)  # type: ignore[arg-type]


def test_a_profile_of_another_version_is_none() -> None:
    assert decode_profile(b"rubbish") is None


def test_a_year_of_days_and_19_columns_of_noise_is_kept_in_less_than_400_kb() -> None:
    """As many rows and bins as the flights of a year, which take 297 kB; noise packs worst."""
    random = np.random.default_rng(1)
    columns = []
    for place, bins in enumerate([256] * 6 + [200] * 3 + [100] * 4 + [20] * 4 + [3] * 2):
        cells = random.multinomial(923, random.dirichlet(np.full(bins, 0.5)), 365)
        columns.append(CountedColumn(f"c{place}", np.arange(bins - 1.0), (), Counts(cells, np.zeros(365, np.int64))))
    data = CountedData(np.arange(365), tuple(columns))
    profile = pack_profile(data, "x@1", digest_of(b""), batch_s=DAY, time="t", code_version="1")
    assert len(encode_profile(profile)) < 400_000


def test_too_many_batches_are_refused(tmp_path: Path) -> None:
    start = dt.datetime(2024, 1, 1)
    rows: list[Row] = [(start + dt.timedelta(days=k), 1.0, 1, "a", True) for k in range(20)]
    path = parquet(tmp_path / "rows.parquet", rows)
    with DuckdbEngine().open({"source": Files((path,))}) as opened:
        batching = Batching(time_column(opened.columns["source"], "t"), 0.001)
        assert Counting(opened, "duckdb", TYPES, batching).survey.batches == 20
        with pytest.raises(EvidenceError, match="no column 'tt'") as refused:
            time_column(opened.columns["source"], "tt")
    assert refused.value.problem.fix == "did you mean 't'?"

"""For random small tables: what ``apart_from`` and ``leakage`` find is what a slow, obvious loop over the rows finds."""

import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assay.adapters.engines.duckdb import DuckdbEngine
from assay.check import Beside, check
from assay.check.findings import leaks
from assay.core.artifact import Artifact
from assay.core.dataset import Files
from assay.core.digest import digest_of
from assay.core.finding import Finding
from assay.core.rules import Leakage, Rules

TEST = Artifact("data/test", digest_of(b"test"), "file", 7)
SLOW = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

CELLS = {
    "BIGINT": st.sampled_from([None, 0, 1, -3, 2**60]),
    "DOUBLE": st.sampled_from([None, 0.0, -0.0, 1.0, 0.5, math.nan, math.inf]),
    "VARCHAR": st.sampled_from([None, "", "a", "é", "A", "1"]),
    "BOOLEAN": st.sampled_from([None, True, False]),
}


def written(path: Path, types: dict[str, str], rows: list[tuple[Any, ...]]) -> Path:
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({', '.join(f'{name} {type_}' for name, type_ in types.items())})")
        if rows:
            connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(types))})", rows)
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    return path


def same(cell: Any) -> Any:
    """NaN is NULL, and there is one zero."""
    if isinstance(cell, float):
        return None if math.isnan(cell) else cell + 0.0
    return cell


@st.composite
def two_tables(draw: st.DrawFn) -> tuple[dict[str, str], list[tuple[Any, ...]], list[tuple[Any, ...]], bool]:
    types = dict(zip("abc", draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3)), strict=False))
    row = st.tuples(*(CELLS[type_] for type_ in types.values()))
    return types, draw(st.lists(row, max_size=12)), draw(st.lists(row, max_size=12)), draw(st.booleans())


@given(two_tables())
@SLOW
def test_rows_of_both_are_those_that_a_loop_finds(
    tmp_path: Path, tables: tuple[dict[str, str], list[tuple[Any, ...]], list[tuple[Any, ...]], bool]
) -> None:
    types, here, there, by_key = tables
    paths = [written(tmp_path / f"{n}.parquet", types, rows) for n, rows in enumerate((here, there))]
    width = 1 if by_key else len(types)
    rules = Rules(unique=(("a",),) if by_key else (), apart_from=("train",))
    found = check(TEST, Files((paths[0],)), rules, DuckdbEngine(), Beside({"train": Files((paths[1],))})).findings[-1]
    over_there = {tuple(map(same, row[:width])) for row in there}
    shared = [row for row in here if tuple(map(same, row[:width])) in over_there]
    assert (found.passed, found.failing_rows) == (not shared, len(shared))
    assert len(found.sample) == min(len(shared), 10)
    if not by_key:
        shown = [tuple(map(same, row.values())) for row in found.sample]
        assert shown == [tuple(str(c) if c == math.inf else same(c) for c in row) for row in shared[:10]]


@st.composite
def labelled(draw: st.DrawFn) -> list[tuple[Any, ...]]:
    """Rows of a label, a text of few values, and a number: each follows the label, or does not, or nearly."""
    kinds, noise = draw(st.integers(1, 6)), draw(st.sampled_from([0, 0, 1, 5]))
    gap, classes = draw(st.sampled_from([0, 10, 50])), draw(st.sampled_from([2, 2, 3]))
    count, period = draw(st.sampled_from([60, 100, 400, 1300])), draw(st.sampled_from([2, 3, 7, 40]))
    rows = []
    for row in range(count):
        label = row // period % classes
        text = f"{label}{row % kinds}" if row >= noise or draw(st.booleans()) else "00"
        number = label * gap + row % 7 if row % 11 else None
        rows.append((label, text, number))
    return rows


@given(labelled())
@SLOW
def test_columns_give_the_label_away_where_a_loop_says_so(tmp_path: Path, rows: list[tuple[Any, ...]]) -> None:
    path = written(tmp_path / "rows.parquet", {"y": "BIGINT", "t": "VARCHAR", "n": "BIGINT"}, rows)
    report = check(TEST, Files((path,)), Rules(leakage=Leakage("y")), DuckdbEngine())
    found = {finding.column: finding for finding in report.findings if not finding.passed}
    for place, name in ((1, "t"), (2, "n")):
        whole, nearly = expected(rows, place)
        assert is_as_said(found.get(name), whole=whole, nearly=nearly), (name, found.get(name))


def expected(rows: list[tuple[Any, ...]], place: int) -> tuple[bool, bool]:
    """Whether the column gives the label away, and whether it nearly does."""
    by_value: dict[Any, Counter[int]] = defaultdict(Counter)
    by_class: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_value[row[place]][row[0]] += 1
        by_class[row[0]].append(row[place])
    sizes = [len(cells) for cells in by_class.values()]
    if not leaks.has_enough(sizes):
        return False, False
    right = sum(max(labels.values()) for labels in by_value.values())
    fits = [leaks.by_values(sizes, len(by_value), right)]
    filled = [sum(cell is not None for cell in cells) for cells in by_class.values()]
    fits += [leaks.by_null(sizes, filled, which) for which in range(len(sizes))]
    is_apart = place == 2 and len(by_value) - (None in by_value) > len(sizes) and lie_apart(by_class)
    return is_apart or any(fit is not None and fit.is_whole for fit in fits), any(fit is not None for fit in fits)


def lie_apart(by_class: dict[int, list[Any]]) -> bool:
    cells = [there for each in by_class.values() if (there := [cell for cell in each if cell is not None])]
    if len(cells) < 2 or not leaks.has_enough([len(each) for each in cells]):
        return False
    return all(
        max(one) < min(other) or max(other) < min(one) for at, one in enumerate(cells) for other in cells[at + 1 :]
    )


def is_as_said(finding: Finding | None, *, whole: bool, nearly: bool) -> bool:
    if finding is None:
        return not whole and not nearly
    return finding.severity == ("error" if whole else "warn")

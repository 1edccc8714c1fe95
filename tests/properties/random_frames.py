"""Random small tables in files of every format."""

import csv
import io
import json
import math
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
from hypothesis import strategies as st

TEXTS = [
    "EWR",
    "JFK",
    "ü",
    "x,y",
    'say "hi"',
    "it's",
    "'; --",
    "# no",
    "a: b",
    "[",
    "",
    " ",
    "two\nlines",
    "nan",
    "é" * 150,
]
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "BIGINT": st.integers(0, 14) | st.integers(-1000, 1000) | st.sampled_from([2**63 - 1, -(2**63), 2**53 + 1]),
    "INTEGER": st.integers(1, 12),
    "TINYINT": st.integers(-128, -120) | st.integers(-128, 127),
    "UTINYINT": st.integers(0, 5) | st.integers(0, 255),
    "DOUBLE": st.sampled_from([0.0, -0.0, 0.1, 2.5, 13.0, 1e300, -1e-9, math.nan, math.inf, -math.inf])
    | st.floats(width=32),
    "DECIMAL(9,2)": st.integers(-500, 500).map(lambda each: each / 100),
    "VARCHAR": st.sampled_from(TEXTS) | st.from_regex(r"N[0-9]{3,4}[A-Z]?", fullmatch=True),
    "BOOLEAN": st.booleans(),
    "DATE": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    "TIMESTAMP": st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001
    "INTEGER[]": st.lists(st.integers(0, 3), max_size=2),
}
NAMES = ("a", 'b "c"', "d: #e", "$f", "null", "month")


class Frame(NamedTuple):
    """A table: cells by column, and DuckDB's types."""

    columns: dict[str, list[Any]]
    types: dict[str, str]

    @property
    def rows(self) -> int:
        return len(next(iter(self.columns.values())))


@st.composite
def frames(draw: st.DrawFn, types: dict[str, str] | None = None, most_rows: int = 40) -> Frame:
    """A table; of the columns and types of another where they are given."""
    rows = draw(st.integers(0, most_rows))
    again = draw(st.sampled_from([1, 1, 25]))
    names = (
        draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=4)) if types is None else list(types)
    )
    types = types or {name: draw(st.sampled_from(sorted(CELLS))) for name in names}
    columns = {}
    for name, type_ in types.items():
        pool = draw(st.lists(CELLS[type_], min_size=1, max_size=8))
        cells = st.sampled_from(pool)
        if draw(st.booleans()):
            cells = st.none() | cells
        columns[name] = draw(st.lists(cells, min_size=rows, max_size=rows)) * again
    return Frame(columns, types)


def write(frame: Frame, path: Path) -> None:
    """The table as a file, of the format that its name says."""
    rows = list(zip(*frame.columns.values(), strict=True))
    match path.suffix:
        case ".csv":
            stream = io.StringIO(newline="")
            csv.writer(stream, lineterminator="\n").writerows([list(frame.columns), *(map(_text, row) for row in rows)])
            path.write_text(stream.getvalue(), encoding="utf-8", newline="")
        case ".jsonl":
            lines = [json.dumps({n: _json(c) for n, c in zip(frame.columns, row, strict=True)}) for row in rows]
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        case _:
            with duckdb.connect(config={"threads": "1"}) as connection:
                named = ", ".join(f'"{n.replace(chr(34), chr(34) * 2)}" {t}' for n, t in frame.types.items())
                connection.execute(f"CREATE TABLE t ({named})")
                if rows:
                    connection.executemany(f"INSERT INTO t VALUES ({', '.join('?' * len(frame.types))})", rows)
                connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")


def _text(cell: Any) -> Any:
    return cell.isoformat(" ") if isinstance(cell, datetime) else cell


def _json(cell: Any) -> Any:
    return cell.isoformat() if isinstance(cell, date) else cell

# ruff: noqa: DTZ001 -- times without a zone are what is asked about
# ruff: noqa: S608 -- what is written here comes from tests
"""A table small enough to be read by eye, which holds what engines disagree about, and the plain way to write it as Parquet."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import msgspec

Kind = Literal["int", "float", "decimal", "text", "bool", "date", "time", "zoned", "nested"]
"""What a column is made of: Python's int, float, Decimal, str, bool, date, datetime without and with a zone, list of int.
Every cell may be None."""
Unknown = Literal["nan", "infinity", "empty text", "decimal", "nested"]
"""What some formats cannot hold."""

DUCKDB_TYPES: dict[Kind, str] = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "decimal": "DECIMAL(18, 3)",
    "text": "VARCHAR",
    "bool": "BOOLEAN",
    "date": "DATE",
    "time": "TIMESTAMP",
    "zoned": "TIMESTAMP WITH TIME ZONE",
    "nested": "BIGINT[]",
}


class SmallTable(msgspec.Struct, frozen=True):
    """Rows, in the order in which an engine that keeps an order is to give them."""

    columns: dict[str, Kind]
    rows: tuple[tuple[Any, ...], ...]
    name: str = "small"

    def without(self, unknown: Collection[Unknown]) -> "SmallTable":
        """The same as a format holds it that does not know everything: such cells are NULL, such columns are not there."""
        kept = {name: kind for name, kind in self.columns.items() if kind not in unknown}
        places = [place for place, kind in enumerate(self.columns.values()) if kind not in unknown]
        rows = tuple(tuple(None if _is(row[place], unknown) else row[place] for place in places) for row in self.rows)
        return SmallTable(kept, rows, self.name)

    def beside(self, columns: Mapping[str, tuple[Kind, Sequence[Any]]]) -> "SmallTable":
        """The same with more columns, each by its kind and its values."""
        values = [values for _, values in columns.values()]
        rows = tuple((*row, *(each[place] for each in values)) for place, row in enumerate(self.rows))
        return SmallTable(self.columns | {name: kind for name, (kind, _) in columns.items()}, rows, self.name)

    def records(self) -> list[dict[str, Any]]:
        """Each row by the names of its columns."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


_AT_ONCE = 100


def write_parquet(table: SmallTable, folder: Path) -> Path:
    """The table as a file of its name, with the types of ``DUCKDB_TYPES``."""
    import duckdb

    path = folder / f"{table.name}.parquet"
    names = ", ".join(f"c{place} {DUCKDB_TYPES[kind]}" for place, kind in enumerate(table.columns.values()))
    shown = ", ".join(f"c{place} AS {_quoted(name)}" for place, name in enumerate(table.columns))
    with duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE written ({names})")
        marks = ", ".join("?" for _ in table.columns)
        for start in range(0, len(table.rows), _AT_ONCE):
            rows = table.rows[start : start + _AT_ONCE]
            cells = [cell for row in rows for cell in row]
            connection.execute(f"INSERT INTO written VALUES {', '.join([f'({marks})'] * len(rows))}", cells)
        target = str(path).replace("'", "''")
        connection.execute(f"COPY (SELECT {shown} FROM written) TO '{target}' (FORMAT parquet)")
    return path


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _is(value: Any, unknown: Collection[Unknown]) -> bool:
    is_float = isinstance(value, float)
    return (
        ("nan" in unknown and is_float and value != value)  # noqa: PLR0124 - NaN alone differs from itself
        or ("infinity" in unknown and is_float and value in (float("inf"), float("-inf")))
        or ("empty text" in unknown and value == "")
    )


NAN, INFINITY = float("nan"), float("inf")
LONGEST, SHORTEST = 2**63 - 1, -(2**63)
NOON = datetime(2013, 6, 15, 12)

SAMPLE = SmallTable(
    {
        "id": "int",
        "i": "int",
        "j": "int",
        "f": "float",
        "g": "float",
        "d": "decimal",
        "t": "text",
        "u": "text",
        "b": "bool",
        "day": "date",
        "moment": "time",
        "zoned": "zoned",
        "part": "text",
        "list": "nested",
    },
    tuple(
        (place + 1, *cells)
        for place, cells in enumerate(
            [
                (7, 2, 1.5, 2.0, Decimal("1.500"), "EWR", "é", True, date(2013, 1, 1), NOON, NOON.replace(tzinfo=UTC), "a", [1]),
                (-7, 2, -1.5, 0.0, Decimal("-1.500"), "ewr", "É", False, date(2013, 12, 31), datetime(2013, 12, 31, 23, 59, 59), datetime(1999, 12, 31, 23, 30, tzinfo=UTC), "b", [2, 3]),
                (0, 0, 0.0, 3.0, Decimal("0.000"), "", "Straße", True, date(1969, 7, 20), datetime(1969, 7, 20, 20, 17, 40), datetime(1969, 7, 20, tzinfo=UTC), "a", []),
                (None, 3, None, None, None, None, None, None, None, None, None, None, None),
                (3, None, NAN, 1.0, Decimal("3.000"), " pad ", "\u00a0wide\u2003", None, date(2000, 2, 29), datetime(2000, 2, 29, 0, 0, 0), NOON.replace(tzinfo=UTC), "B", [1]),
                (12, -5, INFINITY, 2.5, Decimal("12.250"), "a\nb", "line\n", False, date(2013, 6, 15), datetime(2013, 6, 15, 12, 0, 0, 500000), NOON.replace(tzinfo=UTC), "é", None),
                (-12, -5, -INFINITY, -2.5, Decimal("-12.250"), "a_b%", "it's", False, date(1900, 3, 1), datetime(1900, 3, 1, 1, 2, 3, 4), NOON.replace(tzinfo=UTC), "é", [9]),
                (2**53 + 1, 10, 1e300, 4.0, Decimal("99999999.875"), "日本語", "🤦🏼\u200d♂️", True, date(2100, 1, 1), datetime(2100, 1, 1), NOON.replace(tzinfo=UTC), "Z", [1]),
                (7, 2, -0.0, 0.25, Decimal("1.500"), "EWR", "e\u0301", True, date(2013, 1, 1), NOON + timedelta(microseconds=1), NOON.replace(tzinfo=UTC), "z", [1]),
                (100, 7, 0.1, 0.2, Decimal("0.100"), "N123AA", "ÄÖÜäöüßΣςσжЖ", False, date(9999, 12, 31), datetime(9999, 12, 31, 23, 59, 59, 999999), NOON.replace(tzinfo=UTC), "", [1]),
                (LONGEST, 1, 9.2e18, 1e-300, Decimal("0.001"), "~", '";DROP', None, date(1, 1, 1), datetime(1, 1, 1), NOON.replace(tzinfo=UTC), "a", [1]),
                (SHORTEST, 1, -9.2e18, -1e-300, Decimal("-0.001"), "Zebra", "\\d", True, date(2013, 2, 28), datetime(2013, 2, 28, 6), NOON.replace(tzinfo=UTC), None, [1]),
            ]
        )
    ),
)  # fmt: skip
"""The rows on which functions, operators and rules are tried."""

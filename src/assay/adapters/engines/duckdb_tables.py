# ruff: noqa: S608 -- names are c0, c1, ..., and what comes from people passes through quoting.py
"""Tables in files through DuckDB: Parquet, CSV and JSON Lines, read as numpy arrays and held against one another.

``read`` gives

    int     int64; float64 where NULL was seen, which NaN stands for
    float   float64; NULL is NaN. Decimals too
    bool    bool; objects True, False and None where NULL was seen
    text    objects; NULL is None. Dates and times are text as well: ISO 8601, zones turned to UTC (``2013-01-01T05:00:00Z``)

A CSV's column has the narrowest of these that all its values fit; whole numbers too long for 64 bits stay text, so that no
identifier loses digits, and a column without values is text.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from assay.adapters.engines.column_types import (
    WIDE_INTEGERS,
    declared_kind,
    family,
    shown_value,
    tried_kind,
    typed_value,
)
from assay.adapters.engines.duckdb_session import file_source, opened_database, opened_files, told_of
from assay.adapters.engines.overlap_sql import (
    ASKED,
    Compared,
    ComparedKind,
    asked_rows,
    is_time,
    kept_keys,
    met_keys,
    met_places,
    repeated_rows,
    tried_time,
)
from assay.adapters.engines.source import Cells, Column, Source
from assay.adapters.engines.table_files import refusal, table_files
from assay.core.near import near_miss
from assay.core.ports import Overlap
from assay.core.table import Field, FieldType, Schema, Table

_TEXT_SHOWN = 200


class DuckdbTables:
    """Keeps the ``Tables`` port. Holds no state between calls; may be used from several threads."""

    def __init__(self, memory_limit: str = "1GB") -> None:
        self._memory_limit = memory_limit

    def schema(self, paths: Sequence[Path]) -> tuple[tuple[str, str], ...]:
        """(column, DuckDB's type) in order: VARCHAR for all of a CSV, whose header alone is read, JSON for JSON Lines."""
        with opened_files(paths, self._memory_limit) as (_, source):
            return _types(source)

    def read(self, paths: Sequence[Path], columns: Sequence[str] | None = None) -> tuple[Table, Schema]:
        """The rows of all files as one table, in the order of files and rows, and the type of each column."""
        with opened_files(paths, self._memory_limit) as (connection, source):
            wanted = (
                source.columns
                if columns is None
                else tuple(_wanted(source, name, paths) for name in dict.fromkeys(columns))
            )
            if not wanted:
                return {}, ()
            rows = _scanned_once(connection, source, wanted)
            kinds = _kinds(connection, rows, wanted, source.cells)
            shown = ", ".join(
                f"{typed_value(column, kind, source.cells)} AS {column.ref}"
                for column, kind in zip(wanted, kinds, strict=True)
            )
            fetched = connection.execute(f"SELECT {shown} FROM {rows}").fetchnumpy()
        arrays = [_array(fetched[column.ref], kind) for column, kind in zip(wanted, kinds, strict=True)]
        table = {column.name: array for column, (array, _) in zip(wanted, arrays, strict=True)}
        fields = zip(table, kinds, arrays, strict=True)
        return table, tuple(Field(name, kind, nullable=nullable) for name, kind, (_, nullable) in fields)

    def overlap(
        self, rows: Sequence[Path], others: Sequence[Path], columns: Sequence[str], filled: Sequence[str], limit: int
    ) -> Overlap:
        """How many rows stand among ``others`` too. Memory is taken by the different ones of ``rows``; ``others`` are streamed."""
        files, other_files = table_files(rows), table_files(others)
        keys = [f"k{place}" for place in range(len(columns))]
        with opened_database((*files, *other_files), self._memory_limit) as connection:
            with told_of(other_files):
                other = file_source(connection, other_files)
                there = [_wanted(other, name, others) for name in columns]
                other_filled = [_wanted(other, name, others) for name in filled]
            with told_of(files):
                source = file_source(connection, files)
                here = [_wanted(source, name, rows) for name in columns]
                kinds = _compared_kinds(connection, source, here, there)
                compared = list(map(Compared, kinds, here, there))
                connection.execute(asked_rows(source, compared, [_wanted(source, name, rows) for name in filled]))
                connection.execute(kept_keys(keys))
            with told_of(other_files):
                connection.execute(met_keys(other, compared, other_filled, keys))
            with told_of(files):
                counts = connection.execute(
                    f"SELECT (SELECT count(*) FROM {ASKED}), (SELECT coalesce(sum(number), 0) FROM met),"
                    f" (SELECT count(*) FROM ({met_places(keys)}))"
                ).fetchone()
                count, other_count, shared = map(int, counts or ())
                sample = _shown(connection, source, here, met_places(keys), limit) if shared else ()
            repeated = 0
            if shared:
                with told_of(other_files):
                    asked = repeated_rows(other, compared, other_filled, keys)
                    (repeated,) = map(int, connection.execute(asked).fetchone() or ())
        return Overlap(count, other_count, shared, repeated, sample)


def _types(source: Source) -> tuple[tuple[str, str], ...]:
    return tuple((column.name, column.type) for column in source.columns)


def _wanted(source: Source, name: str, paths: Sequence[Path]) -> Column:
    column = source.column(name)
    if column is None:
        names = [each.name for each in source.columns]
        near = near_miss(name, names)
        raise refusal(
            "no-column",
            f"{paths[0]} has no column {name!r}",
            (f"its columns are {', '.join(names)}",),
            f"did you mean {near!r}?" if near else "name one of its columns, or add it to the data",
        )
    return column


def _scanned_once(connection: duckdb.DuckDBPyConnection, source: Source, wanted: Sequence[Column]) -> str:
    """Where to select from. Text is parsed once, into a table that may spill: it is looked through twice, for its kinds
    and for its values."""
    if source.cells == "typed":
        return f"({source.sql})"
    refs = ", ".join(dict.fromkeys(column.ref for column in wanted))
    connection.execute(f"CREATE TEMP TABLE scanned AS SELECT {refs} FROM ({source.sql})")
    return "scanned"


def _kinds(
    connection: duckdb.DuckDBPyConnection, rows: str, wanted: Sequence[Column], cells: Cells
) -> tuple[FieldType, ...]:
    declared = [declared_kind(column, cells) for column in wanted]
    tried = [tried_kind(column, cells) for column, kind in zip(wanted, declared, strict=True) if kind is None]
    if not tried:
        return tuple(kind for kind in declared if kind is not None)
    found = iter(connection.execute(f"SELECT {', '.join(tried)} FROM {rows}").fetchone() or ())
    return tuple(kind or next(found) for kind in declared)


def _compared_kinds(
    connection: duckdb.DuckDBPyConnection, source: Source, here: Sequence[Column], there: Sequence[Column]
) -> tuple[ComparedKind, ...]:
    """What the columns are compared as: what they are in ``source``, and times where a type or every text says so."""
    rows = f"({source.sql})"
    kinds: list[ComparedKind] = list(_kinds(connection, rows, here, source.cells))
    for place, (kind, mine, other) in enumerate(zip(kinds, here, there, strict=True)):
        if kind == "text" and (is_time(mine) or is_time(other)):
            kinds[place] = "time"
        if kind == "float" and family(mine.type) in WIDE_INTEGERS:
            kinds[place] = "text"  # a double would make one of two long numbers
    tried = [place for place, kind in enumerate(kinds) if kind == "text"]
    if tried:
        asked = ", ".join(tried_time(here[place], source.cells) for place in tried)
        answer = connection.execute(f"SELECT {asked} FROM {rows}").fetchone() or ()
        for place, is_spelled in zip(tried, answer, strict=True):
            kinds[place] = "time" if is_spelled else "text"
    return tuple(kinds)


def _shown(
    connection: duckdb.DuckDBPyConnection, source: Source, columns: Sequence[Column], places: str, limit: int
) -> tuple[dict[str, Any], ...]:
    """The first of the rows at these places, as JSON can hold them."""
    shown = ", ".join(f"{shown_value(each, source.cells)} AS {each.ref}" for each in columns)
    numbered = f"(SELECT *, row_number() OVER () AS place FROM ({source.sql}))"
    first = f"({places} ORDER BY place LIMIT {limit})"
    rows = connection.execute(f"SELECT {shown} FROM {numbered} WHERE place IN {first} ORDER BY place").fetchall()
    names = [each.name for each in columns]
    return tuple(dict(zip(names, map(_json_value, row), strict=True)) for row in rows)


def _array(fetched: np.ndarray, kind: FieldType) -> tuple[np.ndarray, bool]:
    """The column as a Table holds it, and whether NULL was seen."""
    mask = np.ma.getmaskarray(fetched)
    values = np.ma.getdata(fetched)
    has_null = bool(mask.any())
    match kind:
        case "int":
            return (np.where(mask, np.nan, values) if has_null else values.astype(np.int64, copy=False)), has_null
        case "float":
            floats = np.where(mask, np.nan, values).astype(np.float64, copy=False)
            return floats, bool(np.isnan(floats).any())
        case "bool":
            return (_objects(values, mask) if has_null else values.astype(np.bool_, copy=False)), has_null
        case "text":
            return _objects(values, mask), has_null


def _objects(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    objects = values.astype(object)
    objects[mask] = None
    return objects


def _json_value(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _TEXT_SHOWN else value[:_TEXT_SHOWN] + "…"
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    return value

# ruff: noqa: S608 -- names are c0, c1, ..., and what comes from people passes through quoting.py
"""A dataset as one SELECT: its columns, what their cells are, and the SQL that yields every row in order.

Inside the SELECT columns are called c0, c1, ...: what a file calls them is only ever a value here. Files of one dataset are joined by the
names of their columns; what a file lacks is NULL.

Cells come in three kinds, because formats know different things. A CSV holds **text** (an empty cell is NULL), so that one
bad cell is one bad cell and not a column of another type. JSON Lines hold a type in each cell. Parquet and Arrow hold
**typed** columns.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from assay.adapters.engines.quoting import file_pattern, identifier, listed, text
from assay.adapters.engines.table_files import TableFile

Cells = Literal["text", "json", "typed"]
_PARQUET_PLACES = ("file_index", "file_row_number")
"""What DuckDB knows of each row of Parquet, unless a column has that name."""
_FILE = "filename"
"""What it knows of each row of any file."""


class Column(msgspec.Struct, frozen=True):
    """A column as the data has it."""

    name: str
    type: str
    """DuckDB's name; VARCHAR for every column of a CSV, JSON for every column of JSON Lines."""
    ref: str
    """What SQL calls it."""


class Source(msgspec.Struct, frozen=True):
    """A dataset that can be queried."""

    cells: Cells
    columns: tuple[Column, ...]
    sql: str
    """SELECT of all rows, in the order of files and rows: columns under their ``ref``, the ``places``, and the ``file``."""
    places: tuple[str, ...] = ()
    """Columns that say where a row stands, by which it is found again without reading the others; empty where there are none."""
    file: str = ""
    """The column that says in which of several files it stands; empty where there is one, or a column has that name."""

    @property
    def beside(self) -> tuple[str, ...]:
        """What is known of each row beside its cells."""
        return (*self.places, *([self.file] if self.file else []))

    def column(self, name: str) -> Column | None:
        """The column of exactly that name."""
        return next((column for column in self.columns if column.name == name), None)


def csv_source(files: Sequence[TableFile]) -> Source:
    """CSV files, each with its own header: neighbours with the same header are read by one scan."""
    names = list(dict.fromkeys(name for file in files for name in file.header))
    columns = numbered((name, "VARCHAR") for name in names)
    file = _file_of(files, columns)
    scans = [_csv_select(columns, list(group), file) for _, group in groupby(files, key=_layout)]
    return Source("text", columns, " UNION ALL ".join(scans), file=file)


def described_source(files: Sequence[TableFile], described: Iterable[tuple[str, str]]) -> Source:
    """Parquet or JSON Lines, whose columns DuckDB has described from ``reader(files)``."""
    columns = numbered(described)
    is_parquet = files[0].format == "Parquet"
    places = () if not is_parquet or {each.name.lower() for each in columns} & set(_PARQUET_PLACES) else _PARQUET_PLACES
    found = Source("typed" if is_parquet else "json", columns, "", places, _file_of(files, columns))
    return msgspec.structs.replace(found, sql=f"SELECT {_shown(found)} FROM {reader(files)}")


def arrow_source(files: Mapping[str, TableFile], described: Iterable[tuple[str, str]]) -> Source:
    """Arrow files, each registered under a name of ours."""
    columns = numbered(described)
    found = Source("typed", columns, "", file=_file_of(tuple(files.values()), columns))
    of_file = f", {{}} AS {found.file}" if found.file else ""
    rows = " UNION ALL BY NAME ".join(
        f"SELECT *{of_file.format(text(str(file.path)))} FROM {name}" for name, file in files.items()
    )
    return msgspec.structs.replace(found, sql=f"SELECT {_shown(found)} FROM ({rows})")


def _shown(source: Source) -> str:
    return ", ".join([*(f"{identifier(column.name)} AS {column.ref}" for column in source.columns), *source.beside])


def _file_of(files: Sequence[TableFile], columns: Sequence[Column]) -> str:
    return "" if len(files) == 1 or any(each.name.lower() == _FILE for each in columns) else _FILE


def arrow_rows(names: Sequence[str]) -> str:
    """The rows of registered Arrow files, in order."""
    return " UNION ALL BY NAME ".join(f"SELECT * FROM {name}" for name in names)


def reader(files: Sequence[TableFile]) -> str:
    """The table function that reads Parquet or JSON Lines; of JSON it finds the keys of every line, and no more:
    left to itself DuckDB takes 200 keys alike for the keys of a map, and such lines for no records."""
    listing = _listing(files)
    if files[0].format == "Parquet":
        return f"read_parquet({listing}, union_by_name=true, hive_partitioning=false)"
    return (
        f"read_json({listing}, format='newline_delimited', records='true', union_by_name=true, hive_partitioning=false,"
        " sample_size=-1, maximum_sample_files=2147483647, maximum_depth=1,"
        " map_inference_threshold=-1)"
    )


def objects(files: Sequence[TableFile]) -> str:
    """The table function that reads each line of JSON Lines whole, as ``json``."""
    return f"read_json_objects({_listing(files)}, format='newline_delimited')"


def numbered(described: Iterable[tuple[str, str]]) -> tuple[Column, ...]:
    return tuple(Column(name, type_, f"c{place}") for place, (name, type_) in enumerate(described))


def _layout(file: TableFile) -> tuple[tuple[str, ...], str, bool]:
    return file.header, file.delimiter, file.is_compressed


def _csv_select(columns: Sequence[Column], files: Sequence[TableFile], file: str) -> str:
    header, delimiter, is_compressed = _layout(files[0])
    places = {name: place for place, name in enumerate(header)}
    shown = ", ".join(
        f"h{places[column.name]} AS {column.ref}" if column.name in places else f"CAST(NULL AS VARCHAR) AS {column.ref}"
        for column in columns
    )
    shown += f", {file}" if file else ""
    names = ", ".join(f"'h{place}': 'VARCHAR'" for place in range(len(header)))
    return (
        f"SELECT {shown} FROM read_csv({_listing(files)}, auto_detect=false, header=true, delim={text(delimiter)},"
        f" quote='\"', escape='\"', nullstr='', columns={{{names}}}, hive_partitioning=false,"
        f" compression='{'gzip' if is_compressed else 'none'}')"
    )


def _listing(files: Sequence[TableFile]) -> str:
    return listed(text(file_pattern(file.path)) for file in files)

"""Small tables as Arrow's files, as pyarrow writes them."""

from pathlib import Path

import pyarrow as pa
from pyarrow import ipc

from assay.testing.small_tables import Kind, SmallTable

TYPES: dict[Kind, pa.DataType] = {
    "int": pa.int64(),
    "float": pa.float64(),
    "decimal": pa.decimal128(18, 3),
    "text": pa.string(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us"),
    "zoned": pa.timestamp("us", "UTC"),
    "nested": pa.list_(pa.int64()),
}


def arrow_table(table: SmallTable) -> pa.Table:
    """The table with a column of Arrow's for each of its own."""
    values = zip(*table.rows, strict=True) if table.rows else [[] for _ in table.columns]
    arrays = [pa.array(list(cells), TYPES[kind]) for cells, kind in zip(values, table.columns.values(), strict=True)]
    return pa.table(dict(zip(table.columns, arrays, strict=True)))


def write_arrow(table: pa.Table, path: Path, *, rows_in_batch: int = 5) -> Path:
    """With a footer, or as a stream where the path ends in ``.arrows``."""
    open_writer = ipc.new_stream if path.suffix == ".arrows" else ipc.new_file
    with open_writer(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=rows_in_batch)
    return path

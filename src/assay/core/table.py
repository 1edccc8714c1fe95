"""Columns of rows, as engines read them and predictors take them."""

from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

Table: TypeAlias = "Mapping[str, np.ndarray]"
"""Equally long numpy arrays by column name: int64, float64 (NULL is NaN), bool, or object (text; NULL is None)."""

FieldType = Literal["int", "float", "text", "bool"]


class Field(msgspec.Struct, frozen=True):
    """One column that a model reads: its name, type, and whether NULL was seen."""

    name: str
    type: FieldType
    nullable: bool = False


Schema: TypeAlias = tuple[Field, ...]
"""The columns that a model reads, in the order of the gate's data; without label and id."""

TABLE_SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".ndjson", ".arrow", ".arrows", ".feather")
"""What the names of files end in that engines read as tables; texts may be compressed (``.csv.gz``)."""


def is_table_name(path: str) -> bool:
    """A file of that name is read as a table."""
    return path.lower().removesuffix(".gz").endswith(TABLE_SUFFIXES)

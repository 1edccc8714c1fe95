"""Where a dataset stands, and what its columns hold, whatever engine reads it."""

import re
import struct
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec

from assay.core.table import is_table_name

Dialect = Literal["duckdb", "postgres", "spark", "bigquery", "snowflake", "trino"]

Held = Literal["int", "wide_int", "float", "decimal", "text", "bool", "date", "time", "zoned", "csv", "json", "other"]
"""What the cells of a column are. ``int`` fits 64 bits with a sign, ``wide_int`` may not; ``float`` may be NaN; ``time`` is without
a zone, ``zoned`` with one; ``csv`` is a text that may spell anything, ``json`` a text of JSON; ``other`` is nested, binary or unknown."""


class Files(msgspec.Struct, frozen=True, tag="files"):
    """Files that are one dataset, in order."""

    paths: tuple[Path, ...]


class DatabaseTable(msgspec.Struct, frozen=True, tag="table"):
    """A table of a database."""

    address: str
    """A URL without secrets, or the path of the database's file."""
    name: str
    """``flights`` or ``schema.flights``."""

    @property
    def is_served(self) -> bool:
        """A server has it: the address is a URL or the words of one (``host=db dbname=base``), and no path."""
        return "://" in self.address or ("=" in self.address and not is_database_name(self.address))


class Values(msgspec.Struct, frozen=True, tag="values"):
    """Values that were read elsewhere, as a dataset with one column of text, whole numbers or other numbers."""

    values: tuple[Any, ...]


Source: TypeAlias = Files | DatabaseTable | Values


class DataColumn(msgspec.Struct, frozen=True):
    """A column as an engine has it."""

    name: str
    type: str
    """The engine's own word."""
    held: Held
    ref: str
    """What queries call it: ``c0`` for the first."""

    @property
    def is_single(self) -> bool:
        """Its numbers have 32 bits, in which .1 is another number than in 64."""
        return self.held == "float" and self.type.upper() in ("FLOAT", "REAL", "FLOAT4")


def in_32_bits(number: float) -> float:
    """The number that a column of 32 bits holds for it; one that is beyond all of these as it is."""
    try:
        return struct.unpack("f", struct.pack("f", number))[0]  # type: ignore[no-any-return]
    except OverflowError:
        return number


EngineName = Literal["duckdb", "sqlite", "postgres", "spark"]
_BY_SUFFIX: dict[str, EngineName] = {
    ".duckdb": "duckdb",
    ".ddb": "duckdb",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
    ".db": "sqlite",
}
_BY_SCHEME: dict[str, EngineName] = {"postgresql": "postgres", "postgres": "postgres", "spark": "spark"}


def is_database_name(path: str) -> bool:
    """A file of that name is a database, of which a table is to be named."""
    return path.lower().endswith(tuple(_BY_SUFFIX))


class DatasetName(msgspec.Struct, frozen=True):
    """What a file calls a dataset: a path or glob, or a table: ``warehouse.duckdb#flights``, ``app.sqlite#orders``,
    ``postgresql://host/base#public.flights``, ``${WAREHOUSE}#public.flights``, ``spark#base.flights``."""

    place: str
    """The path or glob, or the table's database."""
    table: str | None = None

    @property
    def engine(self) -> EngineName:
        """What reads it, where nothing else is said. An address in a variable is PostgreSQL's."""
        if self.table is None:
            return "duckdb"
        if self.place == "spark":
            return "spark"
        if "://" in self.place:
            return _BY_SCHEME[self.place.partition("://")[0]]
        if self.place.startswith("${"):
            return "postgres"
        return _BY_SUFFIX["." + self.place.rpartition(".")[2].lower()]

    @property
    def is_local(self) -> bool:
        """Its bytes are files of this machine, which have a digest."""
        return self.table is None or self.engine in ("duckdb", "sqlite")


_PASSWORD = re.compile(r"(//[^/\s:@]*:)[^/\s@]*@")


def without_password(text: str) -> str:
    """What was named, as it may be told."""
    return _PASSWORD.sub(r"\1***@", text)


def parse_dataset(text: str) -> DatasetName:
    """The dataset that is named; ``ValueError`` says what is wrong with a table's name. A path may hold ``#`` too."""
    place, mark, table = text.rpartition("#")
    if not mark:
        if "://" in text and text.partition("://")[0] not in _BY_SCHEME:
            raise ValueError(f"nothing is read from {text.partition('://')[0]}://; bring the files here and name them")
        if "://" in text:
            raise ValueError("a table is named behind its database: postgresql://host/base#public.flights")
        return DatasetName(text)
    if _is_path(place, table):
        return DatasetName(text)
    if not table.strip() or not place.strip():
        raise ValueError("before # stands the database, behind it the table: warehouse.duckdb#flights")
    if "://" in place:
        scheme, _, rest = place.partition("://")
        if scheme not in _BY_SCHEME or scheme == "spark":
            raise ValueError(f"{scheme}:// is no database that checks read; postgresql:// is")
        if ":" in rest.rpartition("@")[0]:
            raise ValueError(
                "a password does not belong in a file: write ${VARIABLE}#TABLE, or use PGPASSWORD or ~/.pgpass"
            )
        return DatasetName(place, table)
    if not _is_database(place):
        raise ValueError(f"a database is a file in {', '.join(_BY_SUFFIX)}, postgresql://, or spark")
    return DatasetName(place, table)


def _is_path(place: str, table: str) -> bool:
    """``part#1.csv`` and ``parts#1/*`` are files: no database stands before ``#``, and behind it no table's name."""
    return not _is_database(place) and "://" not in place and (is_table_name(table) or "/" in table.rstrip("/"))


def _is_database(place: str) -> bool:
    return place == "spark" or place.startswith("${") or "." + place.rpartition(".")[2].lower() in _BY_SUFFIX

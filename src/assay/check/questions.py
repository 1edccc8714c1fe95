"""What an engine is asked about a dataset: queries, and what their answers are. Plain values, which a cache can keep."""

from collections.abc import Sequence

import msgspec

from assay.core.dataset import DataColumn, Dialect, Held
from assay.core.rules import ColumnType

SOURCE = "source"
"""What queries call the dataset that is checked; its columns are c0, c1, ..."""

FILE = "file"
"""What findings call the file that a row stands in, beside the columns by which failures are counted."""

TRIED: tuple[ColumnType, ...] = ("int", "float", "bool", "date", "time")
"""What texts of unknown kind may be: of the first of these that all values are instances of, else text."""

OWN_TYPES: dict[Held, ColumnType] = {
    "int": "int",
    "float": "float",
    "decimal": "float",
    "wide_int": "float",
    "text": "str",
    "bool": "bool",
    "date": "date",
    "time": "time",
    "zoned": "time",
}
"""The type under which every cell of a column is an instance; of other columns the values would have to be tried."""

FEW = 50
"""Rows that DuckDB finds by their places without reading all others: its own limit."""

Asked = tuple[str, str]
"""What a number is, and whose: ``("nulls", "carrier")``."""


class Question(msgspec.Struct, frozen=True):
    """A query that answers with one row, and what its columns are."""

    query: str
    asked: tuple[Asked, ...]


class Wanted(msgspec.Struct, frozen=True):
    """Which of the failing rows are shown: the first, and what is known that helps to find them."""

    rows: int
    is_near: bool = False
    """So many fail that all of the first are to be expected in the first third of the data."""
    are_few: bool = False
    """No more fail than a join finds without reading all rows."""
    is_key_whole: bool = False
    """No two rows have the same of the key by which they are put in order."""


class Probe(msgspec.Struct, frozen=True):
    """What is asked about one way in which rows fail."""

    first: str
    """The query for the first failing rows: for their places where the data has some, else for all their columns."""
    values: str | None = None
    """The failing values with their numbers of rows, the most frequent first."""
    slices: tuple[tuple[str, str], ...] = ()
    """For ``FILE`` and each column by which failures are counted: its values, failing rows and all rows, the most failing first."""
    keys: str | None = None
    """Where keys repeat: those that do, each with its number of rows, the most frequent first."""
    key: tuple[str, ...] = ()
    """The columns of which these are the values."""

    @property
    def queries(self) -> int:
        """How many they are."""
        return sum(each is not None for each in (self.first, self.values, self.keys)) + len(self.slices)


class RowsAt(msgspec.Struct, frozen=True):
    """What asks for the rows at places: all columns, behind those that say where the row stands."""

    rows: str
    """The query for all rows."""
    places: tuple[str, ...]

    def query(self, places: Sequence[tuple[int, ...]]) -> str:
        """For these rows. DuckDB alone has places; of so many as ``FEW`` it skips what lies between them."""
        names, values = ", ".join(self.places), ", ".join(f"({', '.join(map(str, place))})" for place in places)
        return f"{self.rows} SEMI JOIN (VALUES {values}) AS wanted({names}) USING ({names})"


class Subject(msgspec.Struct, frozen=True):
    """A dataset, as an engine has it."""

    columns: tuple[DataColumn, ...]
    dialect: Dialect
    others: dict[str, tuple[DataColumn, ...]] = {}
    """The columns of each dataset that rules look into: of ``other0``, ``other1``, ... in order."""
    tried: dict[str, ColumnType] = {}
    """As what texts are read that no rule declares and a condition speaks of."""
    long: tuple[str, ...] = ()
    """Of these, texts that spell numbers of more digits than a double has: beside a column of numbers they are such."""
    has_order: bool = False
    """The engine gives rows in the order of the data."""
    places: tuple[str, ...] = ()
    """What says where a row stands in the data, by which the engine finds it again; empty where it cannot."""
    file: str = ""
    """What says in which of several files a row stands; empty where there is one, or the engine does not know."""


class Seen(msgspec.Struct, frozen=True):
    """A column, and what its values are read as; None where only NULL or not can be told."""

    column: DataColumn
    type: ColumnType | None

    @property
    def name(self) -> str:
        """The column's."""
        return self.column.name

    @property
    def is_number(self) -> bool:
        """Its values are numbers."""
        return self.type in ("int", "float")

    @property
    def has_order(self) -> bool:
        """Its values lie before and behind one another: numbers, days and times."""
        return self.is_number or self.type in ("date", "time")

    @property
    def can_be_grouped(self) -> bool:
        """Every engine tells its values apart."""
        return self.column.held != "other"

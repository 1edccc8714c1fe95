"""What the rows of a gate have been through: earlier decisions that saw some of them.

A labelled row was seen by a decision that looked at a row of the same name (``row_keys``), or at one of the same group or day, where
the gate says that such rows belong together. And because a name is only what somebody wrote in a column, rows whose contents are
those of the decision's rows were seen too, whatever they are called now (``alike.py``). A test set that shares a row with an
earlier one inherits all decisions on that: taking a row out, changing the order or numbering the rows anew resets nothing.

Rows that no decision has seen may be judged alone, at the full level, where they show more than all of them together do at the
level that is left; no label has a part in that choice.
"""

from collections.abc import Sequence
from functools import cache

import msgspec
import numpy as np

from assay.core.table import Table
from assay.judge.alike import are_the_same_again
from assay.judge.levels import is_spent
from assay.judge.observe import Bools
from assay.judge.row_keys import Keys, content_keys, packed, packed_each, unpacked
from assay.judge.tails import normal_quantile

_POWER = 0.9


class Marks(msgspec.Struct, frozen=True):
    """What is kept of a decision's rows beside their names, as bytes of sorted keys."""

    columns: tuple[str, ...]
    """Those that ``contents`` are of: all but the label, the id and the time; none where there are no others."""
    contents: bytes
    """One key for each row."""
    clustered_by: str = ""
    """What says which rows belong together: a column, or the days of one; empty where they are independent."""
    clusters: bytes = b""


class Seen(msgspec.Struct, frozen=True, eq=False):
    """The rows that a decision saw."""

    keys: Keys
    """Of their names, sorted."""
    marks: Marks | None = None
    """None in ledgers from before these were kept: then the names are all that is known."""


class Decision(msgspec.Struct, frozen=True, eq=False):
    """An earlier verdict on labelled rows."""

    seq: int
    decisions: int
    passes: int
    seen: Seen | None
    """None where its rows are not known any more: then it counts as having seen every row."""
    is_open: bool = False
    """It told more of the labels than its verdict."""


class AskedRows(msgspec.Struct, frozen=True, eq=False):
    """The labelled rows that a decision may be about."""

    keys: Keys
    """Of their names."""
    columns: Table = {}
    content_columns: tuple[str, ...] = ()
    """Of the columns, those that are neither label nor id nor time."""
    contents: Keys | None = None
    """Of these columns; None where there are none."""
    clusters: Keys | None = None
    """For each row, the key of the group or day that it belongs to."""
    clustered_by: str = ""

    def marks(self, which: Bools) -> Marks:
        """What is to be kept of some of them."""
        contents = b"" if self.contents is None else packed_each(self.contents[which])
        clusters = b"" if self.clusters is None else packed(self.clusters[which])
        return Marks(self.content_columns, contents, self.clustered_by, clusters)

    def units(self, which: Bools) -> int:
        """How many pieces of evidence some of them are: rows, or groups and days of them."""
        return int(which.sum()) if self.clusters is None else len(np.unique(self.clusters[which]))


class Worn(msgspec.Struct, frozen=True, eq=False):
    """How often some rows were asked before."""

    earlier: tuple[int, ...]
    decisions: int
    passes: int
    open: int
    """How many of the decisions told more of the labels than their verdict."""
    fresh: Bools
    """For each row, whether no earlier decision has seen it, nor any row of its group or day."""


def wear_of_rows(rows: AskedRows, decisions: Sequence[Decision]) -> Worn:
    """What rows have been through. Decisions that saw the same rows, which share one ``Seen``, are looked at once."""
    was_seen = _seen_by(rows, {each.seen for each in decisions})
    overlapping = [each for each in decisions if was_seen[each.seen].any()]
    fresh = np.ones(len(rows.keys), bool)
    for seen in {each.seen for each in overlapping}:
        fresh &= ~was_seen[seen]
    return Worn(
        tuple(each.seq for each in overlapping),
        sum(each.decisions for each in overlapping),
        sum(each.passes for each in overlapping),
        sum(each.decisions for each in overlapping if each.is_open),
        _untouched(rows, fresh),
    )


def _seen_by(rows: AskedRows, sights: set[Seen | None]) -> dict[Seen | None, Bools]:
    """For each of them, which of the rows it has seen."""
    everything = np.ones(len(rows.keys), bool)
    by_name = {seen: np.isin(rows.keys, seen.keys) for seen in sights if seen is not None}
    has_known_name = np.logical_or.reduce([~everything, *by_name.values()])

    @cache
    def contents(columns: tuple[str, ...]) -> Keys:
        if columns == rows.content_columns and rows.contents is not None:
            return rows.contents
        return content_keys(rows.columns, columns)

    def by_content(marks: Marks, known: Bools) -> Bools:
        """Rows that have come again under a name of another decision are told apart from those under a new one, so that fresh rows
        beside renamed ones are not taken for these."""
        if known.all() or not marks.columns or not all(name in rows.columns for name in marks.columns):
            return known
        here, there = contents(marks.columns), unpacked(marks.contents)
        parts = [part & ~known for part in (has_known_name, ~has_known_name)]
        for part in parts:
            if are_the_same_again(here[part], there):
                known = known | (part & np.isin(here, there))
        return known

    found: dict[Seen | None, Bools] = {None: everything}
    for seen, known in by_name.items():
        marks = seen.marks
        found[seen] = known if marks is None else by_content(marks, known) | _by_cluster(rows, marks)
    return found


def shows_more(fresh: int, delta_fresh: float, rows: int, delta_worn: float) -> bool:
    """``fresh`` rows alone show a smaller gain at ``delta_fresh`` than all ``rows`` at what is left, by the normal approximation:
    what a test shows 9 times in 10 is (z_delta + z_.9) / sqrt(rows) standard deviations. Groups and days count as rows."""
    if not fresh or is_spent(delta_worn):
        return bool(fresh)

    def shown(count: int, delta: float) -> float:
        return (normal_quantile(delta) + normal_quantile(1 - _POWER)) / float(np.sqrt(count))

    return shown(fresh, delta_fresh) < shown(rows, delta_worn)


def _by_cluster(rows: AskedRows, marks: Marks) -> Bools:
    """Rows of a group or day of which the decision saw a row."""
    if rows.clusters is None or rows.clustered_by != marks.clustered_by:
        return np.zeros(len(rows.keys), bool)
    return np.isin(rows.clusters, unpacked(marks.clusters))


def _untouched(rows: AskedRows, fresh: Bools) -> Bools:
    """What was told of one row tells of the others of its group or day."""
    if rows.clusters is None or fresh.all() or not fresh.any():
        return fresh
    return fresh & ~np.isin(rows.clusters, rows.clusters[~fresh])

"""What the rows of a gate have been through: earlier decisions that saw some of them.

A labelled row was seen by a decision that looked at a row of the same name (``row_keys``), or at one of the same group or day, where
the gate says that such rows belong together. And because a name is only what somebody wrote in a column, rows whose contents are
those of the decision's rows were seen too, whatever they are called now (``alike.py``). A test set that shares a row with an
earlier one inherits all decisions on that: taking a row out, changing the order or numbering the rows anew resets nothing.

A file may be appended to, so its rows have been through different things. They are judged without those that the oldest decisions
saw, however many of these, where the rest show most at the level that is left to it: what anybody could ask who left these rows out of
the file, and paid for the same. No label has a part in that choice.
"""

from collections.abc import Sequence
from functools import cache

import msgspec
import numpy as np

from assay.core.table import Table
from assay.core.wear import Wear
from assay.judge.alike import are_the_same_again
from assay.judge.observe import Bools
from assay.judge.row_keys import Keys, content_keys, packed, packed_each, unpacked


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
    """For each of all labelled rows, whether no earlier decision has seen it, nor any row of its group or day."""
    which: Bools
    """Of all labelled rows, those that this is about."""

    @property
    def wear(self) -> Wear:
        """What counts of it."""
        return Wear(self.decisions, self.passes)


def wear_of_rows(rows: AskedRows, decisions: Sequence[Decision]) -> Worn:
    """What all the rows have been through."""
    return parts_by_age(rows, decisions)[0]


def parts_by_age(rows: AskedRows, decisions: Sequence[Decision]) -> tuple[Worn, ...]:
    """All rows, those that the oldest decision has not seen, those that the two oldest have not, and so on, as far as any are left: each
    part with what it has been through. Decisions that saw the same rows, which share one ``Seen``, are looked at once."""
    was_seen = _seen_by(rows, {each.seen for each in decisions})
    overlapping = sorted((each for each in decisions if was_seen[each.seen].any()), key=lambda each: each.seq)
    everything = np.ones(len(rows.keys), bool)
    fresh = _untouched(rows, ~np.logical_or.reduce([~everything, *(was_seen[each.seen] for each in overlapping)]))
    parts = [everything]
    for each in overlapping:
        left = _untouched(rows, parts[-1] & ~was_seen[each.seen])
        if not left.any():
            break
        if not (left == parts[-1]).all():
            parts.append(left)
    return tuple(
        _through([each for each in overlapping if (was_seen[each.seen] & which).any()], which, fresh) for which in parts
    )


def _through(seers: Sequence[Decision], which: Bools, fresh: Bools) -> Worn:
    return Worn(
        tuple(each.seq for each in seers),
        sum(each.decisions for each in seers),
        sum(each.passes for each in seers),
        sum(each.decisions for each in seers if each.is_open),
        fresh,
        which,
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

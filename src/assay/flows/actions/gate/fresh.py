"""Which rows a decision is about: all that have a label, or only those that no earlier decision has seen.

Pure but for numpy being loaded: the ledger is read in ``earlier.py``, and charged in ``charging.py``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from assay.core.pipeline import GateAction, ModelSpec
from assay.core.table import Table
from assay.core.wear import Wear

if TYPE_CHECKING:
    from assay.judge import AskedRows, Decision, Evidence, Worn
    from assay.judge.observe import Bools


class Subject(msgspec.Struct, frozen=True, eq=False):
    """The rows of one decision, and what they have been through."""

    which: "Bools"
    """Of the labelled rows, those that it is about."""
    worn: "Worn"
    """Of all labelled rows."""

    @property
    def set_aside(self) -> int:
        """How many labelled rows are left out."""
        return len(self.which) - int(self.which.sum())

    @property
    def wear(self) -> Wear:
        """What the rows that it is about have been through."""
        return Wear() if self.set_aside else Wear(self.worn.decisions, self.worn.passes)


def asked_rows(gate: GateAction, model: ModelSpec, evidence: "Evidence", table: Table) -> "AskedRows | None":
    """The labelled rows, with all that they are known by; None where no row has a label."""
    import numpy as np

    from assay.judge import AskedRows, SomeRows, clusters_of, content_keys, has_value, row_keys, value_keys

    labelled = np.flatnonzero(has_value(evidence.labels))
    if not len(labelled):
        return None
    columns = SomeRows(table, labelled)
    keys = row_keys(columns, naming_columns(table, model))
    told_by = tuple(sorted(name for name in table if name not in (model.label, model.id, model.time)))
    contents = content_keys(columns, told_by) if told_by else None
    together = gate.group or gate.time
    if together is None:
        return AskedRows(keys, columns, told_by, contents)
    clusters = value_keys(clusters_of(columns, together, by_day=gate.time is not None))
    return AskedRows(keys, columns, told_by, contents, clusters, f"day of {together}" if gate.time else together)


def naming_columns(table: Table, model: ModelSpec) -> tuple[str, ...]:
    """The columns that say which row it is: the id, and the time with it; else all but the label."""
    if model.id is not None and model.id in table:
        return (model.id, model.time) if model.time is not None and model.time in table else (model.id,)
    return tuple(name for name in table if name != model.label)


def subject_of(gate: GateAction, evidence: "Evidence", rows: "AskedRows", decisions: "Sequence[Decision]") -> Subject:
    """The fresh rows alone where they show more than all labelled rows do at what is left, and labels were not chosen among them."""
    import numpy as np

    from assay.judge import are_chosen, has_value, shows_more, wear_of_rows

    worn = wear_of_rows(rows, decisions)
    everything = np.ones(len(rows.keys), bool)
    strictest, wear = _strictest(gate), Wear(worn.decisions, worn.passes)
    units = rows.units(worn.fresh), rows.units(everything)
    if not worn.decisions or not shows_more(units[0], Wear().left(strictest), units[1], wear.left(strictest)):
        return Subject(everything, worn)
    aside = has_value(evidence.labels)
    aside[aside] = ~worn.fresh
    is_biased = are_chosen(aside, evidence.challenger, evidence.champion)
    return Subject(everything if is_biased else worn.fresh, worn)


def _strictest(gate: GateAction) -> float:
    """The smallest error probability that a sentence allows as written."""
    from assay.judge import delta_of

    return min(delta_of(sentence, gate) for sentence in gate.require)

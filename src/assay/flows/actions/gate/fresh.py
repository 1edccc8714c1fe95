"""Which rows a decision is about: all that have a label, or only those that few earlier decisions, or none, have seen.

Pure but for numpy being loaded: the ledger is read in ``earlier.py``, and charged in ``charging.py``.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from assay.core.pipeline import GateAction, ModelSpec
from assay.core.table import Table

if TYPE_CHECKING:
    from assay.judge import AskedRows, Decision, Evidence, Worn


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


def rows_to_judge(gate: GateAction, evidence: "Evidence", rows: "AskedRows", decisions: "Sequence[Decision]") -> "Worn":
    """Of all labelled rows, and of these without what the oldest decisions saw, those that show most at the level that is left to
    them; all, where labels were chosen among the others."""
    from assay.judge import are_chosen, has_value, parts_by_age, smallest_shown

    parts = parts_by_age(rows, decisions)
    shown = [smallest_shown(gate, rows.units(part.which), part.wear) for part in parts]
    best = parts[shown.index(min(shown))]
    if best is parts[0]:
        return best
    aside = has_value(evidence.labels)
    aside[aside] = ~best.which
    return parts[0] if are_chosen(aside, evidence.challenger, evidence.champion) else best

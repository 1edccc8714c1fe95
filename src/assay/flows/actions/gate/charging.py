"""The ledger of test sets: each verdict is charged to the rows it was given on, in the transaction that publishes it.

A decision counts all earlier ones that saw one of its labelled rows, in any pipeline of the ledger. Nothing may come between the
count and the record: where something did, it is counted anew. What ends as an error has told nothing, and costs nothing.
"""

from typing import TYPE_CHECKING

import msgspec

from assay.core.digest import Digest
from assay.core.events import Judged
from assay.core.pipeline import GateAction, ModelSpec
from assay.core.problem import Conflict, IntegrityError, NotFound
from assay.core.table import Table
from assay.core.verdict import Charge, Verdict
from assay.core.wear import Wear
from assay.flows.actions.context import RunContext

if TYPE_CHECKING:
    import numpy as np

    from assay.judge import Decision, Evidence

MOST_TRIES = 20
"""Against others who write to the ledger at the same moment."""


def judge_and_record(
    context: RunContext, step: str, gate: GateAction, evidence: "Evidence", table: Table
) -> tuple[int, Judged]:
    """The verdict on the evidence at the level that its rows have left, and where it is recorded."""
    from assay.judge import decide, row_keys

    keys = row_keys(table, naming_columns(table, context.model))
    known: tuple[Charge | None, Verdict] | None = None
    for tried in range(MOST_TRIES):
        head, _ = context.workspace.ledger.head()
        charge, left = _charge(context, gate, evidence, keys)
        if known is None or known[0] != charge:
            wear = None if charge is None else Wear(charge.before, charge.passes)
            judged = decide(gate, evidence, wear) if left is None else decide(gate, evidence.at(left), wear, evidence)
            known = charge, msgspec.structs.replace(judged, charge=charge)
        event = Judged(context.run, step, known[1])
        try:
            (entry,) = context.record(event, after=head)
        except Conflict:
            if tried == MOST_TRIES - 1:
                raise
        else:
            return entry.seq, event
    raise AssertionError("unreachable")


def naming_columns(table: Table, model: ModelSpec) -> tuple[str, ...]:
    """The columns that say which row it is: the id, and the time with it; else all but the label."""
    if model.id is not None and model.id in table:
        return (model.id, model.time) if model.time is not None and model.time in table else (model.id,)
    return tuple(name for name in table if name != model.label)


def _charge(
    context: RunContext, gate: GateAction, evidence: "Evidence", keys: "np.ndarray"
) -> tuple[Charge | None, "np.ndarray | None"]:
    """What a decision now would cost, nothing where no row has a label; and the rows that it should be about where these are not
    all."""
    from assay.judge import are_chosen, has_value, packed, shows_more, wear_of_rows

    labelled = has_value(evidence.labels)
    if not labelled.any():
        return None, None
    worn = wear_of_rows(keys[labelled], _earlier(context, evidence.test_set_digest))
    strictest = _strictest(gate)
    wear = Wear(worn.decisions, worn.passes)
    fresh = labelled.copy()
    fresh[labelled] = _untouched(gate, evidence, worn.fresh)
    count, total = int(fresh.sum()), int(labelled.sum())
    is_enough = bool(worn.decisions) and shows_more(count, Wear().left(strictest), total, wear.left(strictest))
    if is_enough and not are_chosen(labelled & ~fresh, evidence.challenger, evidence.champion):
        name = context.workspace.store.add_bytes(packed(keys[fresh]))
        return Charge(name, set_aside=total - count), fresh | ~labelled
    name = context.workspace.store.add_bytes(packed(keys[labelled]))
    return Charge(name, worn.earlier, worn.decisions, worn.passes, worn.open), None


def _untouched(gate: GateAction, evidence: "Evidence", fresh: "np.ndarray") -> "np.ndarray":
    """The labelled rows that are fresh, and of whose cluster no row here was seen: what was told of one tells of the others."""
    import numpy as np

    from assay.judge import labelled_rows

    together = gate.group or gate.time
    if together is None or fresh.all() or not fresh.any():
        return fresh
    clusters = labelled_rows(evidence, together, by_day=gate.time is not None).clusters
    assert clusters is not None
    untouched: np.ndarray = fresh & ~np.isin(clusters, clusters[~fresh])
    return untouched


def _strictest(gate: GateAction) -> float:
    """The smallest error probability that a sentence allows as written."""
    from assay.judge import delta_of

    return min(delta_of(sentence, gate) for sentence in gate.require)


def _earlier(context: RunContext, test_set: Digest) -> list["Decision"]:
    """The decisions of the ledger. Whatever names its rows now, who saw the same file saw all of them."""
    from assay.judge import Decision

    known: dict[Digest, np.ndarray | None] = {}
    found = []
    for entry in context.workspace.ledger.entries(None, Judged):
        assert isinstance(entry.event, Judged)
        verdict = entry.event.verdict
        if verdict.charge is not None:
            rows = verdict.charge.rows
            if rows not in known:
                known[rows] = _keys(context, rows)
            keys = None if verdict.test_set == test_set else known[rows]
            is_open = verdict.reveal == "metrics"
            found.append(Decision(entry.seq, verdict.decisions, verdict.passed, keys, is_open))
    return found


def _keys(context: RunContext, rows: Digest) -> "np.ndarray | None":
    """The rows of an earlier decision; None where the store has lost them: then it counts for all rows."""
    from assay.judge import unpacked

    try:
        return unpacked(context.workspace.store.read(rows))
    except (NotFound, IntegrityError):
        return None

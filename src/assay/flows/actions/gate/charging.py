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
) -> tuple[int, Verdict]:
    """The verdict on the evidence at the level that its rows have left, and where it is recorded."""
    from assay.judge import decide, has_value, row_keys

    keys = row_keys(table, naming_columns(table, context.model))
    labelled = has_value(evidence.labels)
    known: tuple[Charge, Verdict] | None = None
    for tried in range(MOST_TRIES):
        head, _ = context.workspace.ledger.head()
        charge, left = _charge(context, gate, keys, labelled)
        if known is None or known[0] != charge:
            shown = evidence if left is None else evidence.at(left)
            judged = decide(gate, shown, Wear(charge.before, charge.passes))
            known = charge, msgspec.structs.replace(judged, charge=charge)
        try:
            (entry,) = context.record(Judged(context.run, step, known[1]), after=head)
        except Conflict:
            if tried == MOST_TRIES - 1:
                raise
        else:
            return entry.seq, known[1]
    raise AssertionError("unreachable")


def naming_columns(table: Table, model: ModelSpec) -> tuple[str, ...]:
    """The columns that say which row it is: the id, and the time with it; else all but the label."""
    if model.id is not None and model.id in table:
        return (model.id, model.time) if model.time is not None and model.time in table else (model.id,)
    return tuple(name for name in table if name != model.label)


def _charge(
    context: RunContext, gate: GateAction, keys: "np.ndarray", labelled: "np.ndarray"
) -> tuple[Charge, "np.ndarray | None"]:
    """What a decision now would cost, and the rows that it should be about where these are not all."""
    from assay.judge import packed, shows_more, wear_of_rows

    worn = wear_of_rows(keys[labelled], _earlier(context))
    strictest = _strictest(gate)
    wear = Wear(worn.decisions, worn.passes)
    fresh = int(worn.fresh.sum())
    if worn.decisions and shows_more(fresh, Wear().left(strictest), int(labelled.sum()), wear.left(strictest)):
        left = labelled.copy()
        left[labelled] = worn.fresh
        name = context.workspace.store.add_bytes(packed(keys[left]))
        return Charge(name, set_aside=int(labelled.sum()) - fresh), left | ~labelled
    name = context.workspace.store.add_bytes(packed(keys[labelled]))
    return Charge(name, worn.earlier, worn.decisions, worn.passes), None


def _strictest(gate: GateAction) -> float:
    """The smallest error probability that a sentence allows as written."""
    from assay.judge import delta_of

    return min(delta_of(sentence, gate) for sentence in gate.require)


def _earlier(context: RunContext) -> list["Decision"]:
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
            found.append(Decision(entry.seq, verdict.decisions, verdict.passed, known[rows]))
    return found


def _keys(context: RunContext, rows: Digest) -> "np.ndarray | None":
    """The rows of an earlier decision; None where the store has lost them: then it counts for all rows."""
    from assay.judge import unpacked

    try:
        return unpacked(context.workspace.store.read(rows))
    except (NotFound, IntegrityError):
        return None

"""The ledger of test sets: each verdict is charged to the rows it was given on, in the transaction that publishes it.

A decision counts all earlier ones that saw one of its labelled rows, in any pipeline of the ledger. Nothing may come between the
count and the record: where something did, it is counted anew. What ends as an error has told nothing, and costs nothing.
"""

from typing import TYPE_CHECKING

import msgspec

from assay.core.events import Judged
from assay.core.pipeline import GateAction
from assay.core.problem import Conflict
from assay.core.table import Table
from assay.core.verdict import Charge, Verdict
from assay.core.wear import Wear
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.earlier import EarlierDecisions, keep_rows
from assay.flows.actions.gate.fresh import asked_rows, rows_to_judge

if TYPE_CHECKING:
    from assay.judge import AskedRows, Evidence, Worn

MOST_TRIES = 20
"""Against others who write to the ledger at the same moment."""


def judge_and_record(
    context: RunContext, step: str, gate: GateAction, evidence: "Evidence", table: Table
) -> tuple[int, Judged]:
    """The verdict on the evidence at the level that its rows have left, and where it is recorded."""
    rows = asked_rows(gate, context.model, evidence, table)
    earlier = EarlierDecisions(context.workspace, evidence.test_set_digest)
    known: tuple[Charge | None, Verdict] | None = None
    for tried in range(MOST_TRIES):
        head, decisions = earlier.read()
        worn = None if rows is None else rows_to_judge(gate, evidence, rows, decisions)
        charge = None if rows is None or worn is None else _charge(context, rows, worn)
        if known is None or known[0] != charge:
            verdict = _judged(gate, evidence, worn)
            known = charge, _charged(gate, verdict, charge)
        event = Judged(context.run, step, known[1])
        try:
            (entry,) = context.record(event, after=head)
        except Conflict:
            if tried == MOST_TRIES - 1:
                raise
        else:
            return entry.seq, event
    raise AssertionError("unreachable")


def _charged(gate: GateAction, verdict: Verdict, charge: Charge | None) -> Verdict:
    """With what it cost, and how often its rows can be asked again."""
    if charge is None:
        return verdict
    from assay.judge import decisions_left

    after = Wear(charge.before + verdict.decisions, charge.passes + verdict.passed)
    return msgspec.structs.replace(verdict, charge=charge, decisions_left=decisions_left(gate, after))


def _charge(context: RunContext, rows: "AskedRows", worn: "Worn") -> Charge:
    """What a decision on these rows costs now."""
    names, marks = keep_rows(context.workspace, rows, worn.which)
    set_aside = int((~worn.which).sum())
    return Charge(names, worn.earlier, worn.decisions, worn.passes, worn.open, set_aside, marks)


def _judged(gate: GateAction, evidence: "Evidence", worn: "Worn | None") -> Verdict:
    """The verdict on the rows that the decision is about, and on those without a label."""
    from assay.judge import decide, has_value

    if worn is None:
        return decide(gate, evidence)
    if worn.which.all():
        return decide(gate, evidence, worn.wear)
    left = ~has_value(evidence.labels)
    left[~left] = worn.which
    return decide(gate, evidence.at(left), worn.wear, evidence)

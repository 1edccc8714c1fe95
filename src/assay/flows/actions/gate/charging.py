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
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.earlier import EarlierDecisions, keep_rows
from assay.flows.actions.gate.fresh import Subject, asked_rows, subject_of

if TYPE_CHECKING:
    from assay.judge import AskedRows, Evidence

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
        subject = None if rows is None else subject_of(gate, evidence, rows, decisions)
        charge = None if rows is None or subject is None else _charge(context, rows, subject)
        if known is None or known[0] != charge:
            verdict = _judged(gate, evidence, subject)
            known = charge, msgspec.structs.replace(verdict, charge=charge)
        event = Judged(context.run, step, known[1])
        try:
            (entry,) = context.record(event, after=head)
        except Conflict:
            if tried == MOST_TRIES - 1:
                raise
        else:
            return entry.seq, event
    raise AssertionError("unreachable")


def _charge(context: RunContext, rows: "AskedRows", subject: Subject) -> Charge:
    """What a decision on these rows costs now."""
    names, marks = keep_rows(context.workspace, rows, subject.which)
    if subject.set_aside:
        return Charge(names, set_aside=subject.set_aside, marks=marks)
    worn = subject.worn
    return Charge(names, worn.earlier, worn.decisions, worn.passes, worn.open, marks=marks)


def _judged(gate: GateAction, evidence: "Evidence", subject: Subject | None) -> Verdict:
    """The verdict on the rows that the decision is about, and on those without a label."""
    from assay.judge import decide, has_value

    if subject is None:
        return decide(gate, evidence)
    if not subject.set_aside:
        return decide(gate, evidence, subject.wear)
    left = ~has_value(evidence.labels)
    left[~left] = subject.which
    return decide(gate, evidence.at(left), subject.wear, evidence)

"""What a gate refuses before it judges: a question that has no answer on these rows, told where it stands in assay.yaml.

Nothing is recorded and nothing charged. Under a seal the refusal tells that a class is absent, and no label.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from assay.core.pipeline import GateAction, Step
from assay.core.problem import EvidenceError
from assay.flows.actions.context import RunContext
from assay.flows.actions.gate.rows import GateRows

if TYPE_CHECKING:
    from assay.judge import Evidence, Unanswerable


def demand_answer_by_labels(
    context: RunContext, step: Step, gate: GateAction, rows: GateRows, *, has_champion: bool
) -> None:
    """``EvidenceError`` where the labels leave a sentence without an answer: known before a model is asked."""
    from assay.judge import unanswerable_by_labels

    _refuse(context, step, unanswerable_by_labels(gate, rows.labels, rows.table, has_champion=has_champion))


def demand_answer(context: RunContext, step: Step, gate: GateAction, evidence: "Evidence") -> None:
    """``EvidenceError`` where labels and models leave a sentence without an answer."""
    from assay.judge import unanswerable

    _refuse(context, step, unanswerable(gate, evidence))


@contextmanager
def sealed_errors(gate: GateAction) -> Iterator[None]:
    """What ends as an error within tells no label either, where the gate is sealed."""
    try:
        yield
    except EvidenceError as error:
        if gate.reveal != "verdict":
            raise
        from assay.judge import sealed_problem

        raise EvidenceError(sealed_problem(error.problem)) from error


def _refuse(context: RunContext, step: Step, found: "Unanswerable | None") -> None:
    if found is not None:
        place = context.workspace.places.get(f"steps.{step.name}.gate.require[{found.at}]")
        raise EvidenceError(msgspec.structs.replace(found.problem, place=place))

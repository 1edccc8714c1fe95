"""From a sentence to its plan, by what it speaks of."""

import msgspec

from assay.core.pipeline import GateAction
from assay.core.sentence import MODEL_SIZE, Sentence, latency_share
from assay.core.wear import Wear
from assay.judge.conditions import POWER
from assay.judge.levels import delta_of, is_spent, say_spent
from assay.judge.plan.gap import plan_gap
from assay.judge.plan.known import Known
from assay.judge.plan.labelled import plan_metric
from assay.judge.plan.planned import SentencePlan
from assay.judge.plan.unlabelled import nothing_to_count, plan_latency, plan_size, plan_violations


def plan_sentence(
    sentence: Sentence,
    gate: GateAction,
    known: Known,
    wear: Wear | None = None,
    *,
    power: float = POWER,
    rows: int | None = None,
) -> SentencePlan:
    """The plan of a sentence of the gate, at the level that ``wear`` leaves (without it, as written), for passing with a
    probability of ``power``; with ``rows`` also what so many of its rows would show. ``lacks`` names what must be known first."""
    if gate.metrics is not None:
        return nothing_to_count(
            sentence, f"the numbers of {gate.metrics} are compared as they are: no rows, no protection"
        )
    if sentence.metric == MODEL_SIZE:
        return plan_size(sentence)
    delta = delta_of(sentence, gate, wear)
    if wear is not None and is_spent(delta):
        return SentencePlan(sentence=sentence.text, unit="", delta=0.0, note=say_spent(wear))
    if latency_share(sentence.metric) is not None:
        return plan_latency(sentence, delta, power=power, rows=rows)
    if sentence.behaviour is not None:
        plan = plan_violations(sentence, delta, detect=gate.detect, power=power, rows=rows)
        return _of_clusters(plan, gate.group or gate.time)
    if sentence.quantifier == "gap":
        return plan_gap(sentence, delta, known, detect=gate.detect, power=power, rows=rows)
    return plan_metric(
        sentence,
        delta,
        known,
        detect=gate.detect,
        settings=gate.settings,
        clustered_by=gate.group or gate.time,
        power=power,
        rows=rows,
    )


def _of_clusters(plan: SentencePlan, clustered_by: str | None) -> SentencePlan:
    """How alike the cases of a cluster are is not known before they are tried."""
    if clustered_by is None or not plan.rows:
        return plan
    note = f"for independent rows; where those of one {clustered_by} react alike, so many of these are needed"
    return msgspec.structs.replace(plan, note="; ".join(filter(None, (plan.note, note))))

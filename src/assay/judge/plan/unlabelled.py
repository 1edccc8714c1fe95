"""Plans of sentences that need no labels of the gate's rows: how predictions react, how quickly, and the model's size."""

from assay.core.sentence import Sentence, latency_share
from assay.judge.plan.planned import Reached, SentencePlan, tidy
from assay.judge.power import rows_for_share, smallest_share_shown
from assay.judge.resources import ALLOWED, plan_calls
from assay.judge.violations import DETECTED

PARTS = (0.5, 0.25, 0.1, 0.0)
"""Of what is allowed to be broken, or to be slower: the truths of the table."""


def plan_violations(
    sentence: Sentence, delta: float, *, detect: float | None, power: float, rows: int | None
) -> SentencePlan:
    """By the exact binomial test (``judge/violations.py``): rows for a share of broken cases that lies below what is allowed."""
    allowed, behaviour = sentence.right.number, sentence.behaviour
    assert behaviour is not None
    if behaviour.kind == "cases" or allowed in (0.0, 1.0):
        return nothing_to_count(
            sentence, "the cases are counted as they are: it needs no labels, and more cases show no more"
        )
    room = allowed * DETECTED
    truth = allowed - (room if detect is None else min(detect, room))
    rows_a_case = 2 if behaviour.kind == "invariant" else 1
    note = "an invariance takes two rows a case" if rows_a_case == 2 else ""
    return _plan_share(
        sentence, "rows, which need no labels", delta, allowed, truth, power, rows, note, rows_a_case=rows_a_case
    )


def plan_latency(sentence: Sentence, delta: float, *, power: float, rows: int | None) -> SentencePlan:
    """By the exact binomial test (``judge/resources.py``): timed calls with which it is shown that few exceed the limit."""
    share = latency_share(sentence.metric)
    assert share is not None
    if sentence.is_relative:
        calls = plan_calls(share, delta, is_relative=True)
        note = "calls of each of the two models, which are enough where it is quicker with room to spare"
        return SentencePlan(sentence=sentence.text, unit="calls", delta=delta, rows=calls, labelled=0, note=note)
    slower = tidy(1 - share)
    note = f"counted are the calls that take more than {sentence.right.number:g} ms; calls are taken as independent"
    return _plan_share(sentence, "calls", delta, slower, tidy(slower * ALLOWED), power, rows, note)


def plan_size(sentence: Sentence) -> SentencePlan:
    """A size is compared as it is."""
    return nothing_to_count(sentence, "a size is compared as it is: it needs no rows")


def nothing_to_count(sentence: Sentence, why: str) -> SentencePlan:
    """The plan of a sentence that is not tested on rows."""
    return SentencePlan(sentence=sentence.text, unit="", rows=0, labelled=0, note=why)


def _plan_share(
    sentence: Sentence,
    unit: str,
    delta: float,
    allowed: float,
    truth: float,
    power: float,
    rows: int | None,
    note: str,
    rows_a_case: int = 1,
) -> SentencePlan:
    """To show that a share is below what is allowed, where it is ``truth``."""

    def needed(level: float) -> int | None:
        cases = rows_for_share(1 - allowed, 1 - level, delta, power)
        return None if cases is None else cases * rows_a_case

    levels = sorted({truth, *(tidy(part * allowed) for part in PARTS)}, reverse=True)
    high = None if rows is None else smallest_share_shown(rows // rows_a_case, 1 - allowed, delta, power)
    return SentencePlan(
        sentence=sentence.text,
        unit=unit,
        delta=delta,
        detect=tidy(allowed - truth),
        shown=truth,
        rows=needed(truth),
        labelled=0,
        table=tuple(Reached(level, needed(level)) for level in levels),
        would_show=None if high is None else tidy(max(0.0, 1 - high)),
        note=note,
    )

"""Sentences that forbid: ``no left < right`` fails if what it forbids is shown, and else passes.

They are tested at their written level, and over several slices with Holm's correction (S. Holm, A simple sequentially rejective
multiple test procedure, 1979): where nothing is wrong in any slice, one is called harmed with probability delta at most.
A pass is worth what the rows would have shown: the smallest harm that they show 9 times in 10 is told with it.
"""

import msgspec

from assay.core.metrics import METRICS, MetricSettings
from assay.core.sentence import Sentence
from assay.core.verdict import SentenceVerdict
from assay.judge.evidence import LabelledRows, column_of
from assay.judge.power import plan_labels
from assay.judge.question import question_of
from assay.judge.reason import say_forbidden_shown, say_harm_not_shown
from assay.judge.require import judge_trial, rows_for_all, sentence_verdict, slice_verdict, too_many
from assay.judge.slices import MOST_SLICES, Slice, slices_of
from assay.judge.trial import Trial, Untested, try_question


def judge_forbidden(
    sentence: Sentence, rows: LabelledRows, delta: float, detect: float | None, settings: MetricSettings, min_rows: int
) -> SentenceVerdict:
    """The verdict on a ``no`` sentence."""
    where = sentence.slice
    if where is None or where.value is not None or not len(rows.labels):
        question = question_of(sentence, delta, detect)
        return _judge(sentence, rows, try_question(question, rows, settings), delta)
    parts = slices_of(where.column, column_of(rows.columns, where.column), min_rows)
    if len(parts) > MOST_SLICES:
        return too_many(sentence, delta, len(parts))
    strictest = question_of(sentence, delta / len(parts), detect)
    trials = [(part, try_question(strictest, rows.at(part.rows), settings)) for part in parts]
    harmed = _holm([trial.tested.p_value if isinstance(trial, Trial) else 1.0 for _, trial in trials], delta)
    judged = [
        (part, _judge(sentence, rows, trial, strictest.delta, is_harmed=at in harmed))
        for at, (part, trial) in enumerate(trials)
    ]
    return _none_of(sentence, delta, rows, judged)


def smallest_harm(trial: Trial) -> float | None:
    """The smallest harm beyond the bar that so many rows show 9 times in 10, by bisection; None where they show none."""
    low, high = 0.0, _greatest_harm(trial)
    if not _would_show(trial, high):
        return None
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if _would_show(trial, middle) else (middle, high)
    return high


def _greatest_harm(trial: Trial) -> float:
    """The harm beyond which there is none, or none worth telling."""
    question = trial.question
    champion = trial.tested.champion or 0.0
    if METRICS[question.metric].kind != "share":
        return max(abs(champion), abs(question.target), 1.0)
    if question.is_relative:
        return 1 - question.margin(champion)
    return 1 - question.target if question.sign > 0 else question.target


def _would_show(trial: Trial, detect: float) -> bool:
    question = msgspec.structs.replace(trial.question, detect=detect)
    plan = plan_labels(question, trial.tested.champion or 0.0, trial.tested.spread, is_counted=trial.is_counted)
    return plan.rows is not None and plan.rows <= trial.units


def _judge(
    sentence: Sentence,
    rows: LabelledRows,
    trial: Trial | Untested,
    delta: float,
    *,
    is_harmed: bool | None = None,
) -> SentenceVerdict:
    if isinstance(trial, Untested):
        return judge_trial(sentence, trial, rows.champion_name)
    if trial.tested.p_value <= delta if is_harmed is None else is_harmed:
        reason = say_forbidden_shown(trial.question, trial.tested, rows.champion_name)
        return sentence_verdict(sentence, trial, "fail", reason)
    needed = trial.plan().rows
    harm = smallest_harm(trial)
    reason = say_harm_not_shown(trial.question, trial.tested, harm, rows.champion_name)
    judged = sentence_verdict(sentence, trial, "pass", reason, needed)
    return msgspec.structs.replace(judged, smallest_harm=harm)


def _holm(p_values: list[float], delta: float) -> set[int]:
    """The positions that Holm's procedure rejects."""
    rejected: set[int] = set()
    for step, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        if p_values[at] > delta / (len(p_values) - step):
            break
        rejected.add(at)
    return rejected


def _none_of(
    sentence: Sentence, delta: float, rows: LabelledRows, parts: list[tuple[Slice, SentenceVerdict]]
) -> SentenceVerdict:
    ranked = sorted(
        parts, key=lambda pair: (pair[1].verdict != "fail", pair[1].verdict == "pass", pair[1].p_value or 0.0)
    )
    part, worst = ranked[0]
    harmed = [part.name for part, judged in ranked if judged.verdict == "fail"]
    untested = [part.name for part, judged in ranked if judged.verdict == "undecided"]
    harms = [judged.smallest_harm for _, judged in parts if judged.verdict == "pass"]
    if harmed:
        reason = f"shown of {len(harmed)} of {len(parts)} slices ({', '.join(harmed[:8])}): {part.name}: {worst.reason}"
    elif untested:
        reason = f"not tested on {', '.join(untested[:8])}: {worst.reason}"
    else:
        reason = (
            f"not shown of any of {len(parts)} slices, with Holm's correction; nearest is {part.name}: {worst.reason}"
        )
    needed = None if harmed else rows_for_all(len(rows.labels), parts)
    return msgspec.structs.replace(
        worst,
        reason=reason,
        delta=delta,
        rows=len(rows.labels),
        p_value=None if worst.p_value is None else min(1.0, worst.p_value * len(parts)),
        labels_needed_total=needed,
        labels_more=None if needed is None else max(0, needed - len(rows.labels)),
        smallest_harm=None if None in harms else max((harm for harm in harms if harm is not None), default=None),
        slices=tuple(slice_verdict(*pair) for pair in ranked),
    )

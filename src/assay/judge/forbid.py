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
from assay.judge.power import DEFAULT_DETECT, POWER, mean_power, paired_power, share_power
from assay.judge.question import question_of
from assay.judge.reason import say_forbidden_shown, say_harm_not_shown, say_smallest_harm
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
        return _judge(sentence, rows, try_question(question, rows, settings))
    parts = slices_of(where.column, column_of(rows.columns, where.column), min_rows)
    if len(parts) > MOST_SLICES:
        return too_many(sentence, delta, len(parts))
    strictest = question_of(sentence, delta / len(parts), detect)
    trials = [(part, try_question(strictest, rows.at(part.rows), settings)) for part in parts]
    harmed = _holm([trial.tested.p_value if isinstance(trial, Trial) else 1.0 for _, trial in trials], delta)
    blindest = _blindest(trials)
    judged = [
        (part, _judge_slice(sentence, rows, trial, is_harmed=at in harmed, is_blindest=at == blindest))
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


def _would_show(trial: Trial, harm: float) -> bool:
    question, tested = trial.question, trial.tested
    if not trial.is_counted:
        return tested.spread == 0 or mean_power(trial.units, harm / tested.spread, question.delta) >= POWER
    if not question.is_relative:
        bar = question.target if question.sign > 0 else 1 - question.target
        return share_power(trial.units, bar, min(1.0, bar + harm), question.delta) >= POWER
    margin = question.margin(tested.champion or 0.0)
    gain = min(1.0, margin + harm)
    return paired_power(trial.units, gain, margin, max(tested.spread, abs(gain)), question.delta, _IGNORED) >= POWER


_IGNORED = 1e-5
"""Of the probability of how many rows differ, where power is summed."""


def _blindest(trials: list[tuple[Slice, Trial | Untested]]) -> int:
    """The position of the slice that shows least: what it would have shown, each of the others would."""

    def uncertainty(trial: Trial | Untested) -> float:
        if isinstance(trial, Untested):
            return -1.0
        spread = trial.tested.spread if trial.is_counted else trial.tested.spread**2
        return max(spread, DEFAULT_DETECT["share"] if trial.is_counted else 0.0) / trial.units

    return max(range(len(trials)), key=lambda at: uncertainty(trials[at][1]))


def _judge(sentence: Sentence, rows: LabelledRows, trial: Trial | Untested) -> SentenceVerdict:
    is_harmed = isinstance(trial, Trial) and trial.is_shown
    return _judge_slice(sentence, rows, trial, is_harmed=is_harmed, is_blindest=True)


def _judge_slice(
    sentence: Sentence, rows: LabelledRows, trial: Trial | Untested, *, is_harmed: bool, is_blindest: bool
) -> SentenceVerdict:
    """Of several slices only the blindest is asked what it would have shown: the answer takes a power sum."""
    if isinstance(trial, Untested):
        return judge_trial(sentence, trial, rows.champion_name)
    if is_harmed:
        reason = say_forbidden_shown(trial.question, trial.tested, rows.champion_name)
        return sentence_verdict(sentence, trial, "fail", reason)
    reason = say_harm_not_shown(trial.question, trial.tested, rows.champion_name)
    if not is_blindest:
        return sentence_verdict(sentence, trial, "pass", reason)
    harm = smallest_harm(trial)
    judged = sentence_verdict(
        sentence, trial, "pass", f"{reason}; {say_smallest_harm(trial.question, harm)}", trial.plan().rows
    )
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
    blindest = next((pair for pair in parts if pair[1].smallest_harm is not None), None)
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
        smallest_harm=None if blindest is None else blindest[1].smallest_harm,
        slices=tuple(slice_verdict(*pair) for pair in ranked),
    )

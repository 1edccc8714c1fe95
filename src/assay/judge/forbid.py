"""Sentences that forbid: ``no left < right`` fails if what it forbids is shown, and else passes.

They are tested at their written level, and over several slices with Holm's correction (S. Holm, A simple sequentially rejective
multiple test procedure, 1979): where nothing is wrong in any slice, one is called harmed with probability delta at most.
A pass is worth what the rows would have shown: the smallest harm that they show 9 times in 10 is told with it. Where the opposite is shown,
in every slice, the harm is ruled out and nothing more need be asked of the rows.
"""

from collections.abc import Iterable

import msgspec

from assay.core.metrics import MetricSettings
from assay.core.sentence import Sentence
from assay.core.verdict import SentenceVerdict
from assay.judge.evidence import LabelledRows
from assay.judge.outlook import smallest_harm, uncertainty
from assay.judge.question import question_of
from assay.judge.reason import say_forbidden_shown, say_harm_not_shown, say_ruled_out, say_smallest_harm
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
    parts = slices_of(where.column, *rows.values_of(where.column), min_rows)
    if len(parts) > MOST_SLICES:
        return too_many(sentence, delta, len(parts))
    strictest = question_of(sentence, delta / len(parts), detect)
    trials = [
        (part, try_question(strictest, each, settings)) for part, each in zip(parts, rows.in_slices(parts), strict=True)
    ]
    harmed = _holm([trial.tested.p_value if isinstance(trial, Trial) else 1.0 for _, trial in trials], delta)
    blindest = _blindest(trials)
    is_ruled_out = _are_ruled_out(trial for _, trial in trials)
    judged = [
        (part, _judge_slice(sentence, rows, trial, at in harmed, is_blindest=at == blindest, is_ruled_out=is_ruled_out))
        for at, (part, trial) in enumerate(trials)
    ]
    return _none_of(sentence, delta, rows, judged)


def _blindest(trials: list[tuple[Slice, Trial | Untested]]) -> int:
    """The position of the slice that shows least: what it would have shown, each of the others would."""
    return max(range(len(trials)), key=lambda at: _uncertainty(trials[at][1]))


def _uncertainty(trial: Trial | Untested) -> float:
    return uncertainty(trial) if isinstance(trial, Trial) else -1.0


def _are_ruled_out(trials: Iterable[Trial | Untested]) -> bool:
    return all(isinstance(trial, Trial) and trial.is_refuted for trial in trials)


def _judge(sentence: Sentence, rows: LabelledRows, trial: Trial | Untested) -> SentenceVerdict:
    is_harmed = isinstance(trial, Trial) and trial.is_shown
    return _judge_slice(sentence, rows, trial, is_harmed, is_blindest=True, is_ruled_out=_are_ruled_out([trial]))


def _judge_slice(
    sentence: Sentence,
    rows: LabelledRows,
    trial: Trial | Untested,
    is_harmed: bool,
    *,
    is_blindest: bool,
    is_ruled_out: bool,
) -> SentenceVerdict:
    """Of several slices only the blindest is asked what it would have shown: the answer takes a power sum."""
    if isinstance(trial, Untested):
        return judge_trial(sentence, trial, rows.champion_name)
    if is_harmed:
        reason = say_forbidden_shown(trial.question, trial.tested, rows.champion_name)
        return sentence_verdict(sentence, trial, "fail", reason)
    say = say_ruled_out if is_ruled_out else say_harm_not_shown
    reason = say(trial.question, trial.tested, rows.champion_name)
    if not is_blindest:
        return sentence_verdict(sentence, trial, "pass", reason)
    harm = smallest_harm(trial)
    reason += f"; {say_smallest_harm(trial.question, harm)}"
    judged = sentence_verdict(sentence, trial, "pass", reason, trial.rows if is_ruled_out else trial.plan().rows)
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

"""Sentences that must be shown: plain ones, and ``every slice(column)``, which must be shown of each slice."""

import math
from bisect import bisect_left

import msgspec
import numpy as np

from assay.core.metrics import METRICS, MetricSettings
from assay.core.sentence import Sentence
from assay.core.verdict import SentenceOutcome, SentenceVerdict, SliceVerdict
from assay.judge.evidence import LabelledRows
from assay.judge.observe import has_value
from assay.judge.outlook import has_enough_rows, lack
from assay.judge.question import question_of
from assay.judge.reason import say_not_refuted, say_not_shown, say_refuted, say_shown
from assay.judge.slices import MOST_SLICES, Slice, slices_of
from assay.judge.trial import Trial, Untested, try_question


def judge_required(
    sentence: Sentence, rows: LabelledRows, delta: float, detect: float | None, settings: MetricSettings, min_rows: int
) -> SentenceVerdict:
    """The verdict on a sentence that passes only if it is shown."""
    question = question_of(sentence, delta, detect)
    if sentence.quantifier != "every" or sentence.slice is None or not len(rows.labels):
        trial = try_question(question, rows, settings)
        judged = judge_trial(sentence, trial, rows.champion_name)
        notes = missing_predictions(trial, rows) + _of_further_rows(judged, trial, rows)
        return msgspec.structs.replace(judged, reason=judged.reason + notes)
    parts = slices_of(sentence.slice.column, *rows.values_of(sentence.slice.column), min_rows)
    if len(parts) > MOST_SLICES:
        return too_many(sentence, delta, len(parts))
    trials = [try_question(question, each, settings) for each in rows.in_slices(parts)]
    each_judged = _judge_each(sentence, trials, rows.champion_name)
    return _all_of(sentence, delta, rows, list(zip(parts, each_judged, strict=True)))


def needed_for_neediest(
    sentence: Sentence,
    judged: SentenceVerdict,
    rows: LabelledRows,
    delta: float,
    detect: float | None,
    settings: MetricSettings,
    min_rows: int,
) -> int | None:
    """Labelled rows with which an ``every`` sentence would be decided at another ``delta`` than it was ``judged`` at, from the one slice
    that needs most: which one it is does not depend on the level (``outlook.lack``). None where this slice needs no more."""
    needs = {part.slice: part.labels_more / part.rows for part in judged.slices if part.labels_more is not None}
    if sentence.slice is None or not needs:
        return None
    neediest = max(needs, key=lambda name: needs[name])
    parts = slices_of(sentence.slice.column, *rows.values_of(sentence.slice.column), min_rows)
    (part,) = (part for part in parts if part.name == neediest)
    (some,) = rows.in_slices([part])
    trial = try_question(question_of(sentence, delta, detect), some, settings)
    return rows_for_all(len(rows.labels), [(part, judge_trial(sentence, trial, rows.champion_name))])


def judge_trial(sentence: Sentence, trial: Trial | Untested, champion: str, of: str = "") -> SentenceVerdict:
    """Pass, fail, or undecided with the labels that are needed; ``of`` says which rows these are of, where not of all."""
    if isinstance(trial, Untested):
        more = None if trial.rows_needed is None else max(0, trial.rows_needed - trial.rows)
        return SentenceVerdict(
            sentence.text,
            "undecided",
            trial.because,
            delta=trial.question.delta,
            challenger=trial.challenger,
            champion=trial.champion,
            rows=trial.rows,
            labels_needed_total=trial.rows_needed,
            labels_more=more,
        )
    question, tested = trial.question, trial.tested
    if trial.is_shown:
        return sentence_verdict(sentence, trial, "pass", say_shown(question, tested, champion))
    if trial.is_refuted:
        return sentence_verdict(sentence, trial, "fail", say_refuted(question, tested, champion))
    if tested.unmet is not None:
        reason = say_not_refuted(question, tested, tested.unmet, champion)
        return sentence_verdict(sentence, trial, "undecided", reason, trial.of_all(tested.unmet.rows))
    plan = trial.plan()
    has_enough = plan.rows is not None and trial.rows >= plan.rows
    reason = say_not_shown(question, tested, plan, trial.rows, champion, of)
    return sentence_verdict(sentence, trial, "fail" if has_enough else "undecided", reason, plan.rows)


def sentence_verdict(
    sentence: Sentence, trial: Trial, outcome: SentenceOutcome, reason: str, needed: int | None = None
) -> SentenceVerdict:
    """A trial's numbers, with the verdict on them."""
    tested = trial.tested
    return SentenceVerdict(
        sentence=sentence.text,
        verdict=outcome,
        reason=reason,
        method=tested.method,
        p_value=tested.p_value,
        delta=trial.question.delta,
        challenger=None if trial.is_of_chosen else tested.challenger,
        champion=None if trial.is_of_chosen else tested.champion,
        estimate=tested.estimate,
        interval=tested.interval,
        rows=trial.rows,
        labels_needed_total=needed,
        labels_more=None if needed is None else max(0, needed - trial.rows),
        moving_share=tested.moving_share,
    )


def slice_verdict(part: Slice, judged: SentenceVerdict) -> SliceVerdict:
    """What a sentence says of one slice."""
    return SliceVerdict(
        part.name,
        judged.verdict,
        len(part.rows),
        judged.reason,
        judged.p_value,
        judged.challenger,
        judged.champion,
        judged.estimate,
        judged.interval,
        judged.labels_more,
        part.pooled,
        judged.moving_share,
    )


def too_many(sentence: Sentence, delta: float, count: int) -> SentenceVerdict:
    """A column that names no slices."""
    assert sentence.slice is not None
    reason = (
        f"{sentence.slice.column} has {count:,} slices, and at most {MOST_SLICES:,} are judged: put its values in bins"
    )
    return SentenceVerdict(sentence.text, "undecided", reason, delta=delta)


def rows_for_all(rows: int, parts: list[tuple[Slice, SentenceVerdict]]) -> int | None:
    """Rows of the whole with which each slice has as many as it needs, if their shares stay."""
    wanted = [
        math.ceil(judged.labels_needed_total * rows / len(part.rows))
        for part, judged in parts
        if judged.labels_needed_total is not None and len(part.rows)
    ]
    return max(wanted, default=None)


def missing_predictions(trial: Trial | Untested, rows: LabelledRows) -> str:
    """A note for shares, where a prediction that is None or NaN counts as wrong."""
    if METRICS[trial.question.metric].kind != "share":
        return ""
    models = {"the challenger": rows.challenger}
    if trial.question.is_relative and rows.champion is not None:
        models[rows.champion_name] = rows.champion
    missing = {whose: int(np.sum(~has_value(answers.prediction))) for whose, answers in models.items()}
    of_each = [f"{count:,} predictions of {whose}" for whose, count in missing.items() if count]
    return f" ({' and '.join(of_each)} are missing and count as wrong)" if of_each else ""


def _judge_each(sentence: Sentence, trials: list[Trial | Untested], champion: str) -> list[SentenceVerdict]:
    """A plan takes a search. So of the slices that show nothing either way two are planned: the one that lacks most, for what it
    needs the whole needs, and the one that the sentence names as its weakest. The others are told whether they had rows enough."""
    open_ones = {at: trial for at, trial in enumerate(trials) if isinstance(trial, Trial) and trial.is_open}
    ordered = sorted(open_ones, key=lambda at: lack(open_ones[at]))
    enough = ordered[: bisect_left(ordered, True, key=lambda at: not has_enough_rows(open_ones[at]))]
    weakest = max(enough or ordered, key=lambda at: open_ones[at].tested.p_value, default=None)
    planned = {weakest, *ordered[-1:]}
    return [
        _judge_unplanned(sentence, open_ones[at], champion, has_enough=at in enough)
        if at in open_ones and at not in planned
        else judge_trial(sentence, trial, champion, " of this slice")
        for at, trial in enumerate(trials)
    ]


def _judge_unplanned(sentence: Sentence, trial: Trial, champion: str, *, has_enough: bool) -> SentenceVerdict:
    reason = say_not_shown(trial.question, trial.tested, None, trial.rows, champion)
    return sentence_verdict(sentence, trial, "fail" if has_enough else "undecided", reason)


def _of_further_rows(judged: SentenceVerdict, trial: Trial | Untested, rows: LabelledRows) -> str:
    """A note where labels are missing, and no row that is there could use one: the others are counted as ties."""
    has_ties = isinstance(trial, Trial) and trial.units > trial.rows
    if not judged.labels_more or not has_ties or rows.rest is None or rows.rest.missing:
        return ""
    return " (of further rows: every row here on which the two models disagree has its label)"


_RANK: dict[SentenceOutcome, int] = {"fail": 0, "undecided": 1, "pass": 2}


def _all_of(
    sentence: Sentence, delta: float, rows: LabelledRows, parts: list[tuple[Slice, SentenceVerdict]]
) -> SentenceVerdict:
    """Every slice must pass: no correction is owed (intersection-union test), and p is that of the weakest."""
    ranked = sorted(parts, key=lambda pair: (_RANK[pair[1].verdict], -(pair[1].p_value or 0.0)))
    part, weakest = ranked[0]
    passed = sum(judged.verdict == "pass" for _, judged in parts)
    reason = f"shown of {passed} of {len(parts)} slices; weakest is {part.name}{_pooled(part)}: {weakest.reason}"
    needed = None if weakest.verdict == "pass" else rows_for_all(len(rows.labels), parts)
    total = len(rows.labels)
    return msgspec.structs.replace(
        weakest,
        reason=reason,
        delta=delta,
        rows=total,
        labels_needed_total=needed,
        labels_more=None if needed is None else max(0, needed - total),
        slices=tuple(slice_verdict(*pair) for pair in ranked),
    )


def _pooled(part: Slice) -> str:
    if not part.pooled:
        return ""
    more = f" and {len(part.pooled) - 8:,} more" if len(part.pooled) > 8 else ""
    return f" (pooled: {', '.join(part.pooled[:8])}{more})"

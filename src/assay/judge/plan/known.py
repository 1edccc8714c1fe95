"""What is known of the rows before they have labels: as somebody says, or as the last verdict showed."""

import math

import msgspec

from assay.core.sentence import Sentence, SentenceMistake, parse_sentence
from assay.core.verdict import SentenceVerdict, SliceVerdict, Verdict
from assay.judge.tails import t_quantile


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the rows, or assumed. None: it is not known."""

    disagreement: float | None = None
    """The share of rows on which the two models answer differently; it can be counted without labels."""
    champion: float | None = None
    """The champion's value of the metric; for a gap, about the value in each slice."""
    spread: float | None = None
    """The standard deviation of a row's value; for a sentence about the champion, of the difference row by row."""
    moving_share: float | None = None
    """The share of rows (clusters) that the spread rests on (``conditions.moving_power``)."""
    slices: int | None = None
    """How many slices there are; a ``no`` sentence about them all asks each at that part of its level."""
    share: float | None = None
    """The share of the labelled rows that the smallest slice has."""


def known_of(sentence: Sentence, verdict: Verdict) -> Known:
    """What the verdict showed that a plan for the sentence can rest on; of a sealed one, no more than it tells.

    Its sentence need not be the same one: another number or level asks of the same values.
    """
    judged = _judged_alike(sentence, verdict)
    if judged is None:
        return Known(disagreement=verdict.disagreement)
    part = judged.slices[0] if judged.slices else judged
    return Known(
        disagreement=verdict.disagreement,
        champion=_champion_now(sentence, verdict) if part.champion is None else part.champion,
        spread=_spread_of(part, _delta_of(judged, sentence)),
        moving_share=part.moving_share,
        slices=len(judged.slices) or None,
        share=_smallest_share(judged, verdict) if sentence.slice is not None else None,
    )


def _champion_now(sentence: Sentence, verdict: Verdict) -> float | None:
    """The value of a first model that passed: it is the champion since."""
    is_first = verdict.champion is None and verdict.outcome == "pass"
    return verdict.measured.get(sentence.metric) if is_first and sentence.slice is None else None


def _judged_alike(sentence: Sentence, verdict: Verdict) -> SentenceVerdict | None:
    """The sentence of the verdict that is about the same values."""
    for judged in verdict.sentences:
        try:
            said = parse_sentence(judged.sentence)
        except SentenceMistake:
            continue
        if _values_of(said) == _values_of(sentence):
            return judged
    return None


def _values_of(sentence: Sentence) -> tuple[object, ...]:
    factor = sentence.right.number if sentence.is_relative and sentence.right.operator == "*" else 1.0
    return sentence.metric, sentence.quantifier, sentence.slice, sentence.is_relative, factor


def _delta_of(judged: SentenceVerdict, sentence: Sentence) -> float | None:
    """The level at which each end of the interval holds: of several slices that a ``no`` forbids the strictest, of a gap half."""
    if judged.delta is None or not judged.slices:
        return judged.delta
    if sentence.quantifier == "gap":
        return judged.delta / 2
    return judged.delta / len(judged.slices) if sentence.is_forbidding else judged.delta


def _spread_of(part: SentenceVerdict | SliceVerdict, delta: float | None) -> float | None:
    """The standard deviation of a row that a t interval of this width tells of; a wider interval makes it larger, never smaller."""
    if part.interval is None or delta is None or part.rows < 2 or not all(map(math.isfinite, part.interval)):
        return None
    half = (part.interval[1] - part.interval[0]) / 2
    return half * math.sqrt(part.rows) / t_quantile(delta, part.rows - 1)


def _smallest_share(judged: SentenceVerdict, verdict: Verdict) -> float | None:
    labelled = verdict.rows - verdict.unlabelled
    rows = min((part.rows for part in judged.slices), default=judged.rows)
    return min(1.0, rows / labelled) if rows and labelled > 0 else None

"""A gate without rows: the numbers of a metrics file, compared as they are. Pure.

Nothing is tested here. The numbers are somebody's word for what the model does: no error probability is kept, none of them is known
to be of the same rows, and whoever looks at them often enough finds a good one. So each verdict says "unprotected: no rows".
A sentence passes if what it says is so, and a ``no`` fails if what it forbids is so. Numbers are compared in decimal, as they are
written: .7 is not below .8 - .1.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import inf, isfinite, isnan

import msgspec

from assay.core.digest import Digest
from assay.core.metrics import METRICS, REQUIRABLE
from assay.core.near import near_miss
from assay.core.pipeline import GateAction
from assay.core.sentence import MODEL_SIZE, Comparison, Reference, Sentence
from assay.core.verdict import SentenceVerdict, Verdict
from assay.judge.decide import not_applicable, outcome_of
from assay.judge.resources import AS_IT_IS, judge_size

_NAMED = 8
"""So many names of a file are told where one is missing."""


def compare_numbers(
    gate: GateAction,
    ours: Mapping[str, float],
    theirs: Mapping[str, float] | None,
    sizes_mb: tuple[float, float | None] | None = None,
    *,
    gate_digest: Digest,
    test_set_digest: Digest,
    challenger_digest: Digest,
    champion_digest: Digest | None = None,
    champion_release: str | None = None,
    code_digest: Digest | None = None,
    no_numbers: Mapping[str, str] | None = None,
) -> Verdict:
    """The verdict on the challenger's numbers, by name, beside the champion's; None: there is no champion.

    ``sizes_mb``: the challenger's size and the champion's, in millions of bytes. ``test_set_digest`` names the file, and
    ``no_numbers`` says what stands there in the place of a number: ``the text '0.9'``. A number
    that is not there, or cannot be what its name says (NaN, a share over 1), leaves its sentence undecided.
    """
    champion = champion_release or "the champion"
    our_side = _Side(dict(ours), gate.metrics or "the metrics file", "the challenger", dict(no_numbers or {}))
    their_side = None if theirs is None else _Side(dict(theirs), f"what is known of {champion}", champion)
    has_absolute = any(not sentence.is_relative for sentence in gate.require)
    sentences = tuple(
        not_applicable(sentence, has_absolute=has_absolute)
        if sentence.is_relative and their_side is None
        else _compare(sentence, our_side, their_side, sizes_mb)
        for sentence in gate.require
    )
    return Verdict(
        outcome=outcome_of(sentence.verdict for sentence in sentences),
        sentences=sentences,
        gate=gate_digest,
        test_set=test_set_digest,
        challenger=challenger_digest,
        champion=champion_digest,
        champion_release=champion_release,
        rows=0,
        code=code_digest,
        measured={
            metric: ours[metric]
            for metric in dict.fromkeys(sentence.metric for sentence in gate.require)
            if metric in REQUIRABLE and metric in ours and not _fault(metric, ours[metric])
        },
        has_rows=False,
    )


class _Side(msgspec.Struct, frozen=True):
    """The numbers of one of the two models."""

    numbers: dict[str, float]
    source: str
    """Where they stand."""
    name: str
    no_numbers: dict[str, str] = {}
    """By name, what stands there in the place of a number, in words."""


def _compare(
    sentence: Sentence, ours: _Side, theirs: _Side | None, sizes_mb: tuple[float, float | None] | None
) -> SentenceVerdict:
    """The verdict on a sentence that applies."""
    if sentence.needs_rows:
        return _undecided(sentence, f"{sentence.needs_rows} needs rows, and the gate has only {ours.source}")
    if sentence.metric == MODEL_SIZE:
        if sizes_mb is None or (sentence.is_relative and sizes_mb[1] is None):
            return _undecided(sentence, "the size of a model is not known")
        return judge_size(sentence, *sizes_mb, "" if theirs is None else theirs.name)
    if cause := _cause(sentence.metric, ours):
        return _undecided(sentence, cause)
    value = ours.numbers[sentence.metric]
    if not sentence.is_relative or theirs is None:
        return _judged(sentence, value, None, ours.name)
    if cause := _cause(sentence.metric, theirs):
        way_out = "leave the sentence out for one release, or override with a reason"
        undecided = _undecided(sentence, f"nothing to compare with: {cause}; {way_out}")
        return msgspec.structs.replace(undecided, challenger=value)
    return _judged(sentence, value, theirs.numbers[sentence.metric], theirs.name)


def _judged(sentence: Sentence, value: float, other: float | None, champion: str) -> SentenceVerdict:
    bar = _bar(sentence.right, other)
    is_so = _holds(sentence.comparison, _decimal(value), bar)
    seen = f"{sentence.metric} is {_say(_decimal(value))}"
    if other is not None:
        seen += f", and {champion}'s is {_say(_decimal(other))}"
        seen += "" if bar == _decimal(other) else f", so that the bar is {_say(bar)}"
    if sentence.is_forbidding:
        seen = f"what is forbidden is {'so' if is_so else 'not so'}: {seen}"
    return SentenceVerdict(
        sentence.text,
        "pass" if is_so != sentence.is_forbidding else "fail",
        seen,
        method=AS_IT_IS,
        challenger=value,
        champion=other,
        estimate=float(_decimal(value) - _scaled(sentence.right, other)),
    )


def _bar(right: Reference, other: float | None) -> Decimal:
    """What the challenger's number is held against."""
    if right.operator == "*":
        return _scaled(right, other)
    shift = _decimal(right.number)
    return _scaled(right, other) + (-shift if right.operator == "-" else shift)


def _scaled(right: Reference, other: float | None) -> Decimal:
    """The champion's number, times the sentence's factor; 0 where there is none."""
    if other is None:
        return Decimal(0)
    return _decimal(other) * (_decimal(right.number) if right.operator == "*" else 1)


def _holds(comparison: Comparison, value: Decimal, bar: Decimal) -> bool:
    match comparison:
        case ">":
            return value > bar
        case ">=":
            return value >= bar
        case "<":
            return value < bar
        case "<=":
            return value <= bar


def _decimal(value: float) -> Decimal:
    """The number as it is written, not as it is held."""
    return Decimal(repr(float(value)))


def _say(value: Decimal) -> str:
    return f"{float(value):.12g}"


def _undecided(sentence: Sentence, cause: str) -> SentenceVerdict:
    return SentenceVerdict(sentence.text, "undecided", cause, method=AS_IT_IS)


def _cause(metric: str, side: _Side) -> str:
    """Why the side's number cannot be compared; empty where it can."""
    if metric not in side.numbers and metric in side.no_numbers:
        return f"{side.source} says that {metric} is {side.no_numbers[metric]}, which is no number"
    if metric not in side.numbers:
        return f"{side.source} has no number called {metric}{_near(metric, side.numbers)}"
    fault = _fault(metric, side.numbers[metric])
    return fault and f"{side.source} says that {metric} is {fault}"


def _fault(metric: str, value: float) -> str:
    """Why the value cannot be what its name says: ``92, and its range is 0..1``; empty where it can."""
    if not isfinite(value):
        return f"{'NaN' if isnan(value) else 'infinite'}, which cannot be compared"
    spec = METRICS.get(metric)
    if spec is None:
        return ""
    least = 0.0 if spec.range.startswith("0") else -inf
    greatest = inf if spec.kind == "amount" else 1.0
    if least <= value <= greatest:
        return ""
    is_percent = spec.range == "0..1" and 1 < value <= 100
    return f"{value:g}, and its range is {spec.range}{f': for {value:g} % write {value / 100:g}' if is_percent else ''}"


def _near(metric: str, numbers: Mapping[str, float]) -> str:
    """What the file has instead, in words: ``; it has test.accuracy: write it as accuracy``."""
    near = [name for name in numbers if metric in name.lower()] or [near_miss(metric, numbers) or ""]
    if any(near):
        return f"; it has {', '.join(near[:_NAMED])}: write it as {metric}"
    names = list(numbers)
    rest = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f"; it has {', '.join(names[:_NAMED])}{rest}" if names else "; it has no numbers"

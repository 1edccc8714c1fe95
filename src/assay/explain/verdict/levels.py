"""The error probability that a sentence was allowed, and why it is that."""

from math import isclose

from assay.core.counted import counted
from assay.core.verdict import Charge, SentenceVerdict, Verdict
from assay.core.wear import Wear
from assay.explain.amounts import confidence, probability
from assay.explain.verdict.asked import Asked, asked_by

USUAL_DELTA = 0.05


def say_allowed(sentence: SentenceVerdict, asked: Asked, verdict: Verdict) -> str:
    """``0.01, at 99 %: as written``, or how it follows from the decisions that the rows have seen; empty without a level."""
    if sentence.delta is None:
        return ""
    if not sentence.delta:
        return "nothing is left"
    allowed, charge = probability(sentence.delta), verdict.charge
    has_own = asked.sentence is not None and asked.sentence.confidence is not None
    level = _own_level(asked) if has_own else _gate_level(sentence.delta, asked, verdict)
    if level is None:
        return allowed
    if isclose(level, sentence.delta, rel_tol=1e-6):
        always = ", however many decisions the rows have seen" if asked.is_forbidding and charge else ""
        return f"{allowed}, at {confidence(level)}: {_whose(has_own=has_own)}{always}"
    if charge and isclose(level, _wear(charge).whole(sentence.delta), rel_tol=1e-6):
        return f"{allowed}: {_history(charge)}: {_sum(level, charge)} = {allowed}"
    return allowed


def _whose(*, has_own: bool) -> str:
    return "as written" if has_own else "the gate's level"


def _own_level(asked: Asked) -> float | None:
    said = asked.sentence.confidence if asked.sentence else None
    return None if said is None else float(f"{1 - said:.12g}")


def _gate_level(delta: float, asked: Asked, verdict: Verdict) -> float | None:
    """The level of sentences that say none. A verdict does not hold it: it is read from one that is known to be tested at it,
    or to have been charged; else 95 % is tried, which gates have where they say nothing."""
    if asked.sentence is None or verdict.charge is None:
        return None if asked.sentence is None else delta
    for sentence in verdict.sentences:
        other = asked_by(sentence.sentence)
        if sentence.delta is None or other.sentence is None or other.sentence.confidence is not None:
            continue
        if other.is_forbidding:
            return sentence.delta
        if other.sentence.is_of_rows:
            return float(f"{_wear(verdict.charge).whole(sentence.delta):.9g}") or None
    return USUAL_DELTA


def _wear(charge: Charge) -> Wear:
    return Wear(charge.before, charge.passes)


def _history(charge: Charge) -> str:
    before = charge.before
    passed = f", {charge.passes:,} of the {before:,} before it passed" if before else ""
    return f"decision {charge.decision:,} on these rows{passed}"


def _sum(written: float, charge: Charge) -> str:
    _, answers, ways = _wear(charge).divisors
    parts = [f"{written:.6g}", f"({charge.decision:,} x {charge.decision + 1:,})", f"{answers:,}"]
    return " / ".join(parts + ([f"{ways:,}"] if ways > 1 else []))


def say_p(sentence: SentenceVerdict) -> str:
    """``0.000457``; ``at most 0.0012`` where the test gives a bound of it."""
    if sentence.p_value is None:
        return ""
    return f"{'at most ' if 'bound' in sentence.method else ''}{probability(sentence.p_value)}"


def say_labels(total: int | None, more: int | None, noun: str = "labelled row") -> str:
    """``3,322 labelled rows to decide it: 2,322 more than there are``"""
    parts = [f"{counted(total, noun)} to decide it"] if total is not None else []
    if more is not None:
        parts.append(f"{more:,} more than there are" if more else "there are enough")
    return ": ".join(parts)

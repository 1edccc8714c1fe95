"""An ease.ml/ci condition in Assay's own sentences, and what Assay's own test of them needs in labels.

The two promise different things. ease.ml/ci estimates to within the tolerance, whatever is true. A sentence of Assay passes with a
probability of at most delta where it is false, and the plan says with how many labels it passes (with a probability of .9, or of
the condition's reliability) where the truth lies two tolerances beyond the threshold: ease.ml/ci passes there too.

An "and" of sentences needs no share of delta each (an intersection-union test: Berger 1982). For many commits on one test set
Assay's ledger allows delta / (t (t + 1)) 2^-(j + 1) / C(t - 1, j) at the t-th, after j passes: it is taken at the last one, for j = 0.
"""

from typing import Literal

import msgspec

from assay.judge.easeml.condition import Clause, Condition, Order
from assay.judge.easeml.labels import disagreement_bound
from assay.judge.power import MOST_ROWS, rows_for_gain, rows_for_share

Mode = Literal["fp-free", "fn-free"]
"""What an estimate that lies within the tolerance of its threshold counts as: not passed, or passed."""


class Counterpart(msgspec.Struct, frozen=True):
    """What stands for one clause in Assay."""

    clause: str
    sentence: str | None
    """None where Assay's language has no such sentence."""
    note: str = ""
    """Why there is no sentence or no number of labels, or what the number rests on."""
    delta: float | None = None
    """The error probability that the sentence is tested at."""
    labels: int | None = None
    """Labelled rows for a power of .9; a weaker promise than ``labels_at_reliability``, which is for that of the condition."""
    labels_at_reliability: int | None = None


def assay_equivalent(condition: Condition, mode: Mode = "fp-free") -> tuple[str, ...]:
    """The sentences for what can be said: ``accuracy > 0.8`` for ``n > 0.8``; with fn-free, ``no accuracy < 0.8``."""
    requirements = (_requirement(clause) for clause in condition.clauses)
    return tuple(_sentence(found, mode) for found in requirements if not isinstance(found, str))


def counterparts(
    condition: Condition, reliability: float, steps: int, mode: Mode = "fp-free", variance_bound: float | None = None
) -> tuple[Counterpart, ...]:
    """What stands for each clause, in order, with the labels that Assay's test needs at the last of ``steps`` commits.

    How often the models differ is ``variance_bound``, else a clause ``d < A``; else, as the worst case, always. A sentence with
    ``no`` (fn-free) is tested at its own level at every commit, which the ledger does not lower; several share it evenly.
    """
    found = [(clause, _requirement(clause)) for clause in condition.clauses]
    said = sum(not isinstance(requirement, str) for _, requirement in found)
    allowed = float(f"{1 - reliability:.12g}")
    delta = _ledger_delta(allowed, steps) if mode == "fp-free" else allowed / max(1, said)
    bound = disagreement_bound(condition, variance_bound)
    return tuple(
        Counterpart(clause.text, None, requirement)
        if isinstance(requirement, str)
        else _counterpart(clause, requirement, mode, delta, reliability, bound)
        for clause, requirement in found
    )


class _Requirement(msgspec.Struct, frozen=True):
    """accuracy > (or <) factor * champion.accuracy + number, with a tolerance; a factor of 0 leaves the champion out."""

    order: Order
    factor: float
    number: float
    tolerance: float


def _requirement(clause: Clause) -> _Requirement | str:
    """The clause solved for the new accuracy, or why Assay has no sentence for it."""
    new, old, differ = (clause.factor(variable) for variable in ("n", "o", "d"))
    if not clause.needs_labels:
        return "disagreement is reported, not required: it says nothing about which model is right"
    if differ:
        return "disagreement is reported, not required: it cannot be added to an accuracy"
    if not new:
        return "it asks nothing of the new model"
    factor = -old / new
    number = clause.threshold / new + 0.0  # not -0
    if factor < 0:
        return "a sentence is about one model's accuracy or its difference from the champion's, not about their sum"
    if factor not in (0, 1) and number:
        return "a sentence has a factor or a margin, not both"
    return _Requirement(
        clause.order if new > 0 else _REVERSED[clause.order], factor, number, clause.tolerance / abs(new)
    )


_REVERSED: dict[Order, Order] = {">": "<", "<": ">"}


def _sentence(requirement: _Requirement, mode: Mode) -> str:
    """fp-free: what must be shown. fn-free: what must not be shown to be false."""
    order = requirement.order if mode == "fp-free" else _REVERSED[requirement.order]
    return f"{'' if mode == 'fp-free' else 'no '}accuracy {order} {_right(requirement)}"


def _right(requirement: _Requirement) -> str:
    factor, number = requirement.factor, requirement.number
    if not factor:
        return _plain(number)
    if factor != 1:
        return f"champion.accuracy * {_plain(factor)}"
    return "champion.accuracy" + (f" {'+' if number > 0 else '-'} {_plain(abs(number))}" if number else "")


def _plain(value: float) -> str:
    """A number without the rounding of its last digits."""
    return f"{value:.12g}"


def _ledger_delta(delta: float, decision: int) -> float:
    return delta / (decision * (decision + 1)) / 2


def _counterpart(
    clause: Clause, requirement: _Requirement, mode: Mode, delta: float, reliability: float, bound: float | None
) -> Counterpart:
    # What is to be shown is turned upwards: "at most" is the other way round, and so is what a `no` sentence forbids.
    sign = 1 if (requirement.order == ">") == (mode == "fp-free") else -1
    if requirement.factor not in (0, 1):
        rows, sure, note = None, None, "the labels depend on the champion's accuracy"
    elif requirement.factor:
        margin = sign * requirement.number
        rows, sure, note = _rows_of_gain(margin, 2 * requirement.tolerance, bound, delta, reliability)
    else:
        bar = requirement.number if sign > 0 else 1 - requirement.number
        rows, sure = _rows_of_share(bar, 2 * requirement.tolerance, delta, reliability)
        note = "" if rows else OUT_OF_REACH
    return Counterpart(clause.text, _sentence(requirement, mode), note, delta, rows, sure)


OUT_OF_REACH = f"not shown by any number of labels up to {MOST_ROWS:,}"


def _rows_of_share(bar: float, beyond: float, delta: float, reliability: float) -> tuple[int | None, int | None]:
    """Rows to show a share over ``bar``, with both powers."""
    level = min(1.0, bar + beyond)
    return rows_for_share(bar, level, delta), rows_for_share(bar, level, delta, reliability)


def _rows_of_gain(
    margin: float, beyond: float, bound: float | None, delta: float, reliability: float
) -> tuple[int | None, int | None, str]:
    """Rows to show a gain over ``margin``, with both powers, and what they rest on."""
    gain = min(1.0, margin + beyond)
    differ = max(abs(gain), abs(margin), 1.0 if bound is None else bound)
    rows = rows_for_gain(gain, margin, differ, delta)
    if rows is None:
        return None, None, OUT_OF_REACH
    worst = "at worst on all rows" if bound is None else f"on {100 * differ:.4g} % of the rows"
    return rows, rows_for_gain(gain, margin, differ, delta, reliability), f"if the models differ {worst}"

"""Rows of a gate that are equal to each other: copies of one row, or rows that are alike.

Copies are no evidence of their own: a test that counts each of them believes too easily. Rows are compared by what they hold,
never by what only names them, so new ids hide no copy. Of a table of few kinds of rows equal ones are expected; so copies are
only spoken of where more rows are equal than chance explains, and a column of numbers hardly ever repeats among rows that differ.
Pure. Under a seal no label is among what is compared.
"""

import msgspec
import numpy as np

from assay.core.pipeline import GateAction
from assay.core.problem import Problem
from assay.core.sentence import Sentence, is_resource
from assay.core.table import Table
from assay.core.verdict import Outcome, SentenceVerdict, Verdict
from assay.judge.alike import CHANCE
from assay.judge.evidence import Evidence, LabelledRows, SomeRows
from assay.judge.observe import Floats, has_value
from assay.judge.observe.values import quickened
from assay.judge.row_keys import Keys, content_keys, value_keys
from assay.judge.tails import normal_quantile

LEAST_KINDS = 30
"""Of fewer different rows nothing is said: that equal ones are copies could not be told."""
MOST_INFLATION = 1.02
"""Copies that make the rows look like up to so many times the evidence are only told."""
_SLACK = 5.0
_UNSEEN_PAIRS = 3.0
"""With 95 % confidence no more pairs are expected where none was seen."""
_BINS = 10


class Copies(msgspec.Struct, frozen=True):
    """How many of the labelled rows are equal to an earlier one. Of rows that belong together, equal ones count once."""

    rows: int
    repeated: int
    worth: int
    """So many independent rows are worth as much (Kish 1965: the square of the sum of their numbers by the sum of their squares)."""
    compared_by: tuple[str, ...]
    is_beyond_chance: bool

    @property
    def is_inflating(self) -> bool:
        """They would make a test count more evidence than there is."""
        return self.is_beyond_chance and self.rows > MOST_INFLATION * self.worth


def copies_among(evidence: Evidence, rows: LabelledRows) -> Copies | None:
    """What is equal among the labelled rows; None where nothing is known of them, or all are different. ``rows`` are those of
    ``evidence``."""
    labelled = np.flatnonzero(has_value(evidence.labels))
    answers = _answers_of(evidence) if evidence.answers_tell else {}
    everything: Table = {**evidence.contents, **answers}
    if not everything or not len(labelled):
        return None
    known = SomeRows(everything, labelled)
    keys = content_keys(known, tuple(known))
    if len(np.unique(keys)) == len(keys):
        return None
    apart = _apart(keys, rows.clusters)
    _, first, counts = np.unique(keys[apart], return_index=True, return_counts=True)
    total, repeated = len(apart), len(apart) - len(first)
    if not repeated:
        return None
    numbers = {name: _numbers(known[name][apart]) for name in known}
    measured = {name: values for name, values in numbers.items() if values is not None}
    is_beyond = len(first) >= LEAST_KINDS and any(
        _is_continuous(values[first])
        and (_are_too_even(counts) or (name in evidence.contents and _is_beyond(repeated, total, values, first)))
        for name, values in measured.items()
    )
    return Copies(total, repeated, int(total**2 / float(counts @ counts)), tuple(known), is_beyond)


def without_copies(verdict: Verdict, gate: GateAction, evidence: Evidence, rows: LabelledRows) -> Verdict:
    """The verdict with what must be said of equal rows; undecided where copies would count as evidence."""
    found = copies_among(evidence, rows)
    if found is None or not (found.is_beyond_chance or not evidence.are_named):
        return verdict
    verdict = msgspec.structs.replace(verdict, notes=(*verdict.notes, _note(found)))
    if not found.is_inflating:
        return verdict
    held = [_is_held(said, judged) for said, judged in zip(gate.require, verdict.sentences, strict=True)]
    sentences = tuple(
        _undecided(judged, found) if is_held else judged
        for is_held, judged in zip(held, verdict.sentences, strict=True)
    )
    if not any(held):
        return verdict
    others = {judged.verdict for is_held, judged in zip(held, sentences, strict=True) if not is_held}
    outcome: Outcome = "fail" if "fail" in others else "undecided"
    return msgspec.structs.replace(
        verdict, outcome=outcome, sentences=sentences, labels_needed_total=None, labels_more=None, fresh_needed=None
    )


def _note(found: Copies) -> Problem:
    how = f"compared by {', '.join(found.compared_by)}"
    if not found.is_beyond_chance:
        return Problem(
            "gate-rows-repeated",
            f"{_said(found)} equal to an earlier one",
            (how, "each counts as a row of its own; copies make intervals narrower than the evidence is"),
            "take copies out, or name the column that tells rows apart as `model.id`",
        )
    because = f"{how}; more are equal than chance explains"
    worth = f"together they are worth {found.worth:,} rows"
    small = () if found.is_inflating else ("that is too few of them to change the verdict",)
    fix = "take the copies out, or name the column whose rows belong together as `group:` of the gate"
    return Problem("gate-rows-copied", f"{_said(found)} a copy of an earlier one", (because, worth, *small), fix)


def _said(found: Copies) -> str:
    return f"{found.repeated:,} of the {found.rows:,} labelled rows {'is' if found.repeated == 1 else 'are'}"


def _is_held(said: Sentence, judged: SentenceVerdict) -> bool:
    """It was judged by counting rows."""
    if judged.verdict == "not applicable" or is_resource(said.metric):
        return False
    return said.is_of_rows or judged.p_value is not None


def _undecided(judged: SentenceVerdict, found: Copies) -> SentenceVerdict:
    if judged.verdict == "sealed":
        return judged
    reason = (
        f"{_said(found)} a copy of an earlier one, and no evidence of its own: take the copies out, or name a `group:`"
    )
    return SentenceVerdict(
        judged.sentence,
        "undecided",
        reason,
        delta=judged.delta,
        challenger=judged.challenger,
        champion=judged.champion,
        estimate=judged.estimate,
        rows=judged.rows,
    )


def _answers_of(evidence: Evidence) -> dict[str, np.ndarray]:
    """What the two models said, as columns."""
    named = {
        "challenger": evidence.challenger,
        "champion": evidence.champion,
        "challenger_score": evidence.challenger_score,
        "champion_score": evidence.champion_score,
    }
    found: dict[str, np.ndarray] = {}
    for name, values in named.items():
        if values is not None and values.ndim == 1:
            found[name] = values
        elif values is not None:
            found |= {f"{name}[{at}]": column for at, column in enumerate(values.T)}
    return found


def _apart(keys: Keys, clusters: np.ndarray | None) -> np.ndarray:
    """Positions of the rows, equal ones of one cluster once."""
    if clusters is None:
        return np.arange(len(keys))
    kinds = np.unique(keys, return_inverse=True)[1]
    first: np.ndarray = np.unique(kinds * (int(clusters.max()) + 1) + clusters, return_index=True)[1]
    return first


def _numbers(values: np.ndarray) -> Floats | None:
    """A column of numbers; None where it is none."""
    quick = quickened(values)
    if quick.dtype.kind not in "iuf":
        return None
    numbers = quick.astype(np.float64)
    return numbers if np.isfinite(numbers).any() else None


def _is_continuous(values: Floats) -> bool:
    """Rows that differ anywhere mostly differ here."""
    return len(np.unique(value_keys(values))) >= max(LEAST_KINDS, len(values) / 2)


def _are_too_even(counts: np.ndarray) -> bool:
    """The kinds of rows come more evenly often than rows that were drawn, whatever they were drawn from.

    Kinds that are equally likely come as often as a Poisson variable that is not 0 says; where some are likelier, their numbers
    differ more. Copies of a whole file come equally often. The sum of squares is compared with its expectation there, by the
    normal approximation with the spread that a Poisson variable's fourth moment gives.
    """
    mean = float(counts.mean())
    rate = _rate_of(mean)
    top = int(rate + 12 * np.sqrt(rate) + 20)
    each = np.arange(1, top + 1)
    logs = each * np.log(rate) - rate - np.cumsum(np.log(each))
    chances = np.exp(logs)
    chances /= chances.sum()
    squares = (each - mean) ** 2
    expected = float(chances @ squares)
    spread = float(np.sqrt(max(chances @ (squares - expected) ** 2, 0.0)))
    seen = float(counts.var(ddof=1))
    return seen < expected - abs(float(normal_quantile(CHANCE))) * spread / float(np.sqrt(len(counts)))


def _rate_of(mean: float) -> float:
    """Of a Poisson variable that has this mean where it is not 0: solves rate = mean (1 - exp(-rate)), by repeating it."""
    rate = mean
    for _ in range(200):
        rate = mean * float(-np.expm1(-rate))
    return rate


def _is_beyond(repeated: int, total: int, values: Floats, first: np.ndarray) -> bool:
    """More rows are equal than rows with the same number in this column can be.

    How often two rows have the same number is estimated from rows that differ, and from how finely the column is written; so many
    rows, drawn from numbers that are equally likely, have so many equal ones at most, give or take four standard deviations.
    """
    chance = max(_chance_among(values[first]), _chance_by_grid(values))
    if chance >= 1:
        return False
    numbers = 1 / chance
    expected = total + numbers * float(np.expm1(total * np.log1p(-chance)))
    return bool(repeated >= expected + 4 * max(expected, 0.0) ** 0.5 + _SLACK)


def _chance_among(values: Floats) -> float:
    """That two rows of those that differ have the same number here."""
    counts = np.unique(value_keys(values), return_counts=True)[1]
    pairs = float((counts * (counts - 1)).sum()) / 2
    return (pairs + _UNSEEN_PAIRS) / (len(values) * (len(values) - 1) / 2)


def _chance_by_grid(values: Floats) -> float:
    """That two rows have the same number, by the smallest step between numbers: in each tenth of the rows any is equally likely."""
    known = np.sort(values[np.isfinite(values)])
    steps = np.diff(known)
    wide = steps[steps > 1e-6 * max(abs(float(known[0])), abs(float(known[-1])))]
    if not len(wide):
        return 1.0
    edges = np.quantile(known, np.linspace(0, 1, _BINS + 1))
    return float(np.sum(1 / _BINS**2 / np.maximum(np.diff(edges) / wide.min(), 1)))

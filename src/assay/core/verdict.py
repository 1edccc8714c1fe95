"""Verdicts: a gate's answer, with its evidence.

A sealed verdict (``reveal: verdict``) holds its outcome and a number of rows that no label had a part in, and nothing else that
depends on labels; see ``judge/seal.py``.
"""

from typing import Literal

import msgspec

from assay.core.digest import Digest, short
from assay.core.problem import Problem

Outcome = Literal["pass", "fail", "undecided"]
SentenceOutcome = Literal["pass", "fail", "undecided", "not applicable", "sealed"]
Reveal = Literal["metrics", "verdict"]

UNPROTECTED = "unprotected: no rows"
"""What is said of a verdict that compared the numbers of a metrics file, and of a release that rests on such alone."""


SEALED = "sealed: only the verdict is told"
"""What is said of a sealed verdict in place of a reason."""


class SliceVerdict(msgspec.Struct, frozen=True):
    """How one slice fared in a sentence about several."""

    slice: str
    """``carrier=AA``; ``carrier=other`` for those that were too small alone."""
    verdict: SentenceOutcome
    rows: int
    reason: str = ""
    p_value: float | None = None
    challenger: float | None = None
    champion: float | None = None
    estimate: float | None = None
    interval: tuple[float, float] | None = None
    labels_more: int | None = None
    pooled: tuple[str, ...] = ()
    """The values that were pooled in it."""
    moving_share: float | None = None


class SentenceVerdict(msgspec.Struct, frozen=True):
    """How one sentence fared. Shares and levels are 0..1; values are in the metric's unit."""

    sentence: str
    verdict: SentenceOutcome
    reason: str
    """Plain words: why this verdict."""
    method: str = ""
    """The test that was used."""
    p_value: float | None = None
    """The probability of evidence at least this strong if the sentence were false; if what a ``no`` forbids were not so."""
    delta: float | None = None
    """The error probability that was allowed."""
    challenger: float | None = None
    champion: float | None = None
    estimate: float | None = None
    """What was tested: challenger - factor * champion for a relative sentence, else the challenger's value."""
    interval: tuple[float, float] | None = None
    """Two-sided interval for ``estimate``, at twice ``delta``, so that each end is a one-sided bound at ``delta``."""
    rows: int = 0
    labels_needed_total: int | None = None
    labels_more: int | None = None
    smallest_harm: float | None = None
    """Of a ``no``: the smallest harm beyond its bar that so many rows would have shown, 9 times in 10."""
    slices: tuple[SliceVerdict, ...] = ()
    """Of a sentence about several slices: the weakest first."""
    moving_share: float | None = None
    """The share of rows (clusters) that an approximate test rested on; None where it is exact, or nothing was seen to vary."""


_FEW_LEFT = 3


class Charge(msgspec.Struct, frozen=True):
    """What a decision costs a test set: it is one more that its rows have seen."""

    rows: Digest
    """Of the sorted hashes of the labelled rows, which the store keeps."""
    earlier: tuple[int, ...] = ()
    """Sequence numbers of the earlier verdicts that saw some of these rows, of any pipeline."""
    before: int = 0
    """How many decisions those were: a verdict also decides about each archived release that it judged."""
    passes: int = 0
    """How many of those passed."""
    open: int = 0
    """How many of them told more of the labels than their verdict: what was tuned on that, no seal protects against."""
    set_aside: int = 0
    """Labelled rows that were left out, because earlier decisions had seen them and the fresh ones alone show more."""
    marks: Digest | None = None
    """Of what the store keeps of these rows beside their names: keys of their contents, and of the groups or days that they belong
    to. None in verdicts from before that was kept."""

    @property
    def decision(self) -> int:
        """The how-many-eth decision on these rows this is, from 1."""
        return self.before + 1


class WeakSlice(msgspec.Struct, frozen=True):
    """A part of the rows on which the challenger does worst, found on one half of them and measured on the other."""

    slice: str
    metric: str
    rows: int
    """Of the held-out half."""
    value: float
    overall: float
    p_value: float
    """That it is no worse than the rest, corrected for all slices that were confirmed."""


class ArchivedVerdict(msgspec.Struct, frozen=True):
    """How an earlier champion fared against the champion in force, by the same sentences."""

    release: str
    outcome: Outcome
    sentences: tuple[SentenceVerdict, ...]


class Verdict(msgspec.Struct, frozen=True):
    """A gate's answer on one challenger. It names all that it rests on by digest."""

    outcome: Outcome
    sentences: tuple[SentenceVerdict, ...]
    gate: Digest
    """Digest of the gate's declaration."""
    test_set: Digest
    challenger: Digest
    champion: Digest | None
    """Model digest of the champion it was judged against; None where there was none."""
    champion_release: str | None
    rows: int
    unlabelled: int = 0
    code: Digest | None = None
    """Digest of the code that the challenger predicted with."""
    measured: dict[str, float] = {}
    """The challenger's value of each metric that a sentence names, also of sentences that did not apply."""
    reveal: Reveal = "metrics"
    charge: Charge | None = None
    """None where no ledger counts decisions, or nothing was judged by rows."""
    clustered_by: str | None = None
    """The column whose rows were taken together; None: rows were taken as independent."""
    is_by_day: bool = False
    """It is a column of times, of which the rows of one day were taken together."""
    clusters: int | None = None
    """How many pieces of evidence the labelled rows are, taken together."""
    has_cases: bool = False
    """A sentence counts the cases of a file that are broken: nothing counts how often these were asked."""
    has_rows: bool = True
    """False: the numbers of a metrics file were compared, so nothing is protected."""
    disagreement: float | None = None
    """Share of all rows, labelled or not, on which the two models answer differently."""
    label_first: int | None = None
    """How many unlabelled rows the two models disagree on: those whose labels tell them apart."""
    labels_needed_total: int | None = None
    """Rows with which the whole gate would have decided; of a sealed one, by disagreement alone."""
    labels_more: int | None = None
    fresh_needed: int | None = None
    """Where these rows are worn out: how many fresh labelled rows would decide it."""
    decisions_left: int | None = None
    """How many more decisions these rows allow before a sentence cannot be tested on them, if none of these passes; None: very many."""
    weakest: tuple[WeakSlice, ...] = ()
    calibration_error: float | None = None
    archived: tuple[ArchivedVerdict, ...] = ()
    restore: str | None = None
    """The earlier champion that beats the one in force, where the challenger does not pass."""
    confidence: float | None = None
    """The gate's level, of the sentences that have none of their own."""
    detect: float | None = None
    """The smallest gain worth finding, as the gate says; None: it does not say."""
    notes: tuple[Problem, ...] = ()
    """What one must know of the rows or the question to believe the verdict: copies, labels of one class, a price that is missing."""

    @property
    def decisions(self) -> int:
        """How many times the rows were asked: for the challenger, and for each archived release."""
        return 1 + len(self.archived)

    @property
    def passed(self) -> int:
        """How many of its decisions were passes."""
        return (self.outcome == "pass") + sum(each.outcome == "pass" for each in self.archived)

    @property
    def exhaustion(self) -> str:
        """``test set 9c41e0d2 is exhausted (asked 27 times before, 3 passes): 6,400 fresh labelled rows would decide it``; empty where it
        is not."""
        if self.charge is None or self.fresh_needed is None:
            return ""
        times = f"{self.charge.before:,} time{'' if self.charge.before == 1 else 's'}"
        seen = f"asked {times} before, {self.charge.passes:,} pass{'' if self.charge.passes == 1 else 'es'}"
        return f"test set {short(self.test_set)} is exhausted ({seen}): {self.fresh_needed:,} fresh labelled rows would decide it"

    @property
    def _left(self) -> str:
        """Said in time to label fresh rows."""
        if self.decisions_left is None or self.decisions_left > _FEW_LEFT:
            return ""
        count = f"{self.decisions_left:,} more" if self.decisions_left else "no further one"
        return f"; {count} can be tested on them"

    @property
    def protection(self) -> str:
        """What may be believed of this verdict, in words; empty where it needs no words."""
        if not self.has_rows:
            return UNPROTECTED
        if self.charge is None:
            return "each sentence at its level as written; no ledger counts how often these rows were asked"
        seen = f"{self.charge.decision:,} decision{'' if self.charge.decision == 1 else 's'} seen"
        if self.reveal == "verdict" and self.charge.open:
            opened = f"{self.charge.open:,} with metrics"
            return f"sealed, but not protected against tuning on this set: {seen}, {opened}{self._left}"
        if self.reveal == "verdict" and self.has_cases:
            return f"sealed, but not protected against tuning on its cases, which no ledger counts; {seen}{self._left}"
        if self.reveal == "verdict":
            return f"sealed: protected against tuning on this set; {seen}{self._left}"
        return f"not protected against tuning on this set; {seen}{self._left}"

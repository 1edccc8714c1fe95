"""Verdicts: a gate's answer, with its evidence."""

from typing import Literal

import msgspec

from assay.core.digest import Digest

Outcome = Literal["pass", "fail", "undecided"]
SentenceOutcome = Literal["pass", "fail", "undecided", "not applicable"]


class SentenceVerdict(msgspec.Struct, frozen=True):
    """How one sentence fared. Shares and levels are 0..1; values are in the metric's unit."""

    sentence: str
    verdict: SentenceOutcome
    reason: str
    """Plain words: why this verdict."""
    method: str = ""
    """The test that was used."""
    p_value: float | None = None
    """The probability of evidence at least this strong if the sentence were false."""
    delta: float | None = None
    """The error probability that was allowed: 1 - confidence."""
    challenger: float | None = None
    champion: float | None = None
    estimate: float | None = None
    """What was tested: challenger - champion for a relative sentence, else the challenger's value."""
    interval: tuple[float, float] | None = None
    """Two-sided interval for ``estimate``, at twice ``delta``, so that each end is a one-sided bound at ``delta``."""
    rows: int = 0
    labels_needed_total: int | None = None
    labels_more: int | None = None


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

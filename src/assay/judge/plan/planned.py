"""The answer of a planner, and what every planner shares in giving it."""

import math

import msgspec

from assay.core.sentence import Sentence
from assay.judge.plan.known import Known


class Reached(msgspec.Struct, frozen=True):
    """How many rows show something that is true of the challenger."""

    shown: float
    """The gain in the direction asked for (relative), or the challenger's own value; of a latency, the share of calls that are
    slower, and of a gap, the gap."""
    rows: int | None
    """None where no number of rows within reason would do."""
    to_label: int | None = None
    """How many of these need a label, where only rows on which the two models differ do."""


class SentencePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What it takes to decide one sentence."""

    sentence: str
    unit: str
    """What ``rows`` counts: ``labelled rows``, ``labelled positive rows``, ``calls``; empty where nothing need be counted."""
    delta: float | None = None
    """The error probability that the sentence is asked at."""
    detect: float | None = None
    """What is worth detecting beyond the bar, in the metric's unit."""
    shown: float | None = None
    """What ``rows`` show, as ``Reached.shown``."""
    rows: int | None = None
    """For what is worth detecting; None where no number of rows within reason would do."""
    labelled: int | None = None
    """Labelled rows in all; None where that depends on how many of them the sentence speaks of. 0 where it needs no labels."""
    to_label: int | None = None
    """As ``Reached.to_label``, for ``rows``."""
    table: tuple[Reached, ...] = ()
    """Smaller and larger truths, from the hardest to show."""
    would_show: float | None = None
    """What as many rows as were asked about would show, as ``Reached.shown``; None where they show nothing."""
    assumed: tuple[str, ...] = ()
    """What the plan rests on, in words."""
    note: str = ""
    """What else must be known, in words: why there is no number, or what it leaves out."""
    lacks: tuple[str, ...] = ()
    """What must be known first: fields of ``Known``, or ``detect``. Then there is no number."""


def tidy(value: float) -> float:
    """Twelve digits: .82, where adding made .8200000000000001."""
    return float(f"{value:.12g}") + 0.0


def unit_of(metric: str, *, is_counted: bool) -> str:
    """Which rows the test of a metric counts; ``is_counted``: it is tested as a share of them."""
    if is_counted and metric == "recall":
        return "labelled positive rows"
    if is_counted and metric == "precision":
        return "labelled rows that are predicted positive"
    return "labelled rows"


def of_slice(sentence: Sentence) -> str:
    """`` of each carrier``, `` of carrier=AA``; empty where a sentence is about all rows."""
    if sentence.slice is None:
        return ""
    value = sentence.slice.value
    return f" of each {sentence.slice.column}" if value is None else f" of {sentence.slice.column}={value}"


def in_all(sentence: Sentence, known: Known, rows: int | None, unit: str) -> int | None:
    """Labelled rows in all that hold so many of the unit; None where it is not known how many of all these are."""
    if unit != "labelled rows":
        return None
    if rows is None or sentence.slice is None:
        return rows
    return math.ceil(rows / known.share) if known.share else None

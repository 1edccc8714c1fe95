"""One question put to rows: observe both models, choose the test that may be trusted, and plan where it does not decide.

Shares are tested exactly; everything else, and everything about clusters, as a mean. A metric that is undefined on the rows, and a
test whose conditions are not met, give ``Untested`` with the cause.
"""

import math

import msgspec

from assay.core.metrics import METRICS, MetricSettings
from assay.judge.evidence import LabelledRows
from assay.judge.means import Unmet, compare_means
from assay.judge.observe import (
    Answers,
    Counted,
    Linearised,
    Observed,
    UndefinedMetric,
    linearised,
    observe,
    unmet_of,
)
from assay.judge.power import LabelPlan, plan_labels
from assay.judge.question import Question, Tested
from assay.judge.shares import compare_share


class Trial(msgspec.Struct, frozen=True):
    """A question that was tested."""

    question: Question
    tested: Tested
    rows: int
    """Labelled rows that were looked at."""
    units: int
    """What the test counts: rows, rows that the metric speaks of, or clusters."""
    is_counted: bool

    @property
    def is_shown(self) -> bool:
        """The question is answered with yes, at its level."""
        return self.tested.p_value <= self.question.delta

    @property
    def is_refuted(self) -> bool:
        """The opposite is shown, at the same level: more labels would not make it pass."""
        most_favourable = self.tested.interval[1 if self.question.sign > 0 else 0]
        return self.question.sign * (most_favourable - self.question.target) < 0

    def plan(self) -> LabelPlan:
        """Labelled rows with which it would be decided."""
        plan = plan_labels(self.question, self.tested.champion or 0.0, self.tested.spread, is_counted=self.is_counted)
        if plan.rows is None or self.units == self.rows:
            return plan
        return LabelPlan(math.ceil(plan.rows * self.rows / self.units), plan.shown)


class Untested(msgspec.Struct, frozen=True):
    """A question that could not be tested on these rows."""

    question: Question
    because: str
    rows: int
    rows_needed: int | None = None


def try_question(question: Question, rows: LabelledRows, settings: MetricSettings) -> Trial | Untested:
    """The test of one question on labelled rows. ``EvidenceError`` where labels and answers are of another type."""
    total = len(rows.labels)
    if not total:
        return Untested(question, "no row has a label", 0, _needed_unseen(question))
    try:
        new = _observe(question, rows, rows.challenger, "the challenger", settings)
        old = None
        if question.is_relative and rows.champion is not None:
            old = _observe(question, rows, rows.champion, rows.champion_name, settings)
        return _tested(question, rows, new, old, settings)
    except UndefinedMetric as cause:
        return Untested(question, f"{question.metric} is undefined: {cause}", total)


def _observe(
    question: Question, rows: LabelledRows, answers: Answers, whose: str, settings: MetricSettings
) -> Observed:
    return observe(question.metric, rows.labels, answers, rows.columns, settings, whose)


def _tested(
    question: Question, rows: LabelledRows, new: Observed, old: Observed | None, settings: MetricSettings
) -> Trial | Untested:
    total = len(rows.labels)
    if rows.clusters is None and isinstance(new, Counted) and (old is None or _have_same_rows(new, old)):
        among = slice(None) if new.among is None else new.among
        counts = new.counts[among]
        if not len(counts):
            raise UndefinedMetric("none of the rows is one that it speaks of")
        before = old.counts[among] if isinstance(old, Counted) else None
        return Trial(question, compare_share(question, counts, before), total, len(counts), is_counted=True)
    unmet = _unmet_of_classes(question, rows, new, old, settings)
    found = Unmet(unmet) if unmet else compare_means(question, new, old, rows.clusters)
    if isinstance(found, Unmet):
        return Untested(question, found.because, total, found.rows)
    units = total if rows.clusters is None else int(rows.clusters.max()) + 1
    return Trial(question, found, total, units, is_counted=False)


def _have_same_rows(new: Counted, old: Observed) -> bool:
    """The two shares are of the same rows, so that they can be compared row by row."""
    return isinstance(old, Counted) and new.is_among_fixed


def _unmet_of_classes(
    question: Question, rows: LabelledRows, new: Observed, old: Observed | None, settings: MetricSettings
) -> str | None:
    if METRICS[question.metric].needs == "prediction" and not METRICS[question.metric].is_of_positives:
        return None
    if old is None:
        return unmet_of(question.metric, rows.labels, new, settings)
    ours, theirs = linearised(new), linearised(old)
    difference = Linearised(ours.value - theirs.value, ours.influence - theirs.influence)
    is_simple = question.margin(theirs.value) == 0 or not difference.influence.any()
    return unmet_of(question.metric, rows.labels, difference, settings, is_without_margin=is_simple)


def _needed_unseen(question: Question) -> int | None:
    """The rows to plan for before any label is there; None where that depends on what they will show."""
    is_plain = METRICS[question.metric].test == "exact" and question.factor in (None, 1)
    return plan_labels(question, 0.0, 0.0, is_counted=True).rows if is_plain else None

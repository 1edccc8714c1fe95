"""One question put to rows: observe both models, choose the test that may be trusted, and plan where it does not decide.

Shares are tested exactly; everything else, and everything about clusters, as a mean. A metric that is undefined on the rows, a
test whose conditions are not met, and labelled rows that are no sample of all, give ``Untested`` with the cause.
"""

import math

import msgspec

from assay.core.metrics import METRICS, MetricSettings
from assay.judge.conditions import Unmet
from assay.judge.disagreement import answer_differently
from assay.judge.evidence import LabelledRows
from assay.judge.labelling import is_of_pairs, ties_beside, why_untold
from assay.judge.means import compare_means
from assay.judge.observe import (
    Answers,
    Counted,
    Observed,
    UndefinedMetric,
    observe,
    positives,
    unmet_of_classes,
    value_of,
)
from assay.judge.power import LabelPlan, plan_labels
from assay.judge.question import Question, Tested
from assay.judge.ranges import in_range
from assay.judge.separation import compare_separated, is_separated
from assay.judge.shares import compare_share


class Trial(msgspec.Struct, frozen=True):
    """A question that was tested."""

    question: Question
    tested: Tested
    rows: int
    """Labelled rows that were looked at."""
    units: int
    """What the test counts: rows, rows that the metric speaks of, clusters, or labelled rows and ties without a label."""
    is_counted: bool
    is_of_chosen: bool = False
    """Labels were chosen where the models disagree: a model's own value on these rows is not its value on all."""

    @property
    def is_shown(self) -> bool:
        """The question is answered with yes, at its level."""
        return self.tested.p_value <= self.question.delta

    @property
    def is_refuted(self) -> bool:
        """The opposite is shown, at the same level: more labels would not make it pass."""
        return self.tested.unmet is None and self.question.is_refuted_by(self.tested.interval)

    @property
    def is_open(self) -> bool:
        """Neither it nor its opposite is shown."""
        return not self.is_shown and not self.is_refuted

    def plan(self) -> LabelPlan:
        """Labelled rows with which it would be decided."""
        tested = self.tested
        plan = plan_labels(
            self.question,
            tested.champion or 0.0,
            tested.spread,
            is_counted=self.is_counted,
            moving_share=tested.moving_share,
            bounds=tested.bounds,
        )
        return LabelPlan(self.of_all(plan.rows), plan.shown)

    def of_all(self, units: int | None) -> int | None:
        """Labelled rows in all that hold so many of what the test counts."""
        return units if units is None or self.units == self.rows else math.ceil(units * self.rows / self.units)


class Untested(msgspec.Struct, frozen=True):
    """A question that could not be tested on these rows."""

    question: Question
    because: str
    rows: int
    rows_needed: int | None = None
    challenger: float | None = None
    champion: float | None = None
    """What was measured all the same."""


def try_question(question: Question, rows: LabelledRows, settings: MetricSettings) -> Trial | Untested:
    """The test of one question on labelled rows. ``EvidenceError`` where labels and answers are of another type."""
    total = len(rows.labels)
    if not total:
        return Untested(question, "no row has a label", 0, _needed_unseen(question))
    untold = why_untold(question, rows.rest, is_clustered=rows.clusters is not None)
    if untold:
        return Untested(question, untold, total)
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
            raise UndefinedMetric("none of the rows is one that it speaks of", "undefined-metric")
        before = old.counts[among] if isinstance(old, Counted) else None
        ties = _ties(question, rows)
        tested = compare_share(question, counts, before, ties)
        is_of_chosen = rows.rest is not None and rows.rest.chosen != ""
        return Trial(question, tested, total, len(counts) + ties, is_counted=True, is_of_chosen=is_of_chosen)
    if _are_too_large(new, old):
        raise UndefinedMetric(
            "labels or predictions are too large to be squared and summed; give them in another unit",
            "undefined-metric",
        )
    found = _mean_tested(question, rows, new, old, settings)
    units = total if rows.clusters is None else int(rows.clusters.max()) + 1
    if isinstance(found, Unmet):
        needed = None if found.rows is None else math.ceil(found.rows * total / units)
        return Untested(question, found.because, total, needed, value_of(new), None if old is None else value_of(old))
    return Trial(question, in_range(question, found, settings), total, units, is_counted=False)


def _mean_tested(
    question: Question, rows: LabelledRows, new: Observed, old: Observed | None, settings: MetricSettings
) -> Tested | Unmet:
    if rows.clusters is None and is_separated(question, value_of(new)):
        return compare_separated(question, value_of(new), positives(rows.labels, settings, metric=question.metric))
    unmet = unmet_of_classes(question.metric, rows.labels, settings)
    return unmet or compare_means(question, new, old, rows.clusters)


_LARGEST = 1e100
"""Squares and sums of greater values leave what a float holds."""


def _are_too_large(*seen: Observed | None) -> bool:
    return any(not abs(value_of(each)) <= _LARGEST for each in seen if each is not None)


def _ties(question: Question, rows: LabelledRows) -> int:
    if rows.rest is None or rows.champion is None or not is_of_pairs(question):
        return 0
    return ties_beside(rows.rest, answer_differently(rows.challenger.prediction, rows.champion.prediction))


def _have_same_rows(new: Counted, old: Observed) -> bool:
    """The two shares are of the same rows, so that they can be compared row by row."""
    return isinstance(old, Counted) and new.is_among_fixed


def _needed_unseen(question: Question) -> int | None:
    """The rows to plan for before any label is there; None where that depends on what they will show."""
    is_plain = METRICS[question.metric].test == "exact" and question.factor in (None, 1)
    return plan_labels(question, 0.0, 0.0, is_counted=True).rows if is_plain else None

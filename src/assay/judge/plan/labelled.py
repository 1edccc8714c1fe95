"""The plan of a sentence about a metric of labelled rows, against a number or the champion."""

import math
from collections.abc import Iterable

import msgspec

from assay.core.metrics import METRICS, CostMatrix, MetricSettings
from assay.core.sentence import Sentence
from assay.judge.betting_power import shape_of
from assay.judge.conditions import LEAST_DELTA, LEAST_OF_EACH_CLASS, LEAST_ROWS, NORMAL_MOVING_SHARE
from assay.judge.labelling import is_of_pairs
from assay.judge.means import unmet_of_mean
from assay.judge.plan.known import Known
from assay.judge.plan.planned import Reached, SentencePlan, in_all, of_slice, tidy, unit_of
from assay.judge.power import (
    paired_delta,
    plan_labels,
    smallest_bet_shown,
    smallest_gain_shown,
    smallest_mean_gain_shown,
    smallest_share_shown,
    worth_detecting,
)
from assay.judge.question import Question, question_of
from assay.judge.ranges import range_of

MULTIPLES = (0.5, 1.0, 2.0, 4.0)
"""Of what is worth detecting: the gains of the table."""
_DIGITS = 12
_OF_CLASSES = ("f1", "precision", "cost")


def plan_metric(
    sentence: Sentence,
    delta: float,
    known: Known,
    *,
    detect: float | None,
    settings: MetricSettings,
    clustered_by: str | None,
    power: float,
    rows: int | None,
) -> SentencePlan:
    """The plan at the sentence's error probability ``delta``; with ``rows`` also what these would show."""
    question = question_of(sentence, delta / _times_asked(sentence, known), detect)
    is_counted = clustered_by is None and _is_counted(question)
    unit = unit_of(question.metric, is_counted=is_counted)
    plan = SentencePlan(sentence=sentence.text, unit=unit + of_slice(sentence), delta=question.delta)
    if lacks := tuple(_lacks(question, known, is_counted=is_counted)):
        return msgspec.structs.replace(plan, lacks=lacks)
    bounds = None if is_counted or clustered_by is not None else _bounds(question, known, settings)
    limits = range_of(question.metric, settings)
    aim = _Aim(question, known, power, is_counted=is_counted, bounds=bounds, limits=limits)
    if aim.room <= 0:
        return msgspec.structs.replace(plan, note=_impossible(aim))
    plan = msgspec.structs.replace(plan, detect=tidy(aim.detect), assumed=tuple(_assumed(sentence, known, aim)))
    blocked = "" if is_counted or aim.bounds is not None else _unmet(question.delta)
    if blocked:
        return msgspec.structs.replace(plan, note=blocked)
    usual = aim.usual
    table = aim.table(usual)
    if all(row.rows is None for row in (usual, *table)):
        return msgspec.structs.replace(plan, shown=usual.shown, note=_out_of_reach(aim))
    return msgspec.structs.replace(
        plan,
        shown=usual.shown,
        rows=usual.rows,
        labelled=in_all(sentence, known, usual.rows, unit),
        to_label=usual.to_label,
        table=table,
        would_show=None if rows is None else aim.would_show(rows),
        note="; ".join(_notes(sentence, question, clustered_by)),
    )


def most_disagreement(champion: float | None, gain: float) -> float:
    """The greatest share of rows on which exactly one of two models can count, if the champion counts on a share of ``champion``
    of them (None: on any) and the challenger on ``gain`` more: rows that only the challenger wins are ``gain`` more than those that
    only the champion does, and these are at most the champion's, and at most what the challenger leaves."""
    if champion is None:
        return 1.0
    other_way = min(champion, 1 - champion - gain) if gain >= 0 else min(1 - champion, champion + gain)
    return min(1.0, abs(gain) + 2 * max(0.0, other_way))


class _Aim(msgspec.Struct, frozen=True):
    """A question with all that its plan rests on."""

    question: Question
    known: Known
    power: float
    is_counted: bool
    bounds: tuple[float, float] | None
    """Between which the values lie that are averaged, so that below what a t test keeps they are bet on."""
    limits: tuple[float, float]
    """Between which the metric's value lies."""

    @property
    def champion(self) -> float:
        return self.known.champion or 0.0

    @property
    def margin(self) -> float:
        return self.question.margin(self.champion)

    @property
    def room(self) -> float:
        """How far beyond the bar a challenger can be that is as good as can be."""
        question, (least, greatest) = self.question, self.limits
        best = greatest if question.sign > 0 else least
        if not question.is_relative:
            return round(question.sign * (best - question.target), _DIGITS)
        gain = greatest - least if self.known.champion is None else question.sign * (best - self.known.champion)
        return round(gain - self.margin, _DIGITS)

    @property
    def detect(self) -> float:
        """What is worth detecting, or as much of it as there is room for."""
        usual = worth_detecting(self.question, self.champion, self.known.spread or 0.0)
        return min(usual, self.room) if self.margin >= 0 or not self.question.is_relative else usual

    def spread(self, gain: float) -> float:
        """As ``Tested.spread``. How often models differ that gain so much is at most this, where nobody has counted it."""
        if not self.is_counted:
            return self.known.spread or 0.0
        if not self.question.is_relative:
            return 0.0
        if self.known.disagreement is not None:
            return self.known.disagreement
        return most_disagreement(self.known.champion, self.question.sign * gain)

    @property
    def moving_share(self) -> float:
        """As of normal values where nobody knows; classes vary only where two models differ."""
        if self.known.moving_share is not None:
            return self.known.moving_share
        differ = self.known.disagreement
        is_of_classes = self.question.is_relative and self.question.metric in _OF_CLASSES
        return min(NORMAL_MOVING_SHARE, differ) if is_of_classes and differ else NORMAL_MOVING_SHARE

    @property
    def usual(self) -> Reached:
        """What the gate itself plans for, where that can be."""
        question = self.question
        if not question.is_relative:
            return self.reach(question.target + question.sign * self.detect)
        return self.reach(self.margin + self.detect if self.margin >= 0 else 0.0)

    def reach(self, shown: float) -> Reached:
        """The rows for a truth."""
        spread = self.spread(shown)
        plan = plan_labels(
            self.question,
            self.champion,
            spread,
            is_counted=self.is_counted,
            power=self.power,
            moving_share=self.moving_share,
            bounds=self.bounds,
            shown=shown,
        )
        differ = max(spread, abs(shown))
        is_fewer = self.is_counted and is_of_pairs(self.question) and plan.rows is not None and differ < 1
        return Reached(tidy(plan.shown), plan.rows, math.ceil(differ * (plan.rows or 0)) if is_fewer else None)

    def table(self, usual: Reached) -> tuple[Reached, ...]:
        """Each truth that can be, once, from the hardest to show."""
        truths = [each for each in map(tidy, self._truths()) if self._is_possible(each)]
        return tuple(usual if math.isclose(each, usual.shown, abs_tol=1e-12) else self.reach(each) for each in truths)

    def _truths(self) -> Iterable[float]:
        """From just beyond the bar on."""
        question, detect = self.question, self.detect
        if question.is_relative:
            if self.margin < 0:
                return (self.margin / 2, 0.0, detect, 2 * detect)
            return (self.margin + times * detect for times in MULTIPLES)
        return (question.target + question.sign * times * detect for times in MULTIPLES)

    def _is_possible(self, shown: float) -> bool:
        least, greatest = self.limits
        if self.question.is_relative:
            return shown <= tidy(self.margin + self.room) and abs(shown) <= greatest - least
        return least <= shown <= greatest

    def would_show(self, rows: int) -> float | None:
        """The smallest that so many rows show, as ``Reached.shown``; None where that cannot be."""
        shown = self._smallest_shown(rows)
        return shown if shown is not None and self._is_possible(shown) else None

    def _smallest_shown(self, rows: int) -> float | None:
        question = self.question
        if not self.is_counted:
            beyond = self._mean_shown(rows)
            if beyond is None:
                return None
            return self.margin + beyond if question.is_relative else question.target + question.sign * beyond
        if question.is_relative:
            spread = self.spread(self.margin)
            return smallest_gain_shown(rows, spread, paired_delta(question), self.power, self.margin)
        bar = question.target if question.sign > 0 else 1 - question.target
        level = smallest_share_shown(rows, bar, question.delta, self.power)
        return level if level is None or question.sign > 0 else 1 - level

    def _mean_shown(self, rows: int) -> float | None:
        """How far beyond the bar, by the test that the gate will use."""
        spread, delta = self.known.spread or 0.0, self.question.delta
        if self.bounds is None or delta >= LEAST_DELTA:
            return smallest_mean_gain_shown(rows, spread, delta, self.power, self.moving_share)
        level = None if self.question.is_relative else self.question.target
        shape = shape_of(spread, self.bounds, self.moving_share, level, self.question.sign)
        share = smallest_bet_shown(rows, shape, delta, self.power)
        return None if share is None else share * (self.bounds[1] - self.bounds[0])


def _times_asked(sentence: Sentence, known: Known) -> int:
    """``no`` over several slices is asked with Holm's correction, the strictest first (``forbid.py``)."""
    is_of_all = sentence.slice is not None and sentence.slice.value is None
    return (known.slices or 1) if sentence.is_forbidding and is_of_all else 1


def _is_counted(question: Question) -> bool:
    test = METRICS[question.metric].test
    return test == "exact" or (not question.is_relative and test.startswith("exact alone"))


def _lacks(question: Question, known: Known, *, is_counted: bool) -> Iterable[str]:
    """What is missing. How often the models differ never is: at worst they always do."""
    if known.champion is None and question.factor not in (None, 1):
        yield "champion"
    if not is_counted and known.spread is None:
        yield "spread"
    is_amount = METRICS[question.metric].kind == "amount"
    if is_amount and question.detect is None and question.factor == 1 and known.champion is None:
        yield "detect"


def _bounds(question: Question, known: Known, settings: MetricSettings) -> tuple[float, float] | None:
    """Of the values that the gate would bet on; of differences, where the sentence is about the champion."""
    found: tuple[float, float] | None = None
    if question.metric == "score":
        found = settings.score_range
    elif question.metric == "cost" and isinstance(settings.cost, CostMatrix):
        costs = [0.0, *(cost for *_, cost in settings.cost.costs)]
        found = min(costs), max(costs)
    elif question.metric == "brier":
        found = 0.0, 1.0
    elif question.metric == "f1" and not question.is_relative:
        return _bounds_of_f1(question.target, known.spread)
    if found is None or question.factor is None:
        return found
    return found[0] - question.factor * found[1], found[1] - question.factor * found[0]


def _bounds_of_f1(bar: float, spread: float | None) -> tuple[float, float] | None:
    """F1 is bet on as rows' above - bar * below, by the mean of below: which the spread tells, as a row is 1 - bar, -bar / 2 or 0."""
    if not spread or not 0 < bar < 1:
        return None
    below = min(1.0, bar * (1 - bar) * (1 - bar / 2) / spread**2)
    return bar - bar / below, bar + (1 - bar) / below


def _unmet(delta: float) -> str:
    unmet = unmet_of_mean(LEAST_ROWS, delta)
    return "" if unmet is None else f"no number of rows would show it: {unmet.because}"


def _impossible(aim: _Aim) -> str:
    """Why no challenger makes the sentence true."""
    question, champion = aim.question, aim.known.champion
    if question.is_relative and champion is None:
        return "it cannot pass: no two models lie so far apart"
    beyond, end = ("over", "most") if question.sign > 0 else ("below", "least")
    bar = question.target + (question.factor or 0.0) * (champion or 0.0)
    best = aim.limits[1 if question.sign > 0 else 0]
    beside = "" if champion is None else f" beside a champion at {_level(question, champion)}"
    asked = f"{question.metric} would have to be {beyond} {_level(question, bar)}"
    return f"it cannot pass{beside}: {asked}, and is at {end} {_level(question, best)}"


def _out_of_reach(aim: _Aim) -> str:
    asked = _level(aim.question, aim.detect)
    return f"no number of rows within reason shows so little as {asked} beyond the bar, which is worth detecting here"


def _level(question: Question, value: float) -> str:
    return f"{100 * value:.6g} %" if METRICS[question.metric].kind == "share" else f"{value:.6g}"


def _assumed(sentence: Sentence, known: Known, aim: _Aim) -> Iterable[str]:
    question = aim.question
    if not aim.is_counted:
        what = "the differences row by row" if question.is_relative else "the values of rows"
        yield f"{what} have a standard deviation of {known.spread:.4g}{_say_moving(aim)}"
    elif question.is_relative:
        yield _say_disagreement(aim)
    if question.factor not in (None, 1):
        yield f"the champion's {question.metric} is {known.champion:.4g}"
    if sentence.is_forbidding and sentence.slice is not None and sentence.slice.value is None:
        yield (
            f"{known.slices:,} slices, each asked at 1/{known.slices} of the error probability"
            if known.slices
            else "one slice; of k slices each is asked at 1/k of the error probability"
        )


def _say_moving(aim: _Aim) -> str:
    if aim.known.moving_share is None and aim.moving_share == NORMAL_MOVING_SHARE:
        return ", and are spread as normal values are"
    return f", which rests on {100 * aim.moving_share:.3g} % of them"


def _say_disagreement(aim: _Aim) -> str:
    rows, known = "positive rows" if aim.question.metric == "recall" else "rows", aim.known
    if known.disagreement is not None:
        said = f"the two models answer differently on {100 * known.disagreement:.4g} % of the {rows}"
        gain = abs(aim.usual.shown)
        if gain <= known.disagreement:
            return said
        return f"{said}; then neither can be {100 * gain:.4g} points better, and so many are taken to differ"
    if known.champion is not None:
        most = f"{100 * aim.spread(aim.usual.shown):.4g} % of the {rows}"
        return f"the two models differ as often as they can beside a champion at {known.champion:.4g}: on {most}"
    return f"the two models differ on all {rows}, which is the worst that can be; how often they do needs no labels to count"


def _notes(sentence: Sentence, question: Question, clustered_by: str | None) -> Iterable[str]:
    if clustered_by is not None:
        yield f"rows of one {clustered_by} are taken together, and at least {LEAST_ROWS} of these are needed"
    if METRICS[question.metric].is_of_positives and not _is_counted(question):
        yield f"at least {LEAST_OF_EACH_CLASS} positive and {LEAST_OF_EACH_CLASS} negative rows are needed"
    if sentence.is_forbidding:
        yield "it passes unless harm is shown, and so many rows would show that much"

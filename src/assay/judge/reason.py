"""Why a sentence passed or did not, in one plain sentence."""

from assay.core.metrics import METRICS
from assay.judge.conditions import Unmet
from assay.judge.power import LabelPlan
from assay.judge.question import Question, Tested


def say_shown(question: Question, tested: Tested, champion: str) -> str:
    """``2.51 better than r2; at least 2.05 with 95 % confidence``."""
    if not question.is_relative:
        bound = f"at {'least' if question.sign > 0 else 'most'} {_level(question, _asked_end(question, tested))}"
        return f"{_value(question, tested.challenger)}; {bound} with {_confidence(question)}"
    gain, bound = _gain(question, question.sign * tested.estimate), _gain_bound(question, tested)
    return f"{gain} than {_opponent(question, champion)}; {bound} with {_confidence(question)}{_asked(question)}"


def say_not_shown(
    question: Question, tested: Tested, plan: LabelPlan | None, rows: int, champion: str, of: str = ""
) -> str:
    """``not shown: gain 0.27 over r2, lower bound -0.09 with 95 % confidence; 1,430 more labels would show a gain of 0.39``.
    Without a plan it ends before that. ``of`` says which rows the labels are of, where not of all."""
    if not question.is_relative:
        end = "lower" if question.sign > 0 else "upper"
        bound = f"{end} bound {_level(question, _asked_end(question, tested))}"
        seen = f"{_value(question, tested.challenger)}, {bound} with {_confidence(question)}"
    elif tested.spread == 0 and tested.estimate == 0:
        seen = f"no difference from {champion} on any row"
    else:
        gain, low = (
            _amount(question, question.sign * value) for value in (tested.estimate, _asked_end(question, tested))
        )
        seen = f"gain {gain} over {_opponent(question, champion)}, lower bound {low} with {_confidence(question)}"
    outlook = (
        "" if plan is None else f"; {_outlook(question, plan, rows, of)}{_room_left(question, tested, plan, champion)}"
    )
    return f"not shown: {seen}{_asked(question)}{outlook}"


def say_not_refuted(question: Question, tested: Tested, unmet: Unmet, champion: str) -> str:
    """Why what looks false is not said to be: ``not shown: gain -0.03 over r2, ...; whether it is false cannot be told: its test
    is approximate, ...``."""
    seen = say_not_shown(question, tested, None, 0, champion)
    return f"{seen}; whether it is false cannot be told: {unmet.because}"


def say_refuted(question: Question, tested: Tested, champion: str) -> str:
    """``shown to be false: 2.36 worse than r2; at least 1.92 worse with 95 % confidence``."""
    return f"shown to be false: {_opposite(question, tested, champion)}"


def say_ruled_out(question: Question, tested: Tested, champion: str) -> str:
    """Why a ``no`` sentence passes, whatever so many rows would have shown: ``ruled out: 5.13 points better than r2; ...``."""
    return f"ruled out: {_opposite(question, tested, champion)}"


def _opposite(question: Question, tested: Tested, champion: str) -> str:
    end = tested.interval[1 if question.sign > 0 else 0]
    if not question.is_relative:
        bound = f"at {'most' if question.sign > 0 else 'least'} {_level(question, end)}"
        return f"{_value(question, tested.challenger)}; {bound} with {_confidence(question)}"
    gain = question.sign * end
    bound = f"at {'most' if gain >= 0 else 'least'} {_gain(question, gain)}"
    seen = f"{_gain(question, question.sign * tested.estimate)} than {_opponent(question, champion)}"
    return f"{seen}; {bound} with {_confidence(question)}{_asked(question)}"


def say_forbidden_shown(question: Question, tested: Tested, champion: str) -> str:
    """Why a ``no`` sentence fails: ``what is forbidden is shown: 3.50 points worse than r2; at least 2.04 points worse ...``."""
    return f"what is forbidden is shown: {say_shown(question, tested, champion)}"


def say_harm_not_shown(question: Question, tested: Tested, champion: str) -> str:
    """Why a ``no`` sentence passes."""
    if not question.is_relative:
        return f"not shown to be so: {_value(question, tested.challenger)}"
    seen = _gain(question, question.sign * tested.estimate)
    return f"not shown to be so: {seen} than {_opponent(question, champion)}"


def say_smallest_harm(question: Question, harm: float | None) -> str:
    """What the pass of a ``no`` sentence is worth."""
    if harm is None:
        return "so few rows would show no harm at all"
    return f"a harm of {_amount(question, harm)} beyond the bar would have been seen 9 times in 10"


def say_gap(metric: str, gap: float, upper: float, names: tuple[str, str], delta: float) -> str:
    """``gap 3.20 points, between carrier=AA and carrier=UA; at most 6.10 points with 95 % confidence``."""
    question = Question(metric, -1, 0.0, None, delta)
    between = f"between {names[0]} and {names[1]}"
    return f"gap {_amount(question, gap)}, {between}; at most {_amount(question, upper)} with {_confidence(question)}"


def _outlook(question: Question, plan: LabelPlan, rows: int, of: str) -> str:
    if plan.rows is None:
        return "no number of labels would show it"
    if not question.is_relative:
        shown = _value(question, plan.shown)
    else:
        shown = f"a gain of {_amount(question, plan.shown)}" if plan.shown else "it for a model that is equal"
    if rows >= plan.rows:
        return f"{plan.rows:,} rows{of} are enough to show {shown}"
    return f"{plan.rows - rows:,} more labels{of} would show {shown}"


def _room_left(question: Question, tested: Tested, plan: LabelPlan, champion: str) -> str:
    """Where nothing can be so much better than the champion, as a share ends at 100 %."""
    if tested.champion is None or plan.rows is None or METRICS[question.metric].kind != "share":
        return ""
    room = 1 - tested.champion if question.sign > 0 else tested.champion
    if plan.shown <= room:
        return ""
    return f", but {champion} at {_level(question, tested.champion)} leaves room for {_amount(question, room)}"


def _asked_end(question: Question, tested: Tested) -> float:
    return tested.interval[0 if question.sign > 0 else 1]


def _gain_bound(question: Question, tested: Tested) -> str:
    """``at least 2.05``, or where only a small loss is ruled out ``at most 0.10 worse``."""
    bound = question.sign * _asked_end(question, tested)
    return f"at least {_amount(question, bound)}" if bound >= 0 else f"at most {_gain(question, bound)}"


def _asked(question: Question) -> str:
    margin = question.sign * question.target
    if not question.is_relative or margin == 0:
        return ""
    return f"; {_gain(question, margin)} is {'asked' if margin > 0 else 'allowed'}"


def _gain(question: Question, gain: float) -> str:
    """An amount in the direction asked for, as ``2.51 better``."""
    is_wanted_better = (question.sign > 0) == METRICS[question.metric].higher_is_better
    return f"{_amount(question, abs(gain))} {'better' if (gain >= 0) == is_wanted_better else 'worse'}"


def _opponent(question: Question, champion: str) -> str:
    return champion if question.factor == 1 else f"{question.factor:g} x {champion}"


def _value(question: Question, value: float) -> str:
    return f"{question.metric} {_level(question, value)}"


def _level(question: Question, value: float) -> str:
    return f"{100 * value:.2f} %" if METRICS[question.metric].kind == "share" else _number(value)


def _amount(question: Question, value: float) -> str:
    value = value or 0.0  # never "-0"
    return f"{100 * value:.2f} points" if METRICS[question.metric].kind == "share" else _number(value)


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e15 else f"{value:.3g}"


def _confidence(question: Question) -> str:
    return f"{100 * (1 - question.delta):.6g} % confidence"

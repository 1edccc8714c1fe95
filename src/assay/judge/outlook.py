"""What the rows of a trial would have shown, 9 times in 10, and of several trials which would have shown least."""

from assay.core.metrics import METRICS
from assay.judge.betting_power import betting_power, shape_of
from assay.judge.conditions import NORMAL_MOVING_SHARE, POWER, moving_power
from assay.judge.power import (
    DEFAULT_DETECT,
    approximate_power,
    paired_delta,
    paired_power,
    share_power,
    worth_detecting,
)
from assay.judge.trial import Trial


def smallest_harm(trial: Trial) -> float | None:
    """The smallest distance beyond the bar that so many rows show, by bisection; None where they show none."""
    low, high = 0.0, _greatest_distance(trial)
    if not would_show(trial, high):
        return None
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (low, middle) if would_show(trial, middle) else (middle, high)
    return high


def has_enough_rows(trial: Trial) -> bool:
    """The rows would show what ``Trial.plan`` plans for."""
    return trial.tested.unmet is None and would_show(trial, _distance(trial))


def would_show(trial: Trial, distance: float) -> bool:
    """So many rows show a truth that lies this far beyond the bar."""
    question, tested = trial.question, trial.tested
    if not trial.is_counted:
        if tested.bounds is not None and tested.spread > 0:
            width = tested.bounds[1] - tested.bounds[0]
            shape = shape_of(tested.spread, tested.bounds, tested.moving_share)
            return betting_power(trial.units, distance / width, shape, question.delta) >= POWER
        if tested.spread == 0:
            return _rests_on_enough(trial)
        return approximate_power(trial.units, distance / tested.spread, question.delta, _moving_share(trial)) >= POWER
    if not question.is_relative:
        bar = question.target if question.sign > 0 else 1 - question.target
        return share_power(trial.units, bar, min(1.0, bar + distance), question.delta) >= POWER
    margin = question.margin(tested.champion or 0.0)
    gain = min(1.0, margin + distance)
    differ = max(tested.spread, abs(gain))
    return paired_power(trial.units, gain, margin, differ, paired_delta(question), _IGNORED) >= POWER


def lack(trial: Trial) -> float:
    """Trials of one question in the order of this: where one has enough rows, so have those before it."""
    distance = _distance(trial)
    return uncertainty(trial) / distance**2 if distance > 0 else float("inf")


def uncertainty(trial: Trial) -> float:
    """Trials of one question in the order of this: what one would have shown, so would those before it."""
    if trial.is_counted:
        return max(trial.tested.spread, DEFAULT_DETECT["share"]) / trial.units
    return trial.tested.spread**2 / trial.units if _rests_on_enough(trial) else float("inf")


def _rests_on_enough(trial: Trial) -> bool:
    return moving_power(trial.units, _moving_share(trial), trial.question.delta) >= POWER


def _moving_share(trial: Trial) -> float:
    return NORMAL_MOVING_SHARE if trial.tested.moving_share is None else trial.tested.moving_share


_IGNORED = 1e-5
"""Of the probability of how many rows differ, where power is summed."""


def _distance(trial: Trial) -> float:
    """How far beyond the bar lies what is planned for."""
    question, tested = trial.question, trial.tested
    champion = tested.champion or 0.0
    margin = question.margin(champion) if question.is_relative else 0.0
    return -margin if margin < 0 else worth_detecting(question, champion, tested.spread)


def _greatest_distance(trial: Trial) -> float:
    """The harm beyond which there is none, or none worth telling."""
    question = trial.question
    champion = trial.tested.champion or 0.0
    if METRICS[question.metric].kind != "share":
        return max(abs(champion), abs(question.target), 1.0)
    if question.is_relative:
        return 1 - question.margin(champion)
    return 1 - question.target if question.sign > 0 else question.target

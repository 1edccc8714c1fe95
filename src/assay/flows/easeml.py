"""``assay gate easeml``: the labels that a condition of ease.ml/ci asks for, beside what Assay's own test needs."""

from typing import NoReturn

import msgspec

from assay.core.problem import Place, Problem, UsageError
from assay.judge.easeml import (
    Adaptivity,
    Condition,
    ConditionMistake,
    Counterpart,
    EasemlClause,
    EasemlPlan,
    Estimator,
    Mode,
    NoVarianceBound,
    counterparts,
    labels_needed,
    parse_condition,
)

MOST_STEPS = 1_000_000


class EasemlSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked. The defaults are those of the published example."""

    condition: str
    reliability: float = 0.9999
    mode: Mode = "fp-free"
    adaptivity: Adaptivity = "full"
    steps: int = 32
    estimator: Estimator = "hoeffding"
    variance_bound: float | None = None
    """The largest share of rows on which the models are known to differ."""


class EasemlAnswer(msgspec.Struct, frozen=True):
    """What it takes, by the published formulas and by Assay's own test."""

    labels: int
    active_labels_per_commit: int | None
    settings: EasemlSettings
    clauses: tuple[EasemlClause, ...]
    assay: tuple[Counterpart, ...]
    """What stands for each clause in Assay, in order."""


def plan_easeml(settings: EasemlSettings) -> EasemlAnswer:
    """The answer; ``UsageError`` where the condition does not read, or a number is out of range."""
    _check_numbers(settings)
    try:
        condition = parse_condition(settings.condition)
    except ConditionMistake as mistake:
        raise UsageError(unreadable(mistake)) from mistake
    plan = _plan(condition, settings)
    reliability, bound = settings.reliability, settings.variance_bound
    own = counterparts(condition, reliability, settings.steps, settings.mode, bound)
    return EasemlAnswer(plan.labels, plan.active_labels_per_commit, settings, plan.clauses, own)


def _plan(condition: Condition, settings: EasemlSettings) -> EasemlPlan:
    wanted = settings.reliability, settings.adaptivity, settings.steps, settings.estimator, settings.variance_bound
    try:
        return labels_needed(condition, *wanted)
    except NoVarianceBound as missing:
        what = f"Bennett's inequality says nothing about this condition: there is {missing}"
        because = (
            settings.condition,
            "it bounds n - o where d, the share of rows on which the two differ, is known to be small",
        )
        fix = "ask with --estimator hoeffding, or add what is missing: a clause about n - o, and --variance-bound 0.1 or `d < 0.1 +/- 0.01`"
        raise UsageError(Problem("variance-bound-missing", what, because, fix)) from missing


def _check_numbers(settings: EasemlSettings) -> None:
    if not 0.5 < settings.reliability < 1:
        _refuse("reliability", settings.reliability, "over 0.5 and below 1", "0.9999")
    if not 1 <= settings.steps <= MOST_STEPS:
        _refuse("steps", settings.steps, f"from 1 to {MOST_STEPS:,}", "32")
    if settings.variance_bound is not None and not 1e-9 <= settings.variance_bound <= 1:
        _refuse("variance-bound", settings.variance_bound, "a share from 1e-9 to 1", "0.1")


def _refuse(name: str, seen: float, range_: str, example: str) -> NoReturn:
    what = f"{name} is {seen:.12g}, and must be {range_}"
    raise UsageError(Problem("bad-easeml-setting", what, (), f"--{name} {example}, or `{name}: {example}` in the file"))


def unreadable(mistake: ConditionMistake, place: Place | None = None) -> Problem:
    """A condition that does not read, with a mark under the character at which it stops."""
    line = mistake.text.translate(dict.fromkeys(map(ord, "\t\r\n"), " "))
    because = f"{line}\n{' ' * mistake.offset}^ expected {mistake.expected}"
    fix = "write it like `n - o > 0.02 +/- 0.01 /\\ d < 0.1 +/- 0.01`"
    return Problem("bad-easeml-condition", "the condition does not read", (because,), fix, place)

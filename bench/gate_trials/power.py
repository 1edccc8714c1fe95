"""What the planner promises: that so many rows show what is worth detecting, nine times in ten."""

from collections.abc import Iterator

import msgspec
import numpy as np
from gate_trials.worlds import World, amounts, classes, grades, marks, scores

from assay.core.metrics import METRICS
from assay.judge import LabelPlan, Question, labelled_rows, plan_labels
from assay.judge.trial import Trial, try_question

PILOT = 200_000
SEEN = 40
"""Sets of rows that tell the spread of average precision, which is taken as larger the fewer the positives are."""


class Planned(msgspec.Struct, frozen=True):
    """A question, the rows that the planner asks for, and how often they showed it."""

    what: str
    delta: float
    rows: int
    passed: float
    refused: float
    """Shares of the sets of rows."""
    tries: int


def cases() -> Iterator[tuple[str, World, str, float, float | None, float]]:
    """What, world, metric, by what the bar lies below the truth, factor (None: a number) and delta."""
    for delta in (0.05, 0.01):
        yield "accuracy > champion, gain .02 of d .10", classes(gain=0.02), "accuracy", 0.02, 1.0, delta
    yield "accuracy > champion + .01, gain .03 of d .10", classes(gain=0.03), "accuracy", 0.02, 1.0, 0.05
    yield "accuracy > champion - .02, equal, d .10", classes(), "accuracy", 0.02, 1.0, 0.05
    yield "accuracy > champion - .02, equal, d .10", classes(), "accuracy", 0.02, 1.0, 0.01
    yield "accuracy > champion, gain .05 of d .30", classes(differ=0.3, gain=0.05), "accuracy", 0.05, 1.0, 0.001
    yield "accuracy > .83, truth .85", classes(), "accuracy", 0.02, None, 0.05
    yield "error_rate < .17, truth .15", classes(), "error_rate", 0.02, None, 0.01
    yield "accuracy > .97, truth .99", classes(right=0.99, differ=0.01), "accuracy", 0.02, None, 0.01
    for metric, world in (
        ("f1", classes(gain=0.03)),
        ("precision", classes(gain=0.03)),
        ("cost", classes(gain=0.03)),
        ("auc", scores(gain=0.1)),
        ("average_precision", scores(gain=0.1)),
        ("average_precision", scores(gain=0.2)),
        ("log_loss", scores(gain=0.1)),
        ("brier", scores(gain=0.2)),
        ("mae", amounts(larger=1.05)),
        ("rmse", amounts(larger=1.05)),
        ("r2", amounts(larger=1.05)),
        ("quantile_loss", amounts(larger=1.1)),
        ("score", grades(0.7, gain=0.02)),
    ):
        ours, theirs = world.truth[metric]
        yield (
            f"{metric} better than the champion's by {abs(ours - theirs):.3g}",
            world,
            metric,
            abs(ours - theirs),
            1.0,
            0.05,
        )
    yield "mae < number, 5 % above the truth", amounts(), "mae", 0.05 * amounts().truth["mae"][0], None, 0.05
    yield "mae < champion + 5 %, equal", amounts(), "mae", 0.05 * amounts().truth["mae"][0], 1.0, 0.01
    yield "mae < champion, skewed errors", amounts(2.0, larger=1.1), "mae", 0.1, 1.0, 0.05
    yield "mae < number, far above the truth", amounts(), "mae", 0.5, None, 0.05
    yield "mae < champion, skewed errors, much better", amounts(2.0, larger=1.5), "mae", 0.5, 1.0, 0.01
    yield "cost < champion + .3, models that hardly differ", classes(differ=0.01), "cost", 0.3, 1.0, 0.05
    yield "f1 > champion - .1, models that hardly differ", classes(differ=0.02), "f1", 0.1, 1.0, 0.01
    yield "score > champion, marks, much better", marks(0.8, 0.1, 0.08), "score", 0.08, 1.0, 0.001
    for metric, world, delta in (("mae", amounts(larger=1.3), 0.001), ("auc", scores(gain=0.4), 0.01)):
        distance = abs(world.truth[metric][0] - world.truth[metric][1])
        yield f"{metric} much better than the champion's", world, metric, distance, 1.0, delta


def check(
    what: str, world: World, metric: str, distance: float, factor: float | None, delta: float, tries: int
) -> Planned:
    """Plan with the true disagreement or spread, then judge so many rows ``tries`` times."""
    ours, theirs = world.truth[metric]
    sign = 1 if METRICS[metric].higher_is_better else -1
    target = ours - sign * distance - (factor or 0.0) * theirs
    question = Question(metric, sign, 0.0 if abs(target) < 1e-12 else target, factor, delta, distance)
    pilot = try_question(question, labelled_rows(world.draw(np.random.default_rng(100), PILOT)), world.settings)
    assert isinstance(pilot, Trial)
    plan = _plan(question, theirs, pilot, pilot.tested.spread)
    if metric == "average_precision":
        assert plan.rows is not None
        rng = np.random.default_rng(102)
        seen = (try_question(question, labelled_rows(world.draw(rng, plan.rows)), world.settings) for _ in range(SEEN))
        plan = _plan(
            question, theirs, pilot, float(np.mean([each.tested.spread for each in seen if isinstance(each, Trial)]))
        )
    assert plan.rows is not None
    rng = np.random.default_rng(101)
    trials = [try_question(question, labelled_rows(world.draw(rng, plan.rows)), world.settings) for _ in range(tries)]
    passed = sum(isinstance(trial, Trial) and trial.is_shown for trial in trials)
    refused = sum(not isinstance(trial, Trial) for trial in trials)
    return Planned(what, delta, plan.rows, passed / tries, refused / tries, tries)


def _plan(question: Question, champion: float, pilot: Trial, spread: float) -> LabelPlan:
    return plan_labels(
        question,
        champion if question.is_relative else 0.0,
        spread,
        is_counted=pilot.is_counted,
        moving_share=pilot.tested.moving_share,
    )

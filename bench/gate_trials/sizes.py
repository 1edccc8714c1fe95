"""How often a sentence passes that is false by nothing: the truth lies exactly where the sentence begins to be true."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from gate_trials.worlds import World

from assay.core.metrics import METRICS, MetricSettings
from assay.judge import LabelledRows, Question, labelled_rows
from assay.judge.contrast import contrast_of
from assay.judge.means import mean_p
from assay.judge.observe import UndefinedMetric, observe
from assay.judge.trial import Trial, try_question

DELTAS = (0.2, 0.05, 0.01, 0.001)
FORMS = {
    "equal": "> champion",
    "number": "> number",
    "back": "< number",
    "margin": "> champion + margin",
    "lenient": "> champion - margin",
    "factor": "> champion x factor",
}
"""Each in the direction in which the metric is better, but for ``back``."""


class Cell(msgspec.Struct, frozen=True):
    """One question, asked again and again of fresh rows."""

    world: str
    metric: str
    form: str
    rows: int
    differ: float
    tries: int
    passes: tuple[int, ...]
    """At each of ``DELTAS``."""
    refused: int
    """Times that the judge would not say, at .05."""

    def rate(self, at: int) -> float:
        """How often it passed, at the ``at``-th delta."""
        return self.passes[at] / self.tries


def questions(world: World, metrics: Sequence[str] = ()) -> Iterator[tuple[str, Question]]:
    """Every form of question whose truth the world puts exactly on its bar."""
    for metric, (ours, theirs) in world.truth.items():
        if metrics and metric not in metrics:
            continue
        sign = 1 if METRICS[metric].higher_is_better else -1
        if ours == theirs:
            yield "equal", Question(metric, sign, 0.0, 1.0, 0.05)
            yield "number", Question(metric, sign, ours, None, 0.05)
            yield "back", Question(metric, -sign, ours, None, 0.05)
        else:
            yield (
                "margin" if sign * (ours - theirs) > 0 else "lenient",
                Question(metric, sign, ours - theirs, 1.0, 0.05),
            )
            yield "factor", Question(metric, sign, 0.0, ours / theirs, 0.05)


def measure(
    world: World, rows: int, differ: float, tries: int, seed: Sequence[int], metrics: Sequence[str] = ()
) -> list[Cell]:
    """Every question of a world, on ``tries`` sets of rows."""
    rng = np.random.default_rng(seed)
    asked = list(questions(world, metrics))
    passes = np.zeros((len(asked), len(DELTAS)), int)
    refused = np.zeros(len(asked), int)
    for _ in range(tries):
        sample = labelled_rows(world.draw(rng, rows))
        for at, (_, question) in enumerate(asked):
            passed, is_refused = ask(question, sample, world.settings)
            passes[at] += passed
            refused[at] += is_refused
    return [
        Cell(world.name, question.metric, form, rows, differ, tries, tuple(passes[at].tolist()), int(refused[at]))
        for at, (form, question) in enumerate(asked)
    ]


def ask(question: Question, rows: LabelledRows, settings: MetricSettings) -> tuple[list[bool], bool]:
    """Whether the judge passes it, at each of ``DELTAS``, and whether it will not say at .05.

    What is not shown at one level is not asked again at a smaller one, which saves four tests of five.
    """
    passed = [False] * len(DELTAS)
    is_refused = False
    for at, delta in enumerate(DELTAS):
        trial = try_question(msgspec.structs.replace(question, delta=delta), rows, settings)
        passed[at] = isinstance(trial, Trial) and trial.is_shown
        is_refused |= delta == 0.05 and not isinstance(trial, Trial)
        if not passed[at] and (isinstance(trial, Trial) or at > 0):
            break
    return passed, is_refused


def p_unguarded(question: Question, rows: LabelledRows, settings: MetricSettings) -> float:
    """The p-value of the t test alone, had the judge no conditions; 1 where the metric has no value."""
    try:
        new, old = (
            None if answers is None else observe(question.metric, rows.labels, answers, rows.columns, settings, "it")
            for answers in (rows.challenger, rows.champion if question.is_relative else None)
        )
        assert new is not None
        contrast = contrast_of(question, new, old)
    except UndefinedMetric:
        return 1.0
    return mean_p(question.sign * contrast.values, question.sign * contrast.target)


def measure_outside(
    world: World, rows: int, tries: int, seed: Sequence[int], metric: str, form: str
) -> tuple[Cell, Cell]:
    """One question as the judge answers it, and as the t test alone would."""
    rng = np.random.default_rng(seed)
    question = next(each for name, each in questions(world, [metric]) if name == form)
    judged, alone, refused = np.zeros(len(DELTAS), int), np.zeros(len(DELTAS), int), 0
    for _ in range(tries):
        sample = labelled_rows(world.draw(rng, rows))
        passed, is_refused = ask(question, sample, world.settings)
        judged += passed
        refused += is_refused
        alone += p_unguarded(question, sample, world.settings) <= np.array(DELTAS)
    cell = Cell(world.name, metric, form, rows, 0.0, tries, tuple(judged.tolist()), refused)
    return cell, msgspec.structs.replace(cell, passes=tuple(alone.tolist()), refused=0)


def measure_tail(
    world: World, rows: int, tries: int, seed: Sequence[int], metric: str, form: str, deltas: Sequence[float]
) -> tuple[list[int], list[int]]:
    """How often one question passes at very small deltas: as the t test alone answers it, and as the judge does."""
    rng = np.random.default_rng(seed)
    question = next(each for name, each in questions(world, [metric]) if name == form)
    alone, judged = [0] * len(deltas), [0] * len(deltas)
    for _ in range(tries):
        sample = labelled_rows(world.draw(rng, rows))
        p_value = p_unguarded(question, sample, world.settings)
        for at, delta in enumerate(deltas):
            if p_value <= delta:
                trial = try_question(msgspec.structs.replace(question, delta=delta), sample, world.settings)
                alone[at] += 1
                judged[at] += isinstance(trial, Trial) and trial.is_shown
    return alone, judged

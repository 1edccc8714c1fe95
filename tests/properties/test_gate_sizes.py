"""What is false by nothing passes no more often than it may: a quick part of bench/gates.py, with fixed seeds.

Exact tests are summed over what can happen, so that nothing is left to chance. Approximate ones are judged on ``TRIES`` sets of rows
at .05: a share may lie four standard errors over it (.074), which a test that errs twice as often would miss with
probability 99.9 % (its .10 lies three of its own over that).
"""

import math

import numpy as np
import pytest
from gate_trials.exact import number_size, paired_size
from gate_trials.sizes import measure, measure_outside
from gate_trials.worlds import amounts, classes, clustered_amounts, marks, scores, sliced

from assay.core.sentence import parse_sentence
from assay.judge import Evidence, Question, judge_sentence, labelled_rows
from assay.judge.trial import Trial, try_question

TRIES = 1_300
DELTA, AT_DELTA = 0.05, 1
MOST = DELTA + 4 * math.sqrt(DELTA * (1 - DELTA) / TRIES)


@pytest.mark.parametrize("delta", [0.2, 0.05, 0.01, 0.001])
@pytest.mark.parametrize("margin", [0.0, 0.02, -0.02])
def test_a_share_beats_the_champions_by_what_it_does_not_no_more_often_than_delta(margin, delta):
    for rows in (50, 500, 5_000):
        for differ in (0.02, 0.1, 0.3):
            assert paired_size(rows, differ, margin, delta) <= delta * (1 + 1e-9)
    assert paired_size(5_000, 0.3, margin, delta) >= 0.3 * delta  # cautious, but not by refusing everything


@pytest.mark.parametrize("delta", [0.2, 0.05, 0.01, 0.001])
def test_a_share_passes_its_own_number_no_more_often_than_delta(delta):
    for rows in (50, 500, 50_000):
        for truth in (0.02, 0.5, 0.97):
            assert number_size(rows, truth, delta) <= delta * (1 + 1e-9)
    assert number_size(50_000, 0.5, delta) >= 0.9 * delta


@pytest.mark.parametrize(
    "world, metrics",
    [
        (scores(), ("average_precision",)),
        (scores(gain=-0.2), ("average_precision", "auc")),
        (amounts(1.0), ("rmse",)),
        (amounts(1.0, larger=1 / 1.1), ("rmse", "r2")),
        (amounts(2.0), ("mae",)),
        (classes(gain=-0.04), ("f1", "cost")),
        (marks(0.8), ("score",)),
        (marks(0.8, gain=-0.04), ("score",)),
    ],
    ids=lambda given: given if isinstance(given, str) else None,
)
def test_approximate_tests_of_200_rows_pass_what_is_false_about_as_rarely_as_they_say(world, metrics):
    for cell in measure(world, 200, 0.1, TRIES, [1], metrics):
        assert cell.rate(AT_DELTA) <= MOST, cell


def test_average_precision_of_alike_models_passes_a_loss_no_more_often_than_it_may():
    """Some 60 positives and nearly the same scores: without its caution it passed in .068 at .05, and in .017 at .01."""
    for cell in measure(scores(gain=-0.2), 200, 0.01, TRIES, [8], ("average_precision",)):
        assert cell.rate(AT_DELTA) <= DELTA + math.sqrt(DELTA * (1 - DELTA) / TRIES), cell
        assert cell.rate(AT_DELTA + 1) <= 0.01 + 2 * math.sqrt(0.01 * 0.99 / TRIES), cell


@pytest.mark.parametrize("gain", [0.005, -0.005])
def test_models_that_hardly_differ_show_nothing_of_a_ratio_by_a_factor(gain):
    """How their shared errors spread is no evidence of the few rows on which they differ."""
    for cell in measure(classes(differ=0.01, gain=gain), 200, 0.01, 400, [9], ("f1", "precision")):
        assert cell.rate(AT_DELTA) <= DELTA, cell


def test_an_r2_is_shown_however_far_below_it_its_bar_lies():
    """Labels of which a few lie far out decide how an r2 is held against a distant number."""
    rng = np.random.default_rng(4)
    labels = rng.lognormal(3, 0.45, 1_500)
    evidence = Evidence(labels, labels + rng.normal(0, 4, 1_500), None, *["b3:" + "0" * 64] * 3, None, None)
    outcomes = {}
    for bar in (-1, 0, 0.5, 0.8):
        judged = judge_sentence(parse_sentence(f"r2 >= {bar}"), labelled_rows(evidence), 0.05)
        outcomes[bar] = judged.verdict
        assert judged.interval[0] <= judged.challenger
        assert (judged.interval[0] > bar) == (judged.verdict == "pass")
    assert set(outcomes.values()) == {"pass"}


@pytest.mark.parametrize(
    "world, rows, metric, form, by_t",
    [
        (marks(0.97, 0.03), 40, "score", "number", 0.2),
        (classes(0.5, 0.98, 0.02), 62, "f1", "number", 0.2),
        (classes(differ=0.02, gain=-0.02), 100, "cost", "lenient", 0.1),
        (classes(0.5, differ=0.02, gain=-0.02), 100, "f1", "lenient", 0.1),
        (scores(0.5, 3.0), 62, "auc", "number", 0.05),
    ],
)
def test_what_rests_on_hardly_any_row_is_not_shown(world, rows, metric, form, by_t):
    """All answers are right, or the two models agree: the t test alone would pass it in up to a quarter of cases, at .001."""
    judged, alone = measure_outside(world, rows, 500, [2], metric, form)
    assert alone.rate(-1) > by_t
    assert judged.passes[-1] == 0
    assert judged.refused > 0


@pytest.mark.parametrize("form", ["equal", "number"])
def test_rows_that_belong_together_are_counted_together(form):
    """100 clusters of about ten rows that are alike by .3: taken as independent they pass four times too often."""
    world, rng = clustered_amounts(0.3), np.random.default_rng(3)
    question = Question("mae", -1, 0.0, 1.0, DELTA) if form == "equal" else Question("mae", -1, 5.0, None, DELTA)
    together, apart = 0, 0
    for _ in range(TRIES):
        evidence = world.draw(rng, 1_000)
        together += is_shown(question, labelled_rows(evidence, "group"))
        apart += is_shown(question, labelled_rows(evidence))
    assert together / TRIES <= MOST
    assert apart / TRIES > 3 * DELTA


def is_shown(question, rows):
    trial = try_question(question, rows, amounts().settings)
    return isinstance(trial, Trial) and trial.is_shown


@pytest.mark.parametrize(
    "text, worlds, wrong",
    [
        ("no slice(part).mae > champion.mae", [amounts()] * 3, "fail"),
        ("every slice(part).mae < champion.mae", [amounts()] + [amounts(larger=1.3)] * 2, "pass"),
        ("gap(part).accuracy < 0.1", [classes(right=0.9), classes(right=0.8), classes()], "pass"),
    ],
)
def test_sentences_about_slices_say_the_wrong_no_more_often_than_delta(text, worlds, wrong):
    """At .2, where 300 sets tell as much: four standard errors over it are .29, and .4 lies almost four of its own over that."""
    sentence, draw, rng, tries = parse_sentence(text), sliced(worlds), np.random.default_rng(4), 300
    samples = (labelled_rows(draw(rng, 200 * len(worlds))) for _ in range(tries))
    verdicts = [judge_sentence(sentence, rows, 0.2, min_rows=50).verdict for rows in samples]
    assert verdicts.count(wrong) / tries <= 0.2 + 4 * math.sqrt(0.2 * 0.8 / tries)

"""A gate errs no more often than it says.

Exact tests are summed over every possible table of small test sets, so their error rates here are exact too. The t tests and
whole gates are simulated with fixed seeds; bounds leave room for four standard errors of the simulation.
"""

import functools
import itertools
import math

import numpy as np
import pytest
from scipy import stats

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide
from assay.judge.conditions import Unmet
from assay.judge.means import compare_means
from assay.judge.observe import Averaged, Rooted
from assay.judge.power import rows_for_gain, rows_for_mean, rows_for_share
from assay.judge.question import question_of
from assay.judge.shares import compare_share, gain_lower, paired_p, share_interval

LEVELS = (0.2, 0.05, 0.01)
D = "b3:" + "0" * 64


# ---- exact tests: every table of a small test set --------------------------------------------------------------------------


@functools.cache
def paired_tables(rows):
    """All (wins, losses) of so many rows."""
    return [(wins, losses) for wins in range(rows + 1) for losses in range(rows + 1 - wins)]


def table_probabilities(rows, gain, disagreement):
    """The probability of each of them for a challenger that is better by ``gain``."""
    shares = [(disagreement + gain) / 2, (disagreement - gain) / 2, 1 - disagreement]
    tables = [(wins, losses, rows - wins - losses) for wins, losses in paired_tables(rows)]
    return stats.multinomial.pmf(tables, rows, shares)


@pytest.mark.parametrize("delta", LEVELS)
@pytest.mark.parametrize("rows", [5, 36])
@pytest.mark.parametrize("margin", [-0.2, -0.05, 0.0, 0.05, 0.2])
def test_the_paired_test_of_shares_never_errs_more_often_than_delta(margin, rows, delta):
    passes = np.array([paired_p(wins, losses, rows, margin, delta) <= delta for wins, losses in paired_tables(rows)])
    for disagreement in (0.01, 0.05, 0.1, 0.2, 0.3, 0.6, 1.0):
        for loss in (0.0, 0.05):
            gain = margin - loss
            if abs(gain) <= disagreement:
                assert table_probabilities(rows, gain, disagreement) @ passes <= delta * (1 + 1e-9)


@pytest.mark.parametrize("delta", LEVELS)
def test_the_lower_bound_of_a_gain_lies_above_it_no_more_often_than_delta(delta):
    """Just below 0, where McNemar's test takes over from the bound, by a tenth of delta more at worst."""
    rows = 30
    bounds = np.array([gain_lower(wins, losses, rows, delta) for wins, losses in paired_tables(rows)])
    for disagreement, part in itertools.product(
        (0.02, 0.1, 0.3, 0.7, 1.0), (-1, -0.5, -0.1, -0.01, 0, 0.01, 0.1, 0.5, 1)
    ):
        gain = part * disagreement
        missed = table_probabilities(rows, gain, disagreement) @ (bounds > gain + 1e-12)
        assert missed <= delta * (1.1 if gain < 0 else 1 + 1e-9)


@pytest.mark.parametrize("delta", LEVELS)
@pytest.mark.parametrize("text", ["accuracy > champion.accuracy * 1.1", "error_rate < champion.error_rate * 1.5"])
def test_the_test_against_a_scaled_champion_never_errs_more_often_than_delta(text, delta):
    rows = 12
    question = question_of(parse_sentence(text), delta)
    cells = [cell for cell in itertools.product(range(rows + 1), repeat=4) if sum(cell) == rows]
    passes = np.array([compared_cells(question, cell).p_value <= delta for cell in cells])
    for old, extra in itertools.product((0.2, 0.5, 0.8), (0.0, 0.1)):
        new = question.factor * old
        only_new, only_old = max(0, new - old) + extra, max(0, old - new) + extra
        both, neither = new - only_new, 1 - new - only_old
        if min(both, neither) >= 0:
            probability = stats.multinomial.pmf(cells, rows, [only_new, only_old, both, neither])
            assert probability @ passes <= delta * (1 + 1e-9)


def compared_cells(question, cell):
    new, old = np.repeat([True, False, True, False], cell), np.repeat([False, True, True, False], cell)
    return compare_share(question, new, old)


@pytest.mark.parametrize("delta", LEVELS)
@pytest.mark.parametrize("rows", [7, 60])
@pytest.mark.parametrize("truth", [0.01, 0.3, 0.5, 0.9, 0.995])
def test_the_bounds_of_a_share_are_passed_no_more_often_than_delta(truth, rows, delta):
    probability = stats.binom.pmf(np.arange(rows + 1), rows, truth)
    bounds = np.array([share_interval(count, rows, delta) for count in range(rows + 1)])
    assert probability @ (bounds[:, 0] > truth) <= delta
    assert probability @ (bounds[:, 1] < truth) <= delta


def test_p_values_of_equal_models_are_never_small_more_often_than_they_say():
    rows, disagreement = 40, 0.2
    p_values = np.array([paired_p(wins, losses, rows, 0.0, 0.05) for wins, losses in paired_tables(rows)])
    probability = table_probabilities(rows, 0.0, disagreement)
    for level in np.linspace(0.001, 0.999, 200):
        assert probability @ (p_values <= level) <= level


# ---- approximate tests: simulated ------------------------------------------------------------------------------------------

RUNS = 3_000


def room(level, runs=RUNS):
    return 4 * math.sqrt(level * (1 - level) / runs)


def p_values(text, draw, seed, rows=400, runs=RUNS):
    """The p-values of a sentence on ``runs`` test sets, 1 where the test is refused; ``draw(rng, rows)`` gives both models'
    absolute errors."""
    rng = np.random.default_rng(seed)
    question = question_of(parse_sentence(text), 0.05)
    relative = question.is_relative
    samples = (draw(rng, rows) for _ in range(runs))
    form = (lambda errors: Rooted(errors**2)) if question.metric == "rmse" else Averaged
    found = (compare_means(question, form(new), form(old) if relative else None) for new, old in samples)
    return np.array([1.0 if isinstance(each, Unmet) else each.p_value for each in found])


def equal_normal(rng, rows):
    shared = rng.normal(0, 1, rows)
    return np.abs(shared + rng.normal(0, 0.5, rows)), np.abs(shared + rng.normal(0, 0.5, rows))


def equal_heavy(rng, rows):
    shared = rng.standard_t(4, rows)
    return np.abs(shared + rng.normal(0, 0.5, rows)), np.abs(shared + rng.normal(0, 0.5, rows))


def equal_exponential(rng, rows):
    return rng.exponential(1.0, rows), rng.exponential(1.0, rows)


@pytest.mark.parametrize("metric", ["mae", "rmse"])
@pytest.mark.parametrize("draw", [equal_normal, equal_heavy, equal_exponential])
def test_equal_models_are_told_better_about_as_rarely_as_delta_says(metric, draw):
    found = p_values(f"{metric} < champion.{metric}", draw, seed=1)
    for level in (0.01, 0.05, 0.2, 0.5):
        assert (found <= level).mean() <= level + room(level)
    assert (found <= 0.05).mean() >= 0.025


@pytest.mark.parametrize(
    "text, draw",
    [
        ("mae < champion.mae - 0.1", lambda rng, rows: (rng.exponential(1.0, rows), rng.exponential(1.0, rows) + 0.1)),
        ("mae < champion.mae * 0.8", lambda rng, rows: (rng.exponential(0.8, rows), rng.exponential(1.0, rows))),
        ("rmse < champion.rmse * 0.8", lambda rng, rows: (0.8 * rng.random(rows), rng.random(rows))),
        # rng.random has a root mean square of 1 / sqrt(3)
        ("rmse < champion.rmse - 0.2", lambda rng, rows: (rng.random(rows), (1 + 0.2 * 3**0.5) * rng.random(rows))),
        ("mae < 1", equal_exponential),
        ("mae > 1", equal_exponential),
        ("rmse < 1", lambda rng, rows: (np.abs(rng.normal(0, 1, rows)), None)),
        ("rmse > 1", lambda rng, rows: (np.abs(rng.normal(0, 1, rows)), None)),
    ],
)
def test_margins_factors_and_numbers_that_are_just_not_beaten_pass_about_as_rarely_as_delta_says(text, draw):
    found = p_values(text, draw, seed=2)
    for level in (0.01, 0.05, 0.2):
        assert (found <= level).mean() <= 1.15 * level + room(level)


# ---- the planner keeps its word --------------------------------------------------------------------------------------------


def test_the_planned_rows_show_a_gain_of_accuracy_in_nine_of_ten_tries():
    gain, disagreement, delta = 0.05, 0.15, 0.05
    for margin in (0.0, 0.02):
        rows = rows_for_gain(gain + margin, margin, disagreement, delta)
        rng = np.random.default_rng(3)
        shares = [(disagreement + gain + margin) / 2, (disagreement - gain - margin) / 2, 1 - disagreement]
        tables = rng.multinomial(rows, shares, 2_000)
        passed = np.mean([paired_p(int(wins), int(losses), rows, margin, delta) <= delta for wins, losses, _ in tables])
        assert passed == pytest.approx(0.9, abs=0.02 + room(0.9, 2_000) / 2)


def test_the_planned_rows_show_an_accuracy_in_nine_of_ten_tries():
    rows = rows_for_share(0.8, 0.85, 0.05)
    counts = np.arange(rows + 1)
    passes = stats.binom.sf(counts - 1, rows, 0.8) <= 0.05
    assert 0.9 <= stats.binom.pmf(counts, rows, 0.85) @ passes <= 0.92


def test_the_planned_rows_show_a_lower_mae_in_nine_of_ten_tries():
    def better(rng, rows):
        new, old = equal_normal(rng, rows)
        return new, old + 0.05

    new, old = better(np.random.default_rng(4), 200_000)
    rows = rows_for_mean(0.05, float(np.std(new - old)), 0.05)
    found = p_values("mae < champion.mae", better, seed=5, rows=rows, runs=1_500)
    assert (found <= 0.05).mean() == pytest.approx(0.9, abs=0.02 + room(0.9, 1_500) / 2)


# ---- the whole gate --------------------------------------------------------------------------------------------------------


def test_a_gate_of_several_sentences_passes_an_equal_model_no_more_often_than_its_weakest_sentence_says():
    texts = ("accuracy > champion.accuracy at 90%", "accuracy >= 0.5", "mae < champion.mae at 90%")
    gate = GateAction("data/gate.csv", tuple(map(parse_sentence, texts)), detect=0.2)
    rng = np.random.default_rng(6)
    runs, passed = 300, 0
    for _ in range(runs):
        labels = rng.integers(0, 2, 300)
        new, old = (np.where(rng.random(300) < 0.15, 1 - labels, labels) for _ in range(2))
        passed += decide(gate, Evidence(labels, new, old, D, D, D, D, "r1")).outcome == "pass"
    assert passed / runs <= 0.1 + room(0.1, runs)

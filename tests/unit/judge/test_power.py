"""The planner says how many rows the tests need, and what so many rows would show."""

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from assay.judge.conditions import pulling_rows_needed, rows_to_move
from assay.judge.observe import pulling_rows
from assay.judge.power import (
    approximate_power,
    critical_count,
    mean_power,
    paired_power,
    plan_labels,
    rows_for_gain,
    rows_for_mean,
    rows_for_share,
    smallest_gain_shown,
    smallest_mean_gain_shown,
)
from assay.judge.question import Question
from assay.judge.shares import paired_p
from assay.judge.tails import binomial_sf

CASES = {case["id"]: case for case in json.loads(Path(__file__).with_name("gate_cases.json").read_text())["cases"]}


# ---- the numbers of the design ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "gain, margin, disagreement, delta, rows, sure_rows",
    [
        (0.04, 0.02, 0.1, 0.01, 4481, 6870),
        (0.04, 0.02, 0.1, 1e-4, 8368, 16_617),
        (0.02, 0, 0.1, 0.01, 3322, 5455),
        (0.02, 0, 0.05, 0.01, 1660, 2687),
    ],
)
def test_the_labels_of_the_design_come_out(gain, margin, disagreement, delta, rows, sure_rows):
    """Each for a power of .9, and of 1 - delta."""
    assert rows_for_gain(gain, margin, disagreement, delta) == rows
    assert rows_for_gain(gain, margin, disagreement, delta, power=1 - delta) == pytest.approx(sure_rows, rel=2e-3)


@pytest.mark.parametrize("case", ["p02-undecided", "p04-identical", "p09-ledger"])
def test_the_labels_of_the_gate_cases_come_out(case):
    given, expected = CASES[case]["input"], CASES[case]["expect"]
    question = Question("accuracy", 1, 0.0, 1.0, expected["delta"], given["detect"])
    disagreement = (given["only_new_right"] + given["only_champion_right"]) / given["rows"]
    plan = plan_labels(question, 0.9, disagreement, is_counted=True)
    assert plan.rows == pytest.approx(expected["labels_needed_total"], rel=expected["labels_rel_tol"])


# ---- the power is that of the exact test -----------------------------------------------------------------------------------


def reference_power(rows, gain, margin, disagreement, delta):
    """The power by the formulas of the test and scipy, over all numbers of discordant rows."""
    low, high = stats.binom.ppf([1e-12, 1 - 1e-12], rows, disagreement).astype(int)
    discordant = np.arange(low, high + 1)
    gamma = delta / 10 if margin else 0.0
    null = np.full(len(discordant), 0.5)
    if margin > 0:
        lower = stats.beta.ppf(gamma, np.maximum(discordant, 1), rows - discordant + 1)
        null = (1 + margin / np.maximum(np.where(discordant == 0, 0, lower), margin)) / 2
    elif margin < 0:
        upper = stats.beta.isf(gamma, discordant + 1, np.maximum(rows - discordant, 1))
        null = (1 + margin / np.where(discordant == rows, 1, upper)) / 2
    passing = [
        0 if share < 0 else int(np.argmax(stats.binom.sf(np.arange(-1, tries + 1), tries, share) <= delta - gamma))
        for tries, share in zip(discordant.tolist(), null.tolist(), strict=True)
    ]
    weights = stats.binom.pmf(discordant, rows, disagreement)
    return weights @ stats.binom.sf(np.array(passing) - 1, discordant, (1 + gain / disagreement) / 2)


@pytest.mark.parametrize("margin", [-0.05, 0.0, 0.05])
@pytest.mark.parametrize("rows, disagreement", [(30, 0.6), (200, 0.1), (250, 0.3)])
@pytest.mark.parametrize("delta", [0.2, 0.01, 1e-6])
def test_the_power_is_that_of_the_test_summed_over_all_its_tables(margin, rows, disagreement, delta):
    for gain in (0.0, 0.08):
        expected = reference_power(rows, gain, margin, disagreement, delta)
        assert paired_power(rows, gain, margin, disagreement, delta, 1e-12) == pytest.approx(
            expected, rel=1e-6, abs=1e-9
        )


def test_the_power_counts_what_the_gate_would_pass():
    """By the gate's own p-value, table by table."""
    rows, gain, disagreement, delta = 60, 0.15, 0.4, 0.05
    shares = [(disagreement + gain) / 2, (disagreement - gain) / 2, 1 - disagreement]
    tables = [(wins, losses) for wins in range(rows + 1) for losses in range(rows + 1 - wins)]
    weights = stats.multinomial.pmf([(wins, losses, rows - wins - losses) for wins, losses in tables], rows, shares)
    for margin in (-0.1, 0.0, 0.1):
        passed = np.array([paired_p(wins, losses, rows, margin, delta) <= delta for wins, losses in tables])
        assert paired_power(rows, gain, margin, disagreement, delta, 1e-12) == pytest.approx(weights @ passed, rel=1e-9)


def test_thinning_many_counts_moves_the_power_by_less_than_a_thousandth(monkeypatch):
    cases = [(83_000, 0.005, 0.0, 0.2, 0.01), (60_000, 0.03, 0.02, 0.5, 1e-4), (81_000, 0.0, -0.01, 0.6, 0.01)]
    thinned = [paired_power(*case) for case in cases]
    monkeypatch.setattr("assay.judge.power._TERMS", 10**9)
    assert thinned == pytest.approx([paired_power(*case) for case in cases], abs=1e-3)


# ---- the planner keeps its word --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delta", [0.2, 0.01, 1e-4, 1e-10])
@pytest.mark.parametrize("disagreement", [0.005, 0.05, 0.6])
@pytest.mark.parametrize("margin", [-0.05, 0.0, 0.05])
def test_the_planned_rows_have_the_power_and_clearly_fewer_have_not(margin, disagreement, delta):
    """Within 2 points, but for so few discordant rows that one more changes the power by more than that."""
    gain = margin + 0.02 if margin >= 0 else 0.0
    differ = max(disagreement, gain)
    rows = rows_for_gain(gain, margin, differ, delta)
    power = paired_power(rows, gain, margin, differ, delta, 1e-9)
    assert power >= 0.899
    if rows * differ > 15:
        assert power <= 0.92
    assert paired_power(rows * 9 // 10, gain, margin, differ, delta, 1e-9) < 0.9


@pytest.mark.parametrize("margin", [-0.03, 0.0, 0.03])
def test_drawn_test_sets_pass_as_often_as_planned(margin):
    gain, disagreement, delta, runs = max(0.0, margin + 0.05), 0.12, 0.05, 1_000
    rows = rows_for_gain(gain, margin, disagreement, delta)
    shares = [(disagreement + gain) / 2, (disagreement - gain) / 2, 1 - disagreement]
    tables = np.random.default_rng(11).multinomial(rows, shares, runs)
    passed = np.mean([paired_p(int(wins), int(losses), rows, margin, delta) <= delta for wins, losses, _ in tables])
    assert passed == pytest.approx(0.9, abs=0.02 + 2 * math.sqrt(0.09 / runs))


@pytest.mark.parametrize(
    "bar, level, delta, power",
    [(0.9, 0.92, 0.01, 0.9), (0.5, 0.52, 1e-10, 0.9), (0.02, 0.03, 0.2, 0.8), (0.8, 0.81, 1e-100, 0.99)],
)
def test_the_rows_for_a_share_have_the_power_and_clearly_fewer_have_not(bar, level, delta, power):
    rows = rows_for_share(bar, level, delta, power)
    powers = [binomial_sf(critical_count(some, bar, delta) - 1, some, level) for some in (rows, rows + 1, rows + 2)]
    assert min(powers) >= power - (0.001 if rows > 10_000 else 0)  # looked for in strides there
    assert max(powers) <= power + 0.02
    fewer = rows * 19 // 20
    assert binomial_sf(critical_count(fewer, bar, delta) - 1, fewer, level) < power


def test_more_power_and_less_error_take_more_rows():
    by_power = [rows_for_gain(0.02, 0.0, 0.1, 0.01, power) for power in (0.5, 0.8, 0.9, 0.99, 0.999_999)]
    by_delta = [rows_for_gain(0.02, 0.0, 0.1, delta) for delta in (0.2, 0.01, 1e-10, 1e-100, 1e-200)]
    assert by_power == sorted(set(by_power))
    assert by_delta == sorted(set(by_delta))


@pytest.mark.parametrize("margin, delta", [(-0.02, 0.05), (-0.2, 1e-200), (-0.001, 0.2), (-0.999, 0.05)])
def test_zero_disagreement_rules_out_a_loss_as_soon_as_the_bound_on_disagreement_does(margin, delta):
    rows = rows_for_gain(0.0, margin, 0.0, delta)
    assert paired_power(rows, 0.0, margin, 0.0, delta) == 1
    assert rows == 1 or paired_power(rows - 1, 0.0, margin, 0.0, delta) == 0
    assert rows_for_gain(0.0, -0.02, 0.0, 0.05) == 263  # 0.98**263 < .05 / 10 < 0.98**262


def test_models_cannot_gain_more_often_than_they_differ():
    assert rows_for_gain(0.03, 0.0, 0.01, 0.05) == rows_for_gain(0.03, 0.0, 0.03, 0.05)


def test_a_bar_that_every_share_passes_takes_a_row():
    assert rows_for_share(-0.1, 0.5, 0.05) == 1


def test_what_cannot_be_shown_has_no_number():
    assert rows_for_share(1.0, 1.0, 0.05) is None
    assert rows_for_share(0.5, 0.5001, 1e-10) is None
    assert rows_for_gain(1.01, 0.99, 1.0, 0.05) is None
    assert rows_for_gain(1e-6, 0, 0.3, 0.05) is None
    assert rows_for_gain(0.0, -1e-9, 0.0, 0.05) is None
    assert rows_for_mean(0.0, 1.0, 0.05) is None
    assert rows_for_mean(1e-9, 1.0, 0.05) is None
    assert rows_for_mean(1.0, math.inf, 0.05) is None


# ---- t tests ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rows, effect, delta", list(itertools.product((2, 5, 30, 859, 100_000), (0.01, 0.1, 0.7, 2.0), (0.2, 0.05, 1e-4)))
)
def test_the_power_of_a_t_test_is_the_noncentral_t_of_scipy(rows, effect, delta):
    expected = stats.nct.sf(stats.t.isf(delta, rows - 1), rows - 1, effect * math.sqrt(rows))
    assert mean_power(rows, effect, delta) == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("delta", [0.2, 0.05, 1e-4, 1e-10])
@pytest.mark.parametrize("distance", [0.1, 1.0, 4.0])
def test_the_rows_for_a_mean_are_the_first_with_the_power(distance, delta):
    rows = rows_for_mean(distance, 10.0, delta)
    fewer = rows - max(1, rows // 1_000)
    assert approximate_power(rows, distance / 10, delta, 1 / 3) >= 0.9
    assert rows == 30 or approximate_power(fewer, distance / 10, delta, 1 / 3) < 0.9


def test_a_t_test_needs_four_times_the_rows_for_half_the_gain_and_never_fewer_than_thirty():
    assert rows_for_mean(1.0, 10.0, 0.05) == 858
    assert rows_for_mean(0.5, 10.0, 0.05) == pytest.approx(4 * 858, rel=0.005)
    assert rows_for_mean(100.0, 10.0, 0.05, moving_share=1.0) == 30
    assert rows_for_mean(1.0, 0.0, 0.05, moving_share=1.0) == 30


def test_what_is_shown_must_rest_on_enough_rows_and_so_take_more_of_them():
    """15 are needed at .05: of normal values about a third of the rows count, of classes those that are in the minority."""
    assert rows_for_mean(100.0, 10.0, 0.05) == rows_to_move(1 / 3, 0.05, 0.9) == 67
    assert rows_for_mean(100.0, 10.0, 0.05, moving_share=0.01) == rows_to_move(0.01, 0.05, 0.9)
    assert rows_for_mean(100.0, 10.0, 0.001) > rows_for_mean(100.0, 10.0, 0.05)
    assert rows_for_mean(1.0, 10.0, 0.05, moving_share=0.2) == 858


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05])
@pytest.mark.parametrize("delta", [0.05, 0.001])
def test_rows_hold_enough_that_move_the_value_as_often_as_asked(share, delta):
    """Against the binomial number of rows of the rarer kind."""
    both = share * (1 - share)
    rows = rows_to_move(both / (1 - 3 * both), delta, 0.9)
    pulling = [pulling_rows(np.repeat([1 - k / rows, -k / rows], [k, rows - k])) for k in range(1, rows)]
    enough = np.array(pulling) >= pulling_rows_needed(delta)
    assert stats.binom.pmf(np.arange(1, rows), rows, share) @ enough > 0.88


# ---- the other way round ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [100, 1_000, 3_322, 50_000])
@pytest.mark.parametrize("disagreement, delta, power", [(0.1, 0.01, 0.9), (0.005, 0.05, 0.8), (0.4, 1e-10, 0.9)])
def test_the_gain_that_rows_show_needs_so_many_rows(rows, disagreement, delta, power):
    gain = smallest_gain_shown(rows, disagreement, delta, power)
    assert rows_for_gain(gain, 0.0, max(disagreement, gain), delta, power) == pytest.approx(rows, rel=0.01)


def test_too_few_rows_show_no_gain():
    assert smallest_gain_shown(6, 0.1, 0.01) is None  # 6 wins of 6: .5 ** 6 > .01
    assert smallest_gain_shown(7, 0.1, 0.01) == pytest.approx(0.9 ** (1 / 7), abs=1e-5)
    assert smallest_gain_shown(0, 0.1, 0.01) is None


@pytest.mark.parametrize("rows, delta", [(300, 1e-4), (858, 0.05), (10_000, 0.2)])
def test_the_mean_gain_that_rows_show_needs_so_many_rows(rows, delta):
    gain = smallest_mean_gain_shown(rows, 10.0, delta)
    assert rows_for_mean(gain, 10.0, delta) == pytest.approx(rows, abs=1)


def test_too_few_rows_for_a_t_test_show_no_mean_gain():
    assert smallest_mean_gain_shown(29, 10.0, 0.05) is None
    assert smallest_mean_gain_shown(66, 10.0, 0.05) is None
    assert smallest_mean_gain_shown(67, 10.0, 0.05) is not None
    assert smallest_mean_gain_shown(29, 10.0, 0.2, moving_share=1.0) is None


# ---- plans -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metric, sign, target, factor, champion, shown",
    [
        ("accuracy", 1, 0.0, 1.0, 0.8, 0.02),
        ("accuracy", 1, 0.01, 1.0, 0.8, 0.03),
        ("accuracy", 1, -0.01, 1.0, 0.8, 0.0),
        ("error_rate", -1, -0.01, 1.0, 0.2, 0.03),
        ("accuracy", 1, 0.9, None, 0.0, 0.92),
        ("accuracy", 1, 0.99, None, 0.0, 1.0),
        ("error_rate", -1, 0.1, None, 0.0, 0.08),
        ("accuracy", 1, 0.0, 1.1, 0.8, 0.1),
    ],
)
def test_counted_metrics_are_planned_for_margin_and_detect_or_for_equal_models_where_a_loss_is_allowed(
    metric, sign, target, factor, champion, shown
):
    plan = plan_labels(Question(metric, sign, target, factor, 0.05), champion, 0.05, is_counted=True)
    assert plan.shown == pytest.approx(shown)
    assert plan.rows is not None


@pytest.mark.parametrize(
    "metric, sign, target, factor, champion, shown",
    [
        ("mae", -1, 0.0, 1.0, 8.0, 0.4),
        ("mae", -1, -1.0, 1.0, 8.0, 1.4),
        ("mae", -1, 1.0, 1.0, 8.0, 0.0),
        ("mae", -1, 0.0, 0.9, 8.0, 1.2),
        ("mae", -1, 0.0, 1.1, 8.0, 0.0),
        ("mae", -1, 10.0, None, 0.0, 9.5),
        ("cost", -1, 0.0, 1.0, -8.0, 0.4),
        ("cost", -1, 0.0, 1.0, 0.0, 0.05 * 3),
        ("cost", -1, 0.0, None, 0.0, -0.05 * 3),
        ("auc", 1, 0.0, 1.0, 0.8, 0.02),
        ("r2", 1, 0.5, None, 0.0, 0.52),
        ("precision", 1, 0.01, 1.0, 0.8, 0.03),
    ],
)
def test_other_metrics_are_planned_by_a_t_test(metric, sign, target, factor, champion, shown):
    """What is worth detecting: .02 of an index or a share, of an amount 5 % of its reference, or of the spread where that is 0."""
    plan = plan_labels(Question(metric, sign, target, factor, 0.05), champion, 3.0, is_counted=False)
    assert plan.shown == pytest.approx(shown)
    margin = Question(metric, sign, target, factor, 0.05).margin(champion)
    distance = abs(shown - target) if factor is None else shown - margin
    assert plan.rows == pytest.approx(rows_for_mean(distance, 3.0, 0.05), rel=0.01)


def test_models_that_never_differed_are_planned_as_if_they_did_as_often_as_the_gain_needs():
    for margin, differ in ((0.0, 0.02), (0.01, 0.03), (-0.005, 0.015)):
        question = Question("accuracy", 1, margin, 1.0, 0.05, 0.02)
        gain = margin + 0.02 if margin >= 0 else 0.0
        plan = plan_labels(question, 0.8, 0.0, is_counted=True)
        assert plan.rows == rows_for_gain(gain, margin, differ, 0.05)


def test_a_scaled_champion_pays_for_the_bound_on_its_own_share():
    question = Question("accuracy", 1, 0.0, 1.05, 0.05)
    plan = plan_labels(question, 0.8, 0.1, is_counted=True)
    assert plan.rows == rows_for_gain(0.06, question.margin(0.8), 0.1, 0.045)


def test_detect_and_power_are_the_callers_where_given():
    question = Question("accuracy", 1, 0.0, 1.0, 0.05, 0.1)
    plan = plan_labels(question, 0.8, 0.1, is_counted=True, power=0.8)
    assert (plan.shown, plan.rows) == (0.1, rows_for_gain(0.1, 0.0, 0.1, 0.05, 0.8))

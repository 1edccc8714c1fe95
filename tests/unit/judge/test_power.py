"""The planner says how many rows the exact tests need."""

import pytest

from assay.core.sentence import parse_sentence
from assay.judge.power import critical_count, paired_power, plan_labels, rows_for_gain, rows_for_mean, rows_for_share
from assay.judge.question import question_of
from assay.judge.tails import binomial_sf


@pytest.mark.parametrize(
    "gain, margin, disagreement, delta, rows",
    [
        (0.02, 0, 0.1, 0.01, 3322),
        (0.02, 0, 0.05, 0.01, 1660),
        (0.02, 0, 0.02, 0.01, 525),
        (0.04, 0.02, 0.1, 0.01, 4481),
    ],
)
def test_the_numbers_of_the_design_come_out(gain, margin, disagreement, delta, rows):
    assert rows_for_gain(gain, margin, disagreement, delta) == rows


def test_the_planned_rows_have_the_power_and_clearly_fewer_have_not():
    rows = rows_for_gain(0.03, 0.01, 0.06, 0.05)
    assert paired_power(rows, 0.03, 0.01, 0.06, 0.05) >= 0.9
    assert paired_power(rows * 19 // 20, 0.03, 0.01, 0.06, 0.05) < 0.9
    rows = rows_for_share(0.9, 0.92, 0.01)
    assert binomial_sf(critical_count(rows, 0.9, 0.01) - 1, rows, 0.92) >= 0.9


def test_zero_disagreement_rules_out_a_loss_as_soon_as_the_bound_on_disagreement_does():
    assert rows_for_gain(0.0, -0.02, 0.0, 0.05) == 263  # 0.98**263 < .05 / 10 < 0.98**262


@pytest.mark.parametrize(
    "tries, share, delta", [(10, 0.5, 0.05), (140, 0.5, 0.01), (1000, 0.9, 1e-6), (3, 0.5, 0.01), (0, 0.5, 0.1)]
)
def test_the_critical_count_is_the_first_that_rejects(tries, share, delta):
    k = critical_count(tries, share, delta)
    assert k == tries + 1 or binomial_sf(k - 1, tries, share) <= delta
    assert binomial_sf(k - 2, tries, share) > delta


def test_what_cannot_be_shown_has_no_number():
    assert rows_for_share(1.0, 1.0, 0.05) is None
    assert rows_for_gain(1.01, 0.99, 1.0, 0.05) is None
    assert rows_for_mean(0.0, 1.0, 0.05) is None
    assert rows_for_mean(1e-9, 1.0, 0.05) is None
    assert rows_for_gain(1e-6, 0, 0.3, 0.05) is None


def test_a_t_test_needs_four_times_the_rows_for_half_the_gain_and_never_fewer_than_30():
    assert rows_for_mean(1.0, 10.0, 0.05) == 859
    assert rows_for_mean(0.5, 10.0, 0.05) == pytest.approx(4 * 859, rel=0.005)
    assert rows_for_mean(100.0, 10.0, 0.05) == 30


@pytest.mark.parametrize(
    "text, champion, shown",
    [
        ("accuracy > champion.accuracy", 0.8, 0.02),
        ("accuracy > champion.accuracy + 0.01", 0.8, 0.03),
        ("accuracy > champion.accuracy - 0.01", 0.8, 0.0),
        ("error_rate < champion.error_rate - 0.01", 0.2, 0.03),
        ("accuracy >= 0.9", 0.0, 0.92),
        ("accuracy >= 0.99", 0.0, 1.0),
        ("error_rate < 0.1", 0.0, 0.08),
        ("mae < champion.mae", 8.0, 0.4),
        ("mae < champion.mae - 1", 8.0, 1.4),
        ("mae < champion.mae + 1", 8.0, 0.0),
        ("mae < champion.mae * 0.9", 8.0, 1.2),
        ("mae < champion.mae * 1.1", 8.0, 0.0),
        ("mae <= 10", 0.0, 9.5),
    ],
)
def test_it_plans_for_margin_and_detect_or_for_equal_models_where_a_loss_is_allowed(text, champion, shown):
    assert plan_labels(question_of(parse_sentence(text), 0.05), champion, 0.05).shown == pytest.approx(shown)


def test_detect_is_the_users_where_given():
    question = question_of(parse_sentence("accuracy > champion.accuracy"), 0.05, 0.1)
    assert plan_labels(question, 0.8, 0.1).shown == 0.1

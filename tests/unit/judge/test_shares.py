"""The exact tests of shares, against scipy and against each other."""

import numpy as np
import pytest
from scipy import stats

from assay.core.sentence import parse_sentence
from assay.judge.question import question_of
from assay.judge.shares import compare_share, gain_lower, paired_p


def compared(text, only_new, only_old, both, neither, delta=0.05):
    new = np.repeat([True, False, True, False], [only_new, only_old, both, neither])
    old = np.repeat([False, True, True, False], [only_new, only_old, both, neither])
    sentence = parse_sentence(text)
    return compare_share(question_of(sentence, delta), new, old if sentence.is_relative else None)


def test_against_a_number_it_is_the_binomial_test():
    more = compared("accuracy > 0.9", 0, 0, 930, 70)
    less = compared("error_rate < 0.08", 0, 0, 70, 930)
    assert more.p_value == pytest.approx(stats.binomtest(930, 1000, 0.9, "greater").pvalue)
    assert less.p_value == pytest.approx(stats.binomtest(70, 1000, 0.08, "less").pvalue)
    exact = stats.binomtest(930, 1000).proportion_ci(0.9, "exact")
    assert more.interval == pytest.approx((exact.low, exact.high))


def test_against_the_champion_it_is_mcnemars_exact_test():
    result = compared("accuracy > champion.accuracy", 90, 50, 1700, 160)
    assert result.p_value == pytest.approx(stats.binomtest(90, 140, 0.5, "greater").pvalue)
    assert (result.challenger, result.champion) == (1790 / 2000, 1750 / 2000)
    assert result.estimate == pytest.approx(0.02)
    assert result.spread == 140 / 2000


def test_lower_is_better_gives_the_same_answer_in_the_words_of_errors():
    accuracy = compared("accuracy > champion.accuracy + 0.01", 90, 50, 1700, 160)
    error_rate = compared("error_rate < champion.error_rate - 0.01", 50, 90, 160, 1700)
    assert error_rate.p_value == accuracy.p_value
    assert error_rate.interval == pytest.approx(tuple(-end for end in reversed(accuracy.interval)))


def test_the_written_operator_is_followed_whatever_is_better():
    assert compared("accuracy < champion.accuracy", 50, 90, 1700, 160).p_value < 0.01
    assert compared("accuracy < champion.accuracy", 90, 50, 1700, 160).p_value > 0.99


@pytest.mark.parametrize("pair", [(">", ">="), ("<", "<=")])
def test_or_equal_makes_no_difference(pair):
    strict, loose = (compared(f"accuracy {sign} champion.accuracy - 0.01", 60, 40, 850, 50) for sign in pair)
    assert strict == loose


def test_identical_predictions_are_never_better_but_can_be_shown_to_be_no_worse():
    assert compared("accuracy > champion.accuracy", 0, 0, 1700, 300).p_value == 1
    assert compared("accuracy > champion.accuracy + 0.01", 0, 0, 1700, 300).p_value == 1
    assert compared("accuracy > champion.accuracy - 0.01", 0, 0, 1700, 300).p_value <= 0.05
    assert compared("accuracy > champion.accuracy - 0.01", 0, 0, 17, 3).p_value == 1


def test_with_a_margin_p_is_never_below_gamma():
    assert compared("accuracy > champion.accuracy + 0.01", 500, 0, 400, 100).p_value == pytest.approx(0.005)


@pytest.mark.parametrize("wins, losses, rows", [(60, 40, 1000), (90, 50, 2000), (5, 0, 30), (3, 17, 60), (0, 0, 50)])
@pytest.mark.parametrize("delta", [0.05, 0.01])
def test_the_interval_ends_where_the_test_stops_rejecting(wins, losses, rows, delta):
    low = gain_lower(wins, losses, rows, delta)
    for margin in (-0.3, -0.1, -0.02, 0, 0.01, 0.02, 0.1):
        if abs(margin - low) > 1e-9:
            is_rejected = paired_p(wins, losses, rows, margin, delta) <= delta
            assert is_rejected == (margin < low)


def test_a_scaled_champion_is_a_margin_that_its_own_share_decides():
    plain = compared("accuracy > champion.accuracy", 90, 50, 1700, 160)
    assert compared("accuracy > champion.accuracy * 1", 90, 50, 1700, 160) == plain
    easier = compared("accuracy > champion.accuracy * 0.99", 90, 50, 1700, 160)
    harder = compared("accuracy > champion.accuracy * 1.02", 90, 50, 1700, 160)
    assert easier.p_value < 0.05 < harder.p_value
    assert easier.interval[0] > 0 > harder.interval[0]
    assert harder.estimate == pytest.approx(1790 / 2000 - 1.02 * 1750 / 2000)

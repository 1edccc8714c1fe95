"""What a test set has left: less with each decision and each pass, and never more than delta in all."""

import math

import pytest

from assay.core.wear import Wear


def test_the_agreed_case_of_four_decisions_and_no_pass():
    assert Wear(4, 0).left(0.01) == pytest.approx(0.01 / (5 * 6) / 2)


def test_the_first_decision_leaves_a_quarter():
    assert Wear().left(0.05) == pytest.approx(0.05 / 4)


def test_the_sum_over_every_history_of_answers_is_at_most_delta():
    spent = sum(
        math.comb(decisions, passes) * Wear(decisions, passes).left(1.0)
        for decisions in range(399)
        for passes in range(decisions + 1)
    )
    assert 0.5 < spent <= 1


def test_it_is_never_0_after_many_decisions():
    assert 0 < Wear(2_000, 30).left(0.01) < 1e-30


@pytest.mark.parametrize("decisions, passes", [(0, 0), (4, 0), (27, 3), (200, 5)])
def test_what_is_left_tells_what_the_whole_was(decisions, passes):
    wear = Wear(decisions, passes)
    assert wear.whole(wear.left(0.01)) == pytest.approx(0.01, rel=1e-12)


def test_a_history_beyond_what_a_float_holds_leaves_nothing():
    assert [Wear(8_000, 400).left(0.05), Wear(10**9, 5 * 10**8).left(0.05)] == [0, 0]


@pytest.mark.parametrize("wear", [Wear(3, 5), Wear(5_000, 1_500), Wear(5_000, 2_500), Wear(10**9, 5 * 10**8)])
def test_a_history_that_cannot_be_or_is_endless_is_beyond_reckoning(wear):
    assert wear.whole(0.01) == 0

"""Broken cases are tested as a share where some may be, and counted where none may; a file's cases are what they are."""

import numpy as np
import pytest
from scipy import stats

from assay.core.sentence import parse_sentence
from assay.judge.violations import judge_violations

INVARIANT = "violations(invariant tail) <= 1%"


def judged(text, broken, cases, delta=0.05, detect=None):
    return judge_violations(parse_sentence(text), np.arange(cases) < broken, delta, detect)


@pytest.mark.parametrize("broken, cases", [(0, 299), (0, 298), (12, 4000), (30, 4000), (30, 400), (9, 400)])
@pytest.mark.parametrize("delta", [0.05, 0.01])
def test_it_is_the_binomial_test_with_the_bounds_of_clopper_and_pearson(broken, cases, delta):
    sentence = judged(INVARIANT, broken, cases, delta)
    p_value = stats.binomtest(broken, cases, 0.01, "less").pvalue
    exact = stats.binomtest(broken, cases).proportion_ci(1 - 2 * delta, "exact")
    assert sentence.p_value == pytest.approx(p_value)
    assert sentence.interval == pytest.approx((exact.low, exact.high))
    assert (sentence.verdict == "pass") == (p_value <= delta)
    assert sentence.estimate == sentence.challenger == broken / cases
    assert (sentence.rows, sentence.delta) == (cases, delta)
    assert "exact binomial" in sentence.method


def test_few_enough_broken_cases_pass_with_their_count_and_bound():
    sentence = judged(INVARIANT, 12, 4000)
    assert sentence.verdict == "pass"
    assert sentence.reason == "12 of 4,000 cases broken (0.30 %); at most 0.49 % with 95 % confidence"


def test_what_is_shown_to_be_broken_too_often_fails():
    sentence = judged(INVARIANT, 30, 400)
    assert sentence.verdict == "fail"
    assert sentence.reason == (
        "shown to be false: 30 of 400 cases broken (7.50 %); at least 5.45 % with 95 % confidence"
    )
    assert sentence.labels_more is None


def test_what_is_not_shown_by_cases_enough_fails():
    sentence = judged("violations(missing tail) <= 1%", 30, 4000)
    assert sentence.verdict == "fail"
    assert sentence.labels_more == 0
    assert "not shown: 30 of 4,000 cases broken (0.75 %)" in sentence.reason
    assert f"{sentence.labels_needed_total:,} rows are enough to show a share of 0.50 %" in sentence.reason


@pytest.mark.parametrize(
    "behaviour, rows_a_case", [("missing tail", 1), ("invariant tail", 2), ("a up, prediction up", 1)]
)
def test_too_few_cases_are_undecided_and_say_how_many_rows_more(behaviour, rows_a_case):
    sentence = judged(f"violations({behaviour}) <= 1%", 0, 200)
    assert sentence.verdict == "undecided"
    assert sentence.labels_more == sentence.labels_needed_total - 200 * rows_a_case
    cases = sentence.labels_needed_total // rows_a_case
    assert f"{sentence.labels_more:,} more rows would show a share of 0.50 %" in sentence.reason
    most = stats.binom.ppf(0.05, cases, 0.01) - 1  # the greatest count that is shown
    assert stats.binom.cdf(most, cases, 0.005) >= 0.9


def test_what_is_worth_showing_is_at_most_half_of_the_limit():
    usual = judged("violations(missing tail) <= 1%", 0, 100)
    far = judged("violations(missing tail) <= 1%", 0, 100, detect=0.02)
    near = judged("violations(missing tail) <= 1%", 0, 100, detect=0.002)
    assert usual.labels_needed_total == far.labels_needed_total < near.labels_needed_total
    assert "a share of 0.80 %" in near.reason


def test_where_none_may_be_broken_the_cases_are_counted():
    kept = judged("violations(invariant tail) <= 0", 0, 4000)
    assert (kept.verdict, kept.method, kept.p_value) == ("pass", "counted as they are", None)
    assert kept.reason == "none of 4,000 cases broken; at most 0.075 % with 95 % confidence"
    assert kept.interval == pytest.approx((0, 1 - 0.05 ** (1 / 4000)))
    broken = judged("violations(invariant tail) <= 0%", 1, 4000)
    assert broken.verdict == "fail"
    assert broken.reason.startswith("1 of 4,000 cases broken (0.025 %)")


def test_no_share_lies_below_zero():
    sentence = judged("violations(invariant tail) < 0", 0, 10)
    assert sentence.verdict == "fail"
    assert sentence.reason.endswith("no share is below 0: write <= 0")


def test_all_broken_are_not_below_all():
    assert judged("violations(missing tail) < 100%", 4, 4).verdict == "fail"


@pytest.mark.parametrize(
    "limit, broken, verdict", [("<= 0", 0, "pass"), ("<= 0", 1, "fail"), ("<= 10%", 1, "pass"), ("< 10%", 1, "fail")]
)
def test_a_file_of_cases_is_compared_as_it_is(limit, broken, verdict):
    sentence = judged(f"violations(cases tests/cases.csv) {limit}", broken, 10)
    assert sentence.verdict == verdict
    assert (sentence.p_value, sentence.interval, sentence.delta) == (None, None, None)
    assert sentence.labels_needed_total is None


def test_a_model_that_fails_on_rows_with_something_missing_is_told_so():
    sentence = judged("violations(missing tail) <= 1%", 400, 400)
    assert "400 of 400 cases broken (100.00 %), as of a model that fails on such rows" in sentence.reason


@pytest.mark.parametrize(
    "behaviour, because",
    [
        ("invariant a, b", "no two rows differ in a, b"),
        ("missing a", "no row has a value of a"),
        ("a up, prediction up", "a has fewer than two different values"),
        ("cases tests/cases.csv", "tests/cases.csv holds none"),
    ],
)
def test_where_nothing_could_be_tried_nothing_is_decided(behaviour, because):
    sentence = judged(f"violations({behaviour}) <= 0", 0, 0)
    assert sentence.verdict == "undecided"
    assert sentence.reason == f"no case could be tried: {because}"


def test_the_cases_of_a_file_that_are_broken_are_named():
    broken = np.isin(np.arange(40), [1, 6])
    said = parse_sentence("violations(cases tests/cases.csv) <= 0")
    assert (
        judge_violations(said, broken, 0.05, None).reason
        == "2 of 40 cases broken (5.00 %): cases 2, 7 of tests/cases.csv"
    )
    reason = judge_violations(said, np.arange(40) < 9, 0.05, None).reason
    assert reason.endswith(": cases 1, 2, 3, 4, 5 and 4 more of tests/cases.csv")

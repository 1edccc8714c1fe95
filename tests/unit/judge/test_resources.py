"""Latencies are tested on timed calls by counting those that take longer; sizes are compared as they are."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from assay.core.sentence import latency_share, parse_sentence
from assay.judge import least_calls, plan_calls
from assay.judge.resources import judge_latency, judge_size, percentile, percentile_bounds

SHARES = (0.5, 0.9, 0.99, 0.999)


def latency(text, ours, theirs=None, delta=0.05):
    return judge_latency(
        parse_sentence(text), np.asarray(ours), None if theirs is None else np.asarray(theirs), delta, "r2"
    )


def size(text, ours, theirs=None):
    return judge_size(parse_sentence(text), ours, theirs, "r2")


def calls(slow, total, limit=20.0):
    """So many calls beyond the limit, in no order."""
    values = np.linspace(1.0, limit, total)
    values[:slow] = limit + np.arange(1, slow + 1)
    return np.random.default_rng(0).permutation(values)


# ---- against a number ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slow, total", [(0, 299), (0, 298), (1, 473), (2, 700), (30, 1000), (9, 500)])
@pytest.mark.parametrize("delta", [0.05, 0.01])
def test_it_is_the_binomial_test_of_the_calls_that_take_longer(slow, total, delta):
    sentence = latency("latency_p99_ms <= 20", calls(slow, total), delta=delta)
    p_value = stats.binomtest(slow, total, 0.01, "less").pvalue
    assert sentence.p_value == pytest.approx(p_value)
    assert (sentence.verdict == "pass") == (p_value <= delta)
    assert (sentence.rows, sentence.delta) == (total, delta)
    assert (
        sentence.estimate
        == sentence.challenger
        == pytest.approx(np.quantile(calls(slow, total), 0.99, method="inverted_cdf"))
    )


@pytest.mark.parametrize("delta, fewest", [(0.05, 299), (0.01, 459)])
def test_without_a_slow_call_so_many_are_needed_for_p99(delta, fewest):
    assert least_calls(0.99, delta) == fewest
    assert latency("latency_p99_ms <= 20", calls(0, fewest), delta=delta).verdict == "pass"
    assert latency("latency_p99_ms <= 20", calls(0, fewest - 1), delta=delta).verdict == "undecided"


def test_a_pass_tells_the_calls_and_the_bound():
    sentence = latency("latency_p99_ms <= 20", calls(1, 600))
    assert sentence.verdict == "pass"
    assert sentence.reason == "latency_p99_ms 19.8, 1 of 600 calls beyond 20 ms; at most 20 ms with 95 % confidence"
    assert sentence.interval is not None
    assert sentence.interval[1] <= 20


def test_a_model_that_is_shown_to_be_slow_fails():
    sentence = latency("latency_p99_ms <= 20", calls(30, 600))
    assert sentence.verdict == "fail"
    assert sentence.reason.startswith("shown to be false: latency_p99_ms 44, 30 of 600 calls beyond 20 ms; at least")
    assert sentence.interval[0] > 20


def test_what_is_not_shown_by_calls_enough_fails_and_by_fewer_is_undecided():
    enough = plan_calls(0.99, 0.05)
    late = latency("latency_p99_ms <= 20", calls(3, enough))
    early = latency("latency_p99_ms <= 20", calls(3, enough - 1))
    assert (late.verdict, early.verdict) == ("fail", "undecided")
    assert f"{enough:,} calls are enough" in late.reason
    assert f"{enough:,} calls are needed to tell" in early.reason


def test_a_call_that_takes_just_so_long_is_within_a_limit_that_allows_it():
    ours = np.full(300, 20.0)
    assert latency("latency_p99_ms <= 20", ours).verdict == "pass"
    assert latency("latency_p99_ms < 20", ours).verdict == "fail"


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("delta", [0.05, 0.001])
def test_the_plan_shows_a_model_that_is_rarely_slow_nine_times_in_ten(share, delta):
    total = plan_calls(share, delta)
    most = max((k for k in range(40) if stats.binom.cdf(k, total, 1 - share) <= delta), default=-1)
    assert stats.binom.cdf(most, total, (1 - share) / 10) >= 0.9
    assert least_calls(share, delta) <= total <= 2.5 * least_calls(share, delta)


def test_no_timed_call_decides_nothing():
    assert latency("latency_p99_ms <= 20", []).verdict == "undecided"
    assert latency("latency_p99_ms <= champion.latency_p99_ms", [1.0], []).verdict == "undecided"


def test_so_few_calls_give_no_bound_and_no_infinite_number():
    sentence = latency("latency_p99_ms <= 20", calls(0, 100))
    assert sentence.interval is None
    assert "so few calls give no upper bound" in sentence.reason


# ---- percentiles -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", SHARES)
def test_a_percentile_is_one_of_the_values(share):
    for total in (1, 2, 10, 99, 100, 101, 1000):
        values = np.arange(1.0, total + 1)
        assert percentile(values, share) == np.quantile(values, share, method="inverted_cdf")


def bounds_wrong(share, total, delta):
    """How often each bound misses the percentile of uniform values: the ranks of the bounds tell, without drawing any."""
    low, high = percentile_bounds(np.arange(1.0, total + 1), share, delta)
    too_high = 0.0 if low == 0 else stats.binom.cdf(int(low) - 1, total, share)
    too_low = 0.0 if math.isinf(high) else stats.binom.sf(int(high) - 1, total, share)
    return too_high, too_low


@pytest.mark.parametrize("share, total", [*itertools.product(SHARES, (5, 30, 300, 3000))])
@pytest.mark.parametrize("delta", [0.2, 0.05, 0.001])
def test_bounds_of_a_percentile_miss_it_no_more_often_than_delta_and_are_the_narrowest(share, total, delta):
    low, high = percentile_bounds(np.arange(1.0, total + 1), share, delta)
    assert max(bounds_wrong(share, total, delta)) <= delta
    if not math.isinf(high) and high > 1:
        assert stats.binom.sf(int(high) - 2, total, share) > delta
    if low < total:
        assert stats.binom.cdf(int(low), total, share) > delta


# ---- against the champion --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair():
    draw = np.random.default_rng(5)
    return draw.lognormal(1, 0.3, 2200), draw.lognormal(1, 0.3, 2200)


@pytest.mark.parametrize(
    "right, verdict",
    [(" * 1.5", "pass"), (" + 5", "pass"), ("", "fail"), (" - 1", "fail"), (" * 0.5", "fail")],
)
def test_against_the_champion_both_percentiles_are_bounded(pair, right, verdict):
    sentence = latency(f"latency_p99_ms <= champion.latency_p99_ms{right}", *pair)
    assert sentence.verdict == verdict
    assert (sentence.p_value <= 0.05) == (verdict == "pass")
    factor = float(right.removeprefix(" * ")) if "*" in right else 1.0
    ours, theirs = (percentile_bounds(np.sort(each), 0.99, 0.025) for each in pair)
    assert sentence.interval == pytest.approx((ours[0] - factor * theirs[1], ours[1] - factor * theirs[0]))
    assert sentence.estimate == pytest.approx(sentence.challenger - factor * sentence.champion)


def test_the_p_value_is_the_level_at_which_it_would_just_be_shown(pair):
    text = "latency_p99_ms <= champion.latency_p99_ms * 1.2"
    p_value = latency(text, *pair).p_value
    assert latency(text, *pair, delta=p_value * 1.01).verdict == "pass"
    assert latency(text, *pair, delta=p_value / 1.01).verdict != "pass"


def test_the_reason_says_how_much_more_than_the_champion(pair):
    allowed = latency("latency_p99_ms <= champion.latency_p99_ms + 5", *pair)
    assert "ms more than r2 with 95 % confidence; 5 ms more is allowed" in allowed.reason
    scaled = latency("latency_p99_ms <= champion.latency_p99_ms * 1.5", *pair)
    assert "ms less than 1.5 x r2 with 95 % confidence" in scaled.reason
    refuted = latency("latency_p99_ms <= champion.latency_p99_ms * 0.5", *pair)
    assert refuted.reason.startswith("shown to be false: latency_p99_ms ")


def test_a_model_is_never_shown_to_be_quicker_than_itself(pair):
    sentence = latency("latency_p99_ms < champion.latency_p99_ms", pair[0], pair[0])
    assert sentence.verdict == "fail"
    assert sentence.p_value == 1.0


def test_few_calls_beside_a_champion_are_undecided(pair):
    ours, theirs = (each[:300] for each in pair)
    sentence = latency("latency_p99_ms <= champion.latency_p99_ms", ours, theirs)
    assert sentence.verdict == "undecided"
    assert f"{plan_calls(0.99, 0.05, is_relative=True):,} calls are needed to tell" in sentence.reason


def test_every_latency_of_the_language_can_be_planned():
    for name in ("latency_p50_ms", "latency_p99_ms", "latency_p999_ms"):
        assert plan_calls(latency_share(name), 0.05) > 0


# ---- sizes -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, ours, theirs, verdict",
    [
        ("model_size_mb <= 20", 20.0, None, "pass"),
        ("model_size_mb < 20", 20.0, None, "fail"),
        ("model_size_mb <= 20", 20.000001, 3.0, "fail"),
        ("model_size_mb <= champion.model_size_mb * 1.1", 3.3, 3.0, "pass"),
        ("model_size_mb <= champion.model_size_mb + 1", 4.1, 3.0, "fail"),
        ("model_size_mb <= champion.model_size_mb - 1", 2.0, 3.0, "pass"),
        ("model_size_mb < champion.model_size_mb", 3.0, 3.0, "fail"),
    ],
)
def test_a_size_is_compared_as_it_is(text, ours, theirs, verdict):
    sentence = size(text, ours, theirs)
    assert sentence.verdict == verdict
    assert sentence.method == "compared as it is"
    assert (sentence.p_value, sentence.delta, sentence.interval) == (None, None, None)
    assert sentence.champion == (theirs if "champion" in text else None)


def test_the_reason_of_a_size_names_both_sides():
    assert size("model_size_mb <= 20", 31.2).reason == "31.2 MB; the limit is 20 MB"
    relative = size("model_size_mb <= champion.model_size_mb * 1.1", 3.3, 3.0)
    assert relative.reason == "3.3 MB, beside 3 MB of r2; the limit is 3.3 MB"
    assert relative.estimate == 0

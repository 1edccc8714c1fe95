"""Tails over arrays agree with those of ``tails.py`` one by one, and with mpmath for more tries than those are tested for."""

import math

import mpmath
import numpy as np
import pytest

from assay.judge import array_tails, tails

DELTAS = (0.4, 0.05, 1e-4, 1e-10, 1e-200)


@pytest.fixture(scope="module")
def cases():
    """Counts, tries and shares of all sizes, from the mean to far out."""
    rng = np.random.default_rng(7)
    tries = np.floor(10 ** rng.uniform(0, 6, 1_500))
    share = rng.choice(
        [np.full(1_500, 0.5), rng.random(1_500), 10 ** rng.uniform(-9, 0, 1_500), 1 - 10 ** rng.uniform(-6, 0, 1_500)],
        1,
    )[0]
    reach = rng.choice([4, 38], 1_500) * rng.uniform(-1, 1, 1_500)
    count = np.clip(np.round(tries * share + reach * np.sqrt(tries * share * (1 - share))), -1, tries)
    return count.astype(int), tries.astype(int), share


def one_by_one(function, *columns):
    return np.array([function(*(value.item() for value in row)) for row in zip(*columns, strict=True)])


def test_tails_agree_with_those_one_by_one(cases):
    np.testing.assert_allclose(
        array_tails.log_binomial_sfs(*cases), one_by_one(tails.log_binomial_sf, *cases), rtol=1e-9, atol=1e-10
    )
    np.testing.assert_allclose(
        array_tails.binomial_sfs(*cases), one_by_one(tails.binomial_sf, *cases), rtol=1e-9, atol=1e-300
    )
    count, tries, share = cases
    np.testing.assert_allclose(
        array_tails.binomial_pmfs(np.maximum(count, 0), tries, share),
        one_by_one(tails.binomial_pmf, np.maximum(count, 0), tries, share),
        rtol=1e-9,
        atol=1e-300,
    )


@pytest.mark.parametrize("delta", DELTAS)
def test_bounds_agree_with_those_one_by_one(cases, delta):
    count, tries = np.maximum(cases[0], 0)[:300], cases[1][:300]
    for ours, reference in (
        (array_tails.share_lowers, tails.share_lower),
        (array_tails.share_uppers, tails.share_upper),
    ):
        expected = np.array([reference(k, n, delta) for k, n in zip(count.tolist(), tries.tolist(), strict=True)])
        np.testing.assert_allclose(ours(count, tries, delta), expected, rtol=1e-9)


@pytest.mark.parametrize("n, p", [(10**8, 0.5), (10**8, 1e-6), (10**7, 0.1), (30_000_000, 0.999_999)])
def test_tails_hold_for_a_hundred_million_tries(n, p):
    deviation = math.sqrt(n * p * (1 - p))
    counts = [k for k in (math.ceil(n * p + z * deviation) for z in (5, 12, 37)) if k <= n]
    ours = array_tails.log_binomial_sfs(np.array(counts) - 1, n, p)
    with mpmath.workdps(30):
        for log_tail, k in zip(ours.tolist(), counts, strict=True):
            assert log_tail == pytest.approx(float(mpmath.log(upper_tail(k, n, p))), abs=1e-9)


def upper_tail(k, n, p):
    """The probability of at least k successes: its terms summed until they no longer matter."""
    p = mpmath.mpf(p)
    odds = p / (1 - p)
    ratio, total, at = mpmath.mpf(1), mpmath.mpf(1), k
    while at < n and ratio > total * mpmath.mpf(10) ** -16:
        ratio *= odds * (n - at) / (at + 1)
        total += ratio
        at += 1
    return mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k) * total


@pytest.mark.parametrize("delta", DELTAS)
def test_a_critical_count_is_the_first_whose_tail_is_no_more_than_delta(cases, delta):
    _, tries, share = cases
    counts = array_tails.critical_counts(tries, share, delta)
    assert (array_tails.log_binomial_sfs(counts - 1, tries, share) <= math.log(delta)).all()
    assert (array_tails.log_binomial_sfs(counts - 2, tries, share) > math.log(delta)).all()


def test_critical_counts_are_those_of_a_search_through_all_counts():
    for tries in range(25):
        for share in (0.0, 0.01, 0.5, 0.8, 1.0):
            for delta in (0.3, 0.05, 1e-3):
                first = next(
                    k for k in range(tries + 2) if tails.binomial_sf(k - 1, tries, share) <= delta or k > tries
                )
                assert array_tails.critical_counts(tries, share, delta).tolist() == [first]


def test_a_share_below_nothing_is_rejected_by_whatever_was_seen():
    assert array_tails.critical_counts([0, 5], -0.1, 0.05).tolist() == [0, 0]


@pytest.mark.parametrize(
    "k, n, p, expected",
    [
        (-1, 10, 0.5, 1),
        (10, 10, 0.5, 0),
        (3, 10, 0.0, 0),
        (3, 10, 1.0, 1),
        (-1, 0, 0.5, 1),
        (0, 0, 0.5, 0),
        (-1, 3, 0.0, 1),
    ],
)
def test_the_ends_are_exact(k, n, p, expected):
    assert array_tails.binomial_sfs(k, n, p).tolist() == [expected]


def test_arguments_broadcast():
    assert array_tails.binomial_sfs([[1], [2]], 9, [0.1, 0.2, 0.3]).shape == (2, 3)

"""Our tails and quantiles agree with scipy.stats to 1e-9 relative down to 1e-15, and with mpmath below."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from assay.judge import tails

LEAST = 1e-15
TRIES = (1, 2, 7, 50, 331, 2_000, 100_000, 1_000_000)
SHARES = (1e-4, 0.01, 0.2, 0.5, 0.9, 0.999)
UPPER = (0.7, 0.5, 0.2, 0.05, 1e-2, 1e-4, 1e-8, 1e-15)
FREEDOMS = (1, 2, 3.5, 29, 499, 4_999, 1_000_000)


def counts_around_the_mean(n, p):
    reach = 8 * math.sqrt(n * p * (1 - p))
    around = {math.floor(n * p + step * reach / 8) for step in range(-8, 9)}
    return sorted({0, n} | {k for k in around if 0 <= k <= n})


BINOMIALS = [(k, n, p) for n, p in itertools.product(TRIES, SHARES) for k in counts_around_the_mean(n, p)]


def assert_agree(ours, reference):
    ours, reference = np.array(ours), np.array(reference)
    big = reference >= LEAST
    assert big.sum() > len(big) / 2
    np.testing.assert_allclose(ours[big], reference[big], rtol=1e-9)
    assert (ours[~big] < 2 * LEAST).all()


@pytest.mark.parametrize(
    "ours, reference",
    [
        (tails.binomial_sf, stats.binom.sf),
        (tails.binomial_cdf, stats.binom.cdf),
        (tails.binomial_pmf, stats.binom.pmf),
    ],
)
def test_binomial_tails_agree_with_scipy(ours, reference):
    k, n, p = (np.array(column) for column in zip(*BINOMIALS, strict=True))
    assert_agree([ours(*case) for case in BINOMIALS], reference(k, n, p))


def test_clopper_pearson_bounds_agree_with_scipy():
    cases = [(k, n, delta) for k, n, _ in BINOMIALS for delta in (0.4, 0.05, 1e-3, 1e-9)]
    k, n, delta = (np.array(column) for column in zip(*cases, strict=True))
    inner = k > 0
    lower, upper = np.zeros(len(k)), np.ones(len(k))
    lower[inner] = stats.beta.ppf(delta[inner], k[inner], n[inner] - k[inner] + 1)
    upper[k < n] = stats.beta.isf(delta[k < n], k[k < n] + 1, n[k < n] - k[k < n])
    np.testing.assert_allclose([tails.share_lower(*case) for case in cases], lower, rtol=1e-9)
    np.testing.assert_allclose([tails.share_upper(*case) for case in cases], upper, rtol=1e-9)


def test_student_t_agrees_with_scipy():
    cases = [(t, freedom) for t in np.linspace(-8, 8, 33).tolist() for freedom in FREEDOMS]
    t, freedom = (np.array(column) for column in zip(*cases, strict=True))
    assert_agree([tails.t_sf(*case) for case in cases], stats.t.sf(t, freedom))
    quantiles = [(upper, freedom) for upper in UPPER for freedom in FREEDOMS]
    upper, freedom = (np.array(column) for column in zip(*quantiles, strict=True))
    ours = [tails.t_quantile(*case) for case in quantiles]
    np.testing.assert_allclose(ours, stats.t.isf(upper, freedom), rtol=1e-9, atol=1e-12)


def test_the_normal_agrees_with_scipy():
    z = np.linspace(-8, 8, 65)
    assert_agree([tails.normal_sf(value) for value in z.tolist()], stats.norm.sf(z))
    ours = [tails.normal_quantile(upper) for upper in UPPER]
    np.testing.assert_allclose(ours, stats.norm.isf(UPPER), rtol=1e-9, atol=1e-12)


# ---- where scipy ends ------------------------------------------------------------------------------------------------------

TINY = (1e-20, 1e-60, 1e-200, 1e-300)


@pytest.fixture(autouse=True)
def thirty_digits():
    with mpmath.workdps(30):
        yield


def exact_upper_tail(k, n, p):
    """The probability of at least k successes, for k above the mean: its terms summed until they no longer matter."""
    p = mpmath.mpf(p)
    term = total = mpmath.binomial(n, k) * p**k * (1 - p) ** (n - k)
    for at in range(k, n):
        term *= p * (n - at) / ((1 - p) * (at + 1))
        total += term
        if term < total * mpmath.mpf(10) ** -25:
            break
    return total


def deep_counts(n, p):
    """Counts whose tails lie from about 1e-15 to 1e-300."""
    deviation = math.sqrt(n * p * (1 - p))
    counts = {math.ceil(n * p + z * deviation) for z in (8, 12, 20, 28, 36)} | {n}
    return sorted(k for k in counts if k <= n and k * math.log(p) + (n - k) * math.log(1 - p) > -1e5)


@pytest.mark.parametrize("n", [50, 331, 2_000, 100_000, 1_000_000])
@pytest.mark.parametrize("p", [1e-4, 0.03, 0.5, 0.9])
def test_binomial_tails_agree_with_mpmath_far_below_what_scipy_knows(n, p):
    for k in deep_counts(n, p):
        exact = exact_upper_tail(k, n, p)
        assert tails.log_binomial_sf(k - 1, n, p) == pytest.approx(float(mpmath.log(exact)), abs=1e-9)
        assert tails.log_binomial_cdf(n - k, n, 1 - p) == pytest.approx(tails.log_binomial_sf(k - 1, n, p), rel=1e-9)
        if exact > 1e-300:
            assert tails.binomial_sf(k - 1, n, p) == pytest.approx(float(exact), rel=1e-9, abs=0)


@pytest.mark.parametrize("delta", TINY)
@pytest.mark.parametrize("k, n", [(1, 1), (1, 1_000_000), (7, 10), (40, 50), (90, 2_000), (5_000, 100_000)])
def test_clopper_pearson_bounds_hold_for_tiny_deltas(k, n, delta):
    """Between a bound that is less, and one that is more by 1e-9 of it, the tail passes delta."""
    lower, upper = tails.share_lower(k, n, delta), tails.share_upper(n - k, n, delta)
    assert exact_upper_tail(k, n, lower * (1 - 1e-9)) < delta < exact_upper_tail(k, n, lower * (1 + 1e-9))
    assert upper == pytest.approx(1 - lower, rel=1e-9)


@pytest.mark.parametrize("delta", TINY)
def test_the_upper_bound_after_nothing_was_seen_is_known(delta):
    """A share so small that 1 less its complement would have lost its digits."""
    exact = -mpmath.expm1(mpmath.log(delta) / 10**7)
    assert tails.share_upper(0, 10**7, delta) == pytest.approx(float(exact), rel=1e-9, abs=0)


@pytest.mark.parametrize("upper", (*TINY, 5e-324))
def test_the_normal_quantile_holds_for_tiny_shares(upper):
    z = tails.normal_quantile(upper)
    exact = mpmath.findroot(lambda at: mpmath.log(mpmath.erfc(at / mpmath.sqrt(2)) / 2) - mpmath.log(upper), z)
    assert z == pytest.approx(float(exact), rel=1e-12)
    assert tails.log_normal_sf(z) == pytest.approx(float(mpmath.log(upper)), rel=1e-12)


@pytest.mark.parametrize("upper", TINY)
@pytest.mark.parametrize("freedom", FREEDOMS)
def test_the_t_quantile_holds_for_tiny_shares(upper, freedom):
    t = tails.t_quantile(upper, freedom)
    half = mpmath.mpf(freedom) / 2
    x = freedom / (freedom + mpmath.mpf(t) ** 2)
    exact = mpmath.betainc(half, 0.5, 0, x, regularized=True) / 2
    # by as much as rounding t itself to a float moves the tail
    assert float(mpmath.log(exact)) == pytest.approx(math.log(upper), abs=1e-9)
    assert tails.log_t_sf(t, freedom) == pytest.approx(math.log(upper), abs=1e-9)


def test_tails_stay_exact_where_a_float_would_be_zero():
    assert tails.log_binomial_sf(4_999, 5_000, 0.5) == pytest.approx(5_000 * math.log(0.5), rel=1e-12)
    assert tails.log_binomial_cdf(0, 5_000, 0.9) == pytest.approx(5_000 * math.log(0.1), rel=1e-12)
    assert tails.log_normal_sf(1_000.0) == pytest.approx(
        float(mpmath.log(mpmath.erfc(1_000 / mpmath.sqrt(2)) / 2)), rel=1e-12
    )
    x = 3 / (3 + mpmath.mpf(1e250) ** 2)
    exact = mpmath.log(mpmath.betainc(1.5, 0.5, 0, x, regularized=True) / 2)
    assert tails.log_t_sf(1e250, 3) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize(
    "value, expected",
    [
        (tails.binomial_sf(-1, 10, 0.5), 1.0),
        (tails.binomial_sf(10, 10, 0.5), 0.0),
        (tails.binomial_cdf(-1, 10, 0.5), 0.0),
        (tails.binomial_cdf(10, 10, 0.5), 1.0),
        (tails.binomial_sf(3, 10, 0.0), 0.0),
        (tails.binomial_sf(3, 10, 1.0), 1.0),
        (tails.binomial_pmf(0, 10, 0.0), 1.0),
        (tails.binomial_pmf(10, 10, 1.0), 1.0),
        (tails.binomial_pmf(0, 0, 0.3), 1.0),
        (tails.share_lower(0, 0, 0.05), 0.0),
        (tails.share_upper(0, 0, 0.05), 1.0),
        (tails.beta_quantile(0.0, 2, 3), 0.0),
        (tails.beta_quantile(1.0, 2, 3), 1.0),
        (tails.t_sf(math.inf, 5), 0.0),
        (tails.t_sf(-math.inf, 5), 1.0),
        (tails.log_binomial_sf(-1, 10, 0.5), 0.0),
        (tails.log_binomial_sf(10, 10, 0.5), -math.inf),
        (tails.log_binomial_cdf(-1, 10, 0.5), -math.inf),
        (tails.log_binomial_cdf(10, 10, 0.5), 0.0),
    ],
)
def test_the_ends_are_exact(value, expected):
    assert value == expected

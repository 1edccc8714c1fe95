"""Our tails and quantiles agree with scipy.stats to 1e-9 relative, down to 1e-15."""

import itertools
import math

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


def test_tails_stay_exact_where_a_float_would_be_zero():
    log_tail = tails.log_beta_cdf(5_000, 1, 0.5)
    assert log_tail == pytest.approx(5_000 * math.log(0.5), rel=1e-12)


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
    ],
)
def test_the_ends_are_exact(value, expected):
    assert value == expected

"""Tails and quantiles of the binomial, beta, Student's t and normal distributions, to full precision deep in the tail.

Everything rests on the logarithm of the regularised incomplete beta function: its continued fraction (Lentz's method, DLMF
8.17.22) times a leading factor in Loader's form (C. Loader, Fast and Accurate Computation of Binomial Probabilities, 2000),
in which nothing large cancels. The ``log_`` functions go on where a float would be 0. For arrays: ``array_tails.py``.
Tested to 1e-9 relative, for arguments up to 1e6: against scipy.stats for tails down to 1e-15, against mpmath for all below.
"""

import math
from collections.abc import Callable
from functools import lru_cache

MOST_KEPT = 10_000
"""Answers that are kept: the sentences of a gate ask the same of the same slices, by accuracy and error rate, for the test and its bound."""

_LOG_2PI = math.log(2 * math.pi)
_TINY = 1e-300
_ROUNDING = 1e-16
_MOST_STEPS = 1_000_000


def log_beta_cdf(a: float, b: float, x: float, y: float | None = None) -> float:
    """The log of the regularised incomplete beta function at ``x``, for ``a`` and ``b`` over 0.

    ``y`` is 1 - x, to be given where the caller knows it more precisely than a subtraction does.
    """
    y = 1 - x if y is None else y
    if x <= 0:
        return -math.inf
    if y <= 0:
        return 0.0
    if x < (a + 1) / (a + b + 2):
        return _log_lower(a, b, x, y)
    return log_complement(_log_lower(b, a, y, x))


def beta_quantile(share: float, a: float, b: float) -> float:
    """The x below which a Beta(a, b) falls with probability ``share``; ``a`` and ``b`` at least 1."""
    if share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    return _logistic(_beta_log_odds(share, a, b) if share <= 0.5 else -_beta_log_odds(1 - share, b, a))


def binomial_sf(k: int, n: int, p: float) -> float:
    """The probability of more than ``k`` successes in ``n`` tries."""
    return math.exp(log_binomial_sf(k, n, p))


def log_binomial_sf(k: int, n: int, p: float) -> float:
    """The log of ``binomial_sf``; minus infinity where that cannot be."""
    if k < 0:
        return 0.0
    return -math.inf if k >= n else log_beta_cdf(k + 1, n - k, p)


def binomial_cdf(k: int, n: int, p: float) -> float:
    """The probability of at most ``k`` successes in ``n`` tries."""
    return math.exp(log_binomial_cdf(k, n, p))


def log_binomial_cdf(k: int, n: int, p: float) -> float:
    """The log of ``binomial_cdf``; minus infinity where that cannot be."""
    if k < 0:
        return -math.inf
    return 0.0 if k >= n else log_beta_cdf(n - k, k + 1, 1 - p, p)


def binomial_pmf(k: int, n: int, p: float) -> float:
    """The probability of exactly ``k`` successes in ``n`` tries."""
    return math.exp(_log_binomial(k, n - k, p, 1 - p))


@lru_cache(MOST_KEPT)
def share_lower(k: int, n: int, delta: float) -> float:
    """The Clopper-Pearson lower bound of a share of which ``k`` in ``n`` were seen: above it only with probability delta.

    ``delta``, over 0 and at most .5, may be as small as a float can be.
    """
    return 0.0 if k == 0 else _logistic(_beta_log_odds(delta, k, n - k + 1))


@lru_cache(MOST_KEPT)
def share_upper(k: int, n: int, delta: float) -> float:
    """The Clopper-Pearson upper bound of a share; see ``share_lower``."""
    return 1.0 if k == n else _logistic(-_beta_log_odds(delta, n - k, k + 1))


def t_sf(t: float, freedom: float) -> float:
    """The probability that Student's t with so many degrees of freedom exceeds ``t``."""
    return math.exp(log_t_sf(t, freedom))


def log_t_sf(t: float, freedom: float) -> float:
    """The log of ``t_sf``."""
    if math.isinf(t):
        return -math.inf if t > 0 else 0.0
    if t < 0:
        return log_complement(log_t_sf(-t, freedom))
    scaled = t / math.sqrt(freedom)
    if scaled > _FAR:  # its square would overflow, and the tail is that of a power
        return log_t_sf(_FAR * math.sqrt(freedom), freedom) - freedom * math.log(scaled / _FAR)
    x = 1 / (1 + scaled * scaled)
    return math.log(0.5) + log_beta_cdf(freedom / 2, 0.5, x, scaled * scaled * x)


def t_quantile(upper: float, freedom: float) -> float:
    """The t that is exceeded with probability ``upper``, which lies between 0 and 1."""
    if upper > 0.5:
        return -t_quantile(1 - upper, freedom)
    target = math.log(upper)
    z = normal_quantile(upper)

    def step(t: float) -> float:
        log_sf = log_t_sf(t, freedom)
        return (target - log_sf) * math.exp(log_sf - _log_t_density(t, freedom))

    return _solve(step, math.sqrt(freedom * math.expm1(min(700.0, z * z / freedom))))


def normal_sf(z: float) -> float:
    """The probability that a standard normal exceeds ``z``."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def log_normal_sf(z: float) -> float:
    """The log of ``normal_sf``."""
    if z < 6:
        return math.log(normal_sf(z))
    fraction = z  # Laplace's continued fraction of Mills' ratio
    for part in range(60, 0, -1):
        fraction = z + part / fraction
    return -z * z / 2 - 0.5 * _LOG_2PI - math.log(fraction)


def normal_quantile(upper: float) -> float:
    """The z that is exceeded with probability ``upper``, which lies between 0 and 1."""
    if upper > 0.5:
        return -normal_quantile(1 - upper)
    target = math.log(upper)

    def step(z: float) -> float:
        log_sf = log_normal_sf(z)
        return (target - log_sf) * math.exp(log_sf + z * z / 2 + 0.5 * _LOG_2PI)

    return _solve(step, math.sqrt(max(0.0, -2 * target - 1.4)))


def log_complement(log_p: float) -> float:
    """log(1 - p), from log p."""
    if log_p >= 0:
        return -math.inf
    return math.log(-math.expm1(log_p)) if log_p > -0.7 else math.log1p(-math.exp(log_p))


def stirling_error(z: float) -> float:
    """log z! less Stirling's formula, for z over 0."""
    if z < 16:
        return math.lgamma(z + 1) - (z + 0.5) * math.log(z) + z - 0.5 * _LOG_2PI
    s = 1 / (z * z)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))) / z


_FAR = 1e100


def _beta_log_odds(share: float, a: float, b: float) -> float:
    """The log odds of the x below which a Beta(a, b) falls with probability ``share``, at most .5.

    The log of the distribution function is concave in the log odds, and straight far down, so Newton's method finds its way.
    """
    target = math.log(share)

    def step(log_odds: float) -> float:
        x, y = _logistic(log_odds), _logistic(-log_odds)
        log_cdf = log_beta_cdf(a, b, x, y)
        return (log_cdf - target) * math.exp(log_cdf - _log_odds_density(a, b, x, y))

    return _solve(step, _log_odds_guess(share, a, b), 1e-6 * math.sqrt(1 / a + 1 / b))


def _log_odds_guess(share: float, a: float, b: float) -> float:
    """The normal approximation to the log odds of a beta, with the first term for skewness (Cornish and Fisher) where it is small."""
    z = normal_quantile(share)
    a, b = a - 0.5, b - 0.5
    deviation = math.sqrt(1 / a + 1 / b)
    skewed = (z * z - 1) * (1 / b**2 - 1 / a**2) / (6 * deviation**3)
    return math.log(a / b) - deviation * (z - skewed if abs(skewed) < 0.5 else z)


def _logistic(log_odds: float) -> float:
    if log_odds >= 0:
        return 1 / (1 + math.exp(-log_odds))
    odds = math.exp(log_odds)
    return odds / (1 + odds)


def _log_lower(a: float, b: float, x: float, y: float) -> float:
    """log I_x(a, b) for x below about the mean, where the continued fraction is quick and all its terms help."""
    return _log_binomial(a, b, x, y) + math.log(b / (a + b)) + math.log(_fraction(a, b, x))


def _fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function; takes about sqrt(max(a, b)) steps.

    A gate spends much of its time here, so what must not be 0 is kept off it without a call.
    """
    c = 1.0
    d = 1 / ((1 - (a + b) * x / (a + 1)) or _TINY)
    value = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d = 1 / ((1 + even * d) or _TINY)
        c = (1 + even / c) or _TINY
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 / ((1 + odd * d) or _TINY)
        c = (1 + odd / c) or _TINY
        value *= d * c
        if abs(d * c - 1) <= 10 * _ROUNDING:
            return value
    raise ArithmeticError(f"the incomplete beta function does not converge at a={a}, b={b}, x={x}")


def _log_binomial(k: float, rest: float, p: float, q: float) -> float:
    """The log of p^k q^rest (k + rest)! / (k! rest!), also between the whole numbers, with q = 1 - p."""
    if p <= 0 or q <= 0:
        return 0.0 if (k if p <= 0 else rest) == 0 else -math.inf
    n = k + rest
    if k == 0:
        return n * math.log1p(-p) if p < 0.5 else n * math.log(q)
    if rest == 0:
        return n * math.log1p(-q) if q < 0.5 else n * math.log(p)
    corrections = stirling_error(n) - stirling_error(k) - stirling_error(rest)
    return corrections - _deviance(k, n * p) - _deviance(rest, n * q) - 0.5 * (_LOG_2PI + math.log(k * (rest / n)))


def _log_odds_density(a: float, b: float, x: float, y: float) -> float:
    """The log of the density of a Beta(a, b) over its log odds, where they are log(x / y)."""
    return _log_binomial(a, b, x, y) + math.log(a) + math.log(b / (a + b))


def _deviance(seen: float, expected: float) -> float:
    """seen * log(seen / expected) + expected - seen, also where the two are close."""
    gap = seen - expected
    if abs(gap) >= 0.1 * (seen + expected):
        return seen * math.log(seen / expected) - gap
    ratio = gap / (seen + expected)
    total, power, n = gap * ratio, 2 * seen * ratio, 1
    while True:
        power *= ratio * ratio
        term = power / (2 * n + 1)
        if abs(term) <= abs(total) * _ROUNDING:
            return total
        total += term
        n += 1


def _log_t_density(t: float, freedom: float) -> float:
    half = freedom / 2
    # Gamma(half + 1/2) / (Gamma(half) sqrt(half)): by lgamma its digits would cancel for large freedom, by a series not.
    if half > 1e3:
        ratio = -1 / (8 * half) + 1 / (192 * half**3)
    else:
        ratio = math.lgamma(half + 0.5) - math.lgamma(half) - 0.5 * math.log(half)
    scaled = t / math.sqrt(freedom)
    spread = math.log1p(scaled * scaled) if scaled < _FAR else 2 * math.log(scaled)
    return ratio - 0.5 * _LOG_2PI - (half + 0.5) * spread


def _solve(step: Callable[[float], float], start: float, close: float = 1e-9) -> float:
    """Where Newton's method comes to rest; ``step`` is what it subtracts. The one after a step of ``close`` would be about the
    square of that."""
    x = start
    for _ in range(200):
        change = step(x)
        x -= change
        if abs(change) <= close * max(1.0, abs(x)):
            return x
    return x

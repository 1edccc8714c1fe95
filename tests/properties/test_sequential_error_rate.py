"""Sequential tests keep their error probability under constant looking, and find what is there.

Fixed seeds; limits leave four standard errors of the simulation. ``bench/sequential.py`` prints fuller tables.
"""

import math

import numpy as np
import pytest

from assay.judge.sequential import (
    MeanAbove,
    MeanRise,
    RateRise,
    ShareAbove,
    canary_is_not_worse,
    canary_is_worse,
    share_of_slow,
)

ALPHA = 0.05


def room(share, runs):
    return 4 * math.sqrt(share * (1 - share) / runs)


def boundary(test, rows, alpha):
    """For each number of rows from 1, the least count that shows it."""
    counts, count = [], 0
    for n in range(1, rows + 1):
        while count <= n and ShareAbove(test.share, test.prior_a, test.prior_b, count, n).log_e < -math.log(alpha):
            count += 1
        counts.append(count)
    return np.array(counts)


def first_shown(hits, limits):
    """For each stream, after how many observations it is shown, looked at after each; infinity for never."""
    shown = np.cumsum(hits, axis=1) >= limits
    return np.where(shown.any(axis=1), shown.argmax(axis=1) + 1.0, math.inf)


def test_pairs_of_equal_models_are_told_apart_no_more_often_than_is_said():
    rng = np.random.default_rng(1)
    streams = rng.random((4_000, 1_500)) < 0.5
    shown = first_shown(streams, boundary(ShareAbove(0.5), 1_500, ALPHA)) < math.inf
    assert 0.01 < shown.mean() <= ALPHA + room(ALPHA, len(shown))


def test_pairs_of_unequal_models_are_told_apart_soon():
    rng = np.random.default_rng(2)
    streams = rng.random((500, 1_500)) < 0.65
    found = first_shown(streams, boundary(ShareAbove(0.5), 1_500, 0.01))
    assert np.median(found) < 200
    assert (found < math.inf).all()


def test_a_latency_on_its_budget_is_blamed_no_more_often_than_is_said():
    rng = np.random.default_rng(3)
    limits = boundary(share_of_slow(0.01), 4_000, ALPHA)
    at_budget = first_shown(rng.random((1_000, 4_000)) < 0.01, limits)
    over = first_shown(rng.random((300, 4_000)) < 0.03, limits)
    assert (at_budget < math.inf).mean() <= ALPHA + room(ALPHA, 1_000)
    assert np.median(over) < 400


def canary(rng, share, requests=4_000):
    """Harm of a canary less that of nine stable requests, whose share is .01."""
    return (rng.random(requests) < share) * 1.0 - rng.binomial(9, 0.01, requests) / 9


@pytest.mark.parametrize(
    "test, draw",
    [
        (canary_is_worse(), lambda rng: canary(rng, 0.01)),
        (canary_is_not_worse(0.01), lambda rng: -canary(rng, 0.02)),
        (MeanAbove(0.02), lambda rng: (rng.random(2_000) < 0.02) * 1.0),
        (MeanAbove(0.5), lambda rng: rng.random(2_000)),
    ],
    ids=["canary worse", "canary not worse", "rare", "even"],
)
def test_means_on_their_target_are_said_to_be_above_no_more_often_than_is_said(test, draw):
    rng = np.random.default_rng(4)
    shown = [test.update(draw(rng)).is_shown(ALPHA) for _ in range(400)]
    assert np.mean(shown) <= ALPHA + room(ALPHA, len(shown))


def test_a_bad_canary_is_found_and_a_good_one_let_in():
    rng = np.random.default_rng(5)
    assert np.mean([canary_is_worse().update(canary(rng, 0.03, 1_200)).is_shown(0.01) for _ in range(100)]) > 0.9
    assert np.mean([canary_is_not_worse(0.01).update(-canary(rng, 0.01)).is_shown(0.01) for _ in range(100)]) > 0.9


def run_length(detector, draw, threshold, most):
    """The number of batches to the first alarm, counted up to ``most``."""
    for batch in range(1, most + 1):
        detector = detector.update(*draw())
        if detector.is_alarmed(threshold):
            return batch
    return most


@pytest.mark.parametrize("kind", ["rate", "mean"])
def test_without_a_rise_an_alarm_comes_no_sooner_than_is_said_on_average(kind):
    rng = np.random.default_rng(6)
    if kind == "rate":
        detector, draw = RateRise(0.2), lambda: (int(rng.binomial(50, 0.2)), 50)
    else:
        detector, draw = MeanRise(0.5), lambda: (rng.random(20),)
    runs = [run_length(detector, draw, 25, 150) for _ in range(150)]
    assert np.mean(runs) >= 25


def test_a_rise_is_found_within_days():
    rng = np.random.default_rng(7)
    quiet = RateRise(0.2)
    for _ in range(30):
        quiet = quiet.update(int(rng.binomial(1_000, 0.2)), 1_000)
    delays = [run_length(quiet, lambda: (int(rng.binomial(1_000, 0.24)), 1_000), 1_000, 30) for _ in range(100)]
    assert np.median(delays) <= 3

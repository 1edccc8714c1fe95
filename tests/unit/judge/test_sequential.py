"""Sequential tests as values: exact formulas, the same state in any batching, and states that can be kept."""

import math

import msgspec
import numpy as np
import pytest
from scipy import integrate, stats

from assay.judge.sequential import (
    MeanAbove,
    MeanRise,
    PairsDiffer,
    RateRise,
    ShareAbove,
    canary_is_not_worse,
    canary_is_worse,
    share_of_slow,
)

Test = ShareAbove | PairsDiffer | MeanAbove | RateRise | MeanRise


@pytest.fixture
def rng():
    return np.random.default_rng(0)


# ---- shares ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count, rows", [(0, 1), (1, 1), (7, 10), (60, 100), (310, 1_000), (2_000, 2_000)])
def test_evidence_on_pairs_is_the_average_likelihood_ratio_to_the_last_digit(count, rows):
    """By whole numbers: with a flat prior over 1/2..1 the average is a sum of binomial coefficients."""
    above = sum(math.comb(rows + 1, j) for j in range(count + 1))
    exact = math.log(above) - math.log(rows + 1) - math.log(math.comb(rows, count))
    assert ShareAbove(0.5).update(count, rows).log_e == pytest.approx(exact, rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("share, a, b, count, rows", [(0.01, 1, 30, 5, 200), (0.2, 2, 3, 40, 120), (0.9, 1, 1, 30, 40)])
def test_evidence_on_a_share_is_the_average_likelihood_ratio(share, a, b, count, rows):
    prior = stats.beta(a, b)

    def ratio(p):
        return prior.pdf(p) / prior.sf(share) * (p / share) ** count * ((1 - p) / (1 - share)) ** (rows - count)

    expected = integrate.quad(ratio, share, 1, points=[max(share, count / rows)], epsrel=1e-11)[0]
    assert ShareAbove(share, a, b).update(count, rows).log_e == pytest.approx(math.log(expected), abs=1e-8)


def test_a_million_rows_keep_their_digits():
    """Far above, the average likelihood ratio is nearly the greatest one; its curvature is known (Laplace)."""
    count, rows = 600_000, 1_000_000
    greatest = count * math.log(0.6 / 0.5) + (rows - count) * math.log(0.4 / 0.5)
    width = math.sqrt(2 * math.pi * 0.6 * 0.4 / rows)
    assert ShareAbove(0.5).update(count, rows).log_e == pytest.approx(greatest + math.log(2 * width), abs=1e-5)


def test_counts_give_the_same_evidence_in_any_batching_and_order(rng):
    hits = rng.random(300) < 0.7
    one_by_one = ShareAbove(0.5)
    for hit in hits:
        one_by_one = one_by_one.update(int(hit))
    at_once = ShareAbove(0.5).update(int(hits.sum()), len(hits))
    assert (one_by_one.count, one_by_one.rows, one_by_one.log_e) == (at_once.count, at_once.rows, at_once.log_e)
    assert one_by_one.peak >= at_once.peak == at_once.log_e


def test_what_was_shown_stays_shown():
    shown = ShareAbove(0.5).update(30, 30)
    later = shown.update(0, 100)
    assert later.log_e < 0 < later.peak
    assert (later.p_value, later.is_shown(0.01)) == (shown.p_value, True)


def test_pairs_point_to_the_better_or_the_worse():
    better, worse = PairsDiffer("better").update(40, 10), PairsDiffer("worse").update(40, 10)
    assert better.is_shown(0.01)
    assert better.p_value < 0.01
    assert better.log_e == PairsDiffer("worse").update(10, 40).log_e > 0 > worse.log_e
    assert worse.p_value == 1.0


def test_slow_requests_are_found_out():
    assert not share_of_slow(0.01).update(4, 400).is_shown(0.01)
    assert share_of_slow(0.01).update(20, 400).is_shown(0.01)


# ---- means -----------------------------------------------------------------------------------------------------------------


def test_wealth_is_what_the_bets_have_won():
    test = MeanAbove(0.5).update(np.array([1.0, 0.0, 0.75]))
    stakes = np.array([0.95, 0.5, 0.25, 0.1, 0.03, 0.01, 0.003, 0.001])
    starts = np.array([0.25, 0.3, 0.18, 0.1, 0.06, 0.05, 0.04, 0.02])
    wealth = starts @ ((1 + stakes) * (1 - stakes) * (1 + stakes / 2))
    assert starts.sum() == pytest.approx(1)
    assert test.log_e == pytest.approx(math.log(wealth))
    assert test.peak == pytest.approx(math.log(starts @ (1 + stakes)))
    assert test.p_value == pytest.approx(1 / (starts @ (1 + stakes)))


def test_values_give_the_same_state_in_any_batching(rng):
    values = rng.uniform(-1, 1, 500)
    at_once = canary_is_worse().update(values)
    in_parts = canary_is_worse()
    for part in np.split(values, [1, 2, 40, 40, 333]):
        in_parts = in_parts.update(part)
    one_by_one = canary_is_worse()
    for value in values.tolist():
        one_by_one = one_by_one.update(value)
    for other in (in_parts, one_by_one):
        assert other.rows == at_once.rows == 500
        assert other.log_wealths == pytest.approx(at_once.log_wealths, abs=1e-12)
        assert other.peak == pytest.approx(at_once.peak, abs=1e-12)


def test_the_order_of_values_matters_to_the_peak_alone(rng):
    values = rng.random(200)
    forward, sorted_down = MeanAbove(0.5).update(values), MeanAbove(0.5).update(np.sort(values)[::-1])
    assert sorted_down.log_e == pytest.approx(forward.log_e, abs=1e-12)
    assert sorted_down.peak > forward.peak


def test_a_canary_is_worse_not_worse_or_neither(rng):
    harm = (rng.random(4_000) < 0.05) * 1.0
    equal, harmful = (rng.random(4_000) < 0.05) * 1.0, (rng.random(4_000) < 0.1) * 1.0
    assert canary_is_worse().update(harmful - harm).is_shown(0.01)
    assert not canary_is_worse().update(equal - harm).is_shown(0.01)
    assert not canary_is_worse(by=0.1).update(harmful - harm).is_shown(0.01)
    assert canary_is_not_worse(0.03).update(harm - equal).is_shown(0.01)
    assert not canary_is_not_worse(0.03).update(harm - harmful).is_shown(0.01)


# ---- decay -----------------------------------------------------------------------------------------------------------------


def test_the_detector_is_shiryaev_and_roberts_statistic():
    test = RateRise(0.2).update(30, 100).update(25, 100).update(18, 100)
    sums = np.zeros(6)
    odds = np.array([1.05, 1.1, 1.2, 1.5, 2.0, 4.0])
    risen = odds * 0.2 / (0.8 + odds * 0.2)
    history = []
    for count in (30, 25, 18):
        sums = (sums + 1) * (risen / 0.2) ** count * ((1 - risen) / 0.8) ** (100 - count)
        history.append(sums.mean())
    assert test.log_e == pytest.approx(math.log(history[-1]))
    assert test.peak == pytest.approx(math.log1p(max(history)))
    assert test.is_alarmed(max(history) - 1e-6)
    assert not test.is_alarmed(max(history) + 1e-6)
    assert (test.batches, test.rows) == (3, 300)


def test_nothing_is_seen_before_the_first_batch():
    assert RateRise(0.2).log_e == MeanRise(0.2).log_e == -math.inf
    assert RateRise(0.2).update(0, 0) == RateRise(0.2)
    assert MeanRise(0.2).update(np.array([])) == MeanRise(0.2)
    assert MeanAbove(0.2).update(np.array([])) == MeanAbove(0.2)


def test_the_order_in_a_batch_does_not_matter_but_batches_do(rng):
    values = rng.random(300)
    one = MeanRise(0.45).update(values)
    assert MeanRise(0.45).update(np.sort(values)).log_e == pytest.approx(one.log_e, abs=1e-9)
    assert MeanRise(0.45).update(values[:150]).update(values[150:]).log_e > one.log_e


def test_a_long_quiet_time_does_not_hide_a_rise(rng):
    """A test from the start would have lost its wealth by then."""
    quiet = MeanRise(0.5)
    for _ in range(300):
        quiet = quiet.update(rng.random(100))
    assert not quiet.is_alarmed(5_000)
    risen = quiet
    for _ in range(4):
        risen = risen.update(np.sqrt(rng.random(100)))
    assert risen.is_alarmed(5_000)


# ---- all -------------------------------------------------------------------------------------------------------------------

STATES = [
    PairsDiffer("worse").update(9, 30),
    share_of_slow(0.01).update(3, 50),
    canary_is_worse().update(np.linspace(-1, 1, 7)),
    RateRise(0.1).update(4, 20),
    MeanRise(2.0, 0.0, 10.0).update(3.0),
    *(ShareAbove(0.5), MeanAbove(0.5), RateRise(0.5), MeanRise(0.5)),
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: type(state).__name__)
@pytest.mark.parametrize("form", [msgspec.json, msgspec.msgpack], ids=lambda form: form.__name__)
def test_a_state_can_be_kept_and_taken_up_again(state, form):
    assert form.decode(form.encode(state), type=Test) == state


@pytest.mark.parametrize(
    "mistaken, match",
    [
        (lambda: ShareAbove(1.0), "a share to be above must lie between 0 and 1, not 1.0"),
        (lambda: RateRise(0.0), "a baseline must lie between 0 and 1, not be 0.0"),
        (lambda: MeanAbove(2.0), "a target must lie between 0 and 1, not be 2.0"),
        (lambda: MeanRise(-1.0, -1.0, 1.0), "a baseline must lie between -1 and 1, not be -1.0"),
        (lambda: ShareAbove(0.5).update(3, 2), "3 of 2 rows cannot be"),
        (lambda: RateRise(0.5).update(-1, 2), "-1 of 2 rows cannot be"),
        (lambda: MeanAbove(0.5).update(math.nan), "1 of 1 values lie outside 0 to 1"),
        (lambda: MeanRise(0.5).update(np.array([0.5, 1.5])), "1 of 2 values lie outside 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused(mistaken, match):
    with pytest.raises(ValueError, match=match):
        mistaken()

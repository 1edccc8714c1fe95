"""How often the betting test shows what is so, computed, against the test itself on rows that are drawn."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.wear import Wear
from assay.judge.betting import betting_p
from assay.judge.betting_power import Shape, beta_skewness, betting_power
from assay.judge.plan import Known, plan_sentence
from assay.judge.power import rows_for_bet, rows_for_mean, smallest_bet_shown

TRIES = 300
WORLDS = {
    "even": (lambda rng, n: rng.random(n), 0.5, 12**-0.5, 1.8),
    "mostly 1": (lambda rng, n: (rng.random(n) < 0.8) * 1.0, 0.8, 0.4, 3.25),
    "skewed": (lambda rng, n: rng.beta(0.3, 2, n), 0.3 / 2.3, (0.6 / 2.3**2 / 3.3) ** 0.5, 6.1),
}


@pytest.mark.parametrize("delta", [1e-5, 1e-8])
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("name", WORLDS)
def test_the_planned_rows_are_shown_nine_times_in_ten(name, sign, delta):
    """Within two points and three standard errors of so few sets."""
    draw, mean, spread, kurtosis = WORLDS[name]
    distance, rng = 0.15 * spread, np.random.default_rng(12)
    shape = Shape(spread, sign * beta_skewness(mean, spread), kurtosis)
    rows = rows_for_bet(distance, shape, delta)
    low, high = sorted((0, sign))
    shown = [betting_p(sign * draw(rng, rows), sign * mean - distance, low, high) <= delta for _ in range(TRIES)]
    assert 0.88 - 0.052 <= np.mean(shown) <= 0.92 + 0.052


def test_power_grows_with_rows_and_falls_with_the_error_probability():
    shape = Shape(0.2)
    assert betting_power(2_000, 0.02, shape, 1e-5) > betting_power(1_000, 0.02, shape, 1e-5)
    assert betting_power(1_000, 0.02, shape, 1e-5) > betting_power(1_000, 0.02, shape, 1e-8)
    assert rows_for_bet(0.0, shape, 1e-5) is None
    assert rows_for_bet(0.02, Shape(0.0), 1e-5) > 2


def test_what_rows_would_show_takes_so_many():
    shape = Shape(0.2)
    distance = smallest_bet_shown(2_000, shape, 1e-6)
    assert rows_for_bet(distance, shape, 1e-6) == pytest.approx(2_000, rel=0.01)
    assert smallest_bet_shown(1, shape, 1e-6) is None


@pytest.mark.parametrize("text", ["brier < champion.brier", "brier < 0.2", "f1 > 0.8"])
def test_a_worn_test_set_is_planned_by_the_test_that_the_gate_will_use(text):
    """Betting takes more rows than the t test would, which is not trusted there."""
    sentence, known = parse_sentence(text), Known(spread=0.3)
    plan = plan_sentence(sentence, GateAction(None, (sentence,), detect=0.02), known, Wear(20, 3), rows=10_000)
    assert rows_for_mean(0.02, 0.3, plan.delta) < plan.rows < 2 * rows_for_mean(0.02, 0.3, plan.delta)
    assert plan.would_show is not None

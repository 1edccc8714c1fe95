"""Sentences about behaviour and latency err no more often than they say, also where a model leans on rare values."""

import functools

import numpy as np
import pytest
from scipy import stats

from assay.core.sentence import Behaviour, parse_sentence
from assay.judge import variant_of
from assay.judge.resources import judge_latency, percentile_bounds
from assay.judge.violations import judge_violations

ROUNDS = 2000
LEANS_ON = Behaviour("invariant", ("tail",))


@functools.cache
def passes(broken, cases, limit, delta):
    sentence = parse_sentence(f"violations(invariant tail) <= {limit}")
    return judge_violations(sentence, np.arange(cases) < broken, delta, None).verdict == "pass"


def broken_where_rare_tails_matter(draw, rows, rare):
    """How often a model that answers a rare tail number otherwise breaks its invariance; every row has a tail of its own."""
    is_rare = draw.random(rows) < rare
    variant = variant_of(LEANS_ON, {"tail": np.arange(rows)}, seed=int(draw.integers(2**32)))
    return is_rare[variant.rows] != is_rare[variant.columns["tail"]]


def passed(draw, rows, rare, limit, delta):
    tried = (broken_where_rare_tails_matter(draw, rows, rare) for _ in range(ROUNDS))
    return np.mean([passes(int(each.sum()), len(each), limit, delta) for each in tried])


def most(delta):
    """What a simulation may show of an error rate of ``delta``."""
    return delta + 4 * np.sqrt(delta * (1 - delta) / ROUNDS)


@pytest.mark.parametrize("rows", [600, 2000])
@pytest.mark.parametrize("delta", [0.2, 0.05])
@pytest.mark.parametrize("limit", [0.01, 0.05])
def test_a_model_that_breaks_its_invariance_too_often_passes_no_more_often_than_delta(rows, delta, limit):
    rare = (1 - np.sqrt(1 - 2 * limit)) / 2  # two rows differ with probability limit
    assert passed(np.random.default_rng(11), rows, rare, limit, delta) <= most(delta)


def test_values_that_were_exchanged_among_the_cases_would_let_it_pass_far_more_often():
    """Why half of the rows give their values and are not tried: a rare value among the cases is counted twice, or not at all."""
    draw, rows, limit, delta = np.random.default_rng(12), 300, 0.01, 0.05
    wrong = 0
    for _ in range(ROUNDS):
        is_rare = draw.random(rows) < limit / 2
        wrong += passes(int((is_rare != is_rare[draw.permutation(rows)]).sum()), rows, limit, delta)
    assert wrong / ROUNDS > 3 * delta


def test_a_model_that_keeps_its_invariance_passes_where_the_rows_are_as_many_as_were_asked_for():
    short = judge_violations(parse_sentence("violations(invariant tail) <= 2%"), np.zeros(50, bool), 0.05, None)
    rare = (1 - np.sqrt(1 - 2 * 0.01)) / 2
    assert passed(np.random.default_rng(13), short.labels_needed_total, rare, 0.02, 0.05) >= 0.88


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("calls", [20, 300, 700])
@pytest.mark.parametrize("delta", [0.2, 0.05, 0.01])
def test_a_model_that_is_too_slow_passes_no_more_often_than_delta(share, calls, delta):
    """Summed over every number of slow calls, so exact."""
    sentence = parse_sentence(f"latency_p{100 * share:.0f}_ms <= 20")
    probabilities = stats.binom.pmf(np.arange(calls + 1), calls, 1 - share)
    error = 0.0
    for slow, probability in enumerate(probabilities.tolist()):
        ours = np.repeat([10.0, 30.0], [calls - slow, slow])
        if judge_latency(sentence, ours, None, delta, "r2").verdict != "pass":
            break
        error += probability
    assert error <= delta


@pytest.mark.parametrize("share", [0.5, 0.9])
def test_a_model_that_is_as_quick_as_the_champion_is_shown_to_be_quicker_no_more_often_than_delta(share):
    draw, delta, calls = np.random.default_rng(14), 0.2, 200
    low, high = (int(rank) for rank in percentile_bounds(np.arange(float(calls)), share, delta / 2))
    both = np.sort(draw.exponential(size=(ROUNDS, 2, calls)))
    assert np.mean(both[:, 0, high] < both[:, 1, low]) <= delta

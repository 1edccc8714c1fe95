"""Every form of observation has a value, and pulls of rows that explain it."""

import math

import numpy as np
import pytest

from assay.judge.observe import Averaged, Counted, Linearised, Ratio, Rooted, UndefinedMetric, linearised, value_of

BOOLS = np.array([True, False, True, True, False])
AMONG = np.array([True, True, True, True, False])
FLOATS = np.array([0.5, 2.0, 1.0, 4.0, 0.0])
BELOW = np.array([1.0, 2.0, 1.5, 5.0, 1.0])

FORMS = [
    (Counted(BOOLS), 0.6, lambda w: w @ BOOLS / w.sum()),
    (Counted(BOOLS, AMONG), 0.75, lambda w: w @ BOOLS / (w @ AMONG)),
    (Averaged(FLOATS), 1.5, lambda w: w @ FLOATS / w.sum()),
    (Rooted(FLOATS), math.sqrt(1.5), lambda w: math.sqrt(w @ FLOATS / w.sum())),
    (Ratio(FLOATS, BELOW), 7.5 / 10.5, lambda w: w @ FLOATS / (w @ BELOW)),
]
IDS = ["counted", "counted among", "averaged", "rooted", "ratio"]


@pytest.mark.parametrize("observed, value, weighted", FORMS, ids=IDS)
def test_the_value_is_what_the_form_says(observed, value, weighted):
    assert value_of(observed) == pytest.approx(value)
    assert linearised(observed).value == value_of(observed)


@pytest.mark.parametrize("observed, value, weighted", FORMS, ids=IDS)
def test_a_pull_is_by_how_much_the_value_moves_when_a_row_weighs_more(observed, value, weighted):
    for at, pull in enumerate(linearised(observed).influence):
        weights = np.full(5, (1 - 1e-6) / 5)
        weights[at] += 1e-6
        assert (weighted(weights) - value) / 1e-6 == pytest.approx(pull, abs=1e-4)


@pytest.mark.parametrize("observed, value, weighted", FORMS, ids=IDS)
def test_pulls_cancel_out_in_every_form(observed, value, weighted):
    assert linearised(observed).influence.mean() == pytest.approx(0, abs=1e-15)


def test_what_is_linearised_already_stays_as_it_is():
    observed = Linearised(0.7, np.array([0.1, -0.1]))
    assert linearised(observed) is observed


def test_no_error_at_all_pulls_nowhere():
    assert linearised(Rooted(np.zeros(3))).influence.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    "observed, cause",
    [
        (Counted(BOOLS[:0]), "there are no labelled rows"),
        (Averaged(FLOATS[:0]), "there are no labelled rows"),
        (Rooted(FLOATS[:0]), "there are no labelled rows"),
        (Ratio(FLOATS[:0], FLOATS[:0]), "there are no labelled rows"),
        (Counted(~AMONG & BOOLS, AMONG & False), "none of the rows is one that it speaks of"),
        (Counted(~AMONG & BOOLS, AMONG & False, is_among_fixed=False), "no row is predicted positive"),
        (Ratio(FLOATS * 0, BELOW * 0), "all that it would be divided by is 0"),
    ],
)
def test_where_there_is_no_value_the_cause_is_named(observed, cause):
    with pytest.raises(UndefinedMetric, match=cause):
        value_of(observed)
    with pytest.raises(UndefinedMetric, match=cause):
        linearised(observed)


def test_a_ratio_without_known_pairs_has_no_range():
    assert Ratio(FLOATS, BELOW).range_of(0.5) == (-math.inf, math.inf)
    assert Ratio(FLOATS, BELOW, ((2, 2), (0, 1), (0, 0))).range_of(0.5) == (-0.5, 1.0)

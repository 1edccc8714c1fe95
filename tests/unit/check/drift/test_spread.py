"""How both sides of a number are spread, in bins few enough to be drawn."""

import numpy as np
import pytest

from assay.check.drift import Counts, NumberColumn, bin_counts, edges_of
from assay.check.drift.counts import Floats
from assay.check.drift.spread import MOST_DRAWN, spread


def column(before: Floats, now: Floats) -> NumberColumn:
    edges = edges_of(before)
    sides = (bin_counts(side, edges) for side in (before, now))
    return NumberColumn("v", edges, *(Counts(bins[None, :], np.array([nulls])) for bins, nulls in sides))


def test_few_values_keep_a_bin_each() -> None:
    found = spread(column(np.array([1.0, 1, 2, 3]), np.array([3.0, 3, 3, 9])))
    assert found is not None
    assert found.is_whole
    assert (found.edges, found.before, found.now) == ((1, 2, 3), (0.5, 0.25, 0.25, 0), (0, 0, 0.75, 0.25))


def test_many_values_share_bins_of_one_width_and_lose_none() -> None:
    draw = np.random.default_rng(1)
    found = spread(column(draw.normal(0, 1, 20_000), draw.normal(1, 1, 20_000)))
    assert found is not None
    assert len(found.before) == MOST_DRAWN
    assert sum(found.before) == pytest.approx(1, abs=1e-4)
    assert np.diff(found.edges) == pytest.approx(np.diff(found.edges)[0], rel=1e-3)
    assert found.before[0] > found.now[0]
    assert found.now[-1] > found.before[-1]


def test_what_left_the_reference_altogether_lies_in_the_last_bin() -> None:
    found = spread(column(np.arange(1000.0), np.arange(5000.0, 6000.0)))
    assert found is not None
    assert found.now[-1] == 1


def test_a_side_without_values_gives_no_picture() -> None:
    assert spread(column(np.arange(100.0), np.array([np.nan]))) is None

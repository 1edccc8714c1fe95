"""The exact tail agrees with scipy's wherever that is right."""

import numpy as np
import pytest
from scipy import stats

from assay.judge.hypergeometric import hypergeometric_sf


def test_it_agrees_with_scipy_on_tables_of_every_shape():
    rng = np.random.default_rng(0)
    for _ in range(2_000):
        rows = int(rng.integers(1, 3_000))
        marked, drawn = (int(rng.integers(0, rows + 1)) for _ in range(2))
        k = int(rng.hypergeometric(marked, rows - marked, drawn) + rng.integers(-5, 20))
        expected = stats.hypergeom.sf(k - 1, rows, marked, drawn)
        assert hypergeometric_sf(k, marked, drawn, rows) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_small_tails_keep_their_digits():
    """The lady's cups of tea (Fisher 1935), and one draw in 2,704,156."""
    assert hypergeometric_sf(4, 4, 4, 8) == pytest.approx(1 / 70, rel=1e-12)
    assert hypergeometric_sf(12, 12, 12, 24) == pytest.approx(1 / 2_704_156, rel=1e-9)


@pytest.mark.parametrize(
    "k, marked, drawn, rows, expected", [(0, 3, 2, 9, 1), (3, 3, 2, 9, 0), (1, 0, 5, 9, 0), (2, 9, 2, 9, 1)]
)
def test_what_is_sure_or_cannot_be_is_told_as_such(k, marked, drawn, rows, expected):
    assert hypergeometric_sf(k, marked, drawn, rows) == expected

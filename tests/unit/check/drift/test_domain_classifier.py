"""The classifier that tells two sides apart, or cannot."""

import numpy as np
import pytest

from assay.check.drift import separate
from assay.check.drift.separation import auc

NAMES = ["x", "y", "z"]


def rows(seed: int, count: int = 3000) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, 3))


def test_the_area_is_the_share_of_pairs_in_the_right_order():
    is_positive = np.array([False, True, False, True])
    assert auc(np.array([1.0, 2.0, 3.0, 4.0]), is_positive) == 0.75
    assert auc(np.array([1.0, 1.0, 1.0, 1.0]), is_positive) == 0.5
    assert auc(np.array([1.0, 3.0, 1.0, 3.0]), is_positive) == 1


def test_rows_of_one_distribution_cannot_be_told_apart():
    told = separate(rows(1), rows(2), NAMES, seed=3)
    assert told.auc == pytest.approx(0.5, abs=0.04)
    assert (told.reference_rows, told.window_rows, told.folds, told.has_whole_batches) == (3000, 3000, 2, False)


def test_a_column_that_moved_is_named():
    moved = rows(2)
    moved[:, 1] += 1.5
    told = separate(rows(1), moved, NAMES, seed=3)
    assert told.auc > 0.8
    assert told.pulls[0].column == "y"
    assert sum(pull.share for pull in told.pulls) == pytest.approx(1)


def test_it_sees_what_no_column_shows_alone():
    """Both columns have the same distribution as before, but x and y agree in their sign."""
    together = rows(2)
    together[:, 1] = np.abs(together[:, 1]) * np.sign(together[:, 0])
    assert separate(rows(1), together, NAMES, seed=3).auc > 0.65


def test_nulls_tell_too():
    holed = rows(2)
    holed[:1500, 2] = np.nan
    told = separate(rows(1), holed, NAMES, seed=3)
    assert told.auc == pytest.approx(0.75, abs=0.03)
    assert told.pulls[0].column == "z"


def test_the_same_seed_says_the_same():
    assert separate(rows(1), rows(2), NAMES, seed=3) == separate(rows(1), rows(2), NAMES, seed=3)


def test_rows_known_by_their_batch_tell_nothing_where_batches_stay_together():
    """Every batch has a level of its own, and both sides draw their levels alike."""
    random = np.random.default_rng(4)
    batch = np.repeat(np.arange(20), 150)
    levels = random.normal(size=(2, 20)) * 3
    one, other = (level[batch][:, None] + 0.1 * rows(seed) for seed, level in enumerate(levels))
    apart = separate(one, other, NAMES, seed=3)
    together = separate(one, other, NAMES, seed=3, batches=(batch, batch))
    assert apart.auc > 0.9
    assert together.auc < 0.75
    assert together.has_whole_batches


def test_constant_columns_teach_nothing():
    same = np.ones((100, 1))
    told = separate(same, same, ["x"], seed=3)
    assert (told.auc, told.pulls) == (0.5, ())


def test_what_cannot_be_split_in_folds_is_refused():
    with pytest.raises(ValueError, match="1 rows or batches for 2 folds"):
        separate(rows(1), rows(2, count=1), NAMES, seed=3)
    with pytest.raises(ValueError, match="3 columns with 2 names"):
        separate(rows(1), rows(2), NAMES[:2], seed=3)

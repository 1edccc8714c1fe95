"""Distances between distributions that were counted alike."""

from itertools import accumulate
from random import Random

import pytest

from assay.check.diff.pairs import common_type
from assay.check.diff.spread import ks, total_variation


def test_equal_shares_are_at_no_distance():
    assert ks([1, 2, 3], [10, 20, 30]) == 0
    assert total_variation([1, 2, 3], [10, 20, 30]) == 0


def test_what_shares_nothing_is_at_distance_one():
    assert ks([5, 0], [0, 7]) == 1
    assert total_variation([5, 0], [0, 7]) == 1


def test_a_side_without_values_is_at_no_distance():
    assert ks([0, 0], [1, 2]) == 0
    assert total_variation([1, 2], [0, 0]) == 0


def test_they_are_what_their_definitions_say():
    lot = Random(7)
    for _ in range(50):
        before, after = ([lot.randint(0, 9) for _ in range(6)] for _ in range(2))
        before[0] = after[0] = 1
        shares = [[each / sum(side) for each in side] for side in (before, after)]
        sums = [list(accumulate(side)) for side in shares]
        assert ks(before, after) == pytest.approx(max(abs(a - b) for a, b in zip(*sums, strict=True)))
        assert total_variation(before, after) == pytest.approx(
            sum(abs(a - b) for a, b in zip(*shares, strict=True)) / 2
        )


@pytest.mark.parametrize(
    ("before", "after", "common"),
    [
        ("int", "float", "float"),
        ("date", "time", "time"),
        ("int", "int", "int"),
        ("int", "str", None),
        (None, "int", None),
    ],
)
def test_the_common_type(before, after, common):
    assert common_type(before, after) == common

"""Equal rows in two files: the same rows, or rows that are alike."""

from math import comb

import numpy as np
import pytest

from assay.judge.alike import CHANCE, are_more_alike_than_chance, are_the_same_again


def probability_of_refusal(rows: int, others: int, pairs: int) -> float:
    """That rows dealt out at random are refused, where ``pairs`` kinds have two rows and all others one: exact."""
    refused = 0
    for across in range(pairs + 1):
        within = pairs - across
        if are_more_alike_than_chance(across, rows, others, repeated=within):
            ways = sum(
                comb(within, here) * comb(rows + others - 2 * pairs, rows - across - 2 * here)
                for here in range(within + 1)
                if rows - across - 2 * here >= 0
            )
            refused += comb(pairs, across) * 2**across * ways
    return refused / comb(rows + others, rows)


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 8, 13, 30, 60])
@pytest.mark.parametrize("others", [1, 3, 10, 40, 200, 1000])
def test_rows_dealt_out_at_random_are_refused_less_than_once_in_a_thousand_times(rows: int, others: int) -> None:
    most = max(probability_of_refusal(rows, others, pairs) for pairs in range(1, (rows + others) // 2 + 1, 3))
    assert most < CHANCE


def test_a_whole_gate_that_was_trained_on_is_more_than_chance() -> None:
    assert are_more_alike_than_chance(200, 200, 1000, repeated=0)
    assert are_more_alike_than_chance(200, 200, 1000, repeated=40)


def test_in_a_table_of_few_kinds_of_rows_it_is_not() -> None:
    assert not are_more_alike_than_chance(200, 200, 1000, repeated=1184)


def test_a_few_rows_tell_the_more_the_fewer_of_all_rows_the_gate_has() -> None:
    assert [
        next(count for count in range(1, rows) if are_more_alike_than_chance(count, rows, others=100_000, repeated=0))
        for rows in (100_000, 10_000, 1_000, 100)
    ] == [10, 4, 2, 2]


def test_rows_that_are_more_than_there_are_cannot_be_asked_for() -> None:
    assert not are_more_alike_than_chance(1, 1, 1, repeated=0)
    assert not are_more_alike_than_chance(0, 0, 10, repeated=0)


# ---- the same rows under other names ---------------------------------------------------------------------------------------


def share_called_the_same(make, runs=400):
    rng = np.random.default_rng(1)
    return np.mean([are_the_same_again(*(keys.astype(np.uint64) for keys in make(rng))) for _ in range(runs)])


@pytest.mark.parametrize("kinds", [3, 8, 80, 900, 100_000])
@pytest.mark.parametrize(("rows", "others"), [(200, 200), (300, 30), (20, 2_000)])
def test_rows_drawn_apart_are_hardly_ever_called_the_same(kinds, rows, others):
    drawn_apart = share_called_the_same(lambda rng: (rng.integers(0, kinds, rows), rng.integers(0, kinds, others)))
    assert drawn_apart <= 1 / 80 + 0.005


@pytest.mark.parametrize("kinds", [1, 3, 80, 900, 10**9])
@pytest.mark.parametrize("rows", [2, 9, 200, 5_000])
def test_all_rows_that_come_again_are_the_same(kinds, rows):
    keys = np.random.default_rng(2).integers(0, kinds, rows).astype(np.uint64)
    assert are_the_same_again(np.random.default_rng(3).permutation(keys), keys)


@pytest.mark.parametrize("kinds", [80, 900, 10**9])
@pytest.mark.parametrize(("kept", "added"), [(0.99, 0), (0.5, 0), (1, 1)])
def test_a_part_of_them_or_all_of_them_among_others_is_the_same_too(kinds, kept, added):
    def reused(rng):
        old = rng.integers(0, kinds, 400)
        fresh = rng.integers(0, kinds, round(400 * added))
        return np.concatenate((rng.permutation(old)[: round(400 * kept)], fresh)), old

    assert share_called_the_same(reused, runs=100) > 0.97


def test_nothing_is_the_same_as_nothing():
    assert not are_the_same_again(np.array([], np.uint64), np.array([], np.uint64))

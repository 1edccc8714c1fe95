"""Equal rows in two files: the same rows, or rows that are alike."""

from math import comb

import pytest

from assay.judge.alike import CHANCE, are_more_alike_than_chance


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

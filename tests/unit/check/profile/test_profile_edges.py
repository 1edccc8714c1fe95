"""Where is counted, and what the counts mean."""

from bisect import bisect_left

import pytest

from assay.check.profile.edges import (
    Counts,
    all_edges,
    bin_edges,
    frequent_numbers,
    histogram,
    moments,
    own_edges,
    quantiles,
)
from assay.check.profile.sample import POINTS


def points_of(values: list) -> list:
    """The quantiles of a sample, as the engine gives them."""
    ordered = sorted(values)
    return [ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))] for share in POINTS]


def counted(values: list, *, are_whole: bool, frequent: tuple = ()) -> Counts:
    edges = all_edges(points_of(values), frequent, are_whole=are_whole)
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_left(edges, value)] += 1
    return Counts(edges, tuple(counts), min(values), max(values), are_whole)


def test_whole_numbers_of_a_narrow_range_have_a_bin_each():
    months = [1 + at % 12 for at in range(240)]
    found = histogram(counted(months, are_whole=True), points_of(months))
    assert found is not None
    assert found.edges == tuple(range(13))
    assert found.counts == (20,) * 12


def test_a_value_that_the_sample_missed_is_counted_where_it_lies():
    sample, values = [5, 6, 7] * 40, [1, *([5, 6, 7] * 40), 9]
    edges = all_edges(points_of(sample), (), are_whole=True)
    counts = [0] * (len(edges) + 1)
    for value in values:
        counts[bisect_left(edges, value)] += 1
    found = histogram(Counts(edges, tuple(counts), 1, 9, are_whole=True), points_of(sample))
    assert found is not None
    assert dict(zip(found.edges[1:], found.counts, strict=True)) == {
        1: 1,
        2: 0,
        3: 0,
        4: 0,
        5: 40,
        6: 40,
        7: 40,
        8: 0,
        9: 1,
    }


def test_a_long_tail_lies_in_one_bin_and_leaves_the_others_for_nearly_all():
    values = [float(at) for at in range(1000)] + [1e9]
    found = histogram(counted(values, are_whole=False), points_of(values))
    assert found is not None
    assert found.edges[-1] == 1e9
    assert found.edges[-2] < 1100
    assert sum(found.counts) == len(values)


@pytest.mark.parametrize("are_whole", [True, False])
def test_edges_of_a_single_value_are_few(are_whole):
    assert len(set(bin_edges([3] * len(POINTS), are_whole=are_whole))) <= 12


def test_no_values_have_no_edges():
    assert all_edges([], (), are_whole=True) == ()
    assert quantiles(Counts((), (0,), 0, 0, are_whole=True)) == ()


def test_a_quantile_is_exact_where_only_one_value_can_be_it():
    values = [1] * 50 + [2] * 40 + [9] * 10
    found = {each.share: each for each in quantiles(counted(values, are_whole=True), (0.5, 0.95))}
    assert (found[0.5].value, found[0.5].is_exact) == (1, True)
    assert (found[0.95].value, found[0.95].is_exact) == (9, True)


def test_a_quantile_between_two_edges_is_told_as_not_exact():
    counts = Counts((0.0, 10.0), (1, 98, 1), 0.0, 20.0, are_whole=False)
    (median,) = quantiles(counts, (0.5,))
    assert not median.is_exact
    assert 4.9 < median.value < 5.1


def test_values_between_neighbouring_edges_are_counted_by_themselves():
    values = [7] * 30 + [1000, 2000, 3000, 4000]
    found = frequent_numbers(counted(values, are_whole=True, frequent=(7,)))
    assert (found[0].value, found[0].rows) == (7, 30)


@pytest.mark.parametrize("least", [-(2**63), -3, 0, 2**63 - 4])
def test_mean_and_deviation_follow_from_values_that_were_counted_by_themselves(least):
    values = [least, least, least + 1, least + 3]
    edges = own_edges(least, least + 3)
    assert all(-(2**63) <= edge < 2**63 for edge in edges)
    counts = Counts(edges, (*(values.count(edge) for edge in edges), 0), least, least + 3, are_whole=True)
    mean, stddev = moments(counts)
    assert mean == pytest.approx(least + 1)
    assert stddev == pytest.approx(2**0.5)

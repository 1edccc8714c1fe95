"""Where two models answer differently, and in which order rows without a label are to get one."""

import numpy as np
import pytest

from assay.judge import Evidence, label_first_rows
from assay.judge.disagreement import answer_differently, disagreement_of

D = "b3:" + "0" * 64


def evidence(labels, challenger, champion=None):
    champion = None if champion is None else np.asarray(champion)
    return Evidence(np.asarray(labels), np.asarray(challenger), champion, D, D, D)


def test_all_rows_count_and_those_without_a_label_are_told():
    found = disagreement_of(evidence([1, None, None, 0], [1, 0, 1, 0], [0, 0, 0, 0]))
    assert found.share == 0.5
    assert found.unlabelled.tolist() == [False, False, True, False]


def test_without_a_champion_or_rows_there_is_none():
    assert disagreement_of(evidence([1, None], [1, 0])) is None
    assert disagreement_of(evidence([], [], [])) is None
    assert label_first_rows(evidence([1, None], [1, 0])).tolist() == []


@pytest.mark.parametrize(
    "ours, theirs, expected",
    [
        ([1, 0], [1.0, 0.5], [False, True]),
        ([True, False], [1, 1], [False, True]),
        ([np.nan, 1.0, np.nan], [np.nan, np.nan, 2.0], [False, True, True]),
        (np.array(["a", None, None], object), np.array(["a", None, "b"], object), [False, False, True]),
        (np.array([None, "a"], object), np.array([np.nan, 1.0]), [False, True]),
    ],
)
def test_no_answer_is_the_same_as_no_answer_and_numbers_are_compared_as_numbers(ours, theirs, expected):
    assert answer_differently(np.asarray(ours), np.asarray(theirs)).tolist() == expected


def test_only_disagreeing_rows_without_a_label_are_to_be_labelled():
    rng = np.random.default_rng(1)
    labels = np.where(rng.random(300) < 0.5, 1.0, np.nan)
    ours, theirs = rng.integers(0, 2, (2, 300))
    expected = np.flatnonzero((ours != theirs) & np.isnan(labels))
    assert sorted(label_first_rows(evidence(labels, ours, theirs))) == expected.tolist()


def test_whoever_stops_early_has_labelled_a_sample_whatever_the_order_of_the_file():
    rows = np.arange(1_000)
    first = label_first_rows(evidence(np.full(1_000, np.nan), rows, rows + 1))[:100]
    assert abs(first.mean() - 500) < 100
    again = label_first_rows(evidence(np.full(1_000, np.nan), rows, rows + 1))
    assert again[:100].tolist() == first.tolist()


def test_amounts_too_are_drawn_by_lot():
    """The rows on which two amounts lie furthest apart would speak for themselves alone."""
    apart = np.linspace(0.01, 10, 1_000)
    first = label_first_rows(evidence(np.full(1_000, np.nan), apart, np.zeros(1_000)))[:100]
    assert abs(apart[first].mean() - apart.mean()) < 1

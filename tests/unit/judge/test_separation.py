"""Scores that part the classes wholly: an auc of 1 is shown by as many pairs as there are, and no t test has a part in it."""

import numpy as np
import pytest

from assay.core.sentence import parse_sentence
from assay.judge import Evidence, judge_sentence, labelled_rows

D = "b3:" + "0" * 64


def judged(text, positives, negatives, *, sign=1, delta=0.05):
    labels = np.array([1] * positives + [0] * negatives)
    scores = sign * (labels + np.linspace(0, 0.5, len(labels)))
    rows = labelled_rows(Evidence(labels, labels, None, D, D, D, challenger_score=scores))
    return judge_sentence(parse_sentence(text), rows, delta)


def test_perfect_scores_are_shown_to_be_good():
    found = judged("auc >= 0.9", 40, 300)
    assert (found.verdict, found.p_value, found.interval[1]) == ("pass", pytest.approx(0.9**40), 1.0)
    assert found.interval[0] == pytest.approx(0.05 ** (1 / 40))
    assert found.method.startswith("exact")


def test_what_the_pairs_do_not_show_is_undecided_with_the_rows_that_would():
    found = judged("auc >= 0.9", 20, 60)
    assert (found.verdict, found.labels_needed_total) == ("undecided", 29 * 4)
    assert "20 pairs of them show no more than an auc over 0.861" in found.reason
    assert judged("auc >= 0.9", 29, 29).verdict == "pass"
    assert judged("auc >= 0.9", 28, 28).verdict == "undecided"


@pytest.mark.parametrize("text, verdict", [("auc <= 0.9", "fail"), ("auc > 1", "undecided"), ("auc <= 1", "undecided")])
def test_the_other_way_round(text, verdict):
    assert judged(text, 50, 50).verdict == verdict


def test_scores_that_part_them_wrongly_are_shown_to_be_bad():
    assert judged("auc >= 0.5", 50, 50, sign=-1).verdict == "fail"
    assert judged("auc <= 0.2", 50, 50, sign=-1).verdict == "pass"


@pytest.mark.parametrize("auc, pairs", [(0.9, 30), (0.95, 60)])
def test_it_passes_what_is_false_no_more_often_than_it_says(auc, pairs):
    """Each positive is above all negatives with this probability, else below all: nothing parts them more often at that auc."""
    is_above = np.random.default_rng(3).random((20_000, pairs)) < auc
    found = judged(f"auc >= {auc}", pairs, pairs)
    assert found.verdict == "pass"
    assert is_above.all(axis=1).mean() <= found.p_value + 0.005 <= 0.055

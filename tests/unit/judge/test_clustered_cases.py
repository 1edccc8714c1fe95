"""Violations among rows that belong together: judged by cluster."""

import numpy as np
import pytest

from assay.core.sentence import Behaviour, parse_sentence
from assay.judge import variant_of
from assay.judge.clustered_cases import together
from assay.judge.violations import judge_violations

SENTENCE = parse_sentence("violations(missing courier) <= 5%")


def judged(violated, clusters):
    return judge_violations(SENTENCE, violated, 0.05, None, clusters)


def test_cases_that_are_each_alone_are_judged_as_independent_ones():
    violated = np.arange(400) < 8
    assert judged(violated, np.arange(400)) == judged(violated, None)


def test_rows_of_one_cluster_are_not_independent():
    """400 cases of which none is broken show 5 %; of 20 clusters they do not, of 200 they do."""
    none = np.zeros(400, bool)
    assert judged(none, None).verdict == "pass"
    few, many = judged(none, np.arange(400) // 20), judged(none, np.arange(400) // 2)
    assert (few.verdict, many.verdict) == ("undecided", "pass")
    assert few.labels_more > 0
    assert "each cluster" in few.method


def test_what_most_clusters_break_is_shown_to_be_false():
    found = judged(np.arange(400) % 2 == 0, np.arange(400) // 4)
    assert found.verdict == "fail"
    assert found.interval[0] < 0.5 < found.interval[1]


@pytest.mark.parametrize("delta", [0.2, 0.05])
def test_what_is_broken_too_often_passes_no_more_often_than_delta(delta):
    """Whole clusters of 1 to 8 cases break, as many as are allowed: taken as independent, they pass far more often."""
    rng, rounds, by_cluster, by_case = np.random.default_rng(3), 400, 0, 0
    for _ in range(rounds):
        clusters = np.repeat(np.arange(150), rng.integers(1, 9, 150))
        violated = (rng.random(150) < 0.05)[clusters]
        by_cluster += together(violated, clusters).p_below(0.05) <= delta
        by_case += judge_violations(SENTENCE, violated, delta, None).verdict == "pass"
    assert by_cluster / rounds <= delta
    assert by_case / rounds > 1.5 * delta


def test_a_cluster_gives_its_values_to_one_other_alone():
    clusters = np.random.default_rng(4).integers(0, 41, 300)
    variant = variant_of(Behaviour("invariant", ("who",)), {"who": clusters.astype(float)}, 7, clusters)
    pairs = set(zip(clusters[variant.rows].tolist(), variant.columns["who"].tolist(), strict=True))
    assert len(pairs) == len({tried for tried, _ in pairs}) == len({giver for _, giver in pairs})
    assert not {tried for tried, _ in pairs} & {giver for _, giver in pairs}

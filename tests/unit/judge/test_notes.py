"""What is said beside a verdict's sentences: labels of one class, mistakes without a price."""

import numpy as np
import pytest

from assay.core.digest import digest_of
from assay.core.metrics import CostMatrix, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide

NAME = digest_of(b"any")


def notes(labels, answers, *sentences, champion=None, **more):
    evidence = Evidence(np.array(labels), np.array(answers), champion, NAME, NAME, NAME)
    gate = GateAction(None, tuple(map(parse_sentence, sentences)), **more)
    return [(note.code, note.what) for note in decide(gate, evidence).notes]


def text(*values):
    return np.array([value for value, count in values for _ in range(count)], object)


def test_labels_of_one_class_are_told():
    assert notes([1] * 200, [1] * 150 + [0] * 50, "accuracy >= 0.8") == [
        ("labels-of-one-class", "all 200 labels are '1'")
    ]


def test_labels_of_two_classes_and_amounts_are_not():
    assert notes([1, 0] * 100, [1] * 200, "accuracy >= 0.8") == []
    assert notes([7.0] * 200, np.linspace(6, 8, 200), "mae <= 3") == []


def test_under_a_seal_the_class_is_not_told():
    assert notes([1] * 200, [1] * 200, "accuracy >= 0.8", reveal="verdict") == []


def priced(*costs):
    return {"settings": MetricSettings(cost=CostMatrix(costs))}


LABELS = text(("no", 100), ("yes", 100))
ANSWERS = text(("no", 90), ("yes", 10), ("yes", 80), ("no", 20))


@pytest.mark.parametrize("reveal", ["metrics", "verdict"])
def test_a_mistake_that_the_matrix_leaves_out_is_told(reveal):
    (found,) = notes(LABELS, ANSWERS, "cost <= 2", reveal=reveal, **priced(("yes", "no", 5.0)))
    assert found == (
        "cost-without-price",
        "predicting 'yes' where it is 'no' has no price in `cost:`, and counts as 0",
    )


def test_a_price_of_0_that_is_written_is_meant():
    assert notes(LABELS, ANSWERS, "cost <= 2", **priced(("yes", "no", 5.0), ("no", "yes", 0.0))) == []


def test_a_mistake_with_a_class_that_the_matrix_does_not_know_is_told_where_it_was_made():
    answers = text(("no", 90), ("maybe", 10), ("yes", 80), ("no", 20))
    matrix = priced(("yes", "no", 5.0), ("no", "yes", 1.0))
    (found,) = notes(LABELS, answers, "cost <= 2", **matrix)
    assert found[1] == "predicting 'maybe' where it is 'no' has no price in `cost:`, and counts as 0"
    assert notes(LABELS, answers, "cost <= 2", reveal="verdict", **matrix) == []

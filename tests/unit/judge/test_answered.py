"""A model that answers nothing, or nothing that is a class of the labels, loses to no other: the question is refused in words."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide, unanswerable

D = "b3:" + "0" * 64
RNG = np.random.default_rng(1)
LABELS = RNG.choice(["Y", "N"], 600).astype(object)
GOOD = np.where(RNG.random(600) < 0.67, LABELS, np.where(LABELS == "Y", "N", "Y")).astype(object)
NUMBERS = (LABELS == "Y").astype(int)
PART = {"part": np.array(["a"] * 300 + ["b"] * 300, object)}


def gate(*sentences, reveal="metrics"):
    return GateAction("gate.csv", tuple(map(parse_sentence, sentences)), reveal=reveal)


def evidence(labels, challenger, champion=None):
    return Evidence(labels, challenger, champion, D, D, D, D if champion is not None else None, "r1", columns=PART)


def refused(asked, labels, challenger, champion=None):
    """The problem, which a project's gate tells before it charges and a bare table when it is judged."""
    with pytest.raises(EvidenceError) as caught:
        decide(asked, evidence(labels, challenger, champion))
    found = unanswerable(asked, evidence(labels, challenger, champion))
    assert found.problem.code == caught.value.problem.code
    return caught.value.problem


@pytest.mark.parametrize(
    "sentence", ["accuracy > champion.accuracy", "slice(part=a).accuracy > champion.accuracy", "error_rate < 0.4"]
)
def test_answers_in_another_spelling_are_no_wrong_answers(sentence):
    small = np.array([str(each).lower() for each in LABELS], object)
    challenger, champion = (GOOD, small) if "champion" in sentence else (small, None)
    problem = refused(gate(sentence), LABELS, challenger, champion)
    assert problem.code == "labels-of-another-type"
    assert "it answers 'n' and 'y', and the labels are 'N' and 'Y'" in problem.what


def test_probabilities_in_the_place_of_predictions_are_told():
    problem = refused(gate("accuracy >= 0.5"), NUMBERS, RNG.uniform(0.01, 0.99, 600))
    assert "none of the 600 predictions of the challenger is one of the labels" in problem.what
    assert "probabilities belong in the scores" in problem.fix


def test_short_floats_beside_long_ones_are_told():
    labels = RNG.choice([0.1, 0.7], 600)
    assert refused(gate("accuracy >= 0.5"), labels, labels.astype(np.float32)).code == "labels-of-another-type"


def test_a_champion_that_answers_nothing_does_not_lose():
    nothing = np.full(600, None, object)
    problem = refused(gate("accuracy > champion.accuracy at 99%"), LABELS, GOOD, nothing)
    assert (problem.code, "all 600 predictions of r1 are missing" in problem.what) == ("answers-missing", True)
    assert decide(gate("accuracy >= 0.5"), evidence(LABELS, GOOD, nothing)).outcome == "pass"


def test_how_many_answers_of_a_champion_are_missing_is_told_beside_the_verdict():
    some = GOOD.copy()
    some[:40] = None
    ours = GOOD.copy()
    ours[:3] = None
    (relative, absolute) = decide(
        gate("accuracy > champion.accuracy", "accuracy >= 0.1"), evidence(LABELS, ours, some)
    ).sentences
    both = "(3 predictions of the challenger and 40 predictions of r1 are missing and count as wrong)"
    assert both in relative.reason
    assert "(3 predictions of the challenger are missing and count as wrong)" in absolute.reason


@pytest.mark.parametrize(
    "labels, challenger",
    [
        (np.zeros(600, int), np.ones(600, int)),
        (np.array([0, 1] * 4), np.full(8, 2)),
        (NUMBERS, np.where(np.arange(600) == 7, NUMBERS, 5)),
        (NUMBERS, 1 - NUMBERS),
    ],
    ids=["one class alone", "few rows", "one right", "all wrong"],
)
def test_a_model_that_is_wrong_is_judged(labels, challenger):
    parts = {"part": np.array(["a", "b"] * (len(labels) // 2), object)}
    found = decide(gate("accuracy >= 0.5"), Evidence(labels, challenger, None, D, D, D, columns=parts))
    assert found.outcome in ("fail", "undecided")


def test_a_slice_whose_answers_are_all_of_another_class_is_wrong():
    labels = np.array(["x", "y"] * 150 + ["z", "x"] * 150, object)
    answers = np.where(np.arange(600) < 300, labels, "w").astype(object)
    found = decide(gate("every slice(part).accuracy >= 0.5"), evidence(labels, answers))
    assert found.outcome == "fail"


def test_under_a_seal_no_label_is_told():
    asked = gate("accuracy >= 0.5", reveal="verdict")
    shown = evidence(LABELS, np.full(600, "z", object))
    with pytest.raises(EvidenceError) as caught:
        decide(asked, shown)
    for problem in (unanswerable(asked, shown).problem, caught.value.problem):
        assert "the labels are" not in problem.what


def test_amounts_are_no_classes_though_some_happen_to_be_predicted():
    minutes = np.round(RNG.gamma(2, 15, 600), 2)
    guesses = np.where(RNG.random(600) < 0.1, minutes, minutes + 1.5)
    problem = refused(gate("accuracy > champion.accuracy"), minutes, guesses, minutes + 2)
    assert problem.what.startswith("the labels are amounts (")
    assert "require mae, rmse" in problem.fix
    assert (
        decide(gate("accuracy >= 0.5"), evidence(np.repeat([0.5, 1.5], 300), np.repeat([0.5, 1.5], 300))).outcome
        == "pass"
    )


def test_a_blank_at_the_end_of_a_class_can_be_seen():
    labels = np.array(["no", "yes"] * 20, object)
    answers = np.array(["no ", "yes "] * 20, object)
    with pytest.raises(EvidenceError) as caught:
        decide(gate("accuracy >= 0.5"), Evidence(labels, answers, None, D, D, D))
    assert "it answers 'no ' and 'yes ', and the labels are 'no' and 'yes'" in caught.value.problem.what

"""A sentence whose metric has no value on all rows cannot be asked, whatever is tested; in a slice it is the verdict's to tell."""

import math

import numpy as np
import pytest

from assay.core.metrics import CostMatrix, MetricSettings
from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, unanswerable, unanswerable_by_labels

NAME = "b3:" + "a" * 64
LABELS = np.array([1, 0] * 50)
ONES = np.ones(100, int)
WORDS = np.array(["late", "on time"] * 50, object)
NONE = np.full(100, None, object)
PARTS = {"part": np.array(["a"] * 50 + ["b"] * 50, object)}


def gate(*sentences, reveal="metrics", **settings):
    return GateAction(
        "gate.csv", tuple(map(parse_sentence, sentences)), reveal=reveal, settings=MetricSettings(**settings)
    )


def by_labels(asked, labels, *, has_champion=False):
    return unanswerable_by_labels(asked, labels, PARTS, has_champion=has_champion)


def by_models(asked, challenger, champion=None, *, labels=LABELS, **more):
    return unanswerable(
        asked,
        Evidence(
            labels=labels,
            challenger=challenger,
            champion=champion,
            gate_digest=NAME,
            test_set_digest=NAME,
            challenger_digest=NAME,
            champion_release="r1",
            columns=PARTS,
            **more,
        ),
    )


@pytest.mark.parametrize(
    "sentence, labels, settings, code",
    [
        ("auc >= 0.5", ONES, {}, "one-class"),
        ("recall >= 0.5", WORDS, {}, "no-positive-class"),
        ("f1 >= 0.5", WORDS, {"positive": "Late"}, "no-such-class"),
        ("r2 >= 0.5", ONES, {}, "constant-labels"),
        ("cost <= 1", WORDS, {"cost": CostMatrix((("lat", "late", 1.0),))}, "no-such-class"),
        ("every slice(part).precision >= 0.5", ONES, {}, "one-class"),
        ("gap(part).recall <= 0.1", ONES, {}, "one-class"),
    ],
)
def test_labels_alone_can_leave_a_metric_without_a_value(sentence, labels, settings, code):
    found = by_labels(gate("accuracy >= 0.5", sentence, **settings), labels)
    assert (found.at, found.problem.code) == (1, code)
    assert found.problem.fix
    assert sentence in found.problem.because[0]


@pytest.mark.parametrize(
    "sentence, labels",
    [
        ("auc >= 0.5", LABELS),
        ("mae <= 0.5", ONES),
        ("brier <= 0.5", WORDS),
        ("log_loss <= 0.5", WORDS),
        ("score >= 0.5", ONES),
        ("recall >= 0.5", NONE),
        ("auc > champion.auc", ONES),
        ("latency_p99_ms <= 20", ONES),
        ("every slice(part).recall >= 0.5", np.repeat([1, 0], 50)),
    ],
)
def test_what_labels_do_not_forbid_is_asked(sentence, labels):
    assert by_labels(gate(sentence), labels) is None


def test_what_is_asked_of_a_champion_is_asked_once_there_is_one():
    assert by_labels(gate("auc > champion.auc"), ONES, has_champion=True).problem.code == "one-class"


@pytest.mark.parametrize(
    "sentence, challenger, more, code",
    [
        ("precision >= 0.5", 0 * ONES, {}, "nothing-predicted-positive"),
        ("accuracy >= 0.5", ONES * math.nan, {}, "answers-missing"),
        ("every slice(part).accuracy >= 0.5", NONE, {}, "answers-missing"),
        ("rmse <= 0.5", np.where(np.arange(100) == 7, math.inf, 1.0), {}, "answers-missing"),
        ("auc >= 0.5", np.where(LABELS > 0, "yes", "no").astype(object), {}, "no-scores"),
        ("log_loss <= 1", LABELS, {"challenger_score": np.full((100, 3), 1 / 3)}, "scores-of-other-classes"),
        ("score >= 0", LABELS, {"challenger_score": np.ones((100, 3))}, "no-scores"),
    ],
)
def test_models_can_leave_a_metric_without_a_value(sentence, challenger, more, code):
    assert by_models(gate(sentence), challenger, **more).problem.code == code


def test_a_champion_that_says_nothing_is_none_to_beat():
    found = by_models(gate("accuracy >= 0.5", "accuracy > champion.accuracy"), LABELS, NONE)
    assert (found.at, found.problem.code) == (1, "answers-missing")
    assert "all 100 predictions of r1 are missing" in found.problem.what
    assert by_models(gate("accuracy >= 0.5"), LABELS, NONE) is None


@pytest.mark.parametrize(
    "sentence, challenger",
    [
        ("accuracy >= 0.5", np.where(np.arange(100) == 7, math.nan, 1.0)),
        ("auc >= 0.5", np.full(100, 0.5)),
        ("slice(part=a).mae <= 0.5", np.where(np.arange(100) == 7, math.nan, 1.0)),
        ("slice(part=a).precision >= 0.5", 0 * ONES),
        ("slice(part=z).accuracy >= 0.5", ONES),
    ],
)
def test_what_has_a_value_or_is_of_a_slice_is_left_to_the_verdict(sentence, challenger):
    assert by_models(gate(sentence), challenger) is None


def test_without_a_label_nothing_is_refused():
    assert by_models(gate("auc >= 0.5"), ONES, labels=NONE) is None


@pytest.mark.parametrize(
    "first, second",
    [(ONES * 7, ONES), (WORDS, np.array(["a", "b", "c", "d"] * 25, object)), (ONES, np.full(100, "late", object))],
)
def test_under_a_seal_two_sets_of_labels_without_the_class_are_told_alike(first, second):
    asked = gate("f1 >= 0.5", reveal="verdict", positive="early")
    told = [by_labels(asked, labels) for labels in (first, second)]
    assert told[0] == told[1]
    assert told[0].problem.what == "f1 is undefined: f1 speaks of `positive: early`, which no label is"


# ---- under a seal ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sentence", ["every slice(left).brier <= 0.4", "slice(left=1).brier <= 0.4"])
@pytest.mark.parametrize("copy", [LABELS, LABELS.astype(float)])
def test_a_sealed_gate_is_not_sliced_by_its_labels(sentence, copy):
    asked = gate("accuracy >= 0.5", sentence, reveal="verdict")
    found = unanswerable_by_labels(asked, LABELS, {"left": copy}, has_champion=False)
    assert (found.at, found.problem.code) == (1, "sealed-gate")
    open_one = gate(sentence)
    assert unanswerable_by_labels(open_one, LABELS, {"left": copy}, has_champion=False) is None


@pytest.mark.parametrize("sentence", ["every slice(part).brier <= 0.4", "slice(part=b).brier <= 0.4", "brier <= 0.4"])
def test_an_answer_that_is_no_probability_is_told_of_all_rows_whatever_the_slice_or_the_label(sentence):
    told = []
    for row in (70, 71):
        scores = np.full(100, 0.5)
        scores[row] = 1.5
        with pytest.raises(EvidenceError) as caught:
            by_models(gate(sentence, reveal="verdict"), LABELS, challenger_score=scores)
        told.append(caught.value.problem.because)
    assert told == [(f"the first outside: 1.5 in labelled row {row + 1}",) for row in (70, 71)]

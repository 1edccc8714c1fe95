"""A sealed gate tells its one verdict, and a number of rows that no label had a part in."""

import msgspec
import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.wear import Wear
from assay.judge import Evidence, decide

ROWS = 600


def sealed_gate(*sentences, **settings):
    return GateAction("gate.csv", tuple(map(parse_sentence, sentences)), reveal="verdict", **settings)


def evidence(labels, challenger, champion, **more):
    name = "b3:" + "a" * 64
    return Evidence(
        labels=labels,
        challenger=challenger,
        champion=champion,
        gate_digest=name,
        test_set_digest=name,
        challenger_digest=name,
        champion_digest=name,
        champion_release="r1",
        **more,
    )


def told(verdict):
    """Everything that a verdict says, as bytes."""
    return msgspec.json.encode(verdict)


CLASSES = (
    "accuracy > champion.accuracy at 99%",
    "every slice(part).accuracy >= 0.4",
    "no slice(part).recall < champion.recall - 0.1",
    "precision >= 0.45",
    "f1 > champion.f1",
    "auc > champion.auc",
    "brier < champion.brier * 1.01",
    "gap(part).accuracy <= 0.3",
)
AMOUNTS = ("mae < champion.mae", "rmse <= 1", "r2 >= 0.1", "quantile_loss < champion.quantile_loss")


def answers_of_classes(draw):
    scores = draw.random((2, ROWS))
    parts = np.array(["a", "b", "c"], object)[draw.integers(0, 3, ROWS)]
    return {
        "challenger": (scores[0] > 0.5).astype(int),
        "champion": (scores[1] > 0.5).astype(int),
        "challenger_score": scores[0],
        "champion_score": scores[1],
        "columns": {"part": parts},
    }


@pytest.mark.parametrize("sentence", [*CLASSES, "all"])
def test_whatever_the_labels_are_a_sealed_gate_says_one_of_two_things(sentence):
    draw = np.random.default_rng(1)
    answers = answers_of_classes(draw)
    gate = sealed_gate(*(CLASSES if sentence == "all" else (sentence,)), detect=0.05)
    said = {"pass": set(), "not": set()}
    labels = [draw.integers(0, 2, ROWS), answers["challenger"], answers["champion"], 1 - answers["challenger"]]
    labels += [np.zeros(ROWS, int), np.ones(ROWS, int), *(draw.random((40, ROWS)) < draw.random((40, 1))).astype(int)]
    for truth in labels:
        verdict = decide(gate, evidence(truth, **answers), Wear(3, 1))
        said["pass" if verdict.outcome == "pass" else "not"].add(told(verdict))
    assert len(said["pass"]) <= 1
    assert len(said["not"]) == 1


@pytest.mark.parametrize("sentence", AMOUNTS)
def test_amounts_leave_the_gate_no_more_than_classes_do(sentence):
    draw = np.random.default_rng(2)
    challenger, champion = draw.normal(0, 1, (2, ROWS))
    gate = sealed_gate(sentence, detect=0.1)
    gate = msgspec.structs.replace(gate, settings=msgspec.structs.replace(gate.settings, quantile=0.9))
    said = {"pass": set(), "not": set()}
    for scale in np.linspace(0, 5, 20):
        truth = scale * challenger + draw.normal(0, 1, ROWS) * draw.random()
        verdict = decide(gate, evidence(truth, challenger, champion), Wear())
        said["pass" if verdict.outcome == "pass" else "not"].add(told(verdict))
    assert len(said["pass"]) <= 1
    assert len(said["not"]) == 1


def test_the_same_gate_with_metrics_revealed_says_more():
    """So that the tests above can fail."""
    draw = np.random.default_rng(1)
    answers = answers_of_classes(draw)
    gate = msgspec.structs.replace(sealed_gate(CLASSES[0], detect=0.05), reveal="metrics")
    truths = (draw.integers(0, 2, ROWS) for _ in range(10))
    assert len({told(decide(gate, evidence(truth, **answers), Wear())) for truth in truths}) == 10


def test_no_number_of_a_sealed_sentence_is_told():
    draw = np.random.default_rng(3)
    verdict = decide(sealed_gate(*CLASSES), evidence(draw.integers(0, 2, ROWS), **answers_of_classes(draw)), Wear())
    assert {sentence.verdict for sentence in verdict.sentences} == {"sealed"}
    assert {(s.p_value, s.estimate, s.interval, s.challenger, s.rows) for s in verdict.sentences} == {
        (None, None, None, None, 0)
    }
    assert verdict.measured == {}


def test_models_that_predict_otherwise_on_more_rows_need_more_labels():
    """The number rests on predictions alone."""
    truth = np.zeros(4000, int)
    champion = np.arange(4000) % 10 == 0
    few, many = champion.copy(), champion.copy()
    few[:200] = ~few[:200]
    many[:2000] = ~many[:2000]
    gate = sealed_gate("accuracy > champion.accuracy at 99%", detect=0.01)
    needed = [
        decide(gate, evidence(truth, other.astype(int), champion.astype(int)), Wear()).labels_needed_total
        for other in (few, many)
    ]
    assert needed[0] < needed[1]


def test_enough_rows_make_a_fail_and_too_few_are_undecided():
    gate = sealed_gate("accuracy > champion.accuracy", detect=0.2)
    truth = np.arange(1000) % 2
    champion, challenger = truth.copy(), truth.copy()
    champion[:50], challenger[50:100] = 1 - champion[:50], 1 - challenger[50:100]
    assert decide(gate, evidence(truth, challenger, champion), Wear()).outcome == "fail"
    short = slice(25, 75)
    verdict = decide(gate, evidence(truth[short], challenger[short], champion[short]), Wear())
    assert verdict.outcome == "undecided"
    assert verdict.labels_more == verdict.labels_needed_total - 50


def test_a_worn_test_set_asks_for_fresh_rows_by_predictions_alone():
    gate = sealed_gate("accuracy > champion.accuracy at 99%", detect=0.02)
    draw = np.random.default_rng(5)
    champion, challenger = draw.random((2, 1000)) < 0.5
    shown = evidence(draw.integers(0, 2, 1000), challenger.astype(int), champion.astype(int))
    worn, new = decide(gate, shown, Wear(200, 30)), decide(gate, shown, Wear())
    assert worn.fresh_needed == new.labels_needed_total
    assert new.fresh_needed is None


def test_without_a_bound_that_labels_have_no_part_in_no_number_is_told():
    draw = np.random.default_rng(6)
    verdict = decide(sealed_gate("rmse < champion.rmse", detect=1), evidence(*draw.normal(0, 1, (3, 100))), Wear())
    assert (verdict.outcome, verdict.labels_needed_total) == ("undecided", None)


def test_a_file_of_cases_is_sealed_too_and_asks_for_no_labelled_rows():
    gate = sealed_gate("accuracy > champion.accuracy", "violations(cases cases.csv) <= 0", detect=0.2)
    truth = np.arange(1000) % 2
    said = {
        told(decide(gate, evidence(truth, truth, truth, violations={gate.require[1].text: broken}), Wear()))
        for broken in (np.zeros(10, bool), np.ones(10, bool))
    }
    assert len(said) == 1


def test_slices_of_the_label_column_give_no_number():
    """How many rows each of them has is what the labels say."""
    gate = sealed_gate("every slice(late).accuracy >= 0.9", detect=0.05)
    said = set()
    for positives in (100, 250):
        truth = (np.arange(ROWS) < positives).astype(int)
        said.add(
            told(
                decide(gate, evidence(truth, np.ones(ROWS, int), np.zeros(ROWS, int), columns={"late": truth}), Wear())
            )
        )
    assert len(said) == 1


def test_shares_of_some_rows_give_no_number():
    """How many positive rows there are depends on labels: 3,000 rows with 60 of them are not rows enough for recall."""
    truth = (np.arange(3000) % 50 == 0).astype(int)
    half = (np.arange(3000) % 100 == 0).astype(int)
    verdict = decide(sealed_gate("recall >= 0.5", detect=0.1), evidence(truth, half, half), Wear())
    assert (verdict.outcome, verdict.labels_needed_total) == ("undecided", None)


def test_exhausted_rows_are_said_to_be_by_a_number_without_labels():
    labels = np.arange(ROWS) % 2
    gate = sealed_gate("accuracy > champion.accuracy - 0.05")
    verdicts = [decide(gate, evidence(truth, labels, 1 - labels), Wear(8_000, 4_000)) for truth in (labels, 1 - labels)]
    assert told(verdicts[0]) == told(verdicts[1])
    assert verdicts[0].outcome == "undecided"
    assert verdicts[0].fresh_needed > ROWS

"""What a gate says beside its sentences, open and sealed, and how every face tells it."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.explain.verdict import verdict_facts, verdict_markdown, verdict_page
from assay.judge import Evidence, decide, labelled_rows
from assay.judge.beside import report_beside

D = "b3:" + "0" * 64
ROWS = 4_000


@pytest.fixture(scope="module")
def evidence():
    """Two classifiers with probabilities, which differ on a part of the rows; the challenger is weak on B6; a tenth of the
    rows have no label."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, ROWS)
    carrier = np.array(["AA", "B6", "UA", "WN"], object)[rng.integers(0, 4, ROWS)]
    ours = np.where(rng.random(ROWS) < np.where(carrier == "B6", 0.3, 0.05), 1 - truth, truth)
    theirs = np.where(rng.random(ROWS) < 0.12, 1 - truth, truth)
    labels = np.where(np.arange(ROWS) % 10 == 0, np.nan, truth)
    scores = np.where(ours == 1, 0.9, 0.1)
    return Evidence(labels, ours, theirs, D, D, D, D, "r1", scores, columns={"carrier": carrier})


def reported(evidence, **settings):
    gate = GateAction("gate.csv", (parse_sentence("accuracy >= 0.5"),), **settings)
    return report_beside(gate, evidence, labelled_rows(evidence), decide(gate, evidence))


def test_an_open_verdict_tells_all_four(evidence):
    verdict = reported(evidence)
    differ = evidence.challenger != evidence.champion
    assert verdict.disagreement == np.mean(differ)
    assert verdict.label_first == np.count_nonzero(differ[::10])
    assert [weak.slice for weak in verdict.weakest] == ["carrier=B6"]
    assert 0 < verdict.calibration_error < 0.1


def test_a_sealed_verdict_tells_only_what_no_label_had_a_part_in(evidence):
    verdict = reported(evidence, reveal="verdict")
    assert (verdict.weakest, verdict.calibration_error) == ((), None)
    assert verdict.disagreement == reported(evidence).disagreement
    assert verdict.label_first == reported(evidence).label_first


def test_nothing_of_it_changes_an_outcome(evidence):
    gate = GateAction("gate.csv", (parse_sentence("accuracy >= 0.5"),))
    plain = decide(gate, evidence)
    assert reported(evidence).outcome == plain.outcome
    assert reported(evidence).sentences == plain.sentences


def test_a_first_model_disagrees_with_nobody(evidence):
    alone = Evidence(evidence.labels, evidence.challenger, None, D, D, D, columns=evidence.columns)
    verdict = reported(alone)
    assert (verdict.disagreement, verdict.label_first) == (None, None)
    assert [weak.slice for weak in verdict.weakest] == ["carrier=B6"]


@pytest.mark.parametrize("face", [verdict_markdown, verdict_page])
def test_every_face_tells_it(evidence, face):
    told = face(reported(evidence))
    for words in ("unlabelled rows on which the two models differ", "carrier=B6", "calibration error", "of all rows"):
        assert words in told
    sealed = face(reported(evidence, reveal="verdict"))
    assert "unlabelled rows on which the two models differ" in sealed
    assert "carrier=B6" not in sealed
    assert "calibration error" not in sealed


def test_ties_and_bought_labels_are_told_without_the_models_own_values(evidence):
    differ = evidence.challenger != evidence.champion
    labels = np.where(differ, evidence.labels, np.nan)
    labels[differ] = np.where(np.isnan(labels[differ]), 1.0, labels[differ])
    bought = Evidence(labels, evidence.challenger, evidence.champion, D, D, D, D, "r1", columns=evidence.columns)
    gate = GateAction(
        "gate.csv", tuple(map(parse_sentence, ("accuracy > champion.accuracy - 0.05", "accuracy >= 0.5")))
    )
    verdict = report_beside(gate, bought, labelled_rows(bought), decide(gate, bought))
    told = verdict_markdown(verdict)
    assert "unlabelled rows on which both answer alike count as ties" in told
    assert "labels were chosen where the two models disagree" in told
    assert "label first" not in dict(verdict_facts(verdict))
    assert (verdict.weakest, verdict.calibration_error) == ((), None)

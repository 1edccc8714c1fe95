"""When January's model beats the live one in November, the gate says so."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.wear import Wear
from assay.judge import Archived, Evidence, decide

NAME = "b3:" + "a" * 64
TRUTH = np.zeros(2000, int)


def wrong_on(count, start=0):
    """Answers that are wrong on so many rows."""
    answers = TRUTH.copy()
    answers[start : start + count] = 1
    return answers


def judge(*archived, challenger=200, sentences=("accuracy > champion.accuracy",), wear=None, reveal="metrics"):
    evidence = Evidence(
        labels=TRUTH,
        challenger=wrong_on(challenger),
        champion=wrong_on(200, 100),
        gate_digest=NAME,
        test_set_digest=NAME,
        challenger_digest=NAME,
        champion_digest=NAME,
        champion_release="r3",
        archived=tuple(Archived(name, NAME, wrong_on(count)) for name, count in archived),
    )
    gate = GateAction(
        "gate.csv", tuple(map(parse_sentence, sentences)), against=("champion", "archived"), reveal=reveal
    )
    return decide(gate, evidence, wear)


def test_an_earlier_champion_that_beats_the_one_in_force_is_to_be_restored():
    verdict = judge(("r2", 200), ("r1", 20))
    assert verdict.restore == "r1"
    assert [(each.release, each.outcome) for each in verdict.archived] == [("r2", "undecided"), ("r1", "pass")]


def test_of_several_the_one_with_the_least_doubt_is():
    assert judge(("r2", 60), ("r1", 20)).restore == "r1"


def test_where_the_challenger_passes_nobody_looks_back():
    verdict = judge(("r1", 20), challenger=20)
    assert (verdict.outcome, verdict.restore, verdict.archived) == ("pass", None, ())


def test_each_archived_release_is_one_more_decision_on_the_rows():
    wear = Wear(4, 1)
    verdict = judge(("r2", 20), ("r1", 20), wear=wear)
    deltas = [each.sentences[0].delta for each in verdict.archived]
    assert verdict.sentences[0].delta == pytest.approx(wear.left(0.05))
    assert deltas == pytest.approx([Wear(5, 1).left(0.05), Wear(6, 2).left(0.05)])
    assert (verdict.decisions, verdict.passed) == (3, 2)


def test_sentences_against_numbers_alone_restore_nobody():
    verdict = judge(("r1", 20), challenger=900, sentences=("accuracy >= 0.7",))
    assert verdict.archived[0].outcome == "pass"
    assert verdict.restore is None


def test_a_worse_one_stays_in_the_archive():
    assert judge(("r1", 800)).restore is None


def test_under_a_seal_the_newest_that_passes_is_to_be_restored():
    """Which of them has the least doubt depends on labels, and is not told."""
    verdict = judge(("r2", 60), ("r1", 20), reveal="verdict")
    assert [each.outcome for each in verdict.archived] == ["pass", "pass"]
    assert verdict.restore == "r2"


def test_harm_on_rows_that_were_set_aside_keeps_an_archived_release_in_the_archive():
    """A ``no`` looks at all rows, for archived releases too."""
    sentences = ("accuracy > champion.accuracy", "no slice(part).accuracy < champion.accuracy - 0.1")
    gate = GateAction("gate.csv", tuple(map(parse_sentence, sentences)), against=("champion", "archived"))
    archived = wrong_on(600, 1400)
    whole = Evidence(
        labels=TRUTH,
        challenger=wrong_on(200),
        champion=wrong_on(200, 100),
        gate_digest=NAME,
        test_set_digest=NAME,
        challenger_digest=NAME,
        champion_digest=NAME,
        champion_release="r3",
        columns={"part": np.repeat(["a", "b"], 1000)},
        archived=(Archived("r1", NAME, archived),),
    )
    fresh = whole.at(np.arange(1000))
    assert decide(gate, fresh).restore == "r1"
    assert decide(gate, fresh, None, whole).restore is None

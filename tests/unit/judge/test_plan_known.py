"""What a plan can rest on of a verdict that was given."""

import numpy as np
import pytest
from msgspec.structs import replace

from assay.core.digest import digest_of
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.verdict import SentenceVerdict, Verdict
from assay.judge import Evidence, decide
from assay.judge.plan import Known, known_of, plan_sentence

NAME = digest_of(b"rows")
ROWS = 4000


def judged(*sentences: str, **gate) -> Verdict:
    """Amounts with errors of a known spread, and a column of slices."""
    draw = np.random.default_rng(5)
    labels = draw.normal(100, 20, ROWS)
    common, ours, theirs = (draw.normal(0, scale, ROWS) for scale in (5, 4, 6))
    evidence = Evidence(
        labels=labels,
        challenger=labels + common + ours,
        champion=labels + common + theirs,
        gate_digest=NAME,
        test_set_digest=NAME,
        challenger_digest=NAME,
        champion_digest=NAME,
        champion_release="r1",
        columns={"kind": np.where(np.arange(ROWS) % 5, "a", "b")},
    )
    return decide(GateAction(None, tuple(map(parse_sentence, sentences)), **gate), evidence)


def known(sentence: str, verdict: Verdict) -> Known:
    return known_of(parse_sentence(sentence), verdict)


def test_the_spread_is_read_from_the_interval():
    verdict = judged("mae < champion.mae", "mae <= 50")
    draw = np.random.default_rng(5)
    draw.normal(100, 20, ROWS)
    common, ours, theirs = (draw.normal(0, scale, ROWS) for scale in (5, 4, 6))
    errors = np.abs(common + ours), np.abs(common + theirs)
    assert known("mae < champion.mae", verdict).spread == pytest.approx((errors[0] - errors[1]).std(ddof=1), rel=0.01)
    assert known("mae <= 50", verdict).spread == pytest.approx(errors[0].std(ddof=1), rel=0.01)
    assert known("mae < champion.mae", verdict).champion == pytest.approx(errors[1].mean())


def test_another_number_or_level_asks_of_the_same_values():
    verdict = judged("mae < champion.mae - 1 at 99%")
    assert known("mae < champion.mae", verdict).spread is not None
    assert known("mae < champion.mae * 0.9", verdict).spread is None
    assert known("mae <= 5", verdict).spread is None
    assert known("rmse < champion.rmse", verdict).spread is None


def test_the_plan_is_the_one_that_the_gate_told():
    verdict = judged("mae < champion.mae - 1.1", detect=0.05)
    (told,) = verdict.sentences
    sentence = parse_sentence(told.sentence)
    planned = plan_sentence(sentence, GateAction(None, (sentence,), detect=0.05), known_of(sentence, verdict))
    assert told.verdict == "undecided"
    assert planned.rows == pytest.approx(told.labels_needed_total, rel=0.02)


def test_the_weakest_slice_speaks_for_all_and_the_smallest_tells_how_many_rows_hold_it():
    found = known("every slice(kind).mae <= 10", judged("every slice(kind).mae <= 10"))
    assert (found.slices, found.share) == (2, 0.2)
    assert found.spread == pytest.approx(known("mae <= 50", judged("mae <= 50")).spread, rel=0.1)
    harm = "no slice(kind).mae > champion.mae + 1"
    alone = known("mae < champion.mae", judged("mae < champion.mae")).spread
    assert known(harm, judged(harm)).spread == pytest.approx(alone, rel=0.1)


def test_one_slice_has_its_own_share():
    found = known("slice(kind=b).mae <= 10", judged("slice(kind=b).mae <= 10"))
    assert (found.slices, found.share) == (None, 0.2)


def test_a_gap_is_read_from_its_slices():
    found = known("gap(kind).mae <= 1", judged("gap(kind).mae <= 1"))
    assert found.spread == pytest.approx(known("mae <= 50", judged("mae <= 50")).spread, rel=0.1)


def test_a_sealed_verdict_tells_how_often_the_models_differ_and_no_more():
    verdict = replace(
        judged("mae < champion.mae"),
        sentences=(SentenceVerdict("mae < champion.mae", "sealed", ""),),
        disagreement=0.3,
        measured={},
    )
    assert known("mae < champion.mae", verdict) == Known(disagreement=0.3)


def test_the_first_model_that_passed_is_the_champion_since():
    verdict = replace(judged("mae <= 50"), champion=None, champion_release=None)
    first = replace(
        verdict, sentences=(SentenceVerdict("mae < champion.mae", "not applicable", ""), *verdict.sentences)
    )
    assert known("mae < champion.mae", first).champion == pytest.approx(verdict.measured["mae"])
    assert known("mae < champion.mae", replace(first, outcome="fail")).champion is None


def test_a_sentence_that_does_not_read_any_more_is_passed_over():
    verdict = replace(judged("mae <= 50"), sentences=(SentenceVerdict("something else", "pass", ""),))
    assert known("mae <= 50", verdict) == Known(disagreement=verdict.disagreement)

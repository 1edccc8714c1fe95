"""Sentences about slices, sentences that forbid, gaps, and rows that belong together."""

import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide

D = "b3:" + "0" * 64


def rows(*parts):
    """Labels 1, and predictions right as often as each (name, rows, new right, champion right) says."""
    carrier, new, old = [], [], []
    for name, count, new_right, old_right in parts:
        carrier += [name] * count
        new += [1] * new_right + [0] * (count - new_right)
        old += [1] * old_right + [0] * (count - old_right)
    return Evidence(
        np.ones(len(new), int),
        np.array(new),
        np.array(old),
        D,
        D,
        D,
        D,
        "r1",
        columns={"carrier": np.array(carrier, object)},
    )


def judged(text, evidence, **settings):
    return decide(GateAction("gate.csv", (parse_sentence(text),), **settings), evidence)


def test_every_slice_must_show_it_and_the_weakest_is_named():
    evidence = rows(("AA", 500, 480, 480), ("UA", 500, 400, 400))
    assert judged("every slice(carrier).accuracy >= 0.7", evidence).outcome == "pass"
    verdict = judged("every slice(carrier).accuracy >= 0.9", evidence)
    (sentence,) = verdict.sentences
    assert verdict.outcome == "fail"
    assert "shown of 1 of 2 slices; weakest is carrier=UA" in sentence.reason
    assert [part.slice for part in sentence.slices] == ["carrier=UA", "carrier=AA"]


def test_small_slices_are_pooled_and_named():
    (sentence,) = judged(
        "every slice(carrier).accuracy >= 0.7", rows(("AA", 500, 480, 480), ("HA", 60, 58, 58), ("OO", 50, 48, 48))
    ).sentences
    assert {part.slice: part.pooled for part in sentence.slices} == {"carrier=AA": (), "carrier=other": ("HA", "OO")}
    assert sum(part.rows for part in sentence.slices) == 610


def test_one_slice_is_judged_alone_and_a_missing_one_is_undecided_with_the_near_miss():
    evidence = rows(("AA", 500, 480, 480), ("UA", 500, 400, 400))
    assert judged("slice(carrier=AA).accuracy >= 0.9", evidence).sentences[0].rows == 500
    missing = judged("slice(carrier=UAA).accuracy >= 0.9", evidence)
    assert missing.outcome == "undecided"
    assert "no labelled row has carrier=UAA; did you mean UA?" in missing.sentences[0].reason


def test_a_column_that_is_not_there_is_an_error_with_the_near_miss():
    with pytest.raises(EvidenceError, match="rows have no column") as caught:
        judged("every slice(carier).accuracy >= 0.9", rows(("AA", 500, 480, 480)))
    assert "'carrier'" in caught.value.problem.fix


def test_harm_in_one_slice_is_found_and_named():
    verdict = judged(
        "no slice(carrier).accuracy < champion.accuracy - 0.02",
        rows(("AA", 900, 880, 850), ("UA", 900, 700, 850)),
    )
    assert verdict.outcome == "fail"
    assert "shown of 1 of 2 slices (carrier=UA)" in verdict.sentences[0].reason


def test_a_gate_that_only_forbids_is_undecided_where_it_would_not_have_seen_the_harm():
    text = "no accuracy < champion.accuracy - 0.01"
    assert judged(text, rows(("AA", 100, 95, 95))).outcome == "undecided"
    large = judged(text, rows(("AA", 20_000, 19_000, 18_990)))
    assert large.outcome == "pass"
    assert 0 < large.sentences[0].smallest_harm < 0.02
    assert "would have been seen 9 times in 10" in large.sentences[0].reason


def test_harm_whose_opposite_is_shown_is_ruled_out_however_little_the_rows_would_have_seen():
    text = "no accuracy < champion.accuracy - 0.01"
    (found,) = (verdict := judged(text, rows(("AA", 300, 290, 260)))).sentences
    assert (verdict.outcome, found.labels_more) == ("pass", 0)
    assert found.reason.startswith("ruled out: 10.00 points better than ")
    in_slices = "no slice(carrier).accuracy < champion.accuracy - 0.01"
    both = judged(in_slices, rows(("AA", 300, 290, 260), ("UA", 300, 290, 260)))
    assert (both.outcome, both.sentences[0].labels_more) == ("pass", 0)
    assert judged(in_slices, rows(("AA", 300, 290, 260), ("UA", 300, 290, 289))).outcome == "undecided"


def test_beside_a_sentence_that_shows_something_a_no_sentence_passes_without_that_power():
    sentences = tuple(map(parse_sentence, ("accuracy >= 0.8", "no accuracy < champion.accuracy - 0.01")))
    assert decide(GateAction("gate.csv", sentences), rows(("AA", 100, 95, 95))).outcome == "pass"


def test_a_gap_between_slices_is_bounded_on_both_sides():
    near = rows(("AA", 3000, 2700, 0), ("UA", 3000, 2690, 0))
    assert judged("gap(carrier).accuracy <= 0.05", near).outcome == "pass"
    far = judged("gap(carrier).accuracy <= 0.05", rows(("AA", 3000, 2900, 0), ("UA", 3000, 2400, 0)))
    assert far.outcome == "fail"
    assert "between carrier=AA and carrier=UA" in far.sentences[0].reason
    assert (
        judged("gap(carrier).accuracy <= 0.05", rows(("AA", 300, 270, 0), ("UA", 300, 268, 0))).outcome == "undecided"
    )


def test_rows_that_belong_together_are_counted_as_one():
    """Ten copies of each row are no more evidence than the row."""
    once = np.array([1] * 187 + [0] * 13)
    users = np.repeat(np.arange(200), 10)
    evidence = Evidence(np.ones(2000, int), np.repeat(once, 10), None, D, D, D, columns={"user": users})
    sure = judged("accuracy >= 0.9", evidence).sentences[0]
    honest = judged("accuracy >= 0.9", evidence, group="user")
    assert sure.p_value < 1e-4 < honest.sentences[0].p_value
    assert honest.clustered_by == "user"
    assert "independent clusters" in honest.sentences[0].method


def test_times_are_taken_by_day_and_too_few_days_are_undecided():
    times = np.array([f"2013-01-{1 + row % 20:02d} {row % 24:02d}:00" for row in range(2000)], object)
    evidence = Evidence(np.ones(2000, int), np.ones(2000, int), None, D, D, D, columns={"date": times})
    (sentence,) = judged("accuracy >= 0.9", evidence, time="date").sentences
    assert sentence.verdict == "undecided"
    assert "at least 30 clusters, and there are 20" in sentence.reason


def test_a_bounded_score_is_tested_by_betting_where_t_is_not_to_be_trusted():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 20)
    scores = np.clip(labels + rng.normal(0, 0.05, 20), 0, 1)
    evidence = Evidence(labels, labels, None, D, D, D, challenger_score=scores)
    (sentence,) = judged("brier <= 0.25", evidence).sentences
    assert sentence.verdict == "pass"
    assert sentence.method.startswith("betting test")


def test_a_metric_that_is_undefined_is_undecided_and_says_why():
    labels = np.array(["a", "b", "c"] * 100, object)
    (sentence,) = judged("recall >= 0.9", Evidence(labels, labels, None, D, D, D)).sentences
    assert sentence.verdict == "undecided"
    assert "positive" in sentence.reason


def test_labels_that_are_of_one_slice_are_said_to_be():
    found = judged("every slice(carrier).accuracy >= 0.88", rows(("AA", 300, 270, 0), ("UA", 300, 270, 0)))
    (sentence,) = found.sentences
    assert "more labels of this slice would show" in sentence.reason
    assert all("of this slice" in part.reason for part in sentence.slices if "more labels" in part.reason)

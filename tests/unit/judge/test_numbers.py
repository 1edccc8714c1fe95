"""A gate without rows: numbers are compared as they are written, and the verdict says that nothing protects it."""

import math

import pytest

from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import compare_numbers


def digest(letter):
    return "b3:" + letter * 64


def judge(*sentences, ours, theirs=None, sizes_mb=None):
    gate = GateAction(None, tuple(map(parse_sentence, sentences)), metrics="out/metrics.json")
    return compare_numbers(
        gate,
        ours,
        theirs,
        sizes_mb,
        gate_digest=digest("a"),
        test_set_digest=digest("b"),
        challenger_digest=digest("c"),
        champion_digest=None if theirs is None else digest("d"),
        champion_release=None if theirs is None else "r1",
        code_digest=digest("e"),
    )


def only(verdict):
    (sentence,) = verdict.sentences
    return sentence


def outcomes(verdict):
    return [sentence.verdict for sentence in verdict.sentences]


def test_nothing_is_tested_and_the_verdict_says_so():
    verdict = judge(
        "accuracy > champion.accuracy", "mae <= 5", ours={"accuracy": 0.92, "mae": 3}, theirs={"accuracy": 0.9}
    )
    assert (verdict.outcome, verdict.protection) == ("pass", "unprotected: no rows")
    assert (verdict.rows, verdict.has_rows, verdict.charge) == (0, False, None)
    assert {(each.p_value, each.delta, each.interval) for each in verdict.sentences} == {(None, None, None)}
    assert {each.method for each in verdict.sentences} == {"compared as it is"}


def test_it_names_all_that_it_rests_on():
    verdict = judge("accuracy > champion.accuracy", ours={"accuracy": 0.92}, theirs={"accuracy": 0.9})
    named = (verdict.gate, verdict.test_set, verdict.challenger, verdict.champion, verdict.code)
    assert named == tuple(map(digest, "abcde"))
    assert verdict.champion_release == "r1"


@pytest.mark.parametrize(
    ("sentence", "ours", "theirs", "expected"),
    [
        ("accuracy >= 0.8", 0.8, None, "pass"),
        ("accuracy > 0.8", 0.8, None, "fail"),
        ("accuracy >= 80%", 0.79, None, "fail"),
        ("mae <= 15", 15.0, None, "pass"),
        ("mae < 15", 15.0, None, "fail"),
        ("accuracy > champion.accuracy", 0.9, 0.9, "fail"),
        ("accuracy >= champion.accuracy", 0.9, 0.9, "pass"),
        ("mae < champion.mae", 3.0, 5.0, "pass"),
        ("mae < champion.mae", 5.0, 3.0, "fail"),
        ("accuracy >= champion.accuracy - 0.1", 0.7, 0.8, "pass"),
        ("accuracy >= champion.accuracy + 0.1", 0.8, 0.7, "pass"),
        ("accuracy > champion.accuracy + 0.2", 0.3, 0.1, "fail"),
        ("mae <= champion.mae * 1.1", 3.3, 3.0, "pass"),
        ("mae < champion.mae * 1.1", 3.3, 3.0, "fail"),
        ("r2 >= -0.5", -0.4, None, "pass"),
        ("no accuracy < 0.8", 0.9, None, "pass"),
        ("no accuracy < 0.8", 0.7, None, "fail"),
        ("no mae > champion.mae * 1.05", 3.2, 3.0, "fail"),
        ("no mae > champion.mae * 1.05", 3.1, 3.0, "pass"),
    ],
)
def test_numbers_are_compared_as_they_are_written(sentence, ours, theirs, expected):
    metric = parse_sentence(sentence).metric
    verdict = judge(sentence, ours={metric: ours}, theirs=None if theirs is None else {metric: theirs})
    assert (outcomes(verdict), verdict.outcome) == ([expected], expected)


def test_the_reason_names_both_numbers_and_the_bar():
    verdict = judge("accuracy >= champion.accuracy - 0.05", ours={"accuracy": 0.92}, theirs={"accuracy": 0.9})
    assert only(verdict).reason == "accuracy is 0.92, and r1's is 0.9, so that the bar is 0.85"
    assert (only(verdict).challenger, only(verdict).champion, only(verdict).estimate) == (0.92, 0.9, 0.02)


def test_what_is_forbidden_is_told_as_such():
    forbidden = judge("no accuracy < 0.8", ours={"accuracy": 0.7})
    assert only(forbidden).reason == "what is forbidden is so: accuracy is 0.7"
    allowed = judge("no accuracy < 0.8", ours={"accuracy": 0.9})
    assert only(allowed).reason == "what is forbidden is not so: accuracy is 0.9"


def test_a_factor_scales_what_is_told_of_the_difference():
    assert only(judge("mae <= champion.mae * 1.5", ours={"mae": 4}, theirs={"mae": 3})).estimate == -0.5


def test_without_a_champion_nothing_relative_applies_and_an_absolute_sentence_decides():
    verdict = judge("mae < champion.mae", "mae <= 15", ours={"mae": 4.0})
    assert (outcomes(verdict), verdict.outcome) == (["not applicable", "pass"], "pass")
    assert verdict.measured == {"mae": 4.0}


def test_a_first_model_does_not_pass_where_nothing_applies():
    verdict = judge("mae < champion.mae", ours={"mae": 4.0})
    assert (outcomes(verdict), verdict.outcome) == (["not applicable"], "undecided")
    assert "add a sentence against a number, such as mae < NUMBER" in only(verdict).reason


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"acuracy": 0.9}, "it has acuracy: write it as accuracy"),
        ({"test.accuracy": 0.9, "loss": 1}, "it has test.accuracy: write it as accuracy"),
        ({"Accuracy_val": 0.9, "val/accuracy": 0.9}, "it has Accuracy_val, val/accuracy: write it as accuracy"),
        ({"loss": 1.0, "epochs": 3}, "it has loss, epochs"),
        ({}, "it has no numbers"),
    ],
)
def test_a_number_that_is_not_there_decides_nothing_and_the_near_miss_is_told(numbers, said):
    verdict = judge("accuracy >= 0.8", ours=numbers)
    assert verdict.outcome == "undecided"
    assert only(verdict).reason.startswith("out/metrics.json has no number called accuracy; ")
    assert said in only(verdict).reason
    assert verdict.measured == {}


@pytest.mark.parametrize(
    ("sentence", "value", "said"),
    [
        ("accuracy >= 0.8", math.nan, "accuracy is NaN, which cannot be compared"),
        ("mae <= 15", -math.inf, "mae is infinite, which cannot be compared"),
        ("accuracy >= 0.8", 92.0, "accuracy is 92, and its range is 0..1: for 92 % write 0.92"),
        ("no f1 < 0.8", 85.0, "f1 is 85, and its range is 0..1: for 85 % write 0.85"),
        ("recall >= 0.8", -0.1, "recall is -0.1, and its range is 0..1"),
        ("mae <= 15", -3.0, "mae is -3, and its range is 0 or more"),
        ("r2 >= 0.5", 1.5, "r2 is 1.5, and its range is at most 1"),
    ],
)
def test_what_cannot_be_the_metrics_value_decides_nothing(sentence, value, said):
    metric = parse_sentence(sentence).metric
    verdict = judge(sentence, ours={metric: value})
    assert (verdict.outcome, verdict.measured) == ("undecided", {})
    assert only(verdict).reason == f"out/metrics.json says that {said}"


def test_a_champion_of_which_the_number_is_not_known_leaves_it_undecided_and_says_how_to_go_on():
    verdict = judge("auc > champion.auc", "auc >= 0.7", ours={"auc": 0.8}, theirs={"accuracy": 0.9})
    assert (outcomes(verdict), verdict.outcome) == (["undecided", "pass"], "undecided")
    reason = verdict.sentences[0].reason
    assert reason.startswith("nothing to compare with: what is known of r1 has no number called auc; it has accuracy")
    assert reason.endswith("leave the sentence out for one release, or override with a reason")
    assert verdict.sentences[0].challenger == 0.8


def test_fail_stands_before_undecided():
    assert judge("accuracy >= 0.8", "mae <= 5", ours={"accuracy": 0.7}).outcome == "fail"


def test_a_gate_that_only_forbids_can_pass_here():
    assert judge("no accuracy < 0.8", "no mae > champion.mae", ours={"accuracy": 0.9}).outcome == "pass"


def test_sizes_are_compared_too():
    verdict = judge(
        "model_size_mb <= 200", "model_size_mb <= champion.model_size_mb * 1.1", ours={}, theirs={}, sizes_mb=(3.3, 3.0)
    )
    assert (outcomes(verdict), verdict.measured) == (["pass", "pass"], {})
    assert judge("model_size_mb < 3", ours={}, sizes_mb=(3.3, None)).outcome == "fail"
    assert judge("model_size_mb < 3", ours={}).outcome == "undecided"


@pytest.mark.parametrize(
    ("sentence", "what"),
    [
        ("every slice(sex).accuracy >= 0.8", "a slice"),
        ("gap(sex).accuracy <= 0.1", "a gap between slices"),
        ("violations(invariant sex) <= 1%", "a behaviour"),
        ("latency_p99_ms <= 20", "a latency"),
    ],
)
def test_what_only_rows_can_tell_is_not_taken_from_a_file(sentence, what):
    verdict = judge(sentence, ours={"accuracy": 0.9, "latency_p99_ms": 3.0})
    assert (verdict.outcome, only(verdict).reason) == (
        "undecided",
        f"{what} needs rows, and the gate has only out/metrics.json",
    )


def test_of_many_names_only_some_are_told():
    reason = only(judge("accuracy >= 0.8", ours={f"x{at}": 1.0 for at in range(3000)})).reason
    assert reason.endswith("x7 and 2,992 more")

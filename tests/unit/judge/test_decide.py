"""A gate's verdict: what passes, what fails, what is undecided and what would decide it, in words a person understands."""

import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

from assay.core.pipeline import GateAction
from assay.core.problem import EvidenceError
from assay.core.sentence import Reference, Sentence, parse_sentence
from assay.judge import Evidence, decide, judge_sentence, labelled_rows
from assay.judge.decide import outcome_of

CASES = {
    case["id"]: case for case in json.loads((Path(__file__).parent / "gate_cases.json").read_text("utf-8"))["cases"]
}
PLAIN = ("p01-superiority-pass", "p02-undecided", "p03-same-rows-95", "p04-identical", "p05-absolute-pass")
SEEN = "not shown: gain 0.219 over r2, lower bound -0.102 with 95 % confidence"


def digest(letter):
    return "b3:" + letter * 64


def evidence(labels, challenger, champion=None, release="r2"):
    return Evidence(
        labels=np.asarray(labels),
        challenger=np.asarray(challenger),
        champion=None if champion is None else np.asarray(champion),
        gate_digest=digest("a"),
        test_set_digest=digest("b"),
        challenger_digest=digest("c"),
        champion_digest=None if champion is None else digest("d"),
        champion_release=None if champion is None else release,
    )


def gate(*sentences, **settings):
    return GateAction("data/gate.csv", tuple(map(parse_sentence, sentences)), **settings)


def only(verdict):
    (sentence,) = verdict.sentences
    return sentence


def table(case):
    """Labels and both models' predictions with the counts of a case."""
    counts = [case["input"][name] for name in ("only_new_right", "only_champion_right", "both_right", "both_wrong")]
    return evidence(np.ones(sum(counts), int), np.repeat([1, 0, 1, 0], counts), np.repeat([0, 1, 1, 0], counts))


def assert_expected(sentence, expected):
    assert sentence.verdict == expected["verdict"]
    assert sentence.p_value == pytest.approx(expected["p_value"], rel=1e-5)
    assert sentence.delta == pytest.approx(expected["delta"], rel=1e-5)
    if "labels_needed_total" in expected:
        tolerance = expected["labels_rel_tol"]
        assert sentence.labels_needed_total == pytest.approx(expected["labels_needed_total"], rel=tolerance)
        assert sentence.labels_more == pytest.approx(expected["labels_more"], rel=tolerance)


@pytest.mark.parametrize("name", PLAIN)
def test_the_agreed_cases_come_out(name):
    case = CASES[name]
    verdict = decide(gate(*case["gate"], detect=case["input"]["detect"]), table(case))
    assert verdict.outcome == case["expect"]["verdict"]
    assert_expected(only(verdict), case["expect"])


def test_the_agreed_case_of_a_worn_test_set_comes_out_at_the_ledgers_delta():
    case = CASES["p09-ledger"]
    (sentence,) = gate(*case["gate"]).require
    assert_expected(judge_sentence(sentence, labelled_rows(table(case)), 0.01 / (5 * 6) / 2, 0.02), case["expect"])


def test_the_agreed_case_of_forbidden_harm_comes_out():
    case = CASES["p06-forbid"]
    verdict = decide(gate(*case["gate"], detect=case["input"]["detect"]), table(case))
    low, high = case["expect"]["p_range"]
    assert (verdict.outcome, only(verdict).delta) == (case["expect"]["verdict"], case["expect"]["delta"])
    assert low <= only(verdict).p_value <= high


def test_the_agreed_case_of_one_class_comes_out():
    case = CASES["p10-nan-metric"]
    verdict = decide(gate(*case["gate"]), evidence(np.zeros(300, int), np.linspace(0, 1, 300)))
    assert verdict.outcome == case["expect"]["verdict"]
    assert case["expect"]["reason_contains"] in only(verdict).reason


def test_a_verdict_names_all_that_it_rests_on():
    verdict = decide(gate("accuracy >= 0.5"), evidence([1, None] * 50, [1, 1] * 50, [1, 1] * 50))
    assert (verdict.gate, verdict.test_set) == (digest("a"), digest("b"))
    assert (verdict.challenger, verdict.champion, verdict.champion_release) == (digest("c"), digest("d"), "r2")
    assert (verdict.rows, verdict.unlabelled) == (100, 50)
    assert only(verdict).rows == 50
    assert only(verdict).sentence == "accuracy >= 0.5"


@pytest.mark.parametrize(
    "verdicts, outcome",
    [
        (["pass", "pass"], "pass"),
        (["pass", "not applicable"], "pass"),
        (["pass", "undecided"], "undecided"),
        (["undecided", "fail"], "fail"),
        (["pass", "fail"], "fail"),
        (["not applicable"], "undecided"),
        ([], "undecided"),
    ],
)
def test_fail_comes_before_undecided_before_pass(verdicts, outcome):
    assert outcome_of(verdicts) == outcome


def test_a_sentence_without_level_takes_the_gates():
    rows = table(CASES["p02-undecided"])
    assert only(decide(gate("accuracy > champion.accuracy"), rows)).delta == 0.05
    assert only(decide(gate("accuracy > champion.accuracy", confidence=0.99), rows)).delta == 0.01


class TestWithoutChampion:
    ROWS = evidence([1] * 200, [1] * 190 + [0] * 10)

    def test_a_relative_sentence_does_not_apply_and_an_absolute_one_decides(self):
        verdict = decide(gate("accuracy > champion.accuracy", "accuracy >= 0.9"), self.ROWS)
        assert [sentence.verdict for sentence in verdict.sentences] == ["not applicable", "pass"]
        assert verdict.outcome == "pass"
        assert verdict.sentences[0].reason == "nothing to compare: there is no champion yet"
        assert (verdict.champion, verdict.champion_release) == (None, None)

    def test_what_a_sentence_names_is_measured_even_where_the_sentence_does_not_apply(self):
        verdict = decide(gate("accuracy > champion.accuracy", "error_rate <= 0.2"), self.ROWS)
        assert verdict.measured == pytest.approx({"accuracy": 0.95, "error_rate": 0.05})

    def test_relative_sentences_alone_decide_nothing_and_say_what_to_add(self):
        verdict = decide(gate("accuracy > champion.accuracy at 99%"), self.ROWS)
        assert verdict.outcome == "undecided"
        assert only(verdict).reason == (
            "nothing to compare: there is no champion yet; add a sentence against a number, "
            "such as accuracy > NUMBER, so that a first release can pass"
        )


class TestReasons:
    rng = np.random.default_rng(3)
    labels = rng.normal(100, 20, 1200)
    better, worse = labels + rng.normal(0, 8, 1200), labels + rng.normal(1, 11, 1200)
    alike = labels + rng.normal(0, 8.2, 1200)

    @pytest.mark.parametrize(
        "text, expected",
        [
            ("mae < champion.mae", "2.75 better than r2; at least 2.36 with 95 % confidence"),
            ("mae < champion.mae - 1", "2.75 better than r2; at least 2.36 with 95 % confidence; 1 better is asked"),
            ("mae < champion.mae * 0.95", "2.29 better than 0.95 x r2; at least 1.92 with 95 % confidence"),
            ("mae <= 15", "mae 6.36; at most 6.59 with 95 % confidence"),
            ("mae > 5", "mae 6.36; at least 6.13 with 95 % confidence"),
        ],
    )
    def test_a_pass_says_by_how_much_at_least(self, text, expected):
        sentence = only(decide(gate(text), evidence(self.labels, self.better, self.worse)))
        assert (sentence.verdict, sentence.reason) == ("pass", expected)
        assert sentence.labels_needed_total is None

    @pytest.mark.parametrize(
        "text, expected",
        [
            (
                "mae < champion.mae",
                SEEN + "; 2,420 more labels would show a gain of 0.329",
            ),
            (
                "mae < champion.mae + 0.05",
                SEEN + "; 0.05 worse is allowed; 155,503 more labels would show it for a model that is equal",
            ),
            (
                "mae <= 6.4",
                "not shown: mae 6.36, upper bound 6.59 with 95 % confidence; 707 more labels would show mae 6.08",
            ),
        ],
    )
    def test_what_is_undecided_says_what_more_labels_would_show(self, text, expected):
        sentence = only(decide(gate(text), evidence(self.labels, self.better, self.alike)))
        assert (sentence.verdict, sentence.reason) == ("undecided", expected)
        assert sentence.labels_needed_total == sentence.rows + sentence.labels_more

    def test_a_fail_says_that_the_rows_were_enough(self):
        sentence = only(decide(gate("mae < champion.mae", detect=1), evidence(self.labels, self.better, self.alike)))
        assert sentence.verdict == "fail"
        assert sentence.reason == SEEN + "; 394 rows are enough to show a gain of 1"
        assert (sentence.labels_needed_total, sentence.labels_more) == (394, 0)

    def test_no_number_of_labels_shows_perfection(self):
        sentence = only(decide(gate("accuracy >= 1"), evidence([1] * 50, [1] * 50)))
        assert sentence.verdict == "undecided"
        assert sentence.reason.endswith("; no number of labels would show it")
        assert sentence.labels_needed_total is None

    def test_identical_models_are_named_as_such(self):
        sentence = only(decide(gate("mae < champion.mae"), evidence(self.labels, self.better, self.better.copy())))
        assert (sentence.verdict, sentence.p_value) == ("fail", 1.0)
        assert sentence.reason.startswith("not shown: no difference from r2 on any row; 67 rows are enough")

    def test_without_a_release_the_champion_is_called_so(self):
        rows = evidence(self.labels, self.better, self.worse, release=None)
        assert only(decide(gate("mae < champion.mae"), rows)).reason.startswith("2.75 better than the champion; ")


class TestRowsThatAreNotAsTheyShouldBe:
    def test_no_rows_decide_nothing_and_a_share_says_how_many_would(self):
        nothing = evidence([], [], [])
        shares = only(decide(gate("accuracy > champion.accuracy at 99%"), nothing))
        assert (shares.verdict, shares.reason, shares.labels_more) == ("undecided", "no row has a label", 525)
        errors = only(decide(gate("mae <= 3"), nothing))
        assert (errors.verdict, errors.reason, errors.labels_more) == ("undecided", "no row has a label", None)

    def test_rows_without_label_are_passed_over_and_counted(self):
        labels = np.where(np.arange(300) % 3 == 0, np.nan, 1.0)
        verdict = decide(gate("accuracy >= 0.9"), evidence(labels, np.ones(300)))
        assert (verdict.outcome, verdict.rows, verdict.unlabelled, only(verdict).rows) == ("pass", 300, 100, 200)

    def test_a_missing_prediction_is_wrong_for_a_share_and_told(self):
        sentence = only(decide(gate("accuracy >= 0.9"), evidence(["a"] * 200, ["a"] * 197 + [None] * 3)))
        assert sentence.challenger == 197 / 200
        assert sentence.reason.endswith(" (3 predictions of the challenger are missing and count as wrong)")

    @pytest.mark.parametrize("text", ["mae < champion.mae", "rmse < champion.rmse", "mae > 0"])
    def test_a_missing_prediction_leaves_an_error_undecided_and_is_named(self, text):
        labels = np.arange(100.0)
        broken = labels.copy()
        broken[7] = math.nan
        sentence = only(decide(gate(text), evidence(labels, broken, labels)))
        assert sentence.verdict == "undecided"
        assert sentence.reason.endswith(
            "is undefined: 1 of 100 predictions of the challenger are no finite number (the first in labelled row 8)"
        )
        assert sentence.p_value is None

    def test_a_broken_champion_does_not_hide_behind_an_absolute_sentence(self):
        labels = np.arange(100.0)
        broken = np.full(100, math.nan)
        verdict = decide(gate("mae < champion.mae", "mae < 1"), evidence(labels, labels + labels / 200, broken))
        assert [sentence.verdict for sentence in verdict.sentences] == ["undecided", "pass"]
        assert "predictions of r2" in verdict.sentences[0].reason

    def test_too_few_rows_for_a_t_test_are_undecided_however_clear_they_look(self):
        sentence = only(decide(gate("mae < 100"), evidence(np.arange(12.0), np.arange(12.0) + 1)))
        assert sentence.verdict == "undecided"
        assert sentence.reason == "a t test needs at least 30 labelled rows, and there are 12"
        assert (sentence.labels_needed_total, sentence.labels_more) == (30, 18)

    def test_an_approximate_test_is_refused_at_a_level_it_cannot_keep(self):
        sentence = only(decide(gate("mae < 100 at 99.999%"), evidence(np.arange(90.0), np.arange(90.0) + 1)))
        assert (sentence.verdict, sentence.labels_needed_total) == ("undecided", None)
        assert "not precise enough for an error probability below 0.0001" in sentence.reason
        assert "a score of each row with `score_range` is tested by betting" in sentence.reason
        assert sentence.challenger == 1.0

    @pytest.mark.parametrize(
        ("sentence", "more", "said"),
        [
            ("auc >= 0.5 at 99.999%", {}, "require accuracy, error_rate or recall, which are tested exactly"),
            ("accuracy >= 0.5 at 99.999%", {"group": "who"}, "(here 1e-05)"),
        ],
    )
    def test_what_would_be_tested_otherwise_is_told_where_there_is_something(self, sentence, more, said):
        labels = np.arange(90) % 2
        scores = np.where(np.arange(90) < 20, 0.5, labels)
        rows = msgspec.structs.replace(evidence(labels, scores), columns={"who": np.arange(90)})
        reason = only(decide(gate(sentence, **more), rows)).reason
        assert said in reason
        assert ("require accuracy" in reason) is not bool(more)

    def test_models_on_different_rows_are_an_error(self):
        with pytest.raises(EvidenceError) as caught:
            decide(gate("accuracy >= 0.9"), evidence([1, 1, 1], [1, 1, 1], [1, 1]))
        assert caught.value.problem.code == "rows-do-not-match"
        assert caught.value.problem.because == ("labels: 3 values", "challenger: 3 values", "champion: 2 values")

    def test_a_table_of_scores_is_no_column_of_predictions(self):
        with pytest.raises(EvidenceError, match="not of the same rows"):
            decide(gate("accuracy >= 0.9"), evidence([1, 1, 1], np.ones((3, 2))))

    def test_labels_of_another_type_are_an_error(self):
        with pytest.raises(EvidenceError, match="the labels are numbers and the predictions are text"):
            decide(gate("accuracy >= 0.9"), evidence([1, 0, 1], ["1", "0", "1"]))


@pytest.mark.parametrize(
    "sentence",
    [Sentence("calibration_error", "<", Reference(0.1)), Sentence("mae", "<", Reference(0.0, "rmse"))],
)
def test_a_sentence_built_by_hand_is_refused_as_the_parser_would(sentence):
    with pytest.raises(EvidenceError) as caught:
        decide(GateAction("data/gate.csv", (sentence,)), evidence([1.0], [1.0], [1.0]))
    assert caught.value.problem.code == "sentence-not-built"


def test_more_than_two_classes_are_right_or_wrong_like_two():
    labels = np.array(["a", "b", "c", "d"] * 100, object)
    guesses = labels.copy()
    guesses[:8] = "e"
    assert only(decide(gate("error_rate < 0.05"), evidence(labels, guesses))).challenger == 0.02


def test_every_sentence_names_its_method():
    labels = np.arange(100.0)
    rows = evidence(labels, labels * 1.01, labels * 1.03)
    texts = ("accuracy >= 0.1", "accuracy > champion.accuracy", "mae < champion.mae", "rmse < champion.rmse - 0.1")
    methods = [sentence.method for sentence in decide(gate(*texts), rows).sentences]
    assert methods[:2] == ["exact binomial test", "exact McNemar test, paired"]
    assert all("approximate: 30 or more independent rows" in method for method in methods[2:])


def test_rows_that_were_set_aside_still_show_harm():
    """A worn test set must not make harm harder to see: a no sentence looks at all rows, the others at the fresh ones."""
    truth = np.zeros(1600, int)
    worse = (np.arange(1600) < 900).astype(int) * (np.arange(1600) % 4 == 0)
    name = "b3:" + "a" * 64
    whole = Evidence(truth, worse, truth, name, name, name, name, "r1")
    said = ("accuracy > champion.accuracy - 0.5", "no accuracy < champion.accuracy - 0.1")
    gate = GateAction("gate.csv", tuple(map(parse_sentence, said)))
    fresh = whole.at(np.arange(1600) >= 900)
    assert [each.verdict for each in decide(gate, fresh).sentences] == ["pass", "pass"]
    judged = decide(gate, fresh, whole=whole)
    assert [(each.verdict, each.rows) for each in judged.sentences] == [("pass", 700), ("fail", 1600)]


def test_a_gain_beyond_what_the_champion_leaves_is_not_promised_without_a_word():
    labels = np.arange(500) % 2
    found = only(decide(gate("accuracy > champion.accuracy"), evidence(labels, labels, labels)))
    assert found.verdict == "fail"
    assert found.reason.endswith("to show a gain of 2.00 points, but r2 at 100.00 % leaves room for 0.00 points")
    half = np.where(np.arange(500) < 250, labels, 1 - labels)
    assert "room" not in only(decide(gate("accuracy > champion.accuracy"), evidence(labels, half, half))).reason


@pytest.mark.parametrize("sentence", ["mae <= 0.5", "rmse <= 0.5", "mae < champion.mae"])
def test_rows_that_are_all_alike_are_told_and_what_would_be_tested_in_another_way(sentence):
    labels = np.arange(200.0)
    found = only(decide(gate(sentence), evidence(labels, labels, labels + 1)))
    assert found.verdict == "undecided"
    assert "here every one is alike" in found.reason
    assert found.reason.endswith(
        "others may lie from them: a score of each row with `score_range` is tested by betting, at any level"
    )

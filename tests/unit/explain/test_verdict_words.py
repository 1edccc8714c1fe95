"""The first line of a verdict says all that a reader without statistics has to know; numbers are written as people read them."""

import pytest
from msgspec.structs import replace

from assay.core.digest import digest_of
from assay.core.verdict import Charge, SentenceVerdict, SliceVerdict
from assay.explain.amounts import CHANGE, GAIN, NUMBER, SHARE, probability
from assay.explain.verdict import headline, sentence_facts, verdict_facts
from assay.explain.verdict.asked import asked_by

HEADLINES = {
    "pass": "PASS: the challenger is better than r2 as required (3 of 3 sentences shown on 2,000 rows)",
    "fail": "FAIL: `accuracy > champion.accuracy at 99%` was not shown on 2,000 rows, though a gain worth finding would have been",
    "refuted": "FAIL: the challenger is worse than r2 by more than is allowed: `mae <= champion.mae * 1.05` was shown to be false on "
    "2,000 rows, and 1 other sentence failed too",
    "undecided": "UNDECIDED: 2,322 more labelled rows needed to tell whether the challenger is good enough",
    "first": "PASS: the challenger is as good as required; there is no champion to compare it with (1 of 1 sentence shown on 2,000 "
    "rows; 1 sentence did not apply)",
    "sealed": "UNDECIDED: 1,322 more labelled rows needed to tell whether the challenger is good enough",
    "metrics file": "PASS: the challenger is better than r2 as required (2 of 2 sentences hold for the metrics file); unprotected: no "
    "rows",
    "restore": "FAIL: `accuracy > champion.accuracy at 99%` was not shown on 2,000 rows, though a gain worth finding would have been; "
    "r1, an earlier champion, beats r3: assay rollback r1",
    "many slices": "FAIL: the harm that `no slice(carrier).accuracy < champion.accuracy - 0.05 at 99%` forbids was shown for "
    "carrier=AA on 60,000 rows",
}


@pytest.mark.parametrize("name", HEADLINES)
def test_the_first_line_is_the_answer(verdicts, name):
    assert headline(verdicts[name]) == HEADLINES[name]


def test_of_slices_the_one_that_lacks_labels_is_named(verdicts):
    parts = (
        SliceVerdict("city=Metz", "undecided", 43, "", labels_more=3_299),
        SliceVerdict("city=Lyon", "undecided", 700, "", labels_more=900),
    )
    sentence = SentenceVerdict(
        "every slice(city).accuracy >= 0.8", "undecided", "", rows=1_500, labels_more=115_082, slices=parts
    )
    verdict = replace(only(verdicts["undecided"], sentence, "undecided"), labels_more=115_082)
    assert headline(verdict).startswith("UNDECIDED: 3,299 more labelled rows of city=Metz needed to tell whether")


def test_that_a_challenger_looks_worse_is_said_before_labels_are_bought(verdicts):
    sentence = SentenceVerdict("mae < champion.mae", "undecided", "", estimate=0.3, rows=100, labels_more=500)
    verdict = replace(only(verdicts["undecided"], sentence, "undecided"), labels_more=500)
    assert headline(verdict).endswith("whether the challenger is good enough; so far it looks worse than r2")
    better = replace(verdict, sentences=(replace(sentence, estimate=-0.3),))
    assert headline(better).endswith("whether the challenger is good enough")


def test_a_gate_that_only_forbids_says_what_few_rows_are_worth(verdicts):
    sentence = SentenceVerdict("no mae > champion.mae", "pass", "", rows=100, labels_more=500)
    verdict = replace(only(verdicts["undecided"], sentence, "undecided"), labels_more=500)
    assert headline(verdict) == (
        "UNDECIDED: no harm that the gate forbids was found, but so few rows would hardly show it; 500 more labelled rows would"
    )


def only(verdict, sentence, outcome="pass"):
    return replace(verdict, outcome=outcome, sentences=(sentence,))


def passed(text: str) -> SentenceVerdict:
    return SentenceVerdict(
        text, "pass", "so it is", p_value=0.001, delta=0.05, estimate=0.0, interval=(-0.1, 0.1), rows=2000
    )


@pytest.mark.parametrize(
    "text, claim",
    [
        ("accuracy > champion.accuracy", "the challenger is better than r2 as required (1 of 1 sentence shown"),
        ("mae < champion.mae * 0.9", "the challenger is better than r2 as required (1 of 1 sentence shown"),
        ("accuracy >= champion.accuracy - 0.01", "the challenger is no more worse than r2 than is allowed"),
        ("log_loss <= champion.log_loss + 0.1", "the challenger is no more worse than r2 than is allowed"),
        ("every slice(a).accuracy >= 0.8", "the challenger is as good as required (1 of 1"),
        (
            "no slice(a).accuracy < champion.accuracy",
            "no harm that the gate forbids was found (1 forbidden harm not found",
        ),
        ("no sentence at all", "the challenger is as good as required (1 of 1"),
    ],
)
def test_a_pass_claims_no_more_than_its_sentences(verdicts, text, claim):
    assert claim in headline(only(verdicts["pass"], passed(text)))


def test_one_row_is_no_rows(verdicts):
    sentence = replace(verdicts["undecided"].sentences[0], labels_more=1)
    verdict = replace(only(verdicts["undecided"], sentence, "undecided"), labels_more=None)
    assert headline(verdict).startswith("UNDECIDED: 1 more labelled row needed")


def test_what_could_not_be_judged_is_named_with_its_cause(verdicts):
    sentence = SentenceVerdict("f1 > 0.8", "undecided", "f1 is undefined: no row is positive")
    assert headline(only(verdicts["first"], sentence, "undecided")) == (
        "UNDECIDED: `f1 > 0.8` could not be judged: f1 is undefined: no row is positive"
    )


def test_a_gate_of_which_nothing_applies_says_so(verdicts):
    verdict = only(verdicts["first"], verdicts["first"].sentences[0], "undecided")
    assert "no sentence of the gate applies without a champion" in headline(verdict)


def test_a_size_that_is_too_large_is_told_with_its_value(verdicts):
    sentence = SentenceVerdict("model_size_mb <= 20", "fail", "too large", challenger=31.2, estimate=31.2)
    assert (
        headline(only(verdicts["fail"], sentence, "fail")) == "FAIL: `model_size_mb <= 20` does not hold: it is 31.2 MB"
    )


def test_rows_that_would_not_have_been_enough_are_not_said_to_be(verdicts):
    sentence = replace(verdicts["fail"].sentences[0], labels_needed_total=None, labels_more=None)
    assert headline(only(verdicts["fail"], sentence, "fail")).endswith("was not shown on 2,000 rows")


@pytest.mark.parametrize("outcome", ["pass", "fail", "undecided"])
def test_a_sealed_verdict_tells_its_outcome_and_no_sentence(verdicts, outcome):
    told = headline(replace(verdicts["sealed"], outcome=outcome, labels_more=None))
    assert told.startswith(f"{outcome.upper()}: ")
    assert "sealed gate" in told
    assert "accuracy" not in told


def test_hostile_names_stay_on_the_line(verdicts):
    told = headline(verdicts["hostile"])
    assert told.isprintable()
    assert told.count("`") == 2


def allowed(verdict, at=0):
    return dict(sentence_facts(verdict.sentences[at], verdict)).get("allowed")


def test_a_level_says_where_it_comes_from(verdicts):
    assert allowed(verdicts["fail"], 0) == "0.01, at 99 %: as written"
    assert allowed(verdicts["fail"], 1) == "0.05, at 95 %: the gate's level"


def test_a_charged_level_shows_its_sum(verdicts):
    assert allowed(verdicts["undecided"], 0) == (
        "0.000167: decision 5 on these rows, 0 of the 4 before it passed: 0.01 / (5 x 6) / 2 = 0.000167"
    )
    assert allowed(verdicts["pass"], 1) == "0.0125: decision 1 on these rows: 0.05 / (1 x 2) / 2 = 0.0125"


def test_the_sum_counts_the_orders_in_which_earlier_ones_may_have_passed(verdicts):
    charge = Charge(digest_of(b""), (1, 2, 3, 4), 4, 2)
    sentence = replace(verdicts["fail"].sentences[0], delta=0.01 / 30 / 8 / 6)
    told = allowed(replace(verdicts["fail"], sentences=(sentence,), charge=charge))
    assert told == "6.9e-06: decision 5 on these rows, 2 of the 4 before it passed: 0.01 / (5 x 6) / 8 / 6 = 6.9e-06"


def test_what_forbids_harm_is_tested_as_written_however_worn_the_rows_are(verdicts):
    verdict = replace(verdicts["many slices"], charge=verdicts["undecided"].charge)
    assert allowed(verdict) == "0.01, at 99 %: as written, however many decisions the rows have seen"


def test_a_level_that_does_not_add_up_is_told_without_a_reason(verdicts):
    sentence = replace(verdicts["undecided"].sentences[0], delta=0.003)
    assert allowed(replace(verdicts["undecided"], sentences=(sentence,))) == "0.003"
    assert allowed(replace(verdicts["undecided"], sentences=(replace(sentence, sentence="bleu > 30"),))) == "0.003"


@pytest.mark.parametrize("passes", [5, 10**6])
def test_an_impossible_history_is_not_reckoned_with(verdicts, passes):
    sentence = replace(verdicts["fail"].sentences[1], delta=0.05)
    told = allowed(replace(verdicts["fail"], sentences=(sentence,), charge=Charge(digest_of(b""), (), 0, passes)))
    assert told == "0.05"


def test_the_facts_of_the_whole_name_what_is_missing_and_what_is_assumed(verdicts):
    facts = dict(verdict_facts(verdicts["undecided"]))
    assert facts["rows"] == "1,000 labelled rows, 312 without a label; rows are taken as independent"
    assert facts["label first"] == "the 32 unlabelled rows on which the two models differ"
    assert facts["labels needed"] == "3,322 labelled rows to decide it: 2,322 more than there are"
    assert dict(verdict_facts(verdicts["pass"]))["rows"].endswith("rows of one customer_id are taken together")


def test_a_forbidden_harm_tells_what_would_have_been_seen(verdicts):
    facts = dict(sentence_facts(verdicts["many slices"].sentences[0], verdicts["many slices"]))
    assert facts["would see"] == "a harm of 3.10 points beyond what is forbidden, 9 times in 10"
    assert facts["p"] == "at most 0.0004"
    assert facts["estimate"].endswith("less than -5.00 points is forbidden")


@pytest.mark.parametrize(
    "scale, value, text",
    [
        (SHARE, 0.935, "93.50 %"),
        (GAIN, 0.02, "+2.00 points"),
        (GAIN, -0.00001, "0.00 points"),
        (NUMBER, 12.3456, "12.35"),
        (NUMBER, 123456.7, "123,457"),
        (NUMBER, 0.0000123, "1.23e-05"),
        (CHANGE, -0.0, "0"),
        (CHANGE, 2.5, "+2.5"),
        (NUMBER, float("inf"), "no bound"),
        (NUMBER, float("nan"), "unknown"),
    ],
)
def test_numbers_are_written_as_people_read_them(scale, value, text):
    assert scale.say(value) == text


@pytest.mark.parametrize(
    "value, text", [(0.000456556, "0.000457"), (2.34e-7, "2.3e-07"), (0.0, "0"), (1.0, "1"), (0.0001, "0.0001")]
)
def test_probabilities_are_written_short(value, text):
    assert probability(value) == text


@pytest.mark.parametrize(
    "text, bar, is_above, unit",
    [
        ("accuracy > champion.accuracy + 0.01", 0.01, True, "points"),
        ("mae < champion.mae * 0.95", 0.0, False, ""),
        ("no slice(a).accuracy < champion.accuracy - 0.05", -0.05, True, "points"),
        ("no mae > champion.mae + 2", 2.0, False, ""),
        ("gap(sex).recall <= 0.05", 0.05, False, "points"),
        ("violations(invariant a) <= 1%", 0.01, False, "%"),
        ("latency_p99_ms <= 20", 20.0, False, "ms"),
        ("every slice(a).accuracy >= 80%", 0.8, True, "%"),
        ("anything else", None, True, ""),
    ],
)
def test_the_bar_its_side_and_its_unit_come_from_the_sentence(text, bar, is_above, unit):
    asked = asked_by(text)
    assert (asked.bar, asked.is_above, asked.tested.unit) == (bar, is_above, unit)


def test_failing_slices_are_named_and_beyond_three_counted(verdicts):
    slices = tuple(SliceVerdict(f"a={at}", "fail", 200) for at in range(5))
    sentence = replace(passed("every slice(a).accuracy >= 0.8"), verdict="fail", interval=(0.7, 0.9), slices=slices)
    assert "was not shown for a=0, a=1, a=2 and 2 more on 2,000 rows" in headline(
        only(verdicts["fail"], sentence, "fail")
    )

"""Which rows have labels, beside where the two models disagree: ties that need none, and labels that are no sample."""

import numpy as np
import pytest
from scipy import stats

from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, decide, labelled_rows
from assay.judge.labelling import are_chosen, unlabelled_rows
from assay.judge.question import question_of
from assay.judge.shares import compare_share
from assay.judge.trial import try_question

D = "b3:" + "0" * 64
RELATIVE = "accuracy > champion.accuracy - 0.01"


def evidence(labels, ours, theirs, **columns):
    return Evidence(labels, ours, theirs, D, D, D, D, "r1", columns=columns)


def answered(rows, *, wins, losses, seed=0):
    """True labels, and two models that are right on nine rows in ten but for so many wins and losses."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, rows).astype(float)
    theirs = np.where(rng.random(rows) < 0.1, 1 - truth, truth)
    ours = theirs.copy()
    right, wrong = np.flatnonzero(theirs == truth), np.flatnonzero(theirs != truth)
    flipped = np.concatenate([rng.permutation(wrong)[:wins], rng.permutation(right)[:losses]])
    ours[flipped] = 1 - ours[flipped]
    return truth, ours, theirs


def bought(truth, ours, theirs, *, disagreeing=1.0, others=0.0, seed=1):
    """Labels for a share of the rows on which the models disagree, and for a share of the others."""
    rng = np.random.default_rng(seed)
    share = np.where(ours != theirs, disagreeing, others)
    return np.where(rng.random(len(truth)) < share, truth, np.nan)


def only(text, evidence, **settings):
    (sentence,) = decide(GateAction("gate.csv", (parse_sentence(text),), **settings), evidence).sentences
    return sentence


@pytest.mark.parametrize(
    "text",
    [
        RELATIVE,
        "accuracy > champion.accuracy",
        "error_rate < champion.error_rate",
        "no accuracy < champion.accuracy - 0.02",
    ],
)
def test_with_every_disagreeing_row_labelled_the_verdict_is_that_of_all_labels(text):
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    whole = only(text, evidence(truth, ours, theirs))
    cheap = only(text, evidence(bought(truth, ours, theirs), ours, theirs))
    assert (cheap.verdict, cheap.p_value) == (whole.verdict, whole.p_value)
    assert cheap.estimate == pytest.approx(whole.estimate)
    assert cheap.interval == whole.interval
    assert (cheap.rows, whole.rows) == (320, 5_000)
    assert "4,680 unlabelled rows on which both answer alike count as ties" in cheap.method


def test_neither_models_own_value_is_told_where_labels_were_bought():
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    cheap = only("accuracy > champion.accuracy", evidence(bought(truth, ours, theirs), ours, theirs))
    assert (cheap.challenger, cheap.champion) == (None, None)


def test_the_labels_that_are_needed_are_those_of_as_many_more_rows_labelled_in_the_same_way():
    truth, ours, theirs = answered(1_000, wins=60, losses=40)
    whole = only("accuracy > champion.accuracy at 99%", evidence(truth, ours, theirs))
    cheap = only("accuracy > champion.accuracy at 99%", evidence(bought(truth, ours, theirs), ours, theirs))
    assert (whole.verdict, cheap.verdict) == ("undecided", "undecided")
    assert whole.labels_needed_total == 3_322
    assert cheap.labels_needed_total == 333
    assert cheap.labels_more == 233
    assert cheap.reason.endswith("(of further rows: every row here on which the two models disagree has its label)")


@pytest.mark.parametrize(
    "text", ["accuracy >= 0.5", "recall >= 0.5", "brier <= 0.5", "f1 > champion.f1", "mae < champion.mae"]
)
def test_other_sentences_are_undecided_where_labels_were_bought(text):
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    judged = only(text, evidence(bought(truth, ours, theirs, others=0.1), ours, theirs))
    assert judged.verdict == "undecided"
    assert judged.reason.startswith("labels were chosen where the two models disagree (100 % of those rows have one, ")
    assert judged.reason.endswith("so they are no sample of all rows: label rows that are drawn at random")


def test_a_gap_is_undecided_where_labels_were_bought():
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    half = np.repeat(["a", "b"], 2_500).astype(object)
    labels = bought(truth, ours, theirs, others=0.1)
    judged = only("gap(half).accuracy <= 0.5", evidence(labels, ours, theirs, half=half))
    assert (judged.verdict, "no sample of all rows" in judged.reason) == ("undecided", True)


def test_a_margin_is_undecided_until_the_other_disagreeing_rows_are_labelled():
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    labels = truth.copy()
    labels[np.flatnonzero(ours == theirs)] = np.nan
    labels[np.flatnonzero(ours != theirs)[:37]] = np.nan
    judged = only(RELATIVE, evidence(labels, ours, theirs))
    assert judged.verdict == "undecided"
    assert judged.reason.endswith("label the other 37 such rows")
    plain = only("accuracy > champion.accuracy", evidence(labels, ours, theirs))
    assert plain.verdict == "pass"


def test_without_a_margin_a_sample_of_the_disagreeing_rows_is_counted_as_the_rows_it_stands_for():
    truth, ours, theirs = answered(6_000, wins=400, losses=200)
    labels = np.where(np.arange(6_000) % 2 == 0, bought(truth, ours, theirs), np.nan)
    judged = only("accuracy > champion.accuracy", evidence(labels, ours, theirs))
    whole = only("accuracy > champion.accuracy", evidence(truth, ours, theirs))
    assert judged.verdict == "pass"
    assert judged.estimate == pytest.approx(whole.estimate, abs=0.02)
    assert judged.interval[0] <= whole.estimate <= judged.interval[1]


def test_labels_at_random_and_few_that_never_come_change_nothing():
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    at_random = bought(truth, ours, theirs, disagreeing=0.4, others=0.4)
    never = np.where((ours == theirs) & (np.arange(5_000) % 12 == 0), np.nan, truth)
    for labels in (at_random, never):
        assert labelled_rows(evidence(labels, ours, theirs)).rest.chosen == ""
        assert only("accuracy >= 0.8", evidence(labels, ours, theirs)).verdict == "pass"
    assert "ties" not in only(RELATIVE, evidence(at_random, ours, theirs)).method


def test_rows_that_belong_together_are_undecided_where_labels_were_bought():
    truth, ours, theirs = answered(5_000, wins=200, losses=120)
    users = np.arange(5_000) % 500
    cheap = evidence(bought(truth, ours, theirs), ours, theirs, user=users)
    assert only("accuracy > champion.accuracy", cheap, group="user").verdict == "undecided"


def test_each_slice_counts_its_own_ties():
    truth, ours, theirs = answered(6_000, wins=500, losses=300)
    third = np.repeat(["a", "b", "c"], 2_000).astype(object)
    labels = bought(truth, ours, theirs)
    text = "every slice(third).accuracy > champion.accuracy - 0.02"
    whole, cheap = (only(text, evidence(given, ours, theirs, third=third)) for given in (truth, labels))
    assert [each.p_value for each in cheap.slices] == [each.p_value for each in whole.slices]
    assert [each.estimate for each in cheap.slices] == pytest.approx([each.estimate for each in whole.slices])
    assert sum(each.rows for each in cheap.slices) == 800
    one = only("slice(third=b).accuracy > champion.accuracy - 0.02", evidence(labels, ours, theirs, third=third))
    assert one.p_value in [each.p_value for each in whole.slices]


def test_a_slice_whose_disagreeing_rows_lack_labels_is_undecided_alone():
    truth, ours, theirs = answered(6_000, wins=500, losses=300)
    third = np.repeat(["a", "b", "c"], 2_000).astype(object)
    labels = bought(truth, ours, theirs)
    labels[np.flatnonzero(~np.isnan(labels))[:40]] = np.nan
    judged = only("every slice(third).accuracy > champion.accuracy - 0.5", evidence(labels, ours, theirs, third=third))
    assert {each.slice: each.verdict for each in judged.slices} == {
        "third=a": "undecided",
        "third=b": "pass",
        "third=c": "pass",
    }


def test_amounts_that_were_labelled_where_they_lie_furthest_apart_tell_nothing():
    rng = np.random.default_rng(2)
    truth = rng.gamma(2, 15, 2_000)
    ours, theirs = truth + rng.normal(0, 10, 2_000), truth + rng.normal(0, 10, 2_000)
    furthest = np.argsort(-np.abs(ours - theirs))[:400]
    labels = np.full(2_000, np.nan)
    labels[furthest] = truth[furthest]
    judged = only("mae < champion.mae", evidence(labels, ours, theirs))
    assert judged.verdict == "undecided"
    assert judged.reason.startswith("labels were chosen where the two models lie furthest apart")
    at_random = np.where(rng.random(2_000) < 0.2, truth, np.nan)
    assert labelled_rows(evidence(at_random, ours, theirs)).rest.chosen == ""


def test_labels_at_random_are_seldom_taken_for_bought():
    """At most one time in a thousand; 3 in 1,000 leaves room for the simulation."""
    rng = np.random.default_rng(3)
    differ = rng.random(400) < 0.1
    ours = np.zeros(400)
    alarms = sum(
        unlabelled_rows(rng.random(400) < 0.3, ours, differ.astype(float), {}).chosen != "" for _ in range(1_000)
    )
    assert alarms <= 3


def test_ties_keep_the_level_of_a_margin():
    """Models at the margin, all disagreeing rows labelled: passes at most as often as the level says."""
    rng = np.random.default_rng(4)
    question = question_of(parse_sentence("accuracy > champion.accuracy - 0.02"), 0.1)
    runs, passed = 1_500, 0
    for _ in range(runs):
        rows, margin, differ = 1_000, 0.02, 0.1
        wins, losses, _ = rng.multinomial(rows, [(differ - margin) / 2, (differ + margin) / 2, 1 - differ])
        truth = np.ones(rows)
        theirs = np.repeat([0.0, 1.0, 1.0], [wins, losses, rows - wins - losses])
        ours = np.repeat([1.0, 0.0, 1.0], [wins, losses, rows - wins - losses])
        labels = np.where(ours != theirs, truth, np.nan)
        passed += try_question(question, labelled_rows(evidence(labels, ours, theirs)), MetricSettings()).is_shown
    assert passed <= stats.binom.isf(1e-3, runs, 0.1)


def test_a_margin_on_bought_labels_would_err_and_is_not_judged():
    """The danger itself: half of the disagreeing rows and a tenth of the others labelled, at a true gain of the margin. Taken as a
    sample, they pass far more often than 5 %; so no run is judged."""
    rng = np.random.default_rng(5)
    question = question_of(parse_sentence("accuracy > champion.accuracy + 0.02"), 0.05)
    naive = judged = 0
    for _ in range(100):
        wins, losses, _ = rng.multinomial(8_000, [0.06, 0.04, 0.9])
        truth = np.ones(8_000)
        theirs = np.repeat([0.0, 1.0, 1.0], [wins, losses, 8_000 - wins - losses])
        ours = np.repeat([1.0, 0.0, 1.0], [wins, losses, 8_000 - wins - losses])
        known = rng.random(8_000) < np.where(ours != theirs, 0.5, 0.1)
        naive += compare_share(question, ours[known] == 1, theirs[known] == 1).p_value <= 0.05
        labels = np.where(known, truth, np.nan)
        judged += only("accuracy > champion.accuracy + 0.02", evidence(labels, ours, theirs)).verdict != "undecided"
    assert naive > 50
    assert judged == 0


def test_pooled_slices_count_the_ties_of_the_values_that_they_pool():
    truth, ours, theirs = answered(6_000, wins=500, losses=300)
    part = np.repeat(["a", "b", "c"], [5_000, 500, 500]).astype(object)
    labels = bought(truth, ours, theirs)
    labels[(part == "c") & (ours == theirs)] = np.nan
    text = "every slice(part).accuracy > champion.accuracy - 0.05"
    cheap = only(text, evidence(labels, ours, theirs, part=part), min_rows=100)
    whole = only(text, evidence(truth, ours, theirs, part=part), min_rows=700)
    pooled = {each.slice: (each.p_value, each.pooled) for each in cheap.slices}
    assert pooled == {each.slice: (each.p_value, each.pooled) for each in whole.slices}
    assert pooled["part=other"][1] == ("b", "c")


def test_rows_whose_labels_were_bought_leave_no_sample_behind():
    """The danger itself: 2 points worse on 900 of 10,000 rows that disagree, and the first 450 of these set aside."""
    rng = np.random.default_rng(6)
    wins, losses = 350, 550
    theirs = np.repeat([0.0, 1.0, 1.0], [wins, losses, 9_100])
    ours = np.repeat([1.0, 0.0, 1.0], [wins, losses, 9_100])
    labels = np.where(ours != theirs, 1.0, np.nan)
    worn = np.zeros(10_000, bool)
    worn[rng.permutation(900)[:450]] = True
    left = evidence(labels, ours, theirs).at(~worn)
    assert only("accuracy > champion.accuracy - 0.0175", evidence(labels, ours, theirs)).verdict != "pass"
    assert only("accuracy > champion.accuracy - 0.0175", left).verdict == "pass"
    assert are_chosen(worn, ours, theirs)
    assert not are_chosen(rng.random(10_000) < 0.2, ours, theirs)
    assert not are_chosen(worn, ours, None)

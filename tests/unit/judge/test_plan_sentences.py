"""What a sentence needs before any label is bought."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.core.wear import Wear
from assay.judge.plan import Known, SentencePlan, plan_sentence
from assay.judge.plan.labelled import most_disagreement
from assay.judge.power import rows_for_gain, rows_for_mean, rows_for_share

CASES = json.loads(Path(__file__).with_name("gate_cases.json").read_text("utf-8"))["cases"]
UNDECIDED = [case for case in CASES if "labels_needed_total" in case["expect"] and "rows" in case["input"]]


def plan(
    text: str, known: Known | None = None, *, wear: Wear | None = None, rows: int | None = None, **gate
) -> SentencePlan:
    sentence = parse_sentence(text)
    return plan_sentence(sentence, GateAction(None, (sentence,), **gate), known or Known(), wear, rows=rows)


def table_of(found: SentencePlan) -> list[tuple[float, int | None]]:
    return [(row.shown, row.rows) for row in found.table]


# ---- shares --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", UNDECIDED, ids=lambda case: case["id"])
def test_it_asks_for_the_labels_that_the_gate_would(case):
    """The agreed cases: planned by how often the two models differ, before any label is there."""
    asked = case["input"]
    differ = (asked["only_new_right"] + asked["only_champion_right"]) / asked["rows"]
    ledger = asked.get("ledger")
    wear = Wear(ledger["decisions_before"], ledger["passes_before"]) if ledger else None
    found = plan(case["gate"][0], Known(disagreement=differ, champion=0.9), wear=wear, detect=asked["detect"])
    assert found.rows == pytest.approx(case["expect"]["labels_needed_total"], rel=case["expect"]["labels_rel_tol"])


def test_the_table_has_half_once_twice_and_four_times_what_is_worth_detecting():
    found = plan("accuracy > champion.accuracy at 99%", Known(disagreement=0.1), detect=0.02)
    assert table_of(found) == [(gain, rows_for_gain(gain, 0, 0.1, 0.01)) for gain in (0.01, 0.02, 0.04, 0.08)]
    assert (found.rows, found.shown, found.unit) == (3322, 0.02, "labelled rows")


def test_only_rows_on_which_the_two_differ_need_a_label():
    found = plan("accuracy > champion.accuracy at 99%", Known(disagreement=0.1), detect=0.02)
    assert found.to_label == math.ceil(0.1 * found.rows)
    assert plan("accuracy > champion.accuracy + 0.01", Known(disagreement=0.1)).to_label
    assert plan("accuracy >= 0.8", Known(disagreement=0.1)).to_label is None
    assert plan("accuracy > champion.accuracy * 1.01", Known(disagreement=0.1, champion=0.9)).to_label is None
    assert plan("accuracy > champion.accuracy", Known(disagreement=0.1, spread=0.4), group="customer").to_label is None


def test_where_nobody_knows_how_often_they_differ_the_worst_is_planned_for():
    always = plan("accuracy > champion.accuracy")
    beside = plan("accuracy > champion.accuracy", Known(champion=0.9))
    counted = plan("accuracy > champion.accuracy", Known(disagreement=0.05))
    assert always.rows > beside.rows > counted.rows
    assert always.rows == rows_for_gain(0.02, 0, 1.0, 0.05)
    assert beside.rows == rows_for_gain(0.02, 0, 0.18, 0.05)
    assert "the worst that can be" in always.assumed[0]
    assert always.to_label is None


@pytest.mark.parametrize("gain", [-0.3, -0.05, 0.0, 0.05, 0.3])
@pytest.mark.parametrize("champion", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_two_models_differ_on_no_more_rows_than_their_shares_allow(champion, gain):
    """Counted over all ways in which 20 rows can fall."""
    new = champion + gain
    if not 0 <= new <= 1:
        return
    old_right, new_right = round(20 * champion), round(20 * new)
    possible = [
        (old_right - both) + (new_right - both)
        for both in range(min(old_right, new_right) + 1)
        if old_right + new_right - both <= 20
    ]
    assert 20 * most_disagreement(champion, gain) == pytest.approx(max(possible))


def test_a_share_against_a_number_takes_nothing_but_the_sentence():
    found = plan("accuracy >= 0.8 at 99%", detect=0.05)
    assert table_of(found)[1] == (0.85, rows_for_share(0.8, 0.85, 0.01))
    assert plan("error_rate <= 0.2 at 99%", detect=0.05).rows == found.rows


def test_where_there_is_less_room_than_what_is_worth_detecting_parts_of_it_are_told():
    found = plan("accuracy >= 0.99", detect=0.02)
    assert table_of(found) == [(0.995, rows_for_share(0.99, 0.995, 0.05)), (1.0, 299)]
    assert (found.shown, found.rows) == (1.0, 299)


def test_a_margin_below_the_champion_is_planned_for_an_equal_model():
    found = plan("accuracy > champion.accuracy - 0.02", Known(disagreement=0.1), detect=0.02)
    assert [shown for shown, _ in table_of(found)] == [-0.01, 0.0, 0.02, 0.04]
    assert (found.shown, found.rows) == (0.0, rows_for_gain(0.0, -0.02, 0.1, 0.05))


def test_what_so_many_rows_would_show_is_told_too():
    paired = plan("accuracy > champion.accuracy at 99%", Known(disagreement=0.1), detect=0.02, rows=3322)
    assert paired.would_show == pytest.approx(0.02, rel=1e-3)
    assert plan("accuracy >= 0.99", rows=299).would_show == pytest.approx(1.0, abs=4e-4)
    assert plan("error_rate <= 0.01", rows=299).would_show == pytest.approx(0.0, abs=4e-4)
    assert plan("accuracy > champion.accuracy", Known(disagreement=0.1), rows=3).would_show is None
    worse = plan("accuracy > champion.accuracy - 0.05", Known(disagreement=0.1), rows=3000)
    assert -0.05 < worse.would_show < 0


def test_a_scaled_champion_must_be_known():
    assert plan("accuracy > champion.accuracy * 1.02", Known(disagreement=0.1)).lacks == ("champion",)
    assert plan("accuracy > champion.accuracy * 1.02", Known(disagreement=0.1, champion=0.9)).shown == pytest.approx(
        0.038
    )


def test_recall_counts_positive_rows_and_so_says_nothing_of_all():
    found = plan("recall > champion.recall", Known(disagreement=0.1))
    assert (found.unit, found.labelled) == ("labelled positive rows", None)
    assert found.rows == rows_for_gain(0.02, 0, 0.1, 0.05)
    assert plan("precision >= 0.9").unit == "labelled rows that are predicted positive"


# ---- amounts and indices -------------------------------------------------------------------------------------------------


def test_an_amount_is_planned_by_its_spread():
    found = plan("mae < champion.mae", Known(champion=14.0, spread=12.5), detect=0.5, rows=1000)
    assert found.rows == rows_for_mean(0.5, 12.5, 0.05)
    assert found.would_show == pytest.approx(0.5 * math.sqrt(found.rows / 1000), rel=0.01)
    assert plan("mae <= 15", Known(spread=12.5), detect=0.5).shown == 14.5


def test_without_a_spread_it_says_what_is_missing():
    assert plan("mae <= 15").lacks == ("spread",)
    assert plan("mae < champion.mae").lacks == ("spread", "detect")
    assert plan("mae < champion.mae", Known(champion=14.0)).lacks == ("spread",)
    assert plan("gap(sex).mae <= 2").lacks == ("spread",)
    assert plan("auc > champion.auc").lacks == ("spread",)


def test_rows_that_belong_together_are_no_longer_counted_one_by_one():
    assert plan("accuracy > champion.accuracy", Known(disagreement=0.1), group="customer").lacks == ("spread",)
    found = plan("accuracy > champion.accuracy", Known(disagreement=0.1, spread=0.4), group="customer")
    assert found.rows == rows_for_mean(0.02, 0.4, 0.05)
    assert "customer" in found.note


def test_below_what_a_t_test_keeps_no_number_is_given_unless_betting_is_possible():
    worn = Wear(20, 3)
    assert plan("auc > champion.auc", Known(spread=0.5), wear=worn).rows is None
    assert "not precise enough" in plan("auc > champion.auc", Known(spread=0.5), wear=worn).note
    assert plan("brier < champion.brier", Known(spread=0.5), wear=worn).rows
    ranged = MetricSettings(score_range=(0, 5))
    assert plan("score > champion.score", Known(spread=0.5, champion=3), wear=worn, settings=ranged).rows
    assert plan("score > champion.score", Known(spread=0.5, champion=3), wear=worn).rows is None


# ---- a worn test set, slices, harm ---------------------------------------------------------------------------------------


def test_a_worn_test_set_takes_more_rows_but_harm_does_not():
    asked = {"known": Known(disagreement=0.1), "detect": 0.02}
    assert (
        plan("accuracy > champion.accuracy", wear=Wear(9, 1), **asked).rows
        > plan("accuracy > champion.accuracy", **asked).rows
    )
    harm = "no accuracy < champion.accuracy - 0.05"
    assert plan(harm, wear=Wear(9, 1), **asked).rows == plan(harm, **asked).rows


def test_a_no_sentence_is_planned_for_the_harm_that_it_would_show():
    found = plan("no accuracy < champion.accuracy - 0.05 at 99%", Known(disagreement=0.1), detect=0.02)
    assert (found.shown, found.rows) == (0.07, rows_for_gain(0.07, 0.05, 0.1, 0.01))
    assert "harm" in found.note


def test_each_of_several_slices_is_asked_at_its_part_where_harm_is_forbidden():
    sentence = "no slice(carrier).accuracy < champion.accuracy - 0.05"
    found = plan(sentence, Known(disagreement=0.1, slices=10, share=0.05))
    assert found.delta == pytest.approx(0.005)
    assert (found.unit, found.labelled) == ("labelled rows of each carrier", 20 * found.rows)
    assert plan("every slice(carrier).accuracy >= 0.8", Known(slices=10)).delta == pytest.approx(0.05)
    assert plan(sentence, Known(disagreement=0.1)).labelled is None


def test_a_gap_is_planned_by_the_spread_in_its_slices():
    worst = plan("gap(sex).accuracy <= 0.05")
    likely = plan("gap(sex).accuracy <= 0.05", Known(champion=0.9))
    assert worst.rows == pytest.approx(likely.rows * 0.25 / 0.09, rel=0.01)
    assert worst.shown == 0.03
    assert plan("gap(sex).accuracy <= 0.05", rows=worst.rows).would_show == pytest.approx(0.03, abs=1e-4)
    assert plan("gap(sex).accuracy <= 0.05", rows=10).would_show is None
    assert plan("gap(sex).accuracy <= 0").rows is None


def test_as_many_rows_as_planned_show_the_gap_nine_times_in_ten():
    """By simulation: two slices of that size, whose shares lie so far apart as is worth showing."""
    from assay.judge.shares import share_interval

    rows = plan("gap(sex).accuracy <= 0.05", Known(champion=0.9), detect=0.03).rows
    draw = np.random.default_rng(11)
    counts = draw.binomial(rows, [0.91, 0.89], (400, 2)).tolist()
    passed = [
        share_interval(high, rows, 0.025)[1] - share_interval(low, rows, 0.025)[0] < 0.05
        and share_interval(low, rows, 0.025)[1] - share_interval(high, rows, 0.025)[0] < 0.05
        for high, low in counts
    ]
    assert 0.85 < sum(passed) / len(passed) < 0.94


# ---- what needs no labels ------------------------------------------------------------------------------------------------


def test_a_latency_takes_calls_and_no_labels():
    found = plan("latency_p99_ms <= 20")
    assert (found.unit, found.labelled) == ("calls", 0)
    assert table_of(found)[-1] == (0.0, 299)
    assert table_of(plan("latency_p99_ms <= 20 at 99%"))[-1] == (0.0, 459)
    assert plan("latency_p99_ms <= 20", rows=298).would_show is None
    assert plan("latency_p99_ms <= 1.1").rows == found.rows


def test_a_latency_beside_the_champion_takes_calls_of_both():
    found = plan("latency_p99_ms <= champion.latency_p99_ms * 1.1")
    assert found.rows > plan("latency_p99_ms <= 20").rows
    assert (found.labelled, found.table) == (0, ())


def test_violations_take_rows_and_no_labels():
    found = plan("violations(direction_column up, prediction up) <= 1%")
    assert (found.shown, found.rows) == (0.005, rows_for_share(0.99, 0.995, 0.05))
    assert found.labelled == 0
    assert plan("violations(invariant tail) <= 1%").rows == 2 * found.rows
    assert plan("violations(missing tail) <= 0%").rows == 0


def test_a_size_and_the_numbers_of_a_file_take_no_rows():
    assert (plan("model_size_mb <= 5").rows, plan("model_size_mb <= 5").unit) == (0, "")
    assert "metrics.json" in plan("accuracy >= 0.8", metrics="metrics.json").note


# ---- what cannot be ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sentence, champion, said",
    [
        (
            "accuracy > champion.accuracy + 0.5",
            0.9,
            "it cannot pass beside a champion at 90 %: accuracy would have to be over 140 %, and is at most 100 %",
        ),
        ("accuracy > champion.accuracy", 1.0, "beside a champion at 100 %: accuracy would have to be over 100 %"),
        ("error_rate < champion.error_rate", 0.0, "error_rate would have to be below 0 %, and is at least 0 %"),
        ("accuracy > champion.accuracy * 1.2", 0.9, "accuracy would have to be over 108 %"),
        ("auc > champion.auc + 1", None, "it cannot pass: no two models lie so far apart"),
        ("accuracy >= 1", None, "it cannot pass: accuracy would have to be over 100 %, and is at most 100 %"),
        ("mae < champion.mae - 20", 14.0, "mae would have to be below -6, and is at least 0"),
    ],
)
def test_a_sentence_that_no_challenger_makes_true_is_told_so(sentence, champion, said):
    found = plan(sentence, Known(champion=champion, spread=1.0), detect=0.02)
    assert said in found.note
    assert (found.rows, found.table) == (None, ())


def test_no_gain_is_promised_beyond_what_the_champion_leaves():
    found = plan("accuracy > champion.accuracy", Known(champion=0.99), rows=100)
    assert found.shown == found.detect == 0.01
    assert [row.shown for row in found.table] == [0.005, 0.01]
    assert found.would_show is None
    assert plan("accuracy > champion.accuracy", Known(champion=0.9)).shown == 0.02


def test_a_bar_near_the_end_is_planned_for_with_what_room_there_is():
    found = plan("accuracy >= 0.99")
    assert (found.shown, found.rows) == (1.0, rows_for_share(0.99, 1.0, 0.05))


def test_beside_the_best_champion_equality_can_still_be_shown():
    found = plan("accuracy > champion.accuracy - 0.01", Known(champion=1.0))
    assert [row.shown for row in found.table] == [-0.005, 0.0]
    assert found.rows is not None


@pytest.mark.parametrize(
    "sentence, known",
    [("accuracy > champion.accuracy", Known(champion=0.9)), ("mae < champion.mae", Known(spread=9.0))],
)
def test_so_little_that_no_number_of_rows_shows_it_is_one_line(sentence, known):
    found = plan(sentence, known, detect=1e-6)
    assert (found.table, found.rows) == ((), None)
    assert "no number of rows within reason shows so little" in found.note

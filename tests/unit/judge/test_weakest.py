"""The weakest parts of the rows: found where they are, and hardly ever where there are none."""

import re

import numpy as np
import pytest

from assay.core.metrics import MetricSettings
from assay.core.pipeline import GateAction
from assay.core.sentence import parse_sentence
from assay.judge import Evidence, labelled_rows
from assay.judge.beside import calibration_of
from assay.judge.weakest import find_weakest

D = "b3:" + "0" * 64
ROWS = 6_000
PLAIN = MetricSettings()


def table(seed=0):
    """Columns of every kind, none of which tells anything."""
    rng = np.random.default_rng(seed)
    return {
        "carrier": np.array(["AA", "B6", "UA", "WN"], object)[rng.integers(0, 4, ROWS)],
        "is_holiday": rng.random(ROWS) < 0.3,
        "hour": rng.integers(0, 24, ROWS),
        "distance": rng.uniform(100, 2_500, ROWS),
        "tail": np.array([f"N{at}" for at in range(3_000)], object)[rng.integers(0, 3_000, ROWS)],
    }


def rightly(share, columns, *, seed=1, champion=None, labels=None):
    """Labels 1, and predictions right with the probability that ``share`` says for each row."""
    right = np.random.default_rng(seed).random(ROWS) < share
    given = np.ones(ROWS) if labels is None else labels
    return Evidence(given, right.astype(float), champion, D, D, D, columns=columns)


def weakest(text, evidence, settings=PLAIN, **more):
    clustered_by = more.get("group")
    gate = GateAction("gate.csv", (parse_sentence(text),), settings=settings, **more)
    return find_weakest(gate, labelled_rows(evidence, clustered_by))


def test_a_weak_value_is_found_and_measured_on_the_other_half():
    columns = table()
    (found,) = weakest("accuracy >= 0.5", rightly(np.where(columns["carrier"] == "B6", 0.7, 0.9), columns))
    assert (found.slice, found.metric) == ("carrier=B6", "accuracy")
    assert found.rows == pytest.approx(ROWS / 8, rel=0.1)
    assert found.value == pytest.approx(0.7, abs=0.05)
    assert found.overall == pytest.approx(0.85, abs=0.02)
    assert found.p_value < 1e-6


@pytest.mark.parametrize(
    "column, is_weak, name",
    [
        ("is_holiday", lambda values: values, "is_holiday=true"),
        ("hour", lambda values: values == 5, "hour=5"),
        ("distance", lambda values: values < 700, r"distance 100\.\d+\.\.[67]\d\d\.\d+"),
    ],
)
def test_truths_small_numbers_and_quartiles_of_others_are_parts(column, is_weak, name):
    columns = table()
    found = weakest("accuracy >= 0.5", rightly(np.where(is_weak(columns[column]), 0.6, 0.9), columns))
    assert any(re.fullmatch(name, each.slice) for each in found)


def test_a_value_that_is_missing_is_a_part():
    columns = table()
    lost = np.random.default_rng(3).random(ROWS) < 0.2
    columns["distance"] = np.where(lost, np.nan, columns["distance"])
    columns["carrier"] = np.where(lost, None, columns["carrier"])
    found = weakest("accuracy >= 0.5", rightly(np.where(lost, 0.6, 0.9), columns))
    assert {"carrier=(none)", "distance=(none)"} & {each.slice for each in found}
    assert len(found) == 1  # the two name the same rows


def test_what_is_weak_only_where_two_values_meet_is_found_as_a_pair():
    columns = table()
    is_weak = (columns["carrier"] == "WN") & columns["is_holiday"]
    found = weakest("accuracy >= 0.5", rightly(np.where(is_weak, 0.5, 0.9), columns))
    assert found[0].slice == "carrier=WN and is_holiday=true"


def test_a_pair_inside_a_weak_value_that_is_no_worse_than_that_is_not_told():
    columns = table()
    found = weakest("accuracy >= 0.5", rightly(np.where(columns["carrier"] == "B6", 0.6, 0.95), columns))
    assert [each.slice for each in found] == ["carrier=B6"]


def test_where_nothing_is_weak_something_is_told_at_most_one_time_in_twenty():
    told = sum(bool(weakest("accuracy >= 0.5", rightly(0.9, table(seed), seed=seed + 1_000))) for seed in range(200))
    assert told <= 19  # 10 expected; more than 19 has probability .002


def test_errors_are_told_in_their_unit_and_the_worst_first():
    columns = table()
    rng = np.random.default_rng(5)
    labels = rng.normal(0, 10, ROWS)
    width = np.where(columns["carrier"] == "UA", 6.0, np.where(columns["carrier"] == "AA", 4.0, 2.0))
    evidence = Evidence(labels, labels + width * rng.normal(size=ROWS), None, D, D, D, columns=columns)
    for metric, unit in (("mae", 0.798), ("rmse", 1.0), ("r2", 1.0)):
        text = "r2 >= 0" if metric == "r2" else f"{metric} <= 9"
        found = weakest(text, evidence)
        assert found[0].slice == "carrier=UA"
        assert found[0].metric == ("rmse" if metric == "r2" else metric)
        assert found[0].value == pytest.approx(6 * unit, rel=0.06)
        assert [each.value for each in found] == sorted((each.value for each in found), reverse=True)


def test_recall_looks_at_the_positive_rows_alone():
    columns = table()
    rng = np.random.default_rng(6)
    labels = rng.integers(0, 2, ROWS)
    missed = (labels == 1) & (rng.random(ROWS) < np.where(columns["carrier"] == "B6", 0.4, 0.1))
    evidence = Evidence(labels, np.where(missed, 0, labels), None, D, D, D, columns=columns)
    (found,) = weakest("recall >= 0.5", evidence)
    assert (found.slice, found.metric) == ("carrier=B6", "recall")
    assert found.rows == pytest.approx(ROWS / 16, rel=0.15)
    assert found.overall == pytest.approx(0.825, abs=0.03)


@pytest.mark.parametrize("text, metric", [("f1 >= 0.5", "accuracy"), ("auc >= 0.5", "accuracy")])
def test_a_metric_that_is_no_mean_of_rows_is_searched_by_accuracy(text, metric):
    columns = table()
    rng = np.random.default_rng(7)
    labels = rng.integers(0, 2, ROWS)
    is_wrong = rng.random(ROWS) < np.where(columns["carrier"] == "B6", 0.3, 0.1)
    evidence = Evidence(labels, np.where(is_wrong, 1 - labels, labels), None, D, D, D, columns=columns)
    (found,) = weakest(text, evidence)
    assert (found.slice, found.metric) == ("carrier=B6", metric)


def test_probabilities_are_searched_by_brier():
    columns = table()
    rng = np.random.default_rng(8)
    labels = rng.integers(0, 2, ROWS)
    given = np.abs(labels - rng.uniform(0, np.where(columns["carrier"] == "B6", 0.9, 0.4)))
    (found,) = weakest("auc >= 0.5", Evidence(labels, given, None, D, D, D, columns=columns))
    assert (found.slice, found.metric) == ("carrier=B6", "brier")


def test_the_label_under_another_name_is_no_part():
    columns = table()
    labels = np.random.default_rng(9).integers(0, 2, ROWS)
    columns["late"] = labels
    right = np.random.default_rng(10).random(ROWS) < np.where(labels == 1, 0.6, 0.95)
    assert (
        weakest(
            "accuracy >= 0.5", Evidence(labels, np.where(right, labels, 1 - labels), None, D, D, D, columns=columns)
        )
        == ()
    )


def test_clusters_stay_together_and_are_what_is_counted():
    """One bad day is bad luck: its thousand rows are no thousand pieces of evidence."""
    columns = table()
    days = np.repeat(np.arange(60), ROWS // 60)
    columns["day"], columns["is_weekend"] = days, days % 7 >= 5
    bad_day = np.where(days == 12, 0.1, 0.9)
    assert weakest("accuracy >= 0.5", rightly(bad_day, columns))[0].slice.startswith("day")
    assert weakest("accuracy >= 0.5", rightly(bad_day, columns), group="day") == ()
    users = np.random.default_rng(11).integers(0, 600, ROWS)
    columns["user"] = users
    weak = rightly(np.where(columns["carrier"] == "B6", 0.7, 0.9), columns)
    assert weakest("accuracy >= 0.5", weak, group="user")[0].slice == "carrier=B6"


def test_few_rows_and_sentences_of_no_rows_tell_nothing():
    columns = {name: values[:60] for name, values in table().items()}
    labels = np.ones(60)
    evidence = Evidence(labels, np.zeros(60), None, D, D, D, columns=columns)
    assert weakest("accuracy >= 0.5", evidence) == ()
    assert weakest("latency_p99_ms <= 20", rightly(0.9, table())) == ()
    assert weakest("accuracy >= 0.5", Evidence(np.array([]), np.array([]), None, D, D, D)) == ()


def test_labels_that_were_bought_are_not_searched():
    columns = table()
    share = np.where(columns["carrier"] == "B6", 0.5, 0.95)
    champion = np.ones(ROWS)
    evidence = rightly(share, columns, champion=champion)
    labels = np.where(evidence.challenger != champion, 1.0, np.nan)
    assert weakest("accuracy >= 0.5", evidence)
    assert weakest("accuracy >= 0.5", rightly(share, columns, champion=champion, labels=labels)) == ()


def test_calibration_is_told_of_two_classes_with_probabilities_alone():
    rng = np.random.default_rng(12)
    labels = rng.integers(0, 2, ROWS)
    chances = np.where(labels == 1, 0.8, 0.2)
    plain, scored = (
        GateAction("gate.csv", (parse_sentence("accuracy >= 0.5"),)),
        GateAction("gate.csv", (parse_sentence("score >= 0.5"),)),
    )
    rows = labelled_rows(Evidence(labels, labels, None, D, D, D, challenger_score=chances))
    assert calibration_of(plain, rows) == pytest.approx(0.2)
    assert calibration_of(scored, rows) is None
    assert calibration_of(plain, labelled_rows(Evidence(labels, chances, None, D, D, D))) == pytest.approx(0.2)
    assert calibration_of(plain, labelled_rows(Evidence(labels, labels, None, D, D, D))) is None
    assert (
        calibration_of(plain, labelled_rows(Evidence(labels, labels, None, D, D, D, challenger_score=5 * chances)))
        is None
    )
    three = rng.integers(0, 3, ROWS)
    assert calibration_of(plain, labelled_rows(Evidence(three, three, None, D, D, D, challenger_score=chances))) is None

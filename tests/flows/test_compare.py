"""``assay.compare``: any two models from their answers in memory."""

import csv
import datetime as dt
import doctest
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import assay
from assay.cli.gate import gate
from assay.core.problem import AssayError, EvidenceError, UsageError

CASES = json.loads((Path(__file__).parents[1] / "unit" / "judge" / "gate_cases.json").read_text("utf-8"))["cases"]
COUNTS = (("only_new_right", 1, 0), ("only_champion_right", 0, 1), ("both_right", 1, 1), ("both_wrong", 0, 0))
BETTER = "accuracy > champion.accuracy at 99%"
LABELS = [1] * 2000
CHAMPION = [int(row % 10 != 0) for row in range(2000)]
CHALLENGER = [int(row % 25 != 0) for row in range(2000)]


@pytest.mark.parametrize(
    "case", [case for case in CASES if "only_new_right" in case["input"]], ids=lambda case: case["id"]
)
def test_the_agreed_cases_come_out(case):
    asked, expected = case["input"], case["expect"]
    answers = [(new, old) for name, new, old in COUNTS for _ in range(asked[name])]
    ledger = asked.get("ledger", {})
    verdict = assay.compare(
        [1] * len(answers),
        [new for new, _ in answers],
        [old for _, old in answers],
        require=case["gate"],
        detect=asked.get("detect"),
        decisions=ledger.get("decisions_before"),
        passes=ledger.get("passes_before", 0),
    )
    assert verdict.outcome == expected["verdict"]
    if "p_value" in expected:
        assert verdict.sentences[0].p_value == pytest.approx(expected["p_value"], rel=1e-4)
    if "labels_more" in expected:
        assert verdict.sentences[0].labels_more == pytest.approx(
            expected["labels_more"], rel=expected["labels_rel_tol"]
        )


def test_the_example_of_its_docstring_runs():
    (example,) = doctest.DocTestFinder(recurse=False).find(assay.compare, "compare")
    assert doctest.DocTestRunner().run(example).failed == 0


def test_it_says_what_the_command_says_of_the_same_answers(tmp_path):
    path = tmp_path / "rows.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["label", "challenger", "champion"])
        writer.writerows(zip(LABELS, CHALLENGER, CHAMPION, strict=True))
    result = CliRunner().invoke(gate, ["judge", str(path), "--require", BETTER, "--json"], standalone_mode=False)
    verdict = assay.compare(LABELS, CHALLENGER, CHAMPION, require=BETTER)
    told = json.loads(result.output)["sentences"][0]
    assert told["p_value"] == verdict.sentences[0].p_value
    assert told["reason"] == verdict.sentences[0].reason


@pytest.mark.parametrize(
    "form",
    [
        list,
        tuple,
        np.array,
        lambda values: np.array(values, object),
        lambda values: np.array(values, float),
        lambda values: np.array(values, bool),
        np.ma.array,
        lambda values: map(int, values),
    ],
    ids=["list", "tuple", "ints", "objects", "floats", "bools", "masked", "iterator"],
)
def test_any_form_of_the_same_answers_gives_the_same_verdict(form):
    found = assay.compare(form(LABELS), form(CHALLENGER), form(CHAMPION), require=BETTER)
    assert (found.outcome, found.sentences) == (
        "pass",
        assay.compare(LABELS, CHALLENGER, CHAMPION, require=BETTER).sentences,
    )


def test_the_same_answers_have_the_same_names_and_others_have_others():
    first, again = (assay.compare(LABELS, CHALLENGER, CHAMPION, require=BETTER) for _ in range(2))
    turned = assay.compare(LABELS, CHAMPION, CHALLENGER, require=BETTER)
    assert first == again
    assert (first.challenger, first.champion) == (turned.champion, turned.challenger)
    assert len({first.challenger, first.champion, first.test_set, first.gate}) == 4
    other_column = assay.compare(LABELS, CHALLENGER, CHAMPION, require=BETTER, columns={"x": LABELS})
    assert other_column.test_set != first.test_set


class Missing:
    """As pandas' NA: it says of nothing whether it is equal."""

    def __eq__(self, other):
        return self

    def __bool__(self):
        raise TypeError("boolean value of NA is ambiguous")

    __hash__ = None


@pytest.mark.parametrize(
    "labels",
    [
        [1] * 1900 + [None] * 100,
        [1.0] * 1900 + [float("nan")] * 100,
        np.array([1] * 1900 + [Missing()] * 100, object),
        np.ma.array([1] * 2000, mask=[0] * 1900 + [1] * 100),
        ["yes"] * 1900 + [None] * 100,
    ],
    ids=["None", "NaN", "NA", "masked", "text"],
)
def test_a_row_without_a_label_is_left_out_and_counted(labels):
    answers = ["yes"] * 2000 if labels[0] == "yes" else LABELS
    verdict = assay.compare(labels, answers, require="accuracy >= 0.9")
    assert (verdict.outcome, verdict.rows, verdict.unlabelled, verdict.sentences[0].rows) == ("pass", 2000, 100, 1900)


def test_numbers_beside_text_in_a_list_stay_numbers():
    verdict = assay.compare([1, "a", 2], [1, 2, 3], require="accuracy > 0.5")
    assert verdict.sentences[0].challenger == pytest.approx(1 / 3)


def test_columns_slice_take_together_and_cost():
    hours = [dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(hours=row) for row in range(2000)]
    columns = {
        "kind": np.where(np.arange(2000) % 2, "a", "b"),
        "customer": np.arange(2000) // 10,
        "day": hours,
        "same": np.datetime64("2024-01-01", "ns") + np.arange(2000) * np.timedelta64(3600, "s"),
        "price": [3.0] * 2000,
    }
    answers = (np.random.default_rng(7).random(2000) < 0.95).astype(int)

    def judged(require, **asked):
        return assay.compare(LABELS, answers, columns=columns, require=require, **asked)

    (sliced,) = judged("every slice(kind).accuracy >= 0.9").sentences
    assert {part.slice for part in sliced.slices} == {"kind=a", "kind=b"}
    assert judged("accuracy >= 0.9", group="customer").clustered_by == "customer"
    assert judged("cost <= 1", cost="price").outcome == "pass"
    by_day, by_same = (judged("accuracy >= 0.9", time=name) for name in ("day", "same"))
    assert by_day.outcome == "pass"
    assert by_day.sentences == by_same.sentences


def test_scores_of_one_and_of_several_classes():
    draw = np.random.default_rng(3)
    labels = draw.integers(0, 2, 1000)
    near = np.clip(0.3 + labels * 0.4 + draw.normal(0, 0.15, 1000), 0, 1)
    one = assay.compare(labels, labels, challenger_score=near, require="auc >= 0.9")
    each = assay.compare(
        labels, labels, challenger_score=np.column_stack([1 - near, near]).tolist(), require="auc >= 0.9"
    )
    assert one.outcome == each.outcome == "pass"
    ranged = assay.compare(labels, labels, challenger_score=near, score_range=(0, 1), require="score >= 0.3 at 99.999%")
    assert (ranged.outcome, "betting" in ranged.sentences[0].method) == ("pass", True)


def test_what_mistakes_cost_and_which_class_is_meant():
    labels, answers = ["late", "on time"] * 500, ["late", "on time"] * 495 + ["late", "late"] * 5
    costs = {"on time": {"late": 10}}
    assert assay.compare(labels, answers, require="cost <= 0.2", cost=costs).sentences[0].challenger == 0.05
    assert assay.compare(labels, answers, require="recall >= 0.9", positive="late").outcome == "pass"
    errors = np.random.default_rng(3).normal(0, 1, 500)
    amounts = assay.compare(np.zeros(500), errors, require="quantile_loss <= 1", quantile=0.9)
    assert amounts.outcome == "pass"


@pytest.mark.parametrize(
    "asked, code",
    [
        ({"require": "acuracy > 0.8"}, "bad-sentence"),
        ({"require": "latency_p99_ms <= 20"}, "bad-sentence"),
        ({"require": ()}, "bad-gate-setting"),
        ({"detect": 0}, "bad-gate-setting"),
        ({"confidence": 95}, "bad-gate-setting"),
        ({"min_rows": 0}, "bad-gate-setting"),
        ({"quantile": 1.5}, "bad-gate-setting"),
        ({"score_range": (5, 0)}, "bad-gate-setting"),
        ({"cost": {"late": {"on time": -1}}}, "bad-gate-setting"),
        ({"cost": {"late": {"on time": "much"}}}, "bad-gate-setting"),
        ({"decisions": 2, "passes": 3}, "bad-wear"),
        ({"group": "a", "time": "b"}, "bad-clusters"),
    ],
)
def test_a_setting_without_sense_is_a_usage_error(asked, code):
    with pytest.raises(UsageError) as caught:
        assay.compare([1, 0], [1, 0], **{"require": "accuracy > 0.8", **asked})
    assert caught.value.problem.code == code
    assert caught.value.problem.fix


@pytest.mark.parametrize(
    "asked, code",
    [
        ({"challenger": [1]}, "rows-do-not-match"),
        ({"champion": [1, 0, 1]}, "rows-do-not-match"),
        ({"challenger_score": [0.5]}, "rows-do-not-match"),
        ({"columns": {"kind": ["a"]}}, "rows-do-not-match"),
        ({"labels": [[1], [0]]}, "rows-do-not-match"),
        ({"labels": np.array(1)}, "rows-do-not-match"),
        ({"challenger_score": [[0.5], [0.5, 0.5]], "require": "auc > 0.5"}, "rows-do-not-match"),
        ({"challenger": ["a", "b"]}, "labels-of-another-type"),
        ({"require": "every slice(x).accuracy > 0.8"}, "gate-column-missing"),
        ({"challenger_score": [2, 3], "require": "brier < 0.3"}, "not-a-probability"),
    ],
)
def test_answers_that_cannot_be_compared_are_an_evidence_error(asked, code):
    with pytest.raises(AssayError) as caught:
        assay.compare(**{"labels": [1, 0], "challenger": [1, 0], "require": "accuracy > 0.8", **asked})
    assert isinstance(caught.value, EvidenceError)
    assert caught.value.problem.code == code


@pytest.mark.parametrize(
    "setting",
    [
        {"score_range": (0, float("inf"))},
        {"score_range": (float("nan"), 1)},
        {"score_range": (0,)},
        {"score_range": ("low", "high")},
        {"score_range": 5},
        {"detect": float("inf")},
    ],
)
def test_a_setting_that_is_no_finite_number_is_a_usage_error(setting):
    with pytest.raises(UsageError) as caught:
        assay.compare([1, 0], [1, 0], require="accuracy >= 0.5", **setting)
    assert caught.value.problem.code == "bad-gate-setting"


def test_settings_are_spelled_as_arguments():
    labels = ["yes" if at % 3 else "no" for at in range(200)]
    verdict = assay.compare(labels, labels, require="recall >= 0.5")
    assert "write `positive='yes'`" in verdict.sentences[0].reason


def test_a_verdict_prints_as_its_report():
    verdict = assay.compare(LABELS, CHALLENGER, CHAMPION, require=BETTER)
    first, *_ = str(verdict).splitlines()
    assert first.startswith("PASS: the challenger is better than the champion as required")
    assert f" ✓ pass  {BETTER}" in str(verdict)
    assert max(map(len, str(verdict).splitlines())) <= 100
    assert isinstance(verdict, assay.Verdict)


def test_percentages_are_read_as_the_command_reads_them():
    said = assay.compare(
        LABELS, CHALLENGER, CHAMPION, require="accuracy > champion.accuracy", confidence="99%", detect="2%"
    )
    meant = assay.compare(
        LABELS, CHALLENGER, CHAMPION, require="accuracy > champion.accuracy", confidence=0.99, detect=0.02
    )
    assert said == meant


@pytest.mark.parametrize(
    "wrong, what",
    [
        ({"confidence": "high"}, "confidence is no number: 'high'"),
        ({"detect": [0.1]}, "detect is no number: [0.1]"),
        ({"confidence": "40%"}, "confidence must be over 0.5 and below 1, and is 0.4"),
        ({"columns": ["city"]}, "columns must be columns by their names, and is a list"),
        ({"columns": "city"}, "columns must be columns by their names, and is a str"),
    ],
)
def test_what_makes_no_sense_is_an_error_of_ours_that_says_how_to_mend_it(wrong, what):
    with pytest.raises(assay.UsageError) as caught:
        assay.compare(LABELS, CHALLENGER, require="accuracy > 0.5", **wrong)
    assert isinstance(caught.value, assay.AssayError)
    assert caught.value.problem.what == what
    assert str(caught.value).splitlines()[0] == what
    assert "  fix      give " in str(caught.value)

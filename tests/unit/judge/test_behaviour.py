"""Rows are changed as a behaviour says, and an answer that reacts as it must not is a violation."""

import numpy as np
import pytest

from assay.core.ports import Predictions
from assay.core.problem import EvidenceError
from assay.core.sentence import Behaviour
from assay.judge import case_columns, variant_of, violated, wrong_cases
from assay.judge.behaviour import differ


def objects(*values):
    array = np.empty(len(values), object)
    array[:] = values
    return array


COLUMNS = {
    "tail": objects("N1", "N2", None, "N4", "N5", "N6", "N7", "N8"),
    "seats": np.array([50, 150, 150, 200, 50, 100, 180, 150]),
    "delay": np.array([1.0, 2.0, np.nan, 4.0, 5.0, 6.0, 7.0, 8.0]),
    "night": np.array([True, False, True, False, True, False, True, False]),
}


def invariant(*columns):
    return Behaviour("invariant", columns)


def missing(*columns):
    return Behaviour("missing", columns)


def direction(column, change="up", prediction="up"):
    return Behaviour("direction", (column,), change, prediction)


def answers(*prediction, score=None):
    return Predictions(np.array(prediction), None if score is None else np.array(score))


# ---- which rows are tried, and how they are changed ------------------------------------------------------------------------


def test_an_invariant_row_gets_the_values_of_a_row_that_is_not_tried_itself():
    variant = variant_of(invariant("tail"), COLUMNS, seed=1)
    assert 0 < len(variant.rows) <= 4
    own = COLUMNS["tail"][variant.rows].tolist()
    given = variant.columns["tail"].tolist()
    assert all(old != new for old, new in zip(own, given, strict=True))
    assert not set(given) & set(own)
    for name in ("seats", "night"):
        assert variant.columns[name].tolist() == COLUMNS[name][variant.rows].tolist()


def test_several_invariant_columns_come_from_one_row():
    pairs = set(zip(COLUMNS["tail"].tolist(), COLUMNS["seats"].tolist(), strict=True))
    variant = variant_of(invariant("tail", "seats"), COLUMNS, seed=3)
    assert set(zip(variant.columns["tail"].tolist(), variant.columns["seats"].tolist(), strict=True)) <= pairs


def test_rows_that_the_exchange_leaves_as_they_are_are_no_cases():
    columns = {"a": np.array([1, 1, 1, 1, 1, 2]), "b": np.arange(6)}
    variant = variant_of(invariant("a"), columns, seed=0)
    assert len(variant.rows) <= 1
    assert len(variant_of(invariant("a"), {"a": np.array([np.nan, np.nan])}, seed=0).rows) == 0
    assert len(variant_of(invariant("a"), {"a": objects(None, None)}, seed=0).rows) == 0


def test_the_same_seed_changes_the_same_rows():
    first, again = (variant_of(invariant("tail"), COLUMNS, seed=7) for _ in range(2))
    other = variant_of(invariant("tail"), COLUMNS, seed=8)
    assert first.rows.tolist() == again.rows.tolist()
    assert first.columns["tail"].tolist() == again.columns["tail"].tolist()
    assert first.rows.tolist() != other.rows.tolist()


@pytest.mark.parametrize("name, dtype", [("tail", "O"), ("seats", "f"), ("delay", "f"), ("night", "O")])
def test_what_is_missing_is_null_as_an_engine_reads_it(name, dtype):
    variant = variant_of(missing(name), COLUMNS, seed=0)
    assert variant.columns[name].dtype.kind == dtype
    assert all(value is None or np.isnan(value) for value in variant.columns[name].tolist())


def test_rows_that_have_no_value_are_not_emptied():
    assert variant_of(missing("tail"), COLUMNS, seed=0).rows.tolist() == [0, 1, 3, 4, 5, 6, 7]
    assert variant_of(missing("tail", "seats"), COLUMNS, seed=0).rows.tolist() == list(range(8))


def test_a_direction_is_a_standard_deviation_and_whole_numbers_stay_whole():
    up = variant_of(direction("delay", "up"), COLUMNS, seed=0)
    there = COLUMNS["delay"][~np.isnan(COLUMNS["delay"])]
    assert up.columns["delay"] == pytest.approx(there + there.std())
    down = variant_of(direction("seats", "down"), COLUMNS, seed=0)
    assert down.columns["seats"].dtype.kind == "i"
    assert down.columns["seats"].tolist() == (COLUMNS["seats"] - round(COLUMNS["seats"].std())).tolist()


def test_whole_numbers_that_hardly_vary_move_by_one():
    moved = variant_of(direction("a"), {"a": np.array([1, 1, 1, 1, 2])}, seed=0)
    assert moved.columns["a"].tolist() == [2, 2, 2, 2, 3]


def test_a_column_of_one_value_cannot_be_moved():
    assert len(variant_of(direction("a"), {"a": np.full(5, 3.0)}, seed=0).rows) == 0
    assert len(variant_of(direction("a"), {"a": np.full(5, np.nan)}, seed=0).rows) == 0


@pytest.mark.parametrize("behaviour", [invariant("tial"), missing("tial"), direction("tial")])
def test_a_column_that_the_model_does_not_read_is_named_with_the_near_miss(behaviour):
    with pytest.raises(EvidenceError) as raised:
        variant_of(behaviour, COLUMNS, seed=0)
    problem = raised.value.problem
    assert problem.code == "behaviour-column-missing"
    assert "'tial'" in problem.what
    assert "tail, seats, delay, night" in problem.because[0]
    assert problem.fix == "did you mean 'tail'?"


@pytest.mark.parametrize("name, kind", [("tail", "text"), ("night", "true and false")])
def test_text_and_truth_values_have_no_direction(name, kind):
    with pytest.raises(EvidenceError) as raised:
        variant_of(direction(name), COLUMNS, seed=0)
    assert raised.value.problem.code == "behaviour-without-direction"
    assert raised.value.problem.because == (f"it holds {kind}",)


# ---- which reactions are violations ----------------------------------------------------------------------------------------


def test_another_class_is_a_violation_of_an_invariance():
    before, after = Predictions(objects("late", "on time", "late")), Predictions(objects("late", "late", None))
    assert violated(invariant("tail"), before, after).tolist() == [False, True, True]
    assert violated(missing("tail"), before, after).tolist() == [False, True, True]
    assert violated(invariant("tail"), answers(0, 1, 1), answers(0, 0, 1)).tolist() == [False, True, False]
    assert violated(invariant("tail"), answers(False, True), answers(False, False)).tolist() == [False, True]


def test_numbers_differ_where_rounding_does_not_explain_it():
    before = answers(10.0, 20.0, 1e-12, np.nan, np.nan, np.inf)
    after = answers(10.0 + 1e-7, 20.001, 2e-12, np.nan, 3.0, np.inf)
    assert violated(invariant("a"), before, after).tolist() == [False, True, False, False, True, False]


def test_whole_numbers_that_come_back_beside_a_missing_one_are_the_same():
    assert violated(missing("a"), answers(1, 2, 3), answers(1.0, np.nan, 4.0)).tolist() == [False, True, True]


def test_a_model_that_answers_nothing_any_more_breaks_every_case():
    assert violated(missing("a"), Predictions(objects("x", "y")), answers(np.nan, np.nan)).all()


def test_only_the_wrong_way_is_a_violation_of_a_direction():
    before, after = answers(1.0, 1.0, 1.0, 1.0, np.nan), answers(2.0, 1.0, 0.5, np.nan, 1.0)
    assert violated(direction("a", "up", "up"), before, after).tolist() == [False, False, True, True, False]
    assert violated(direction("a", "up", "down"), before, after).tolist() == [True, False, False, True, False]


def test_a_direction_is_read_from_the_score_where_it_is_one_a_row():
    before = Predictions(objects("late", "late"), np.array([0.6, 0.6]))
    after = Predictions(objects("late", "late"), np.array([0.7, 0.55]))
    assert violated(direction("a"), before, after).tolist() == [False, True]
    of_classes = np.array([[0.4, 0.6]])
    assert violated(
        direction("a"), Predictions(np.array([1]), of_classes), Predictions(np.array([0]), of_classes)
    ).tolist() == [True]


def test_rounding_is_no_move():
    assert not violated(direction("a"), answers(1.0, 2.0), answers(1.0 - 1e-9, 2.0)).any()


def test_answers_without_numbers_have_no_direction():
    texts = Predictions(objects("late"))
    with pytest.raises(EvidenceError) as raised:
        violated(direction("a"), texts, texts)
    assert raised.value.problem.code == "behaviour-without-direction"
    assert '"score"' in raised.value.problem.fix


def test_no_cases_are_broken_where_there_are_none():
    assert violated(invariant("a"), answers(), answers()).tolist() == []
    assert differ(objects(), objects()).tolist() == []


# ---- files of cases --------------------------------------------------------------------------------------------------------


def test_a_case_that_is_predicted_wrong_or_not_at_all_is_broken():
    labels = objects("late", "on time", "late")
    assert wrong_cases(labels, objects("late", "late", None), "cases.csv").tolist() == [False, True, True]
    assert wrong_cases(np.array([1, 0]), np.array([1.0, 1.0]), "cases.csv").tolist() == [False, True]
    assert wrong_cases(np.array([0.3]), np.array([0.1 + 0.2]), "cases.csv").tolist() == [False]


def test_a_case_without_a_label_is_named():
    with pytest.raises(EvidenceError) as raised:
        wrong_cases(objects("late", None), objects("late", "late"), "cases.csv")
    assert raised.value.problem.what == "case 2 of cases.csv has no label"


def test_labels_of_cases_that_no_prediction_can_be_are_an_error():
    with pytest.raises(EvidenceError) as raised:
        wrong_cases(objects("late"), np.array([1]), "cases.csv")
    assert raised.value.problem.code == "labels-of-another-type"


def test_cases_are_read_in_the_types_of_the_gates_rows():
    few = {
        "delay": np.array([1, 2]),
        "seats": np.array([50.5, np.nan]),
        "tail": np.array([np.nan, np.nan]),
        "night": objects(None, None),
        "label": np.array([1, 0]),
    }
    columns = case_columns(few, COLUMNS, "cases.csv")
    assert list(columns) == list(COLUMNS)
    assert columns["delay"].dtype.kind == "f"
    assert columns["seats"].dtype.kind == "f"
    assert columns["tail"].tolist() == [None, None]
    assert columns["night"].tolist() == [None, None]


def test_a_column_that_the_cases_lack_is_named_with_the_near_miss():
    with pytest.raises(EvidenceError) as raised:
        case_columns({"tial": objects("N1")}, {"tail": COLUMNS["tail"]}, "cases.csv")
    assert raised.value.problem.code == "case-column-missing"
    assert raised.value.problem.fix == "did you mean 'tial'?"


def test_text_where_the_gate_has_numbers_is_an_error():
    with pytest.raises(EvidenceError) as raised:
        case_columns({"seats": objects("many")}, {"seats": COLUMNS["seats"]}, "cases.csv")
    assert raised.value.problem.code == "case-of-another-type"
    assert raised.value.problem.because == ("it holds text, and there numbers; its first value is 'many'",)

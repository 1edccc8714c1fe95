"""Values in columns are read as people mean them, in whatever dtype they come."""

import math

import numpy as np
import pytest

from assay.core.problem import EvidenceError
from assay.judge.observe import classes_of, has_value, kind_of, quickened
from assay.judge.observe.values import numbers_of, spelled, written_as

NAN = math.nan


@pytest.mark.parametrize(
    "values, expected",
    [
        (np.array([1.0, NAN, 0.0]), [True, False, True]),
        (np.array(["a", None, ""], object), [True, False, True]),
        (np.array(["a", NAN], object), [True, False]),
        (np.array([1, NAN, None, True], object), [True, False, False, True]),
        (np.array([0, 1]), [True, True]),
        (np.array(["a", "nan"]), [True, True]),
        (np.array([], object), []),
    ],
)
def test_none_and_nan_are_no_value(values, expected):
    assert has_value(values).tolist() == expected


@pytest.mark.parametrize(
    "values, kind",
    [
        (np.array([1, 2]), "numbers"),
        (np.array([True]), "numbers"),
        (np.array([1, 2.5, None, True, np.int8(3)], object), "numbers"),
        (np.array(["a"]), "text"),
        (np.array(["a", None, NAN], object), "text"),
        (np.array([None, NAN], object), "nothing"),
        (np.array([NAN, NAN]), "nothing"),
        (np.array([NAN, 1.0]), "numbers"),
        (np.array([], object), "nothing"),
        (np.array(["a", 1], object), "mixed"),
        (np.array(["2013-01-01"], "datetime64[D]"), "mixed"),
    ],
)
def test_the_kind_of_a_column_does_not_depend_on_what_is_missing(values, kind):
    assert kind_of(values) == kind


@pytest.mark.parametrize(
    "values, dtype",
    [
        (np.array([1, None, True], object), np.dtype(float)),
        (np.array(["yes", "no"], object), np.dtype("<U3")),
        (np.array([3, 4]), np.dtype(int)),
    ],
)
def test_objects_become_the_quicker_dtype_of_the_same_values(values, dtype):
    quick = quickened(values)
    assert quick.dtype == dtype
    assert has_value(quick).tolist() == has_value(values).tolist()
    assert (quick == values)[has_value(values)].all()


@pytest.mark.parametrize(
    "values",
    [["yes", None], [2**60 + 1, 5], ["long " * 20], ["a", 1], [None, None]],
    ids=["text beside None", "whole numbers over 2^53", "long text", "mixed types", "nothing"],
)
def test_objects_stay_objects_where_something_would_be_lost(values):
    column = np.array(values, object)
    assert quickened(column) is column


@pytest.mark.parametrize(
    "values, name, rows",
    [
        (np.array([1, 0]), "1", [True, False]),
        (np.array([1.0, 0.0]), 1, [True, False]),
        (np.array([1, 0]), "1.0", [True, False]),
        (np.array([True, False]), "true", [True, False]),
        (np.array([True, False]), "False", [False, True]),
        (np.array([1, 0, None], object), 1.0, [True, False, False]),
        (np.array(["1", "1.0", "01"]), 1, [True, True, False]),
        (np.array(["True", "true", "yes"], object), True, [True, True, False]),
        (np.array(["yes", None], object), "yes", [True, False]),
        (np.array([1, 0]), "yes", [False, False]),
        (np.array([None, NAN], object), "yes", [False, False]),
    ],
)
def test_a_value_is_known_by_how_it_is_written(values, name, rows):
    assert written_as(values, name).tolist() == rows


@pytest.mark.parametrize(
    "value, text", [(1.0, "1"), (1.5, "1.5"), (True, "true"), (np.bool_(False), "false"), ("a", "a")]
)
def test_values_are_spelled_as_people_write_them(value, text):
    assert spelled(value) == text


@pytest.mark.parametrize(
    "labels, classes",
    [
        (np.array([2, 0, 1, 2]), [0, 1, 2]),
        (np.array(["b", "a", "b"], object), ["a", "b"]),
        (np.array([2, 1.0, True], object), [1, 2]),
        (np.array(["b", 2, 1], object), [1, 2, "b"]),
    ],
)
def test_classes_are_the_distinct_labels_in_order(labels, classes):
    assert classes_of(labels).tolist() == classes


def test_numbers_are_not_read_out_of_text():
    with pytest.raises(EvidenceError) as caught:
        numbers_of(np.array(["1.5", "2"], object), "mae", "labels")
    assert caught.value.problem.code == "labels-of-another-type"
    assert caught.value.problem.what == "mae needs numbers, and the labels are not"
    assert caught.value.problem.because == ("they are text, such as '1.5' in labelled row 1",)

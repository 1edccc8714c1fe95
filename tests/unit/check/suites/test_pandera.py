"""Pandera's columns and checks: what each becomes, and why some have no words here."""

import pytest

from assay.check.suites import NotASuite, read_suite
from assay.check.suites.pandera_checks import CHECKS


@pytest.mark.parametrize(
    ("column", "line"),
    [
        ({"dtype": "int64"}, "int"),
        ({"dtype": "Int64", "nullable": True}, "int?"),
        ({"dtype": "string[python]", "unique": True}, "str unique"),
        ({"dtype": "object"}, "str"),
        ({"dtype": "category", "isin": [1, 2]}, "int in [1, 2]"),
        ({"dtype": "float64", "greater_than": 0, "less_than_or_equal_to": 5}, "float > 0 <= 5"),
        ({"dtype": "float64", "in_range": {"min_value": 0, "max_value": 5, "include_max": False}}, "float >= 0 < 5"),
        ({"dtype": "datetime64[ns]", "less_than": "2013-01-02 05:00:00"}, "time < 2013-01-02 05:00:00"),
        ({"dtype": "date", "equal_to": "2013-01-02"}, "date in [2013-01-02]"),
        ({"dtype": "bool", "equal_to": True}, "bool in [true]"),
        ({"dtype": "str", "str_startswith": "a.b"}, r"str ~ '^a\.b'"),
        ({"dtype": "str", "str_endswith": "(x"}, r"str ~ '\(x$'"),
        ({"dtype": "str", "str_matches": "^a"}, "str ~ '^a'"),
        ({"dtype": "str", "str_matches": "(?i)a|b"}, "str ~ '(?i)^(?:a|b)'"),
        ({"dtype": "str", "str_contains": "a|b"}, "str ~ 'a|b'"),
        ({"dtype": "str", "str_length": {"min_value": 2, "max_value": None}}, "str len 2.."),
        ({"dtype": "str", "str_length": {"exact_value": 2}}, "str len 2"),
        ({"str_length": {"min_value": 2, "max_value": 3}}, "str len 2..3"),
        ({"dtype": "int64", "less_than": {"max_value": 5, "n_failure_cases": 3}}, "int < 5"),
    ],
)
def test_a_column_is_one_line(schema, column, line):
    found = schema({"x": column})
    assert (found.lines, found.rules, found.left) == ({"x": line}, {}, {})


@pytest.mark.parametrize(
    ("column", "holds"),
    [
        ({"not_equal_to": "a"}, "x not in ('a')"),
        ({"notin": ["a", "b"]}, "x not in ('a', 'b')"),
        ({"str_matches": "^a", "str_contains": "b"}, "regexp_matches(x, 'b')"),
    ],
)
def test_what_the_line_cannot_say_is_a_rule_on_rows(schema, column, holds):
    found = schema({"x": {"dtype": "str", **column}})
    assert [rule.holds for rule in found.rules.values()] == [holds]
    assert found.left == {}


def test_a_check_that_only_warns_stands_apart(schema):
    found = schema({"x": {"dtype": "int64", "less_than": {"max_value": 5, "raise_warning": True}}})
    assert found.lines == {"x": "int"}
    assert (found.rules["x_range"].holds, found.rules["x_range"].severity) == ("x < 5", "warn")


def test_two_nulls_are_no_unique_value_to_pandera(schema):
    found = schema({"x": {"dtype": "str", "nullable": True, "unique": True}})
    assert (found.lines, found.found.unique) == ({"x": "str?"}, (("x",),))
    assert [each.note for each in found.found.carried] == ["", "", ""]


def test_values_that_must_all_occur_are_a_set_in_part(schema):
    found = schema({"x": {"dtype": "str", "unique_values_eq": {"values": ["a"], "error": "no"}}})
    assert found.lines == {"x": "str in [a]"}
    assert [left.is_in_part for left in found.found.left] == [True]


@pytest.mark.parametrize(
    ("column", "because"),
    [
        ({"dtype": "int64", "required": False}, "may be absent"),
        ({"dtype": "int64", "regex": True}, "all columns whose names match"),
    ],
)
def test_a_column_that_need_not_be_there_has_no_line(schema, column, because):
    found = schema({"x": column})
    assert found.found.is_empty
    assert all(because in left.because for left in found.found.left)
    assert len(found.found.left) == found.found.rules_in_suite == 3


@pytest.mark.parametrize(
    ("column", "because"),
    [
        ({"is_prime": {}}, "a function of your own"),
        ({"nullable": True, "greater_than": {"min_value": 0, "ignore_na": False}}, "NULL fails it"),
        ({"greater_than": {"min_value": 0, "groupby": "y"}}, "compares groups"),
        ({"greater_than": None}, "it says no `min_value`"),
        ({"greater_than": {"min_value": 0, "surprise": 1}}, "its `surprise` has no words here"),
        ({"checks": 5}, "a function of your own"),
        ({"default": 0}, "it changes the data"),
    ],
)
def test_checks_without_words_are_named(schema, column, because):
    found = schema({"x": {"dtype": "float64", **column}})
    assert because in next(iter(found.left.values())).because


@pytest.mark.parametrize(
    ("keys", "because"),
    [
        ({"strict": "filter"}, "takes unknown columns away"),
        ({"ordered": True}, "order of columns"),
        ({"coerce": True}, "changes the data"),
        ({"unique_column_names": True}, "told apart"),
        ({"add_missing_columns": True}, "changes the data"),
        ({"checks": {"is_small": 1}}, "a function of your own"),
        ({"checks": {"greater_than": 1}}, "every column at once"),
        ({"index": [{"dtype": "int64", "name": "i"}]}, "no index"),
        ({"unique": [5]}, "no name of a column"),
        ({"strict": True, "columns": {"x": {"nullable": True}}}, "none for x"),
    ],
)
def test_what_is_asked_of_the_table_and_has_no_words(keys, because):
    found = read_suite({"schema_type": "dataframe", "columns": {"x": {"dtype": "int64"}}, **keys})
    assert because in found.left[-1].because


def test_a_strict_schema_is_closed_and_its_keys_are_keys(schema):
    found = schema({"x": {"dtype": "int64"}, "y": {"dtype": "str"}}, strict=True, unique=["x", "y"])
    assert found.found.closed
    assert found.found.unique == (("x", "y"),)


def test_a_type_of_the_table_is_that_of_every_column(schema):
    assert schema({"x": {"dtype": "str"}, "y": {}}, dtype="float64").lines == {"x": "float", "y": "float"}


def test_every_check_has_a_function():
    assert len(CHECKS) == 15


@pytest.mark.parametrize(
    ("said", "because"),
    [
        (None, "no keys"),
        ([], "no keys"),
        ({}, "its keys are none"),
        ({"steps": []}, "its keys are steps"),
        ({"schema_type": "series"}, "not of a table"),
        ({"schema_type": "dataframe"}, "asks nothing"),
        ({"schema_type": "dataframe", "columns": 5}, "holds no columns"),
        ({"expectations": {}}, "is no list"),
        ({"expectations": []}, "asks nothing"),
    ],
)
def test_what_no_tool_wrote_is_no_suite(said, because):
    with pytest.raises(NotASuite, match=because):
        read_suite(said)

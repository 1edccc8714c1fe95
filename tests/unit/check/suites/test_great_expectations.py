"""Great Expectations' expectations: what each becomes, and why some have no words here."""

import pytest

from assay.check.suites import expectations_of_columns, expectations_of_tables

INT = ("column_values_to_be_of_type", {"column": "x", "type_": "int64"})
FLOAT = ("column_values_to_be_of_type", {"column": "x", "type_": "FLOAT"})
TEXT = ("column_values_to_be_of_type", {"column": "x", "type_": "VARCHAR(20)"})
FILLED = ("column_values_to_not_be_null", {"column": "x"})


def about(expectation, /, **keys):
    return expectation, {"column": "x", **keys}


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ([INT], "int?"),
        ([INT, FILLED], "int"),
        ([INT, about("column_values_to_not_be_null", mostly=0.95)], "int? nulls <= 5%"),
        ([INT, about("column_proportion_of_non_null_values_to_be_between", min_value=0.9)], "int? nulls <= 10%"),
        ([about("column_values_to_be_in_type_list", type_list=["INTEGER", "DoubleType"])], "float?"),
        ([about("column_values_to_be_of_type", type_="datetime64[ns, UTC]")], "time?"),
        ([about("column_values_to_be_of_type", type_="object")], "str?"),
        ([about("column_values_to_be_between", min_value=1.0, max_value=12.0)], "float? 1..12"),
        ([INT, about("column_values_to_be_between", min_value=1, strict_min=True)], "int? > 1"),
        ([INT, about("column_values_to_be_between", max_value=5, strict_max=True, min_value=1)], "int? >= 1 < 5"),
        ([about("column_values_to_be_between", min_value="2013-01-01", max_value="2013-12-31T00:00:00")], "time? 2013-01-01..2013-12-31 00:00"),
        ([about("column_values_to_be_between", min_value="2013-01-01 05:30")], "time? 2013-01-01 05:30.."),
        ([about("column_values_to_be_in_set", value_set=["a", "b c", "d,e", "it's", None])], "str? in [a, b c, 'd,e', \"it's\"]"),
        ([about("column_values_to_be_in_set", value_set=[True])], "bool? in [true]"),
        ([about("column_values_to_be_in_set", value_set=[1, 2.5])], "float? in [1, 2.5]"),
        ([about("column_distinct_values_to_be_in_set", value_set=[1])], "int? in [1]"),
        ([about("column_value_lengths_to_equal", value=3.0)], "str? len 3"),
        ([about("column_value_lengths_to_be_between", max_value=4)], "str? len ..4"),
        ([about("column_values_to_match_regex", regex="^a|b$")], "str? ~ '^a|b$'"),
        ([about("column_values_to_match_regex_list", regex_list=["^a"])], "str? ~ '^a'"),
        ([INT, about("column_values_to_be_unique")], "int? unique"),
        ([INT, about("column_proportion_of_unique_values_to_be_between", min_value=1)], "int? unique"),
        ([about("column_mean_to_be_between", min_value=5, max_value=20)], "float? mean 5..20"),
        ([about("column_stdev_to_be_between", max_value=9, strict_max=True)], "float? stddev < 9"),
        ([about("column_median_to_be_between", min_value=0)], "float? median 0.."),
        ([about("column_min_to_be_between", min_value=0)], "float? 0.."),
        ([about("column_max_to_be_between", max_value=9), about("column_min_to_be_between", min_value=0)], "float? 0..9"),
        ([FLOAT, about("column_values_to_be_between", min_value=0), about("column_values_to_be_between", max_value=9, min_value=-1)], "float? 0..9"),
    ],
)  # fmt: skip
def test_what_is_said_of_a_column_is_one_line(expectations, said, line):
    found = expectations(*said)
    assert (found.lines, found.rules, found.left) == ({"x": line}, {}, {})


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (about("column_values_to_not_be_in_set", value_set=["a", "it's"]), "x not in ('a', 'it''s')"),
        (about("column_values_to_not_match_regex", regex="a"), "not regexp_matches(x, 'a')"),
        (about("column_values_to_match_regex_list", regex_list=["a", "b"]), "regexp_matches(x, 'a') or regexp_matches(x, 'b')"),
        (about("column_values_to_match_like_pattern", like_pattern="a%"), "x like 'a%'"),
        (about("column_values_to_be_null"), "x is null"),
        (FILLED, "x is not null"),
        (
            ("column_pair_values_a_to_be_greater_than_b", {"column_A": "a", "column_B": "b", "ignore_row_if": "neither"}),
            "coalesce(a > b, false)",
        ),
        (("multicolumn_sum_to_equal", {"column_list": ["a", "Order"], "sum_total": 5, "ignore_row_if": "never"}),
            'coalesce(a + "Order" = 5, false)'),
    ],
)  # fmt: skip
def test_what_no_line_says_is_a_rule_on_rows(expectations, said, holds):
    found = expectations(said)
    assert [(rule.holds, rule.given) for rule in found.rules.values()] == [(holds, "")]
    assert found.lines == {}
    assert found.left == {}


def test_pairs_pass_over_the_rows_that_the_suite_passes_over(expectations):
    pair = {"column_A": "a", "column_B": "b"}
    either = expectations(("column_pair_values_to_be_equal", {**pair, "ignore_row_if": "either_value_is_missing"}))
    both = expectations(("column_pair_values_to_be_equal", pair))
    assert (either.rules["a_is_b"].given, either.rules["a_is_b"].holds) == ("a is not null and b is not null", "a = b")
    assert (both.rules["a_is_b"].given, both.rules["a_is_b"].holds) == (
        "a is not null or b is not null",
        "coalesce(a = b, false)",
    )


def test_mostly_is_exact_where_null_is_refused(expectations):
    range_ = about("column_values_to_be_between", min_value=0, max_value=5, mostly=0.99)
    assert expectations(FILLED, range_).lines == {"x": "float? 0..5, nulls <= 0%, allow 1%"}


def test_a_type_that_was_stated_is_not_loosened_by_mostly(expectations):
    found = expectations(INT, FILLED, about("column_values_to_be_between", min_value=0, mostly=0.99))
    assert found.lines == {"x": "int"}
    assert (found.rules["x_range"].holds, found.rules["x_range"].allow) == ("x >= 0", "1%")


def test_mostly_of_two_kinds_is_two_tolerances(expectations):
    found = expectations(
        FILLED,
        about("column_values_to_match_regex", regex="a", mostly=0.9),
        about("column_value_lengths_to_equal", value=3, mostly=0.8),
    )
    assert found.lines == {"x": "str"}
    assert {name: rule.allow for name, rule in found.rules.items()} == {"x_pattern": "10%", "x_length": "20%"}


def test_mostly_where_some_may_be_null_lets_through_no_more(expectations):
    some = about("column_values_to_not_be_null", mostly=0.8)
    found = expectations(some, about("column_values_to_match_regex", regex="a", mostly=0.9))
    assert found.lines == {"x": "str? ~ 'a', nulls <= 20%, allow 8%"}
    assert found.found.carried[1].note == "mostly is of the rows that are not NULL; 8% of all rows is never more"


def test_mostly_where_any_may_be_null_is_left_with_what_to_write(expectations):
    found = expectations(about("column_values_to_match_regex", regex="a", mostly=0.9))
    assert "of the rows that are not NULL" in found.because()
    assert found.left[1].instead == "write `str? ~ 'a', allow 10%`, which is of all rows"
    assert found.lines == {"x": "str?"}


@pytest.mark.parametrize("mostly", [0, -1, 1.5, "0.9", True, [1]])
def test_mostly_that_is_no_share_is_left(expectations, mostly):
    assert "`mostly`" in expectations(about("column_values_to_be_unique", mostly=mostly)).because()


def test_a_column_that_only_warns_has_a_line_that_warns(expectations):
    found = expectations((*INT, "warning"), (*about("column_values_to_be_between", min_value=0), "info"))
    assert found.lines == {"x": "int? 0.., warn"}


def test_a_rule_that_only_warns_beside_others_stands_apart(expectations):
    range_, mean = about("column_values_to_be_between", min_value=0), about("column_mean_to_be_between", min_value=0)
    found = expectations(INT, (*range_, "warning"), (*mean, "warning"))
    assert found.lines == {"x": "int?"}
    assert found.rules["x_range"].severity == "warn"
    assert "only warns" in found.because(3)


def test_what_holds_of_all_the_data_may_only_warn(expectations):
    rows = ("table_row_count_to_equal", {"value": 5})
    key = ("compound_columns_to_be_unique", {"column_list": ["x", "y"]})
    columns = ("table_columns_to_match_set", {"column_set": ["x"]})
    found = expectations(INT, (*rows, "warning"), (*key, "warning"), (*columns, "info"))
    assert found.left == {}
    assert (found.found.rows, found.found.unique, found.found.closed) == ("5", (("x", "y"),), True)
    assert found.found.warned == ("key x, y", "rows", "closed")
    assert expectations((*rows, "warning"), rows).found.warned == ()


def test_that_values_are_unique_may_only_warn_beside_a_line_that_fails(expectations):
    found = expectations(INT, (*about("column_values_to_be_unique"), "warning"))
    assert (found.lines, found.found.unique, found.found.warned) == ({"x": "int?"}, (("x",),), ("key x",))


@pytest.mark.parametrize(
    ("keys", "rows"),
    [
        ({"min_value": 10, "max_value": 20}, "10..20"),
        ({"min_value": 10, "strict_min": True}, "11.."),
        ({"max_value": 20, "strict_max": True}, "..19"),
        ({"min_value": 3, "max_value": 3}, "3"),
        ({"min_value": -3, "max_value": 3.5}, "0..3"),
    ],
)
def test_rows_are_counted_in_whole_numbers(expectations, keys, rows):
    assert expectations(("table_row_count_to_be_between", keys)).found.rows == rows


def test_a_second_number_of_rows_is_left(expectations):
    found = expectations(("table_row_count_to_equal", {"value": 5}), ("table_row_count_to_equal", {"value": 6}))
    assert found.found.rows == "5"
    assert found.left[2].instead == "write `rows: 6`"


def test_a_set_of_columns_closes_the_data_where_each_has_a_line(expectations):
    columns = ("table_columns_to_match_set", {"column_set": ["x"]})
    assert expectations(INT, columns).found.closed
    assert not expectations(
        INT, ("table_columns_to_match_set", {"column_set": ["x"], "exact_match": False})
    ).found.closed
    without_type = expectations(columns)
    assert "for x" in without_type.because()
    assert without_type.left[1].instead == "write a line `TYPE?` for each, then `closed: true`"


def test_columns_that_others_speak_of_close_nothing(expectations):
    other = ("column_values_to_be_of_type", {"column": "y", "type_": "int"})
    found = expectations(INT, other, ("table_columns_to_match_set", {"column_set": ["x"]}))
    assert not found.found.closed
    assert found.because(3) == "other rules speak of y, which is not among its columns"


def test_an_ordered_list_is_carried_but_for_its_order(expectations):
    found = expectations(INT, ("table_columns_to_match_ordered_list", {"column_list": ["x"]}))
    assert found.found.closed
    assert found.left[2].is_in_part


def test_that_a_column_is_there_takes_something_that_names_it(expectations):
    exists = about("column_to_exist")
    assert expectations(exists, FILLED).left == {}
    assert expectations(exists, ("compound_columns_to_be_unique", {"column_list": ["x", "y"]})).left == {}
    assert expectations(exists).left[1].instead == "write a line `TYPE?` for it"
    only_warns = expectations(exists, (*about("column_values_to_not_be_in_set", value_set=["a"]), "warning"))
    assert set(only_warns.left) == {1}


def test_a_unique_column_without_a_type_is_a_key(expectations):
    found = expectations(about("column_values_to_be_unique"))
    assert found.found.unique == (("x",),)
    assert found.found.carried[0].note == "rows whose key is NULL count too"
    assert expectations(about("column_values_to_be_unique"), FILLED).found.carried[0].note == ""


def test_a_second_pattern_and_ranges_apart_stand_beside_the_line(expectations):
    found = expectations(
        about("column_values_to_match_regex", regex="a"), about("column_values_to_match_regex", regex="b")
    )
    assert found.lines == {"x": "str? ~ 'a'"}
    assert found.rules["x_pattern"].holds == "regexp_matches(x, 'b')"
    apart = expectations(
        about("column_values_to_be_between", max_value=1), about("column_values_to_be_between", min_value=5)
    )
    assert (apart.lines, apart.rules["x_range"].holds) == ({"x": "float? ..1"}, "x >= 5")


def test_quotes_of_both_kinds_are_quoted(expectations):
    found = expectations(TEXT, about("column_values_to_be_in_set", value_set=['it\'s "x"']))
    assert found.lines == {"x": "str? in ['it''s \"x\"']"}


def test_what_the_type_cannot_be_asked_is_left(expectations):
    found = expectations(TEXT, about("column_values_to_be_between", min_value=0))
    assert found.because(2).startswith("`0..` is not asked of str")
    assert found.rules == {}


def test_a_second_type_is_left(expectations):
    assert expectations(INT, TEXT).because(2) == "another rule asks for int, and a column has one type"


def test_two_severities_of_null_are_two_rules(expectations):
    found = expectations(INT, about("column_values_to_not_be_null", mostly=0.9), (*FILLED, "warning"))
    assert found.lines == {"x": "int? nulls <= 10%"}
    assert (found.rules["x_not_null"].holds, found.rules["x_not_null"].severity) == ("x is not null", "warn")


def test_conditions_become_if_and_then(expectations):
    found = expectations(
        about("column_values_to_be_between", min_value=0, row_condition='origin == "JFK"', condition_parser="pandas")
    )
    assert (found.rules["x_range"].given, found.rules["x_range"].holds) == ("origin = 'JFK'", "x >= 0")
    for said in ("column_values_to_be_unique", "column_to_exist"):
        assert "never of some" in expectations(about(said, row_condition="y > 5")).because()


@pytest.mark.parametrize("type_", sorted(expectations_of_columns.WITHOUT_WORDS | expectations_of_tables.WITHOUT_WORDS))
def test_what_has_no_words_says_why(expectations, type_):
    found = expectations((type_.removeprefix("expect_"), {"column": "x"}))
    assert found.found.is_empty
    assert found.because()


@pytest.mark.parametrize("type_", sorted(expectations_of_columns.ASKED | expectations_of_tables.ASKED))
@pytest.mark.parametrize("keys", [{}, {"column": 5}, {"column": "x", "value_set": 5, "regex": 5, "min_value": []}])
def test_keys_that_are_missing_or_wrong_are_left(expectations, type_, keys):
    found = expectations((type_.removeprefix("expect_"), keys))
    assert found.left or keys.get("column") == "x"


@pytest.mark.parametrize(
    ("said", "because"),
    [
        (about("column_values_to_be_betwen", min_value=1), "it is not known here"),
        (about("column_values_to_be_between", min_value={"$PARAMETER": "low"}), "is a parameter"),
        (about("column_values_to_be_between", min_value="a"), "neither a number nor a day"),
        (about("column_values_to_be_between", min_value=5, max_value="2013-01-01"), "of two kinds"),
        (about("column_values_to_be_between", min_value=5, max_value=1), "no value lies in its range"),
        (about("column_values_to_be_between", min_value=float("nan")), "no number"),
        (about("column_values_to_be_between", min_value=10**30), "no number that 64 bits hold"),
        (about("column_values_to_be_between"), "neither a lower nor an upper end"),
        (about("column_values_to_be_between", min_value=5, allow_cross_type_comparisons=True), "has no words here"),
        (about("column_values_to_be_in_set", value_set=[1, "a"]), "several types"),
        (about("column_values_to_be_in_set", value_set=[]), "no value"),
        (about("column_values_to_match_regex", regex="(?=a)"), "does not read here"),
        (about("column_values_to_match_like_pattern", like_pattern="a", escape="!"), "has no words here"),
        (about("column_quantile_values_to_be_between", quantile_ranges={"quantiles": [0], "value_ranges": [[1, 2]]}), "p1 to p99.9"),
        (about("column_values_to_be_of_type", type_="timedelta64[ns]"), "no type here"),
        (about("column_values_to_be_unique", mostly=0.9), "counts every row whose value stands twice"),
        (("column_values_to_be_unique", {"column": "a\nb"}), "cannot be named here"),
        ((*about("column_values_to_be_unique"), "grave"), "severity is not known"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_over_says_why(expectations, said, because):
    assert because in expectations(said).because()


def test_a_misspelt_expectation_names_the_near_one(expectations):
    assert expectations(about("column_values_to_be_betwen")).left[1].instead == (
        "did you mean expect_column_values_to_be_between?"
    )


def test_the_least_value_bounds_all_values_and_the_rest_is_named(expectations):
    found = expectations(about("column_min_to_be_between", min_value=0, max_value=5))
    assert found.lines == {"x": "float? 0.."}
    assert found.left[1].is_in_part
    assert "some value" in found.because()

"""What lines are proposed, and what they say they were inferred from."""

import pytest

from assay.check.infer import Batch, ProposedColumn, ProposedRules, propose, without_failing
from assay.check.infer.join import common_type
from assay.check.infer.texts import patterns
from assay.core.profile import ColumnProfile, Frequent, Quantile
from assay.core.rules import parse_column, parse_rows

TAILS = [f"N{at}{'AB'[: at % 3]}" for at in range(100, 400)]


def text_column(name="origin", nulls=0, **more) -> ColumnProfile:
    return ColumnProfile(
        name=name, type="str", stored="VARCHAR", nulls=nulls, **({"distinct": 3, "lengths": (3, 3)} | more)
    )


def number_column(mean, p95, **more) -> ColumnProfile:
    quantiles = (Quantile(0.05, 1, True), Quantile(0.5, 50, True), Quantile(0.95, p95, False))
    known = {"distinct": 90, "least": 1, "greatest": 99, "stddev": 10.0, "nulls": 0, "stored": "BIGINT"}
    return ColumnProfile(name="x", type="int", mean=mean, quantiles=quantiles, **(known | more))


def lines(*columns: ColumnProfile, rows=1000) -> dict[str, str]:
    batches = [Batch(f"b{at}", rows, (each,)) for at, each in enumerate(columns)]
    return {each.name: each.line for each in propose(batches).columns}


def test_sets_are_written_where_every_member_is_frequent():
    usual = tuple(Frequent(value, 300) for value in ("LGA", "EWR", "JFK"))
    assert lines(text_column(frequent=usual, are_all=True))["origin"] == "str in [EWR, JFK, LGA]"
    rare = (*usual, Frequent("PHL", 19))
    assert lines(text_column(frequent=rare, are_all=True))["origin"] == "str len 3"
    assert lines(text_column(frequent=usual, are_all=False))["origin"] == "str len 3"


def test_a_set_of_more_than_fifty_is_none():
    many = tuple(Frequent(f"v{at:02}", 20) for at in range(51))
    assert "in [" not in lines(text_column(frequent=many, are_all=True), rows=1020)["origin"]


@pytest.mark.parametrize("value", ["a, b", "it's", 'say "hi"', "", " x ", "[", "#1", "a: b", "naïve"])
def test_members_are_quoted_so_that_they_read_back(value):
    counts = (Frequent("plain", 500), Frequent(value, 500))
    line = lines(text_column(frequent=counts, are_all=True))["origin"]
    assert set(parse_column("origin", line).one_of or ()) == {"plain", value}


def test_a_member_that_no_quote_can_hold_makes_no_set():
    counts = (Frequent("plain", 500), Frequent("both ' and \"", 500))
    assert "in [" not in lines(text_column(frequent=counts, are_all=True))["origin"]


@pytest.mark.parametrize(("nulls", "cap"), [(19, "5"), (1, "0.2"), (100, "20"), (390, "50")])
def test_the_cap_for_nulls_is_a_quarter_more_rounded_up(nulls, cap):
    assert lines(text_column(nulls=nulls))["origin"].endswith(f"nulls <= {cap}%")
    assert lines(text_column(nulls=nulls))["origin"].startswith("str?")


def test_where_more_than_half_is_null_there_is_no_cap():
    assert lines(text_column(nulls=600))["origin"] == "str? len 3"


def test_limits_of_means_and_quantiles_need_three_batches():
    assert "mean" not in lines(number_column(50, 90), number_column(52, 91))["x"]
    three = lines(number_column(50, 90), number_column(52, 91), number_column(54, 95))["x"]
    rule = parse_column("x", three)
    assert rule.mean is not None
    assert rule.mean.low < 50
    assert rule.mean.high > 54
    assert rule.quantiles[0].bounds.high > 95


@pytest.mark.parametrize(
    ("counts", "text"), [([336_776], "150_000.."), ([1], "1.."), ([4000, 5000, 4500], "2_000..10_000")]
)
def test_numbers_of_rows_have_slack(counts, text):
    found = propose([Batch("b", rows, (text_column(),)) for rows in counts]).rows
    assert found == text
    bounds = parse_rows(found)
    assert all(bounds.low <= rows and (bounds.high is None or rows <= bounds.high) for rows in counts)


def test_a_batch_without_rows_says_nothing_of_rows():
    assert propose([Batch("b", 0, (text_column(),))]).rows == ""


def test_a_column_that_not_every_batch_has_gets_no_line():
    found = propose([Batch("a", 10, (text_column(),)), Batch("b", 10, ())]).columns[0]
    assert not found.type
    assert "1 of 2 batches" in found.seen


def test_a_line_says_what_was_seen():
    (found,) = propose([Batch("b", 1000, (number_column(50, 90, nulls=20),))]).columns
    assert found.seen == "seen 1..99, 2 % NULL in 1,000 rows"


@pytest.mark.parametrize(
    ("types", "common"),
    [("int int", "int"), ("int float", "float"), ("date time", "time"), ("int str", "str"), ("bool int", "str")],
)
def test_the_type_of_several_batches_holds_all_their_values(types, common):
    columns = [ColumnProfile(name="x", type=each, stored="VARCHAR", nulls=0, distinct=1) for each in types.split()]
    assert common_type(columns) == common


def test_typed_columns_of_different_kinds_have_no_type_in_common():
    columns = [
        ColumnProfile(name="x", type=t, stored=s, nulls=0, distinct=1)
        for t, s in (("int", "BIGINT"), ("str", "VARCHAR"))
    ]
    assert common_type(columns) is None


def test_a_pattern_is_read_off_texts_of_one_shape():
    assert patterns(TAILS) == ("^N[0-9]{3}[A-Z]{0,3}$", "^[A-Z][0-9]{3}[A-Z]{0,3}$")


@pytest.mark.parametrize(
    "texts",
    [
        TAILS[:30],
        [f"word{'s' * at}" for at in range(60)],
        [*TAILS, "?"],
        [*TAILS, ""],
        [f"{at}" for at in range(100)],
        [f"{'ab' * (at % 9)}{at}-{at % 3 or ''}x" for at in range(99)],
    ],
    ids=["few", "words", "one odd", "an empty one", "digits alone", "many shapes"],
)
def test_no_pattern_where_no_shape_is_evident(texts):
    assert patterns(texts) == ()


def test_what_fails_is_said_in_a_wider_way_then_no_more():
    proposed = ProposedRules("", "", (ProposedColumn("x", "str", (("~ 'a'", "~ 'b'"), ("nulls <= 1%",)), "seen"),), ())
    seen = []
    for _ in range(4):
        seen.append(proposed.columns[0].line if proposed.columns[0].type else "")
        proposed = without_failing(proposed, {"x"})
    assert seen == ["str ~ 'a', nulls <= 1%", "str ~ 'b', nulls <= 1%", "str, nulls <= 1%", "str"]
    assert not proposed.columns[0].type


def test_what_is_allowed_is_the_last_to_go():
    clauses = (("0..9",), ("nulls <= 1%",), ("allow 5%",))
    proposed = ProposedRules("", "", (ProposedColumn("x", "int?", clauses, "seen"),), ())
    assert without_failing(proposed, {"x"}).columns[0].line == "int? 0..9, allow 5%"

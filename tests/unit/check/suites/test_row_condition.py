"""Conditions on rows, in the words of pandas, of Great Expectations, of Spark, and as values."""

import pytest

from assay.check.suites.nouns import NotCarried
from assay.check.suites.row_condition import read_condition


def compared(column, operator, parameter):
    return {"type": "comparison", "column": {"name": column}, "operator": operator, "parameter": parameter}


@pytest.mark.parametrize(
    ("said", "sql"),
    [
        ("delay > 5", "delay > 5"),
        ('carrier=="AA"', "carrier = 'AA'"),
        ("carrier == 'A \"A'", "carrier = 'A \"A'"),
        ("carrier = 'it' AND delay <= -1.5", "(carrier = 'it') and (delay <= -1.5)"),
        ("`a b` != 5", '"a b" is distinct from 5'),
        ("a >= b", "a >= b"),
        ("cancelled == False", "cancelled = false"),
        ('col("delay") > 5', "delay > 5"),
        ('col("x y").notNull()', '"x y" is not null'),
        ("x.isnull() or y.notna()", "(x is null) or (y is not null)"),
        ("x is null", "x is null"),
        ("x IS NOT NULL", "x is not null"),
        ("x in [1, 2] & (y < 3 | z < 4)", "(x in (1, 2)) and ((y < 3) or (z < 4))"),
        ("x not in ('a', 'b')", "(x is null or not x in ('a', 'b'))"),
        ({"type": "pass_through", "pass_through_filter": "x > 1"}, "x > 1"),
        (compared("x", "==", "a"), "x = 'a'"),
        (compared("x", "IN", [1, 2]), "x in (1, 2)"),
        (compared("x", "NOT_IN", [1]), "(x is null or not x in (1))"),
        ({"type": "nullity", "column": {"name": "x"}, "is_null": False}, "x is not null"),
        ({"type": "or", "conditions": [compared("x", "<", 1), compared("y", "!=", 2)]}, "(x < 1) or (y is distinct from 2)"),
    ],
)  # fmt: skip
def test_conditions_are_sql(said, sql):
    assert read_condition(said) == sql


@pytest.mark.parametrize(
    "said",
    [
        "",
        "x",
        "x >",
        "5 > x",
        "not x > 5",
        "x.str.len() > 2",
        "x > y.max()",
        "x > @limit",
        "x in [a]",
        "x in [1, 2",
        "(x > 1",
        "x > 1) or (1 == 1",
        "x > 1; drop table y",
        "x > 1 -- y",
        "(" * 500 + "x > 1",
        "x > 9" + "9" * 5000,
        5,
        [],
        {"type": "magic"},
        {"type": "and", "conditions": []},
        {"type": "pass_through"},
        compared("x", "~", 1),
        compared(None, "==", 1),
        compared("x", "==", None),
    ],
)
def test_all_else_is_not_read(said):
    with pytest.raises(NotCarried):
        read_condition(said)

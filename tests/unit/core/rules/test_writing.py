"""A rule is written as the line that reads back as it."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.rules import ColumnRule, parse_column
from assay.core.rules.writing import line_of

LINES = [
    "int 1..12",
    "int? > 0, <= 5, nulls <= 5%",
    "float >= 0.5, mean > 0 <= 2.5, stddev 1.., p95 < 3, p99.9 ..7",
    "str in [New York, 'a, b', \"it's\", '', 'true', ' x']",
    "str in data/a.csv:b, unique, allow 3 rows, allow 0.5%, warn",
    "str in 'data/a b.csv:c d'",
    "str? len 3 ~ '^N[0-9]'",
    'str ~ "it\'s"',
    "str in ['it''s \"so\"'] ~ '''\"'",
    "int -9223372036854775808..",
    "float 1e20..",
    "date 2013-01-01..2013-02-01",
    "time > 2013-01-01 05:00:00",
    "bool in [true]",
    "int in [1, -2]",
]


def same(line: str, rule: ColumnRule) -> bool:
    return msgspec.structs.replace(parse_column(rule.column, line), text="") == msgspec.structs.replace(rule, text="")


@pytest.mark.parametrize("line", LINES)
def test_a_line_is_written_as_the_same_rule(line: str) -> None:
    rule = parse_column("c", line)
    assert same(line_of(rule), rule)


@given(st.lists(st.text(max_size=6) | st.text("'\"a, ]", max_size=6), min_size=1, max_size=30))
def test_sets_of_any_texts_are_written_whole(members: list[str]) -> None:
    rule = ColumnRule("c", "str", one_of=tuple(members))
    assert same(line_of(rule), rule)

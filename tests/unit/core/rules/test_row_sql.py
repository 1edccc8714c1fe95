"""Conditions of rows: what reads, and that nothing else gets through."""

import re

import pytest

from assay.core.rules import RuleMistake
from assay.core.rules.row_sql import LONGEST, read_row_sql

READS = {
    "sched_dep_time = hour*100 + minute": ({"sched_dep_time", "hour", "minute"}, set()),
    "a >= b or b - a > 1200": ({"a", "b"}, set()),
    '"we""ird; name" is not null': ({'we"ird; name'}, set()),
    "a between 1 and 2 and b not in ('x', 'y')": ({"a", "b"}, set()),
    "extract(year from t) = 2013 or month(t) < 3": ({"t"}, {"year", "month"}),
    "len(s) = 3 and s not like 'a%'": ({"s"}, {"length"}),
    "case when a > 1 then b else c end = 'x' || d": ({"a", "b", "c", "d"}, set()),
    "epoch(a) - epoch(b) < 7200": ({"a", "b"}, set()),
    "regexp_matches(a, '^N[0-9]+$')": ({"a"}, {"regexp_matches"}),
    "a is distinct from greatest(b, -c)": ({"a", "b", "c"}, {"greatest"}),
    "date '2013-01-01' < t and cast(d as timestamp) < t": ({"t", "d"}, set()),
    "late": ({"late"}, set()),
}


@pytest.mark.parametrize("text", READS)
def test_a_condition_says_what_it_speaks_of(text: str) -> None:
    found = read_row_sql(text)
    assert (set(found.columns), set(found.functions) - {"epoch"}) == READS[text]


REFUSED = {
    "a in (select b from c)": "values in the brackets",
    "a = (select 1)": "an expression of columns",
    "exists (select 1)": "an expression of columns",
    "a > 1; drop table x": "one boolean expression",
    "drop table x": "",
    "select a from b": "",
    "read_csv('/etc/passwd') = a": "one of the functions",
    "getenv('HOME') = a": "one of the functions",
    "t.a = 1": "a column by its name alone",
    "count(a) > 1": "one of the functions",
    "sum(a) over () > 1": "",
    "try_cast(a as int) = 1": "",
    "a::json = 1": "a cast to bigint",
    "current_date > a": "one of the functions",
    "random() > a": "one of the functions",
    "columns(*) > 1": "one of the functions",
    "a between symmetric 5 and 1": "between without anything of its own",
    "length(a, 'x') > 1": "length without anything of its own",
    "a > interval 1 day": "one of the functions",
    "(x -> x + 1) = a": "",
    "regexp_matches(a, b)": "a pattern in quotes",
    "regexp_matches(a, '(?=x)')": "in the pattern, a plain group",
    "extract(dow from t) = 1": "one of year, month",
    "a +": "an SQL expression",
    "a = 'x": "an SQL expression",
    "": "one boolean expression",
    "1 = 1": "a condition that names a column",
    "a + 1": "a condition such as",
    "'a'": "a condition",
    "(" * 500 + "a" + ")" * 500 + " = 1": "fewer brackets",
    "a = 1 -- " + "x" * LONGEST: f"at most {LONGEST:,} characters",
}


PART = "regexp_matches(s, '..'): it matches some part of the text"
ONE_OF = "one of the operators + - * / % || = <> < <= > >= and or not between in like is"
WHOLE = "a condition on whole values: a rule does not look into lists, structs and JSON"
PARAMETER = "the value itself: a rule has no parameters"
INSTEAD = {
    "s ~ 'bc'": (2, "regexp_matches(s, 'bc'): it matches some part of the text"),
    "lower(s) ~ 'bc'": (9, "regexp_matches(a, 'bc'): it matches some part of the text"),
    "a > 1 and s !~ 'bc'": (12, "not regexp_matches(s, 'bc')"),
    "s ~* 'bc'": (2, "regexp_matches(s, '(?i)..')"),
    "s !~* 'bc'": (2, "not regexp_matches(s, '(?i)..')"),
    "s regexp 'bc'": (0, PART),
    "s rlike 'bc'": (0, PART),
    "regexp_like(s, 'bc')": (0, PART),
    "s similar to 'bc'": (0, "regexp_matches(s, '^(..)$')"),
    "s ~~ 'bc'": (2, "s like 'bc'"),
    "s !~~ 'bc'": (2, "s not like 'bc'"),
    "s ilike 'bc'": (2, "lower(s) like '..'"),
    "s ~~* 'bc'": (2, "lower(s) like 'bc'"),
    "s !~~* 'bc'": (2, "not lower(s) like 'bc'"),
    "s glob 'bc'": (2, "like, or regexp_matches(s, '..')"),
    "s ~~~ 'bc'": (2, "like, or regexp_matches(s, '..')"),
    "s ^@ 'bc'": (2, "s like 'N%'"),
    "s like 'b$%' escape '$'": (13, "regexp_matches(s, '..'), where % and _ are to be themselves"),
    "s collate nocase = 'bc'": (2, "lower(s), where upper and lower case are the same"),
    "a // 2 = 1": (2, "floor(a / 2)"),
    "a div 2 = 1": (0, "floor(a / b)"),
    "a ^ 2 = 1": (2, "a product such as a * a"),
    "a ** 2 = 1": (2, "a product such as a * a"),
    "@a = 1": (0, "abs(a)"),
    "a! = 1": (1, "not"),
    "!late": (0, "not"),
    "a ?? b": (2, "coalesce(a, b)"),
    "a <=> b": (2, "a is not distinct from b"),
    "a & 1 = 1": (2, ONE_OF),
    "a | 1 = 1": (2, ONE_OF),
    "a << 1 = 1": (0, ONE_OF),
    "a >> 1 = 1": (0, ONE_OF),
    "a && b": (2, ONE_OF),
    "a @> b": (2, ONE_OF),
    "a # b = 1": (2, ONE_OF),
    "a := 1": (2, ONE_OF),
    "a[1] = 1": (1, WHOLE),
    "a = [1]": (4, WHOLE),
    "a = {'b': 1}": (4, WHOLE),
    "a -> 'x' = 1": (2, WHOLE),
    "a ->> 'x' = 1": (2, WHOLE),
    "a = $1": (4, PARAMETER),
    "a = ?": (4, PARAMETER),
    "a = :x": (4, PARAMETER),
    "a in ()": (2, "values in brackets: in (1, 2)"),
    "a in b": (2, "values in brackets: in (1, 2)"),
    "a < b < c": (0, "comparisons joined by and, or in brackets"),
    "a = b = c": (0, "comparisons joined by and, or in brackets"),
    "a = 0x10": (4, "a number in decimal figures such as 16"),
    "a < 1e999": (4, "a number that fits 64 bits"),
    "a < 1e-400": (4, "a number that fits 64 bits"),
    "s = 'b' 'c'": (8, "an operator such as || between two texts"),
    "s = e'b'": (4, "a text in plain quotes: '..'"),
    "s = $$b$$": (4, "a text in plain quotes: '..'"),
    "`a` = 1": (0, 'a column by its plain name, or in double quotes: "a b"'),
    "a = 1 as b": (0, "a condition without a name of its own"),
    "if(a, b, c)": (0, "case when a then b else c end"),
    "d > date '2020-13-01'": (9, "a day that the calendar has, such as date '2013-01-31'"),
    "cast('today' as date) < d": (5, "a day that the calendar has, such as date '2013-01-31'"),
    "d > date '2020-01-01 05:00'": (9, "a day that the calendar has, such as date '2013-01-31'"),
    "t > timestamp '2020-01-01 25:00:00'": (
        14,
        "a time of a day that the calendar has, without a zone, such as timestamp '2013-01-31 05:00:00'",
    ),
}


@pytest.mark.parametrize("text", INSTEAD)
def test_what_is_refused_is_told_with_the_words_to_write(text: str) -> None:
    with pytest.raises(RuleMistake) as caught:
        read_row_sql(text)
    assert (caught.value.offset, caught.value.expected) == INSTEAD[text]


def test_columns_may_be_called_as_operators_are() -> None:
    assert read_row_sql("div > 1").columns == ("div",)


@pytest.mark.parametrize(
    "text", [*INSTEAD, *REFUSED, "strpos(s, 'a') = 1", "a at time zone 'utc' = b", "(a, b) = (1, 2)"]
)
def test_what_is_quoted_is_what_was_written(text: str) -> None:
    """Never what the parser calls it."""
    with pytest.raises(RuleMistake) as caught:
        read_row_sql(text)
    assert all(word.lower() in text.lower() for word in re.findall(r"`([^`]+)`", caught.value.because))


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_nothing_else_gets_through(text: str) -> None:
    with pytest.raises(RuleMistake) as caught:
        read_row_sql(text)
    assert caught.value.expected.startswith(REFUSED[text])
    assert 0 <= caught.value.offset <= len(text)


def test_a_field_within_a_value_is_told_what_to_do() -> None:
    with pytest.raises(RuleMistake) as refused:
        read_row_sql("user.country in ('DE', 'FR')")
    assert refused.value.because == (
        "a rule reaches no field within a value: make `user.country` a column of its own, or ask with {sql: FILE}"
    )

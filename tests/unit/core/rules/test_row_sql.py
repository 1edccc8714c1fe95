"""Conditions of rows: what reads, and that nothing else gets through."""

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
    "a = $1": "one of the functions",
    "a = ?": "",
    "columns(*) > 1": "one of the functions",
    "a ilike 'x'": "one of the functions",
    "a between symmetric 5 and 1": "between without anything of its own",
    "length(a, 'x') > 1": "length without anything of its own",
    "a > interval 1 day": "one of the functions",
    "a = [1]": "one of the functions",
    "a = {'b': 1}": "",
    "a -> 'x' = 1": "",
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

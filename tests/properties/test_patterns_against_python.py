"""A pattern finds in DuckDB what Python's ``re`` finds, whether or not it can match nothing at all."""

import re

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from assay.check.compile.patterns import is_matched
from assay.check.compile.tree import ref, sql
from assay.core.rules.pattern import PatternMistake, fewest_characters, parse_pattern, spelt


def reads(pattern: str) -> bool:
    """Repeated edges are refused."""
    try:
        parse_pattern(pattern)
    except PatternMistake:
        return False
    return True


PATTERNS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", "^", "$", r"\d", "1"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}"])).map(lambda both: f"({both[0]}){both[1]}"),
        st.tuples(inner, inner).map(lambda both: f"({both[0]}|{both[1]})"),
        st.tuples(inner, inner).map("".join),
    ),
    max_leaves=6,
).filter(reads)


@given(PATTERNS, st.lists(st.none() | st.text("ab1c\n", max_size=5), max_size=20))
def test_duckdb_finds_what_python_finds(pattern: str, texts: list[str | None]) -> None:
    read = parse_pattern(pattern)
    expected = [None if text is None else re.search(spelt(read, "python"), text) is not None for text in texts]
    with duckdb.connect() as connection:
        question = f"SELECT {sql(is_matched(ref('c0'), pattern, 'duckdb'), 'duckdb')} FROM (SELECT unnest($1) AS c0)"
        found = [answer for (answer,) in connection.execute(question, [texts or [None]]).fetchall()]
    assert found == (expected or [None])


@given(PATTERNS)
def test_what_is_matched_has_as_many_characters_as_promised(pattern: str) -> None:
    read = parse_pattern(pattern)
    found = (re.search(spelt(read, "python"), text) for text in ("", "ab1", "aabb11", "\n", "1a"))
    assert all(len(match[0]) >= fewest_characters(read) for match in found if match)

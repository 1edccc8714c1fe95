"""Patterns mean the same however an engine spells them."""

import re

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.rules.pattern import MOST_REPEATS, PatternMistake, parse_pattern, spelt

SPELT = {
    "^N[0-9]{1,5}[A-Z]{0,2}$": ("^N[0-9]{1,5}[A-Z]{0,2}$", r"^N[0-9]{1,5}[A-Z]{0,2}\z"),
    r"\d+\.\w\s": (r"[0-9]+\.[0-9A-Z_a-z][\x09-\x0D ]", r"[0-9]+\.[0-9A-Z_a-z][\x09-\x0D ]"),
    "a.b": (r"a[^\x0A]b", r"a[^\x0A]b"),
    "(ab|c)*?x{2,}": ("(?:ab|c)*x{2,}", "(?:ab|c)*x{2,}"),
    "(?i)aé": ("[Aa]é", "[Aa]é"),
    "[]a-]": (r"[\-\]a]", r"[\-\]a]"),
    "": ("", ""),
    "a|": ("a|", "a|"),
}


@pytest.mark.parametrize("pattern", SPELT)
def test_a_pattern_is_spelt_with_what_all_engines_agree_on(pattern: str) -> None:
    part = parse_pattern(pattern)
    assert (spelt(part, "re2"), spelt(part, "java")) == SPELT[pattern]


REFUSED = {
    "a(?=b)": (1, "a plain group: (..) or (?:..)"),
    r"a\b": (1, r"an escape such as \. or \d"),
    r"(a)\1": (3, r"an escape such as \. or \d"),
    "a**": (2, "one repetition"),
    "a*+": (2, "one repetition"),
    "*a": (0, "something to repeat before it"),
    "a{300}": (1, f"at most {MOST_REPEATS} times, the smaller number first"),
    "a{3,2}": (1, f"at most {MOST_REPEATS} times, the smaller number first"),
    "((a{255}){255}){10}": (9, "at most 1,000 times in all"),
    "(x(a{7}){11}|b){13}": (15, "at most 1,000 times in all"),
    "a{x}": (1, "{n}, {n,} or {n,m}"),
    "(a": (0, "a ) for this ("),
    "a)": (1, "the end; this ) closes nothing"),
    "[a": (0, "a ] for this ["),
    "[z-a]": (1, "a range such as a-z, the lower end first"),
    "[[:alpha:]]": (1, "ranges such as a-z"),
    "^*": (1, "no repetition of ^ or $"),
    "a\0": (1, "a pattern without NUL"),
    "\\": (0, r"an escape such as \. or \d"),
    "(" * 60 + ")" * 60: (40, "at most 40 groups in one another"),
}


@pytest.mark.parametrize("pattern", REFUSED, ids=range(len(REFUSED)))
def test_what_engines_do_not_share_is_refused_with_its_place(pattern: str) -> None:
    with pytest.raises(PatternMistake) as caught:
        parse_pattern(pattern)
    assert (caught.value.offset, caught.value.expected) == REFUSED[pattern]


@pytest.mark.parametrize("pattern", ["(a{100}){10}", "((a{1,}){250}){4}", "((a*){250}b{0}){4}", "(a{31}|b{31}){32}"])
def test_repetitions_in_one_another_are_as_many_as_the_engine_takes(pattern: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("SELECT regexp_matches('b', ?)", [spelt(parse_pattern(pattern), "re2")])


characters = st.sampled_from("abAZ019_. -\n\té日$^|")
atoms = st.sampled_from(
    ["a", "b", ".", r"\d", r"\w", r"\s", r"\D", "[a-c]", "[^0-9]", r"\.", "é", "Z", "(?:a|b)", "(0|)"]
)
repeats = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}"])
patterns = st.builds(
    lambda fold, start, parts, end: fold + start + "".join(parts) + end,
    st.sampled_from(["", "(?i)"]),
    st.sampled_from(["", "^"]),
    st.lists(st.builds(str.__add__, atoms, repeats), max_size=4),
    st.sampled_from(["", "$", "|ab"]),
)


def test_duckdb_and_python_match_the_same_texts() -> None:
    with duckdb.connect(config={"threads": "1"}) as connection:

        @given(patterns, st.lists(st.text(characters, max_size=6), min_size=1, max_size=8))
        @settings(max_examples=150, deadline=None, database=None)
        def holds(pattern: str, texts: list[str]) -> None:
            part = parse_pattern(pattern)
            asked = "SELECT regexp_matches(t, $1) FROM (SELECT unnest($2) AS t)"
            found = [row[0] for row in connection.execute(asked, [spelt(part, "re2"), texts]).fetchall()]
            python = re.compile(spelt(part, "python"))
            assert found == [python.search(text) is not None for text in texts]

        holds()


@given(patterns)
def test_what_is_spelt_reads_back_as_the_same(pattern: str) -> None:
    part = parse_pattern(pattern)
    again = parse_pattern(spelt(part, "re2").replace(r"\x0A", r"\n").replace(r"\x09-\x0D", r"\t-\r"))
    assert spelt(again, "re2") == spelt(part, "re2")

"""One value of a file is written anew, and everything else is left as it is."""

import pytest

from assay.core.problem import Place
from assay.declare.rewrite import rewritten
from assay.declare.rules_file import read_rules

FILE = """\
# a comment
columns:
  origin: str in [EWR, JFK]   # airports
  flow: {a: 'int 1..12', b: int}
  folded: >
    int
  quoted: "int 0..5"
"""


@pytest.mark.parametrize(
    ("line", "column", "value", "was", "becomes"),
    [
        (3, 3, "str in [EWR, JFK, LGA]", "str in [EWR, JFK]   #", "str in [EWR, JFK, LGA]  #"),
        (3, 3, "str in [EWR]", "str in [EWR, JFK]   #", "str in [EWR]        #"),
        (3, 3, "str ~ 'a #b'", "str in [EWR, JFK]   #", "'str ~ ''a #b'''    #"),
        (4, 10, "int 1..13, warn", "'int 1..12'", "'int 1..13, warn'"),
        (4, 26, "int 0..", "b: int}", "b: int 0..}"),
        (4, 26, "int in [1, 2]", "b: int}", "b: 'int in [1, 2]'}"),
        (7, 3, "int 0..9", '"int 0..5"', "int 0..9"),
    ],
)
def test_a_value_is_replaced_and_quoted_as_it_must_be(
    line: int, column: int, value: str, was: str, becomes: str
) -> None:
    assert rewritten(FILE, Place("f", line, column), value) == FILE.replace(was, becomes)


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("dep_delay", "dep_delay"),
        ("'dep delay'", "dep delay"),
        ('"dep delay"', "dep delay"),
        ("Größe", "Größe"),
        ("'Größe: ''in'' m²'", "Größe: 'in' m²"),
        ('"a.b"', "a.b"),
        ("a.b", "a.b"),
        ('"日本 \\"x\\" \\u00e9"', '日本 "x" é'),
        ('"on"', "on"),
    ],
)
@pytest.mark.parametrize("form", ["columns:\n  {}: int 0..5  # seen\n", "columns: {{b: str, {}: int 0..5}}\n"])
def test_the_rule_of_a_quoted_key_is_found_at_its_place(form: str, key: str, column: str) -> None:
    text = form.format(key)
    place = read_rules(text.encode(), "rules.yaml").places[f"columns.{column}"]
    assert rewritten(text, place, "int 0..9") == text.replace("0..5", "0..9")


def test_keys_of_the_file_may_be_quoted_too() -> None:
    text = "'rows': 3\n\"columns\":\n  a: int\n"
    place = read_rules(text.encode(), "rules.yaml").places["rows"]
    assert rewritten(text, place, "3..5") == text.replace("3", "3..5")


def test_line_ends_stay_as_they_are() -> None:
    text = "columns:\r\n  a: int\r\n  b: int 1..2   # two\r\n"
    assert rewritten(text, Place("f", 3, 3), "int 1..3") == text.replace("1..2", "1..3")


def test_what_is_no_yaml_is_left_to_a_person() -> None:
    assert rewritten("p.check('a', {'b': [1, 2})\n", Place("pipeline.py", 1, 1), "int") is None


@pytest.mark.parametrize(("line", "column"), [(5, 3), (1, 1), (99, 1)])
def test_what_stands_on_several_lines_or_nowhere_is_left_to_a_person(line: int, column: int) -> None:
    assert rewritten(FILE, Place("f", line, column), "int") is None

"""YAML to nodes: values by the rules of YAML 1.2, places to the character, and limits that hold."""

import pytest
import yaml

from assay.declare.nodes import Mapping, Node, Plain, Scalar, Sequence, plain_value
from assay.declare.yaml_syntax import MAX_ALIASED, MAX_DEPTH, SyntaxMistake, decode, parse


def scalar(text: str) -> Scalar:
    node = parse(f"key: {text}")
    assert isinstance(node, Mapping)
    value = node.pairs[0][1]
    assert isinstance(value, Scalar)
    return value


@pytest.mark.parametrize(
    "text, value",
    [
        ("", None),
        ("~", None),
        ("Null", None),
        ("nULL", "nULL"),
        ("true", True),
        ("FALSE", False),
        ("12", 12),
        ("-7", -7),
        ("007", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.INF", float("-inf")),
        ("on", "on"),
        ("n", "n"),
        ("1:30", "1:30"),
        ("190:20:30", "190:20:30"),
        ("2013-01-01", "2013-01-01"),
        ("1_000", "1_000"),
        ("0b11", "0b11"),
        ("1..12", "1..12"),
        ("9" * 5000, float("inf")),
    ],
)
def test_scalars_follow_the_core_schema(text: str, value: Plain) -> None:
    found = plain_value(text)
    assert (type(found), found) == (type(value), value)


def test_quotes_make_text() -> None:
    assert [scalar(text).value for text in ("'12'", '"true"', "!!str 12", "! 12")] == ["12", "true", "12", "12"]


@pytest.mark.parametrize(
    "written, offset, column",
    [
        ("abc def", 4, 10),
        ("'abc def'", 4, 11),
        ("'it''s so'", 5, 13),
        ('"abc def"', 4, 11),
        (r'"a\tb\u00e9c"', 4, 17),
        ("äöü x", 4, 10),
        ("|\n  abc", 1, 6),
        ("'abc\n  def'", 4, 6),
    ],
)
def test_a_character_of_a_text_has_its_column(written: str, offset: int, column: int) -> None:
    assert scalar(written).column_of(offset) == column


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "\ufeff"])
def test_nothing_is_told_from_something(text: str) -> None:
    node = parse(text.removeprefix("\ufeff"))
    assert node is None or (isinstance(node, Scalar) and node.value is None)


@pytest.mark.parametrize("opening", ["[", "- ", "{a: ", "? "])
def test_depth_is_bounded_before_it_can_hurt(opening: str) -> None:
    with pytest.raises(SyntaxMistake, match=f"more than {MAX_DEPTH}"):
        parse(opening * 100_000)


def test_an_alias_bomb_is_refused_without_exploding() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(SyntaxMistake, match=f"more than {MAX_ALIASED} values"):
        parse("\n".join(lines))


def test_the_slow_parser_reads_the_same() -> None:
    text = "a: [1, 'it''s', \"x\\ty\"]\nb:\n  - {c: d}\n  - |\n    block\n"
    assert parse(text, yaml.SafeLoader) == parse(text, yaml.CSafeLoader)


def test_bytes_that_are_no_utf_8_are_named_with_their_place() -> None:
    with pytest.raises(SyntaxMistake, match="byte 0xff is no UTF-8") as caught:
        decode("a: ä\nb: ".encode() + b"\xff")
    assert (caught.value.line, caught.value.column) == (2, 4)


def test_an_alias_is_the_very_node() -> None:
    node = parse("[&a {x: 1}, *a]")
    assert isinstance(node, Sequence)
    first, second = node.items
    assert_same(first, second)


def assert_same(first: Node, second: Node) -> None:
    assert first is second

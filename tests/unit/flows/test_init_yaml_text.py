"""What is written as YAML reads back as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.declare.plain import plain
from assay.declare.yaml_syntax import parse
from assay.flows.init.yaml_text import block, flow, word

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufeff\u2028\u2029\ufffe\uffff")
)


def read(text: str):
    node = parse(text)
    assert node is not None
    return plain(node)


@given(TEXT | st.sampled_from(["true", "1e3", "~", "a: b", "a #b", "- a", "[a]", "a:", "1_000", "*a", "", " a ", "on"]))
def test_words(text):
    assert read(f"key: {word(text)}") == {"key": text.replace("${", "\\${")}
    assert read(flow({"key": [text, {"a": [text], "b": None}]}))["key"][1]["b"] is None
    assert read(flow([text])) == [text.replace("${", "\\${")]


@given(st.lists(TEXT | st.sampled_from(["a: b", "# c", "\techo", "  x", "", 'it\'s "so"', "true"])).map("\n".join))
def test_commands(command):
    lines = "\n".join(block("run", command))
    wanted = command if "${" not in command else None
    assert wanted is None or read(lines) == {"run": wanted}


@pytest.mark.parametrize(
    "command, line",
    [
        ("python train.py --rate 0.1", "run: python train.py --rate 0.1"),
        ("echo ${HOME} ${item}", "run: echo ${HOME} \\${item}"),
        ("echo a: b", "run: |-"),
        ("true", "run: |-"),
    ],
)
def test_a_command_stands_as_a_person_would_write_it(command, line):
    assert next(block("run", command)) == line

"""Whatever a value is, and however the place for it is quoted: the command gets it as it is, or it is refused."""

import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assay.declare.filling import fill_command

VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.text(
    st.sampled_from("'\"\\$`!*?~# \n\t;&|<>(){}[]=-a"), max_size=8
)
AROUND = st.lists(
    st.sampled_from(
        [
            "'",
            '"',
            "\\",
            " ",
            "a",
            "$(echo ",
            ")",
            "`",
            "#",
            "\n",
            "${HOME}",
            "${X:-",
            "}",
            "<<E",
            "$((",
            "))",
            "(",
            "case ",
            "$'",
            "{",
        ]
    ),
    max_size=5,
).map("".join)
MARK = "\x01"


@pytest.mark.parametrize("shell", ["bash", "sh"])
@settings(max_examples=60)
@given(values=st.lists(VALUES, min_size=1, max_size=5))
@example(values=["it's", "-n", "", "\\", "$(x)"])
def test_a_value_comes_out_of_each_kind_of_quotes(shell: str, values: list[str]) -> None:
    places = ("${params.v}", "a${params.v}b", '"${params.v}"', "'${params.v}'", '"$(printf %s "${params.v}"x)"')
    wanted, script = [], []
    for value in values:
        for place in places:
            filled, mistakes = fill_command(f"printf '%s\\0' {place}", lambda _, value=value: value, frozenset())
            assert mistakes == ()
            script.append(filled)
            wanted.append({places[1]: f"a{value}b", places[4]: f"{value}x"}.get(place, value))
    done = subprocess.run([shell, "-c", "\n".join(script)], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == wanted


@settings(max_examples=150)
@given(before=AROUND, after=AROUND)
@example(before="\"$(case a in a) echo '", after="';; esac)\"")
@example(before="\"${X:-'", after="}'\"")
@example(before="# '", after="\n'")
def test_a_value_never_becomes_a_command(before: str, after: str) -> None:
    value = "x; echo INJECTED >&2 '\"`$(echo INJECTED >&2)"
    text = f"{before}${{params.v}}{after}"
    filled, mistakes = fill_command(text, lambda _: value, frozenset())
    if not mistakes:
        done = subprocess.run(["bash", "-c", filled], capture_output=True, check=False, stdin=subprocess.DEVNULL)
        told = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if line == "INJECTED"]
        assert told == []

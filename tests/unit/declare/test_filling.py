"""`${...}`: values in texts, and in commands as real shells read them."""

import subprocess

import pytest

from assay.core.reference import Reference, find
from assay.declare.filling import fill_command, fill_text

HARD = 'it\'s "$HOME" `x` \\ *;# a\n$(b) !'
ROOTS = {
    "matrix": {"hard": HARD, "n": 5, "plain": "lgbm", "empty": "", "yes": True},
    "params": {"list": [1], "keys": {"a": 1}, "nothing": None},
    "item": "EWR",
}


def look_up(reference: Reference) -> object:
    return find(reference, ROOTS)


def command(text: str, *own: str) -> str:
    filled, mistakes = fill_command(text, look_up, frozenset(own))
    assert mistakes == ()
    return filled


def printed(text: str, shell: str = "bash") -> str:
    return subprocess.run([shell, "-c", command(text)], capture_output=True, text=True, check=True).stdout


ENTERED = {
    "bare": ("printf %s ${matrix.hard}", HARD),
    "within a word": ("printf %s models/${matrix.hard}.pkl", f"models/{HARD}.pkl"),
    "in double quotes": ('printf %s "a ${matrix.hard} b"', f"a {HARD} b"),
    "in single quotes": ("printf %s 'a ${matrix.hard} b'", f"a {HARD} b"),
    "in a substitution": ('printf %s "$(printf %s ${matrix.hard})"', HARD),
    "in quotes in a substitution in quotes": ('printf %s "$(printf %s "${matrix.hard}")"', HARD),
    "in a subshell": ("(printf %s ${matrix.hard})", HARD),
    "in a group with a case": ("case x in x) printf %s ${matrix.hard};; esac", HARD),
    "behind a comment with an apostrophe": ("# it's\nprintf %s ${matrix.hard}", HARD),
    "behind a variable of the shell": ('printf %s "${NONE:-}"${matrix.hard}', HARD),
    "behind a quote that is escaped": ('printf %s "\\"${matrix.hard}"', '"' + HARD),
    "behind two backslashes": ("printf %s \\\\${matrix.hard}", "\\" + HARD),
    "in arithmetic": ("printf %s $(( ${matrix.n} + 1 ))", "6"),
    "empty": ("printf %s- ${matrix.empty} a", "-a-"),
    "a boolean": ("printf %s ${matrix.yes}", "true"),
    "an assignment": ('x=${matrix.hard}; printf %s "$x"', HARD),
    "a length behind it": ("x=abc; printf %s ${matrix.plain}${#x}", "lgbm3"),
}


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("case", ENTERED)
def test_a_value_comes_out_of_the_shell_as_it_went_in(case: str, shell: str) -> None:
    text, wanted = ENTERED[case]
    assert printed(text, shell) == wanted


def test_a_here_string_of_bash_takes_values_too() -> None:
    assert printed("cat <<< ${matrix.hard}") == HARD + "\n"


@pytest.mark.parametrize(
    "text",
    [
        "echo ${HOME} ${VAR:-x} ${#a} ${a[0]} ${item} ${key} $HOME",
        "echo '${HOME}' \"${a%.*}\"",
        "echo \\${item}",
        "a ${",
    ],
)
def test_what_is_the_shell_s_is_left_to_the_shell(text: str) -> None:
    assert command(text) == text


def test_item_is_ours_where_there_are_items() -> None:
    assert command("echo ${item} ${HOME}", "item") == "echo EWR ${HOME}"


@pytest.mark.parametrize("quotes", ["{}", '"{}"', "'{}'"])
def test_a_backslash_lets_it_stand(quotes: str) -> None:
    assert printed("printf %s " + quotes.format("\\${matrix.plain}")) == "${matrix.plain}"


@pytest.mark.parametrize(
    "text",
    [
        "cat <<E\n${matrix.plain}\nE",
        "cat <<'E'\nit's\nE\necho ${matrix.plain}",
        "echo `echo ${matrix.plain}`",
        "echo ${X:-${matrix.plain}}",
        'echo "${X:-${matrix.plain}}"',
        "echo $'${matrix.plain}'",
        "echo $(( ${matrix.plain} ))",
        "echo \"${X:-'}'}\" ${matrix.plain}",
        'echo "$(case x in x) echo ${matrix.plain};; esac)"',
    ],
)
def test_where_the_quoting_is_not_certain_a_value_is_refused(text: str) -> None:
    _, mistakes = fill_command(text, look_up, frozenset())
    assert [mistake.code for mistake in mistakes] == ["unclear-quoting"]
    assert text[mistakes[0].offset :].startswith("${matrix.plain}")
    assert "env: {VALUE: ${matrix.plain}}" in mistakes[0].fix


def test_nothing_in_a_comment_is_replaced() -> None:
    assert command("echo a # ${matrix.hard}\necho b") == "echo a # ${matrix.hard}\necho b"


@pytest.mark.parametrize(
    "text, code, says",
    [
        ("${metrix.n}", "unknown-reference", "did you mean ${matrix.n}?"),
        ("${matrix.m}", "unknown-reference", "`matrix` has no `m`"),
        ("${matrix.n:-3}", "unknown-reference", "names nothing"),
        ("${params.list}", "no-single-value", "is a list"),
        ("${params.keys}", "no-single-value", "is keys with values"),
        ("${params.nothing}", "no-single-value", "is empty"),
    ],
)
def test_a_name_without_a_single_value_is_a_mistake(text: str, code: str, says: str) -> None:
    for mistakes in (fill_command(f"echo {text}", look_up, frozenset())[1], fill_text(f"a/{text}", look_up)[1]):
        assert [mistake.code for mistake in mistakes] == [code]
        assert says in mistakes[0].what
        assert mistakes[0].fix


@pytest.mark.parametrize(
    "text, fix",
    [
        ("${{ matrix.n }}", "write ${matrix.n}"),
        ("${{matrix.n}}", "write ${matrix.n}"),
        ("${{ secrets.TOKEN }}", "declare TOKEN in `secrets:` of the step, and write $TOKEN in its command"),
        ("${env.HOME}", "declare HOME in `env:` of the step, and write $HOME in its command"),
        ("${{ github.sha }}", "write a name that is known"),
    ],
)
def test_what_other_tools_write_is_told_what_to_write_here(text: str, fix: str) -> None:
    for mistakes in (fill_command(f"echo {text}", look_up, frozenset())[1], fill_text(text, look_up)[1]):
        assert [mistake.fix for mistake in mistakes] == [fix]


def test_every_mistake_of_a_command_is_found() -> None:
    _, mistakes = fill_command("a ${matrix.x} ${matrix.n} ${params.y}", look_up, frozenset())
    assert [mistake.offset for mistake in mistakes] == [2, 26]


def test_a_text_takes_values_as_they_are() -> None:
    assert fill_text("m/${matrix.hard}-${matrix.n}", look_up) == (f"m/{HARD}-5", ())


def test_a_backslash_lets_it_stand_in_a_text() -> None:
    assert fill_text("\\${matrix.n} ${matrix.n}", look_up) == ("${matrix.n} 5", ())


@pytest.mark.parametrize("text", ["${HOME}", "${", "${}", "${a b}", "${VAR:-x}"])
def test_in_a_text_there_is_no_shell(text: str) -> None:
    assert [mistake.code for mistake in fill_text(text, look_up)[1]] == ["unknown-reference"]

"""A shell that would only start one program is left out; wherever it might do more, it stays."""

import os
import subprocess

import pytest

from assay.adapters.executors.exec_words import words_of

SHELL = ("/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


@pytest.fixture(autouse=True)
def _cat_is_there():
    assert os.path.exists("/usr/bin/cat") or os.path.exists("/bin/cat")  # noqa: PTH110


def test_plain_words_are_the_programs_own():
    (program, *rest) = words_of("cat --number  data/a.csv", SHELL, ENVIRONMENT)
    assert program.startswith("/")
    assert rest == ["--number", "data/a.csv"]


@pytest.mark.parametrize("command", ["cat a > b", "cat 'a b.csv' >> out.txt", 'cat "a b"'])
def test_where_the_shell_redirects_or_quotes_it_becomes_the_program(command):
    assert words_of(command, SHELL, ENVIRONMENT) == (*SHELL, f"exec {command}")


@pytest.mark.parametrize(
    "command",
    [
        "cat a | cat",
        "cat a; cat b",
        "cat a && cat b",
        "cat a &",
        "cat a\ncat b",
        "cat $HOME",
        "cat `pwd`",
        "cat *.csv",
        "cat a?",
        "cat [ab]",
        "cat {a,b}",
        "cat ~/a",
        "cat a\\ b",
        "X=1 cat a",
        "(cat a)",
        "cat a # why",
        "! cat a",
        "cd data",
        "echo cat",
        "true",
        "exec cat a",
        "time cat a",
        "./run.sh a",
        "nowhere-to-be-found a",
        "",
        " cat a",
        "cat a 2>&1",
    ],
)
def test_where_there_is_any_doubt_the_command_stays_as_it_is(command):
    assert words_of(command, SHELL, ENVIRONMENT) == (*SHELL, command)


@pytest.mark.parametrize("name", ["BASH_ENV", "ENV", "BASH_FUNC_cat%%"])
def test_functions_and_start_up_files_from_the_environment_are_heeded(name):
    assert words_of("cat a", SHELL, {**ENVIRONMENT, name: "x"}) == (*SHELL, "cat a")


@pytest.mark.parametrize(
    "command",
    ["cat a.txt", "cat a.txt nothing.txt", "cat 'a.txt' > copy", "cat < a.txt", "sort -r a.txt", "ls --no-such-option"],
)
def test_what_comes_out_is_what_bash_would_give(tmp_path, command):
    (tmp_path / "a.txt").write_text("1\n2\n")

    def run(words):
        done = subprocess.run(words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=False)
        copy = tmp_path / "copy"
        return done.returncode, done.stdout, copy.read_bytes() if copy.exists() else None

    assert run(words_of(command, SHELL, ENVIRONMENT)) == run((*SHELL, command))

"""A shell that would only start one program is left out; wherever it might do more, it stays."""

import os
import subprocess

import pytest

from assay.adapters.executors.exec_words import words_of

SHELL = ("/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
ENVIRONMENT = {"PATH": "/usr/bin:/bin"}


def outcome(folder, words, environment=ENVIRONMENT):
    (folder / "a.txt").write_text("1\n2\n")
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, check=False)
    copy = folder / "copy"
    return done.returncode, done.stdout, copy.read_bytes() if copy.exists() else None


def put(place, text):
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)
    place.chmod(0o755)


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
    assert outcome(tmp_path, words_of(command, SHELL, ENVIRONMENT)) == outcome(tmp_path, (*SHELL, command))


@pytest.mark.parametrize("command", ["no-interpreter x", "no-interpreter 'x'", "of-sh x"])
def test_a_script_is_started_as_bash_would_start_it(tmp_path, command):
    put(tmp_path / "no-interpreter", "echo no $1")
    put(tmp_path / "of-sh", "#!/bin/sh\necho of sh $1")
    environment = {"PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"}
    found = outcome(tmp_path, words_of(command, SHELL, environment), environment)
    assert found == outcome(tmp_path, (*SHELL, command), environment)
    assert found[0] == 0


def test_a_program_that_was_put_first_on_path_meanwhile_is_found(tmp_path):
    environment = {"PATH": f"{tmp_path}/first:{ENVIRONMENT['PATH']}"}
    before = words_of("cat a", SHELL, environment)
    put(tmp_path / "first" / "cat", "#!/bin/sh\n")
    assert words_of("cat a", SHELL, environment) == (f"{tmp_path}/first/cat", "a") != before
    put(tmp_path / "first" / "cat", "now without an interpreter")
    assert words_of("cat a", SHELL, environment) == (*SHELL, "cat a")
    (tmp_path / "first" / "cat").chmod(0o644)
    assert words_of("cat a", SHELL, environment) == before


def test_a_folder_on_path_that_depends_on_where_one_is_is_left_to_the_shell():
    assert words_of("cat a", SHELL, {"PATH": "bin:/usr/bin:/bin"}) == (*SHELL, "cat a")

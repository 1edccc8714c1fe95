"""Start a program without a shell where the shell would do nothing but start it.

``python train.py --rate 0.1`` means the same with and without a shell between, and costs a process less without: half of what a
trivial step costs. Where the command also redirects or quotes, the shell is needed, but becomes the program (``exec``). make does the
like. Where there is any doubt the command stays as it is: an operator, a substitution, a glob, a builtin, a keyword, an assignment
before the word, a program that is not on PATH (bash says so better), a script without ``#!`` (bash runs it itself), a shell whose functions or start-up file come from the
environment.
"""

# For each step that is started: a Path costs ten times as much.
# ruff: noqa: PTH123

import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from assay.adapters.programs import program_on

_WORDS = re.compile(r"[A-Za-z0-9_.+-]+(?:[ \t]+[\w./+:,=@%-]+)*[ \t]*")
_ONE_PROGRAM = re.compile(r"""[A-Za-z0-9_.+-]+(?:[ \t]+[\w./+:,=@%'" -]+|[ \t]*[<>]{1,2}[ \t]*[\w./+-]+)*[ \t]*""")
_OF_THE_SHELL = frozenset(
    [
        "alias",
        "bg",
        "bind",
        "break",
        "builtin",
        "caller",
        "case",
        "cd",
        "command",
        "compgen",
        "complete",
        "compopt",
        "continue",
        "coproc",
        "declare",
        "dirs",
        "disown",
        "do",
        "done",
        "echo",
        "elif",
        "else",
        "enable",
        "esac",
        "eval",
        "exec",
        "exit",
        "export",
        "false",
        "fc",
        "fg",
        "fi",
        "for",
        "function",
        "getopts",
        "hash",
        "help",
        "history",
        "if",
        "in",
        "jobs",
        "kill",
        "let",
        "local",
        "logout",
        "mapfile",
        "popd",
        "printf",
        "pushd",
        "pwd",
        "read",
        "readarray",
        "readonly",
        "return",
        "select",
        "set",
        "shift",
        "shopt",
        "source",
        "suspend",
        "test",
        "then",
        "time",
        "times",
        "trap",
        "true",
        "type",
        "typeset",
        "ulimit",
        "umask",
        "unalias",
        "unset",
        "until",
        "wait",
        "while",
        ".",
    ]
)
"""Builtins and keywords of bash, dash and busybox."""


def words_of(command: str, shell: Sequence[str], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The words with which the command is started: the program's own, or ``shell`` with the command behind it."""
    program = _program_of(command, environment)
    if program is None:
        return (*shell, command)
    if _WORDS.fullmatch(command):
        return (program, *command.split()[1:])
    return (*shell, f"exec {command}")


def _program_of(command: str, environment: Mapping[str, str]) -> str | None:
    """Where the program stands, if the command is one program and nothing else."""
    if not _ONE_PROGRAM.fullmatch(command):
        return None
    name = command.split(None, 1)[0]
    if name in _OF_THE_SHELL or not environment.keys().isdisjoint(("BASH_ENV", "ENV")):
        return None
    if any(variable.startswith("BASH_FUNC_") for variable in environment):
        return None
    found = program_at(name, environment.get("PATH"))
    if found is None:
        return None
    place, status = found
    return place if _has_magic(place, status.st_mtime_ns, status.st_size, status.st_ino) else None


def program_at(name: str, path: str | None) -> tuple[str, os.stat_result] | None:
    """Where a program stands on PATH now. Looked up each time: an earlier step may have put another before it. None where there is none,
    or a folder is named that means another place for a step than here."""
    if not path or not all(folder[:1] == "/" for folder in path.split(os.pathsep)):
        return None
    return program_on(path, name)


@lru_cache(1024)
def _has_magic(place: str, *state: int) -> bool:
    """The system knows how to start it. A script without ``#!`` is one for the shell, and what cannot be read may be anything."""
    try:
        with open(place, "rb") as file:
            return file.read(4).startswith(_MAGIC)
    except OSError:
        return False


_MAGIC = (b"#!", b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""Of scripts that name their interpreter, of Linux, of macOS for one processor and for several."""

"""Processes and their tokens where there is no /proc, as well as ``ps`` can show them."""

import re
import subprocess

from .tree import VARIABLE

_COMMAND_CHARACTERS = 200
_LINE = re.compile(rf"\s*(?P<pid>\d+)\s+(?P<command>.*?)(?:\s[A-Za-z_]\w*=.*?)?\s{VARIABLE}=(?P<token>\S+)")


def shown_by_ps() -> list[tuple[int, str, str]]:
    """(pid, token, command) of every process that carries a token; nothing where there is no ``ps``."""
    command = ["ps", "axeww", "-o", "pid=,command="]
    try:
        return read_ps(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    except OSError:
        return []


def read_ps(text: str) -> list[tuple[int, str, str]]:
    """The same, from what ``ps`` printed."""
    matches = filter(None, map(_LINE.match, text.splitlines()))
    return [(int(match["pid"]), match["token"], match["command"][:_COMMAND_CHARACTERS]) for match in matches]

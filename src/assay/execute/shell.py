"""The caller's own shell, where a step names that instead of one by name."""

from collections.abc import Mapping
from posixpath import basename

OWN = "$SHELL"
_QUIET = {"bash": ("--noprofile", "--norc"), "zsh": ("--no-rcs",), "sh": (), "dash": (), "ksh": (), "ash": ()}
"""How a shell of sh's family is told to read none of its settings."""


def shell_words(shell: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, ...]:
    """The words before a command: as they are, but ``$SHELL`` is the shell that the caller uses, as DVC does it.

    A shell that is not of sh's family reads scripts otherwise: /bin/sh then stands for it.
    """
    if shell != (OWN,):
        return shell
    program = environ.get(OWN[1:]) or "/bin/sh"
    quiet = _QUIET.get(basename(program))
    return ("/bin/sh", "-c") if quiet is None else (program, *quiet, "-c")

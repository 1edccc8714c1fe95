"""What a step's command line tells: its program, its script, and the paths that it is given."""

import re
import shlex
from collections.abc import Iterator

from assay.core.pipeline import RunAction, Step
from assay.explain.paths import suffix_of

_OUTPUT_FLAG = re.compile(r"^--?(o|.*(out|save|dest|write|export|target).*)$", re.IGNORECASE)
_JOINTS = frozenset(["&&", "||", "|", ";", "&"])


def text(step: Step) -> str:
    """The command as declared; empty for a step that is none."""
    return step.action.command if isinstance(step.action, RunAction) else ""


def shown(step: Step) -> str:
    """The command on one line, cut where it is long."""
    line = " ".join(text(step).split())
    return line if len(line) <= 80 else line[:77] + "..."


def words(step: Step) -> tuple[str, ...]:
    """The words of the command, as the shell would split them."""
    return split(text(step))


def split(line: str) -> tuple[str, ...]:
    """The words of a command line, as the shell would split them."""
    try:
        return tuple(shlex.split(line, comments=True))
    except ValueError:  # a quote that the shell may understand, and shlex does not
        return tuple(line.split())


def program(step: Step) -> str:
    """The first word that is no assignment: ``python`` of ``SEED=1 python train.py``."""
    return next((word for word in words(step) if not re.match(r"^\w+=", word)), "")


def script(step: Step) -> str:
    """The first script that the command names, else the step in words: where a person has to look."""
    found = next((word for word in words(step) if suffix_of(word) in {".py", ".sh", ".r", ".jl", ".ipynb"}), None)
    return found or f'step "{step.name}"'


def paths(step: Step) -> tuple[str, ...]:
    """Every path that the command names after its program: bare, behind ``=``, ``>`` and ``<``."""
    return tuple(path for path, _ in _paths(step))


def targets(step: Step) -> tuple[str, ...]:
    """The paths that the command is told to write: behind ``--output`` and its like, and behind ``>``."""
    return tuple(path for path, is_target in _paths(step) if is_target)


def _paths(step: Step) -> Iterator[tuple[str, bool]]:
    """(path, whether it is told to write there)."""
    before = ""
    for word in words(step)[1:]:
        flag, equals, value = word.partition("=")
        name = (value if equals else word).strip("<>&;")
        to_file = ">" in before or word.startswith((">", "1>"))
        if name and not name.startswith("-") and word not in _JOINTS and ("/" in name or suffix_of(name) or to_file):
            yield name, to_file or bool(_OUTPUT_FLAG.match(flag if equals else before))
        before = word

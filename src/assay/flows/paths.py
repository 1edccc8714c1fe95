"""Where a run keeps what it leaves: ``.assay/runs/18/train.log`` and the trace beside it."""

from pathlib import Path

from assay.core.canonical import value_digest
from assay.core.digest import short
from assay.workspace import Workspace

MOST_LETTERS = 80
"""Of a step's name in a file's, which file systems bound."""


def run_folder(workspace: Workspace, run: int) -> Path:
    """Where the logs and traces of a run lie."""
    return workspace.state / "runs" / str(run)


def log_path(workspace: Workspace, run: int, step: str) -> Path:
    """The file that holds a step's output, byte for byte."""
    return run_folder(workspace, run) / f"{file_name(step)}.log"


def trace_path(workspace: Workspace, run: int, step: str) -> Path:
    """The file to which a step's traced processes report."""
    return run_folder(workspace, run) / f"{file_name(step)}.trace"


def file_name(step: str) -> str:
    """A step's name as a file's: ``train model`` -> ``train-model``.

    Where the name cannot be read back from that, as with ``Train Model``, its short digest is added, so that no two steps
    share a file: ``train-model-0f3a9c41``. Capitals are left out because some file systems do not tell them apart.
    """
    plain = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in step.lower()).strip("-")
    is_whole = plain.replace("-", " ") == step and len(plain) <= MOST_LETTERS
    return plain if is_whole else f"{plain[:MOST_LETTERS] or 'step'}-{short(value_digest(step))}"

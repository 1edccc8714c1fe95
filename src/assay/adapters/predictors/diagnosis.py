"""What is told when a model does not load or predict: the codes of the worker and of its death, in words. Pure."""

import difflib
import signal
from collections.abc import Mapping, Sequence
from typing import Any

from assay.core.problem import EvidenceError, Problem

_SAYINGS: dict[str, tuple[str, str]] = {
    "predict-reference-wrong": (
        "predict: {predict} names no function",
        "write `predict: FILE.py:FUNCTION`, with a file below the project",
    ),
    "predict-folder-missing": ("the folder of the code is not there: {folder}", ""),
    "predict-file-missing": ("predict: {file} is not there", "correct `predict:` or write {file}"),
    "predict-function-missing": (
        "{file} has no function {function}",
        "correct `predict:`, or define `{function}` in {file}",
    ),
    "predict-file-broken": ("{file} cannot be imported", "correct {file}; try it: {python} {file}"),
    "predict-python-missing": (
        "no Python to predict with: {python} cannot be started",
        "activate the environment in which the model was trained",
    ),
    "numpy-missing": (
        "the Python that should predict has no numpy",
        "{python} -m pip install numpy, or activate the environment in which the model was trained",
    ),
    "module-missing": (
        "{file} needs {module}, which {python} does not have",
        "{python} -m pip install {module}, or activate the environment in which the model was trained",
    ),
    "model-missing": ("model file not found: {model}", "run the step that writes it"),
    "model-unloadable": (
        "the model cannot be loaded: {file}:{function} raised on {model}",
        "correct `{function}` in {file}, or let the training step write what it reads",
    ),
    "predict-not-callable": (
        "{file}:{function} returned nothing that can predict",
        "let `{function}(path)` return a function `predict(columns)`",
    ),
    "predict-raised": ("the model raised instead of predicting", "correct what `{function}` in {file} returns"),
    "predict-wrong-count": ("the model gave another number of predictions than rows", "return one prediction a row"),
    "predict-wrong-kind": (
        "the model's answer is no list of predictions",
        'return one number, truth value or text a row, or {{"prediction": ..., "score": ...}}',
    ),
    "predict-columns-unsendable": ("the rows cannot be handed to the model", ""),
    "load-timed-out": ("the model did not load within {seconds}", "see where `{function}` in {file} waits"),
    "predict-timed-out": (
        "the model did not answer within {seconds}",
        "send fewer rows at once, or see where the model waits",
    ),
    "predict-died": (
        "the process of the model died",
        "see what {file} does; a model may need more memory than there is",
    ),
    "predict-garbled": (
        "the process of the model spoke out of turn",
        "let {file} leave foreign file descriptors alone",
    ),
    "predict-closed": ("the model was closed", ""),
}


def failure(code: str, because: Sequence[str] = (), **named: Any) -> EvidenceError:
    """The error of that code; ``named`` fills the places in its words."""
    what, fix = _SAYINGS[code]
    return EvidenceError(Problem(code, what.format(**named), tuple(because), fix.format(**named)))


def worker_failure(told: Mapping[str, Any], printed: Sequence[str], **named: Any) -> EvidenceError:
    """The error that a worker reported, with what it printed last."""
    code, because, more = told["failed"], list(told["because"]), told["named"]
    if more.get("module"):
        code, named["module"] = "module-missing", more["module"]
    if "offered" in more:
        because += near_miss(named["function"], more["offered"])
    return failure(code, (*because, *said(printed)), **named)


def death(exit_code: int | None, printed: Sequence[str], **named: Any) -> EvidenceError:
    """The error for a process that ended before it answered."""
    return failure("predict-died", (_ending(exit_code), *said(printed)), **named)


def near_miss(wanted: str, offered: Sequence[str]) -> list[str]:
    """What was probably meant, and what there is."""
    close = difflib.get_close_matches(wanted, offered, n=1)
    meant = [f"did you mean {close[0]}?"] if close else []
    return [*meant, f"there is: {', '.join(offered[:8]) or 'nothing'}"]


def said(printed: Sequence[str]) -> tuple[str, ...]:
    """The last printed lines as facts."""
    return tuple(f"it printed: {line[:200]}" for line in printed)


def _ending(exit_code: int | None) -> str:
    if exit_code is None:
        return "it closed its side and went on"
    if exit_code >= 0:
        return f"it ended with exit code {exit_code}"
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:
        name = f"signal {-exit_code}"
    out_of_memory = "; the system does this when memory runs out" if name == "SIGKILL" else ""
    return f"it was ended by {name}{out_of_memory}"

"""What is told when a model does not load or predict: the codes of the worker and of its death, in words. Pure."""

import difflib
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assay.adapters.predictors.beginnings import HEAD_BYTES, beginning_of
from assay.core.problem import EvidenceError, Problem

_SAY_HOW = "say how it predicts: `predict: predict.py:load` in `model:`; load(path) returns predict(columns)"

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
        "{python} -m pip install {package}, or activate the environment in which the model was trained",
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
    "predict-column-missing": (
        "the rows have no column {column!r}, which the model asked for",
        "{meant}add the column to the rows, or correct what `{function}` in {file} returns",
    ),
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
    "no-predict": (
        "assay.yaml does not say how {file} predicts",
        "add `predict: predict.py:load` to `model:`; load(path) returns predict(columns)",
    ),
    "git-lfs-pointer": ("{file} is a Git LFS pointer, not the model", "git lfs pull"),
    "model-of-another-flavour": (
        "{file} is no model of the flavour that its name says, {flavour}",
        "let the training step write that flavour, or name the file after what it is",
    ),
    "flavour-unknown": ("the release predicts by {predict}, which this Assay does not know", "upgrade Assay"),
    "flavour-not-enough": ("{file}, as {flavour}, needs more than its file says", _SAY_HOW),
    "model-without-predict": ("what {file} holds has no predict", f"save the fitted model itself, or {_SAY_HOW}"),
    "model-untrusted-types": (
        "{file} holds types that skops does not trust: {types}",
        "build the model of what scikit-learn has, or load it with those that you trust, by a `predict:` of your own",
    ),
    "model-column-missing": (
        "the rows lack columns that the model was trained with: {columns}",
        "add or rename them in the data, or train without them",
    ),
    "model-column-count": (
        "the rows have another number of columns than the model was trained with",
        "train with a DataFrame, so that the model knows its columns by name; or " + _SAY_HOW,
    ),
    "model-column-unfit": (
        'the model cannot take the column "{column}"',
        f"turn it into numbers within the model; or {_SAY_HOW}",
    ),
}
_SAYINGS_OF_FLAVOURS: dict[str, tuple[str, str]] = {
    "model-unloadable": (
        "the model cannot be loaded: {file}, as {flavour}",
        "let the training step write it anew with the libraries that {python} has",
    ),
    "predict-raised": (
        "the model raised instead of predicting: {file}, as {flavour}",
        f"give it rows as it was trained with; or {_SAY_HOW}",
    ),
    "predict-wrong-kind": ("the model's answer is no list of predictions: {file}, as {flavour}", _SAY_HOW),
    "predict-died": (
        "the process of the model died",
        "a model may need more memory than there is; try to load {file} in {python}",
    ),
    "load-timed-out": ("the model did not load within {seconds}", "see how long {python} takes to load {file}"),
}
"""Where no function of the user's is to blame."""

PACKAGES = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "pyyaml"}
"""What to install for a module that is called otherwise."""


def failure(code: str, because: Sequence[str] = (), **named: Any) -> EvidenceError:
    """The error of that code; ``named`` fills the places in its words."""
    is_ours = "flavour" in named and code in _SAYINGS_OF_FLAVOURS
    what, fix = _SAYINGS_OF_FLAVOURS[code] if is_ours else _SAYINGS[code]
    return EvidenceError(Problem(code, what.format(**named), tuple(because), fix.format(**named)))


def worker_failure(told: Mapping[str, Any], printed: Sequence[str], **named: Any) -> EvidenceError:
    """The error that a worker reported, with what it printed last."""
    code, because, more = told["failed"], list(told["because"]), told["named"]
    named |= more
    if more.get("module"):
        code, named["package"] = "module-missing", PACKAGES.get(more["module"], more["module"])
    if code == "model-unloadable" and "flavour" not in named:
        because += _begins_as(named["model"])
    if "columns" in more and code == "predict-column-missing":
        close = difflib.get_close_matches(more["column"], more["columns"], n=1)
        named["meant"] = f"did you mean {close[0]!r}? " if close else ""
        because.insert(0, f"their columns are {', '.join(more['columns']) or 'none'}")
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


def _begins_as(model: Path) -> list[str]:
    """What the model's file is by its first bytes, where these tell."""
    if not model.is_file():
        return []
    with model.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        return ["the model's file is empty"]
    kind = beginning_of(head)
    return [f"the model's file begins as {kind}"] if kind else []


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

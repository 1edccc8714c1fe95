"""Models in processes of their own, started with the user's Python, which need not have Assay.

One process holds one loaded model. Whatever its code does (raise, print, hang, die, answer nonsense) ends as an
``EvidenceError`` with its cause; nothing of it reaches this process but arrays of numbers and text. The process is in a
group of its own, ends when this one is gone, and is killed with its children on ``close``.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from assay.adapters.predictors import diagnosis, flavours, frames
from assay.adapters.predictors.beginnings import HEAD_BYTES
from assay.adapters.predictors.child import Child, Gone, Silent
from assay.core.ports import Predictions
from assay.core.problem import EvidenceError
from assay.core.table import Table

WORKER = Path(__file__).parent / "worker" / "predict_worker.py"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""A model that computes on several threads while others do too is slower by an order of magnitude; the user's setting wins."""
PRINTED_LINES = 3


class ProcessPredictors:
    """Starts predictors with ``python``, looked up on the PATH of ``environment``, which is all that the process sees."""

    def __init__(
        self,
        python: str,
        environment: Mapping[str, str],
        *,
        load_timeout_s: float = 60.0,
        predict_timeout_s: float = 60.0,
    ) -> None:
        self._python = python
        self._environment = {**ONE_THREAD, **environment}
        self._load_timeout_s = load_timeout_s
        self._predict_timeout_s = predict_timeout_s

    def recognise(self, model: Path) -> str:
        """``flavour:NAME`` for a model file of a known flavour, by its name and first bytes. ``EvidenceError`` where it is of none,
        or of another than its name says."""
        if not model.exists():
            raise diagnosis.failure("model-missing", model=model)
        if not model.is_file():
            raise flavours.unknown(model.name, "it is a folder")
        with model.open("rb") as file:
            return flavours.flavour_of(model.name, file.read(HEAD_BYTES))

    def load(self, code: Path, predict: str, model: Path, *, limit_s: float | None = None) -> "ProcessPredictor":
        """Load the model at ``model`` with the function that ``predict`` (``file.py:function``) names below ``code``, or by its
        flavour (``flavour:NAME``); each answer may take ``limit_s``. ``EvidenceError`` with the cause where it does not load."""
        named = {"predict": predict, "model": model, "python": self._python}
        if predict.startswith(flavours.PREFIX):
            named |= _named_by_flavour(predict, model)
        else:
            named |= _named_by_function(predict)
            _check_function(code, named)
        _check_paths(code, model, named)
        predictor = ProcessPredictor(self._start(code, named), named, limit_s or self._predict_timeout_s)
        predictor.ask_for(frames.load_frame(predict, str(model.absolute())), "load-timed-out", self._load_timeout_s)
        return predictor

    def _start(self, code: Path, named: Mapping[str, Any]) -> Child:
        path = self._environment.get("PATH", "")
        python = shutil.which(self._python, path=path)
        if python is None:
            raise diagnosis.failure("predict-python-missing", [f"PATH is {path or 'empty'}"], **named)
        try:
            return Child([str(Path(python).absolute()), str(WORKER)], code, self._environment)
        except OSError as error:
            raise diagnosis.failure("predict-python-missing", [f"{python}: {error.strerror}"], **named) from error


class ProcessPredictor:
    """One loaded model. One call at a time; ``close`` may come from another thread meanwhile."""

    def __init__(self, child: Child, named: Mapping[str, Any], timeout_s: float) -> None:
        self._child = child
        self._named = named
        self._timeout_s = timeout_s
        self._is_closed = False
        self.missing = 0
        """Predictions so far that were NaN or None."""
        self.reads: frozenset[str] | None = None

    def predict(self, columns: Table) -> Predictions:
        """One prediction a row. ``EvidenceError`` where the model raises, returns another number of rows, hangs or dies;
        after that the predictor is closed."""
        try:
            frame = frames.predict_frame(columns)
        except frames.Garbled as error:
            raise self._closed("predict-columns-unsendable", str(error)) from error
        head, body = self.ask_for(frame, "predict-timed-out", self._timeout_s)
        try:
            predictions = frames.read_predictions(head, body)
        except frames.Garbled as error:
            raise self._closed("predict-garbled", str(error)) from error
        if isinstance(head.get("reads"), list):
            self.reads = frozenset(map(str, head["reads"]))
        rows = frames.rows_of(columns)
        if len(predictions.prediction) != rows:
            raise self._closed("predict-wrong-count", f"{len(predictions.prediction)} for {rows} rows")
        self.missing += _count_missing(predictions.prediction)
        return predictions

    def ask_for(self, frame: bytes, timeout_code: str, timeout_s: float) -> tuple[dict[str, Any], memoryview]:
        """What the worker answers to a frame. Every other end closes the predictor and is an ``EvidenceError``."""
        if self._is_closed:
            raise diagnosis.failure("predict-closed", **self._named)
        try:
            head, body = frames.read_frame(self._child.ask(frame, timeout_s))
        except Silent as error:
            raise self._closed(timeout_code, *self._printed(), seconds=f"{timeout_s:g} s") from error
        except Gone as error:
            self.close()
            raise diagnosis.death(error.exit_code, self._child.last_lines(PRINTED_LINES), **self._named) from error
        except frames.Garbled as error:
            raise self._closed("predict-garbled", str(error), *self._printed()) from error
        if "failed" in head:
            self.close()
            raise diagnosis.worker_failure(head, self._child.last_lines(PRINTED_LINES), **self._named)
        return head, body

    def close(self) -> None:
        """End the process with its group. May be called twice."""
        self._is_closed = True
        self._child.end()

    def _printed(self) -> tuple[str, ...]:
        return diagnosis.said(self._child.last_lines(PRINTED_LINES))

    def _closed(self, code: str, *because: str, **more: Any) -> EvidenceError:
        self.close()
        return diagnosis.failure(code, because, **{**self._named, **more})


def _named_by_flavour(predict: str, model: Path) -> dict[str, Any]:
    title = flavours.TITLES.get(predict.removeprefix(flavours.PREFIX))
    if title is None:
        raise diagnosis.failure("flavour-unknown", predict=predict)
    return {"file": model.name, "function": "predict", "flavour": title}


def _named_by_function(predict: str) -> dict[str, Any]:
    file, _, function = predict.partition(":")
    return {"file": file, "function": function}


def _check_function(code: Path, named: Mapping[str, Any]) -> None:
    relative = PurePosixPath(named["file"])
    if not named["file"] or not named["function"].isidentifier() or relative.is_absolute() or ".." in relative.parts:
        raise diagnosis.failure("predict-reference-wrong", **named)
    file = code / relative
    if code.is_dir() and not file.is_file():
        folder = file.parent
        there = sorted(path.name for path in folder.glob("*.py")) if folder.is_dir() else []
        raise diagnosis.failure("predict-file-missing", diagnosis.near_miss(relative.name, there), **named)


def _check_paths(code: Path, model: Path, named: Mapping[str, Any]) -> None:
    if not code.is_dir():
        raise diagnosis.failure("predict-folder-missing", folder=code)
    if not model.exists():
        raise diagnosis.failure("model-missing", **named)


def _count_missing(prediction: np.ndarray) -> int:
    if prediction.dtype.kind == "f":
        return int(np.isnan(prediction).sum())
    return sum(value is None for value in prediction.tolist()) if prediction.dtype == object else 0

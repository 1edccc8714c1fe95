"""The service behind the HTTP face: predict, health and release, each as one answer. Called from any thread."""

import math
import threading
import uuid
from collections.abc import Callable
from typing import Any

import msgspec

from assay.core.ports import Clock, PredictionLog, Predictions
from assay.core.problem import AssayError, Problem
from assay.serve.card import describe_release
from assay.serve.live import LiveModel, Loaded
from assay.serve.response import Response, answer, plain, refuse
from assay.serve.rows import Refusal, RowLimits, Rows, parse_rows

MODEL_FAULTS = frozenset(
    {
        "flavour-not-enough",
        "model-column-count",
        "model-column-missing",
        "model-column-unfit",
        "predict-columns-unsendable",
        "predict-raised",
        "predict-wrong-count",
        "predict-wrong-kind",
    }
)
"""The model's code is at fault: the same request will fail again. Everything else may pass, and says so."""


class Counts(msgspec.Struct):
    """What was done since the server began."""

    requests: int = 0
    refused: int = 0
    failed: int = 0
    predictions: int = 0
    missing: int = 0
    """Predictions that are no number: NaN, infinite or None, answered as null."""


class PredictService:
    """Answers with the live release, and keeps every prediction before it is told."""

    def __init__(
        self,
        live: LiveModel,
        log: PredictionLog,
        clock: Clock,
        *,
        limits: RowLimits | None = None,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._live = live
        self._log = log
        self._clock = clock
        self._limits = limits or RowLimits()
        self._new_id = new_id
        self._counts = Counts()
        self._log_problem: Problem | None = None
        """Why the last prediction could not be kept; None since one was."""
        self._counting = threading.Lock()

    def predict(self, body: bytes, content_type: str | None) -> Response:
        """One prediction a row, with the release that made them: 200. 400, 413, 415 or 422 where the request is at fault,
        500 where the model is, 503 where nothing can be predicted or kept now; then nothing was answered."""
        response = self._predict(body, content_type)
        self._count(requests=1, refused=400 <= response.status < 500, failed=response.status >= 500)
        return response

    def health(self) -> Response:
        """Whether requests are answered: ``ok``, ``degraded`` (by another release than the one wanted, or with trouble), or
        ``down`` (503). Never waits for a model."""
        state = self._live.state()
        problem = state.problem or self._log_problem
        with self._counting:
            counts = msgspec.to_builtins(self._counts)
        status = "ok" if problem is None else "degraded"
        if state.release is None:
            status = "down"
        document = {
            "status": status,
            "release": state.release,
            "marks": list(state.marks),
            "wanted": state.wanted,
            "problem": None if problem is None else plain(problem),
            "since_start": counts,
        }
        return answer(document, 503 if status == "down" else 200)

    def release(self) -> Response:
        """The bill's essentials of the release that answers."""
        with self._live.serving() as serving:
            if serving is None:
                return refuse(503, self._nothing_live())
            return answer(describe_release(serving.loaded, serving.since_s))

    def _predict(self, body: bytes, content_type: str | None) -> Response:
        if not _is_json(content_type):
            return refuse(415, _not_declared_as_json(content_type))
        with self._live.serving() as serving:
            if serving is None:
                return refuse(503, self._nothing_live())
            loaded = serving.loaded
            rows = parse_rows(body, loaded.bill.input_schema, loaded.id_column, self._limits, loaded.bill.ignores)
            if isinstance(rows, Refusal):
                return refuse(rows.status, rows.problem)
            try:
                predictions = serving.predict(rows.table)
            except AssayError as error:
                return refuse(500 if error.problem.code in MODEL_FAULTS else 503, _without_prints(error.problem))
        return self._keep_and_answer(loaded, rows, predictions)

    def _keep_and_answer(self, loaded: Loaded, rows: Rows, predictions: Predictions) -> Response:
        told = self._told(rows, predictions)
        at_s = self._clock.now_s()
        made_by = {"release": loaded.release.name, "model": loaded.bill.model.digest, "at_s": at_s}
        records = [
            {"id": one["id"], **made_by, "features": features, **_without_id(one)}
            for one, features in zip(told, rows.features, strict=True)
        ]
        try:
            self._log.append(records)
        except AssayError as error:
            self._log_problem = error.problem
            return refuse(503, _not_kept(error.problem))
        self._log_problem = None
        self._count(predictions=len(told), missing=sum(one["prediction"] is None for one in told))
        marks = {"marks": list(loaded.release.marks)} if loaded.release.marks else {}
        return answer({"release": loaded.release.name, **marks, "model": loaded.bill.model.label, "predictions": told})

    def _told(self, rows: Rows, predictions: Predictions) -> list[dict[str, Any]]:
        request = self._new_id()
        told = []
        for number, (sent, value) in enumerate(zip(rows.ids, predictions.prediction.tolist(), strict=True)):
            told.append({"id": f"{request}-{number}" if sent is None else sent, "prediction": _finite(value)})
        if predictions.score is not None:
            for one, score in zip(told, predictions.score.tolist(), strict=True):
                one["score"] = [_finite(part) for part in score] if isinstance(score, list) else _finite(score)
        return told

    def _nothing_live(self) -> Problem:
        problem = self._live.state().problem
        because = (problem.what, *problem.because) if problem else ()
        return Problem("nothing-live", "no release answers yet", because, "assay status")

    def _count(self, **more: int) -> None:
        with self._counting:
            for name, number in more.items():
                setattr(self._counts, name, getattr(self._counts, name) + number)


def _without_prints(problem: Problem) -> Problem:
    """The problem without what the model printed: that may have been about another client's rows."""
    because = tuple(line for line in problem.because if not line.startswith("it printed"))
    return msgspec.structs.replace(problem, because=because)


def _is_json(content_type: str | None) -> bool:
    media, _, parameters = (content_type or "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    return media.strip() == "application/json" and charset in ("", "utf-8", "utf8")


def _not_declared_as_json(content_type: str | None) -> Problem:
    seen = f"its content-type is {content_type[:100]!r}" if content_type else "it has no content-type"
    return Problem(
        "not-json-type", "the request is not declared as JSON", (seen,), "add the header content-type: application/json"
    )


def _not_kept(problem: Problem) -> Problem:
    because = (problem.what, *problem.because)
    return Problem("prediction-not-kept", "the predictions could not be kept, so none is told", because, problem.fix)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _without_id(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "id"}

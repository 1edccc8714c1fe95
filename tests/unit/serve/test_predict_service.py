"""One request, from its bytes to an answer that was kept before it was told."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest

from assay.core.artifact import Artifact
from assay.core.digest import digest_of
from assay.core.events import Released
from assay.core.history import ReleaseState
from assay.core.ports import Predictions
from assay.core.problem import AssayError, EvidenceError, Problem, StateError
from assay.core.release import Bill, CodeVersion, Environment
from assay.core.table import Field, Table
from assay.core.verdict import SentenceVerdict, Verdict
from assay.serve import LiveModel, Loaded, PredictService, Response, Wanted

JSON = "application/json"
MODEL = Artifact("models/air_time.json", digest_of(b"model"), "file", 5)
CHAMPION = digest_of(b"champion")


class Model:
    """Predicts the hour plus a half, with a score, unless told to fail."""

    def __init__(self) -> None:
        self.fails: AssayError | None = None
        self.answer: Predictions | None = None

    def predict(self, columns: Table) -> Predictions:
        if self.fails is not None:
            raise self.fails
        return self.answer or Predictions(columns["hour"] + 0.5)

    def close(self) -> None:
        pass


class MemoryLog:
    """Keeps records, unless the disk is full."""

    def __init__(self) -> None:
        self.kept: list[dict[str, Any]] = []
        self.is_full = False

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        if self.is_full:
            raise StateError(Problem("disk-full", "there is no space left", ("0 bytes free",), "free some space"))
        self.kept += records

    def records(self) -> Iterator[dict[str, Any]]:
        return iter(self.kept)

    def close(self) -> None:
        pass


class StillClock:
    def now_s(self) -> float:
        return 1_385_228_400.0

    def sleep(self, seconds: float) -> None:
        pass


class Scene:
    """A service with everything around it in reach."""

    def __init__(self, *, is_live: bool = True, override: str | None = None, is_unprotected: bool = False) -> None:
        self.model, self.log = Model(), MemoryLog()
        self.loaded = loaded(self.model, override, is_unprotected=is_unprotected)
        wanted = Wanted("r2", 9, 1_370_000_000.0) if is_live else None
        self.live = LiveModel(lambda: wanted, lambda name: self.loaded, StillClock())
        self.live.refresh()
        self.service = PredictService(self.live, self.log, StillClock(), new_id=lambda: "abc")

    def predict(self, *rows: object, content_type: str | None = JSON) -> tuple[int, dict[str, Any]]:
        return told(self.service.predict(msgspec.json.encode(rows), content_type))


def loaded(model: Model, override: str | None, *, is_unprotected: bool = False) -> Loaded:
    sentence = SentenceVerdict("mae < champion.mae", "pass", "smaller")
    verdict = Verdict("pass", (sentence,), CHAMPION, CHAMPION, MODEL.digest, CHAMPION, "r1", 800)
    if is_unprotected:
        verdict = msgspec.structs.replace(verdict, rows=0, has_rows=False)
    schema = (Field("hour", "int"), Field("carrier", "text", nullable=True))
    data = Artifact("data/train.csv", digest_of(b"train"), "file", 5)
    bill = Bill(
        "flights", CodeVersion("1.4.0+3.g91bc2e"), MODEL, (data,), MODEL, Environment("3.11", "linux"),
        "predict.py:load", schema, (verdict,), {}, (),
    )  # fmt: skip
    released = Released("r2", 3, digest_of(b"bill"), MODEL.digest, (data,), (), override)
    state = ReleaseState("r2", 7, 0.0, released, override=override, is_unprotected=is_unprotected)
    return Loaded(state, bill, model, "flight_id")


def told(response: Response) -> tuple[int, dict[str, Any]]:
    return response.status, msgspec.json.decode(response.body)


@pytest.fixture
def scene() -> Scene:
    return Scene()


class TestPredict:
    def test_every_row_is_answered_with_the_release_that_answered(self, scene: Scene) -> None:
        status, answer = scene.predict({"hour": 5, "carrier": "UA", "flight_id": "f1"}, {"hour": 6, "carrier": None})
        assert status == 200
        assert answer == {
            "release": "r2",
            "model": MODEL.label,
            "predictions": [{"id": "f1", "prediction": 5.5}, {"id": "abc-1", "prediction": 6.5}],
        }

    def test_every_prediction_is_kept_with_id_release_model_time_and_features(self, scene: Scene) -> None:
        scene.predict({"hour": 5, "carrier": "UA", "flight_id": 17})
        assert scene.log.kept == [
            {
                "id": 17,
                "release": "r2",
                "model": MODEL.digest,
                "at_s": 1_385_228_400.0,
                "features": {"hour": 5, "carrier": "UA"},
                "prediction": 5.5,
            }
        ]

    def test_scores_are_told_and_kept_beside_predictions(self, scene: Scene) -> None:
        scene.model.answer = Predictions(np.array(["late"], dtype=object), np.array([[0.25, 0.75]]))
        _, answer = scene.predict({"hour": 5, "carrier": None})
        assert answer["predictions"] == [{"id": "abc-0", "prediction": "late", "score": [0.25, 0.75]}]
        assert scene.log.kept[0]["score"] == [0.25, 0.75]

    def test_a_prediction_that_is_no_number_is_null_and_counted(self, scene: Scene) -> None:
        scene.model.answer = Predictions(np.array([np.nan, np.inf, 1.0]))
        _, answer = scene.predict(*[{"hour": 5, "carrier": None}] * 3)
        assert [one["prediction"] for one in answer["predictions"]] == [None, None, 1.0]
        assert told(scene.service.health())[1]["since_start"]["missing"] == 2

    def test_what_cannot_be_kept_is_not_told(self, scene: Scene) -> None:
        scene.log.is_full = True
        status, answer = scene.predict({"hour": 5, "carrier": None})
        assert (status, answer["error"]["code"]) == (503, "prediction-not-kept")
        assert answer["error"]["because"] == ["there is no space left", "0 bytes free"]
        assert "predictions" not in answer

    def test_rows_that_do_not_fit_are_refused_and_nothing_is_kept(self, scene: Scene) -> None:
        status, answer = scene.predict({"hour": "five", "carrier": None})
        assert status == 422
        assert set(answer["error"]) == {"code", "what", "because", "fix"}
        assert scene.log.kept == []

    @pytest.mark.parametrize(
        "content_type",
        [None, "", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"],
    )
    def test_a_request_not_declared_as_json_is_refused(self, scene: Scene, content_type: str | None) -> None:
        status, answer = scene.predict({"hour": 5, "carrier": None}, content_type=content_type)
        assert (status, answer["error"]["code"]) == (415, "not-json-type")
        assert answer["error"]["fix"] == "add the header content-type: application/json"

    @pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; Charset=UTF-8"])
    def test_json_is_declared_in_any_case(self, scene: Scene, content_type: str) -> None:
        assert scene.predict({"hour": 5, "carrier": None}, content_type=content_type)[0] == 200

    @pytest.mark.parametrize(
        ("code", "status"),
        [("predict-raised", 500), ("predict-wrong-count", 500), ("predict-died", 503), ("predict-timed-out", 503)],
    )
    def test_a_model_at_fault_is_500_and_what_may_pass_is_503(self, scene: Scene, code: str, status: int) -> None:
        scene.model.fails = EvidenceError(Problem(code, "it failed"))
        response = scene.service.predict(b'{"hour": 5, "carrier": null}', JSON)
        assert (response.status, response.retry_after_s) == (status, 1 if status == 503 else None)
        assert told(response)[1]["error"]["code"] == code
        assert scene.log.kept == []

    def test_without_a_release_there_is_nothing_to_answer_with(self) -> None:
        assert Scene(is_live=False).predict({"hour": 5})[0] == 503


class TestHealth:
    def test_it_is_ok_and_counts(self, scene: Scene) -> None:
        scene.predict({"hour": 5, "carrier": None})
        scene.predict({"hour": "x", "carrier": None})
        status, answer = told(scene.service.health())
        assert (status, answer["status"], answer["release"], answer["problem"]) == (200, "ok", "r2", None)
        assert answer["since_start"] == {"requests": 2, "refused": 1, "failed": 0, "predictions": 1, "missing": 0}

    def test_it_is_down_without_a_release(self) -> None:
        status, answer = told(Scene(is_live=False).service.health())
        assert (status, answer["status"], answer["release"]) == (503, "down", None)

    def test_it_is_degraded_when_the_wanted_release_does_not_load(self) -> None:
        scene, broken = Scene(), EvidenceError(Problem("model-unloadable", "it does not load", ("line 3",), "mend it"))
        wanted = iter([Wanted("r2", 9, 0.0), Wanted("r3", 10, 0.0)])

        def load(name: str) -> Loaded:
            if name == "r3":
                raise broken
            return scene.loaded

        live = LiveModel(lambda: next(wanted), load, StillClock())
        live.refresh()
        live.refresh()
        status, answer = told(PredictService(live, scene.log, StillClock()).health())
        assert (status, answer["status"], answer["release"], answer["wanted"]) == (200, "degraded", "r2", "r3")
        assert answer["problem"] == {
            "code": "model-unloadable",
            "what": "it does not load",
            "because": ["line 3"],
            "fix": "mend it",
        }


class TestRelease:
    def test_it_tells_the_essentials_of_the_bill(self, scene: Scene) -> None:
        status, answer = told(scene.service.release())
        assert status == 200
        assert answer == {
            "schema": "assay.live/1",
            "name": "flights",
            "release": "r2",
            "bill": digest_of(b"bill"),
            "code_version": "1.4.0+3.g91bc2e",
            "data": [Artifact("data/train.csv", digest_of(b"train"), "file", 5).label],
            "model": MODEL.label,
            "verdict": f"pass on 800 rows against r1 ({CHAMPION[3:11]}): mae < champion.mae (pass)",
            "live_since": "2013-05-31T11:33:20+00:00",
            "marks": [],
            "columns": [
                {"name": "hour", "type": "int", "nullable": False},
                {"name": "carrier", "type": "text", "nullable": True},
            ],
            "id": "flight_id",
        }

    def test_a_release_without_rows_behind_it_says_so_wherever_it_appears(self) -> None:
        scene = Scene(is_unprotected=True)
        card = told(scene.service.release())[1]
        _, answer = scene.predict({"hour": 5, "carrier": None})
        for answered in (told(scene.service.health())[1], card, answer):
            assert answered["marks"] == ["unprotected: no rows"]
        assert card["verdict"].startswith("pass [unprotected: no rows] against r1")

    def test_an_override_is_shown_wherever_the_release_appears(self) -> None:
        scene = Scene(override="the gate's data is late")
        _, predicted = scene.predict({"hour": 5, "carrier": None})
        for answer in (told(scene.service.release())[1], told(scene.service.health())[1], predicted):
            assert answer["marks"] == ["override: the gate's data is late"]

    def test_without_a_release_it_is_503(self) -> None:
        assert Scene(is_live=False).service.release().status == 503


class TestTrouble:
    def test_health_is_degraded_while_predictions_cannot_be_kept_and_well_again_afterwards(self, scene: Scene) -> None:
        scene.log.is_full = True
        assert scene.predict({"hour": 5, "carrier": None})[0] == 503
        health = msgspec.json.decode(scene.service.health().body)
        assert (health["status"], health["problem"]["code"]) == ("degraded", "disk-full")
        scene.log.is_full = False
        assert scene.predict({"hour": 5, "carrier": None})[0] == 200
        assert msgspec.json.decode(scene.service.health().body)["status"] == "ok"

    def test_what_the_model_printed_about_others_is_not_told(self, scene: Scene) -> None:
        because = ("ValueError: too hot", "it printed: the rows of another client")
        scene.model.fails = EvidenceError(Problem("predict-raised", "the model raised", because, "look"))
        status, answer = scene.predict({"hour": 5, "carrier": None})
        assert status == 500
        assert answer["error"]["because"] == ["ValueError: too hot"]

"""Which release answers: taken up, swapped, kept when the new one fails, restarted when it dies."""

import threading

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
from assay.serve import LiveModel, Loaded, Wanted, follow

ROWS = {"x": np.array([1.0, 2.0])}
DIED = EvidenceError(Problem("predict-died", "the process of the model died"))
RAISED = EvidenceError(Problem("predict-raised", "the model raised instead of predicting"))
BROKEN = EvidenceError(Problem("model-unloadable", "the model cannot be loaded"))


class FakePredictor:
    """Adds a number; fails as told, and is closed then, as the port says."""

    def __init__(self, number: float, fails: list[AssayError]) -> None:
        self.number = number
        self.fails = fails
        self.is_closed = False
        self.calls = 0
        self.gate: threading.Event | None = None
        self.entered = threading.Event()

    def predict(self, columns: Table) -> Predictions:
        assert not self.is_closed
        self.calls += 1
        self.entered.set()
        if self.gate is not None:
            self.gate.wait(20)
        if self.fails:
            self.close()
            raise self.fails.pop(0)
        return Predictions(columns["x"] + self.number)

    def close(self) -> None:
        self.is_closed = True


class World:
    """A ledger that names a release, predictors to load, and a clock: all at hand."""

    def __init__(self) -> None:
        self.wanted: Wanted | AssayError | None = None
        self.loads: list[str] = []
        self.load_fails: dict[str, list[AssayError]] = {}
        self.predict_fails: list[AssayError] = []
        self.predictors: list[FakePredictor] = []
        self.example: Table | None = None
        self.changes: list[tuple[str, str | None]] = []
        self.time_s = 0.0
        self.live = LiveModel(self.ask, self.load, self, self.changed)

    def want(self, release: str) -> None:
        seq = self.wanted.seq + 1 if isinstance(self.wanted, Wanted) else 1
        self.wanted = Wanted(release, seq, 100.0 + seq)
        self.live.refresh()

    def ask(self) -> Wanted | None:
        if isinstance(self.wanted, AssayError):
            raise self.wanted
        return self.wanted

    def load(self, release: str) -> Loaded:
        self.loads.append(release)
        if self.load_fails.get(release):
            raise self.load_fails[release].pop(0)
        self.predictors.append(FakePredictor(float(release[1:]), self.predict_fails))
        return loaded(release, self.predictors[-1], self.example)

    def changed(self, release: str, problem: Problem | None) -> None:
        self.changes.append((release, None if problem is None else problem.code))

    def predict(self) -> list[float]:
        with self.live.serving() as serving:
            assert serving is not None
            return list(serving.predict(ROWS).prediction.tolist())

    def now_s(self) -> float:
        return self.time_s

    def sleep(self, seconds: float) -> None:
        self.time_s += seconds


def loaded(release: str, predictor: FakePredictor, example: "Table | None") -> Loaded:
    model = Artifact("models/m.json", digest_of(release.encode()), "file", 1)
    bill = Bill(
        "demo", CodeVersion("1.0.0"), model, (), model, Environment("3.11", "linux"), "predict.py:load",
        (Field("x", "float"),), (), {}, (),
    )  # fmt: skip
    state = ReleaseState(release, 1, 0.0, Released(release, 1, model.digest, model.digest, (), ()))
    return Loaded(state, bill, predictor, example=example)


@pytest.fixture
def world() -> World:
    return World()


class TestTakingUp:
    def test_nothing_answers_before_a_release_is_wanted(self, world: World) -> None:
        world.live.refresh()
        with world.live.serving() as serving:
            assert serving is None
        assert world.live.state().release is None

    def test_the_wanted_release_answers(self, world: World) -> None:
        world.want("r1")
        assert world.predict() == [2.0, 3.0]
        assert (world.live.state().release, world.live.state().since_s) == ("r1", 101.0)
        assert world.changes == [("r1", None)]

    def test_nothing_is_loaded_while_nothing_changes(self, world: World) -> None:
        world.want("r1")
        world.live.refresh()
        assert world.loads == ["r1"]

    def test_another_release_replaces_it_and_the_old_one_ends(self, world: World) -> None:
        world.want("r1")
        world.want("r2")
        assert world.predict() == [3.0, 4.0]
        assert [predictor.is_closed for predictor in world.predictors] == [True, False]

    def test_the_same_release_deployed_again_is_not_loaded_again(self, world: World) -> None:
        world.want("r1")
        world.want("r1")
        assert world.loads == ["r1"]
        assert world.live.state().since_s == 102.0

    def test_the_old_release_ends_only_after_its_last_call(self, world: World) -> None:
        world.want("r1")
        with world.live.serving() as serving:
            world.want("r2")
            assert not world.predictors[0].is_closed
            assert serving is not None
            assert serving.predict(ROWS).prediction.tolist() == [2.0, 3.0]
        assert world.predictors[0].is_closed
        assert world.predict() == [3.0, 4.0]

    def test_a_new_release_must_predict_its_example_first(self, world: World) -> None:
        world.want("r1")
        world.example, world.predict_fails = ROWS, [RAISED]
        world.want("r2")
        assert world.predictors[1].is_closed
        assert world.live.state().release == "r1"
        assert world.changes[-1] == ("r2", "predict-raised")


class TestReleasesThatDoNotLoad:
    def test_the_old_one_stays_and_the_failure_is_told(self, world: World) -> None:
        world.want("r1")
        world.load_fails["r2"] = [BROKEN]
        world.want("r2")
        state = world.live.state()
        assert (state.release, state.wanted, state.problem) == ("r1", "r2", BROKEN.problem)
        assert world.predict() == [2.0, 3.0]
        assert world.changes == [("r1", None), ("r2", "model-unloadable")]

    def test_it_is_tried_again_only_when_the_ledger_names_a_release_anew(self, world: World) -> None:
        world.want("r1")
        world.load_fails["r2"] = [BROKEN]
        world.want("r2")
        world.live.refresh()
        assert world.loads == ["r1", "r2"]
        world.want("r2")
        assert world.live.state().release == "r2"
        assert world.live.state().problem is None

    def test_rolling_back_to_the_one_that_answers_clears_the_trouble(self, world: World) -> None:
        world.want("r1")
        world.load_fails["r2"] = [BROKEN]
        world.want("r2")
        world.want("r1")
        assert world.live.state().problem is None
        assert world.loads == ["r1", "r2"]

    def test_a_first_release_that_does_not_load_leaves_nothing_answering(self, world: World) -> None:
        world.load_fails["r1"] = [BROKEN]
        world.want("r1")
        assert (world.live.state().release, world.live.state().problem) == (None, BROKEN.problem)

    def test_a_ledger_that_cannot_be_read_is_told_until_it_can(self, world: World) -> None:
        world.want("r1")
        before = world.wanted
        world.wanted = StateError(Problem("ledger-unreadable", "the ledger cannot be read"))
        world.live.refresh()
        assert world.live.state().problem == world.wanted.problem
        assert world.predict() == [2.0, 3.0]
        world.wanted = before
        world.live.refresh()
        assert world.live.state().problem is None


class TestPredictorsThatDie:
    def test_one_that_dies_is_restarted_and_asked_again(self, world: World) -> None:
        world.want("r1")
        world.predict_fails.append(DIED)
        assert world.predict() == [2.0, 3.0]
        assert world.loads == ["r1", "r1"]

    def test_one_that_dies_twice_on_a_request_is_not_asked_a_third_time(self, world: World) -> None:
        world.want("r1")
        world.predict_fails += [DIED, DIED]
        with pytest.raises(EvidenceError, match="died"):
            world.predict()
        assert [predictor.calls for predictor in world.predictors] == [1, 1]
        assert world.predict() == [2.0, 3.0]

    def test_a_model_that_raises_is_not_asked_again_but_started_anew_for_the_next(self, world: World) -> None:
        world.want("r1")
        world.predict_fails.append(RAISED)
        with pytest.raises(EvidenceError, match="raised"):
            world.predict()
        assert world.loads == ["r1"]
        assert world.predict() == [2.0, 3.0]

    def test_one_that_cannot_be_restarted_is_not_tried_for_every_request(self, world: World) -> None:
        world.want("r1")
        world.predict_fails.append(DIED)
        world.load_fails["r1"] = [BROKEN]
        for _ in range(3):
            with pytest.raises(EvidenceError, match="cannot be loaded"):
                world.predict()
        assert world.loads == ["r1", "r1"]
        assert world.live.state().problem == BROKEN.problem
        world.sleep(60)
        assert world.predict() == [2.0, 3.0]
        assert world.live.state().problem is None

    def test_calls_to_one_predictor_wait_for_each_other_and_state_does_not(self, world: World) -> None:
        world.want("r1")
        predictor = world.predictors[0]
        predictor.gate = threading.Event()
        answers: list[list[float]] = []
        callers = [threading.Thread(target=lambda: answers.append(world.predict())) for _ in range(3)]
        for caller in callers:
            caller.start()
        assert predictor.entered.wait(20)
        assert (predictor.calls, world.live.state().release) == (1, "r1")
        predictor.gate.set()
        for caller in callers:
            caller.join()
        assert answers == [[2.0, 3.0]] * 3


class TestTheEnd:
    def test_close_ends_every_predictor_also_one_that_is_being_replaced(self, world: World) -> None:
        world.want("r1")
        with world.live.serving():
            world.want("r2")
            world.live.close()
            assert all(predictor.is_closed for predictor in world.predictors)

    def test_nothing_is_started_after_close(self, world: World) -> None:
        world.want("r1")
        world.predict_fails.append(DIED)
        world.live.close()
        world.predictors[0].is_closed = False
        with pytest.raises(EvidenceError, match="stopping"):
            world.predict()
        world.want("r2")
        assert world.predictors[-1].is_closed

    def test_follow_refreshes_until_it_is_stopped(self, world: World) -> None:
        stop = threading.Event()
        asked: list[int] = []

        def ask_thrice() -> Wanted | None:
            asked.append(1)
            if len(asked) == 3:
                stop.set()
            return None

        follow(LiveModel(ask_thrice, world.load, world), stop, every_s=0.0)
        assert len(asked) == 3


def test_every_way_to_hold_the_old_release_is_safe_while_releases_change(world: World) -> None:
    """No call ever meets a predictor that was closed under it (the fake asserts that)."""
    world.want("r1")
    failures: list[BaseException] = []

    def call(times: int) -> None:
        try:
            for _ in range(times):
                world.predict()
        except BaseException as error:
            failures.append(error)

    callers = [threading.Thread(target=call, args=(200,)) for _ in range(4)]
    for caller in callers:
        caller.start()
    for number in range(2, 30):
        world.want(f"r{number}")
    for caller in callers:
        caller.join()
    assert failures == []
    assert [predictor.is_closed for predictor in world.predictors] == [True] * 28 + [False]

"""What is asked again when a Ray cluster does not take a client, and what is not."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from assay.adapters.jobs import ray as jobs_on_ray
from assay.core.problem import UsageError

BORN_DEAD = ConnectionAbortedError("RuntimeError: Starting Ray client server failed.")


class FakeRay:
    """As much of Ray as a connection asks; its cluster answers with ``answers``, one an attempt, None for a connection."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.is_connected = False
        self._private = SimpleNamespace(worker=SimpleNamespace(print_to_stdstream=print))

    def is_initialized(self) -> bool:
        return self.is_connected

    def init(self, _: str, **__: Any) -> None:
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer
        self.is_connected = True

    def nodes(self) -> list[dict[str, Any]]:
        return []


@pytest.fixture
def jobs(monkeypatch) -> Callable[[FakeRay], jobs_on_ray.RayJobs]:
    def on(ray: FakeRay) -> jobs_on_ray.RayJobs:
        monkeypatch.setattr(jobs_on_ray, "_ray", lambda: ray)
        return jobs_on_ray.RayJobs("head:10001")

    return on


def test_a_server_that_was_born_dead_is_asked_for_again(jobs):
    ray = FakeRay(BORN_DEAD, BORN_DEAD, None)
    assert jobs(ray).machines() == ()
    assert ray.is_connected


def test_a_cluster_whose_servers_always_die_is_given_up(jobs):
    ray = FakeRay(*[BORN_DEAD] * jobs_on_ray.CONNECT_ATTEMPTS, None)
    with pytest.raises(UsageError) as told:
        jobs(ray).machines()
    assert told.value.problem.code == "no-cluster"
    assert "Starting Ray client server failed" in told.value.problem.because[0]
    assert ray.answers == [None]


@pytest.mark.parametrize(
    "answer",
    [ConnectionError("ray client connection timeout"), ConnectionAbortedError("RuntimeError: no such runtime_env")],
)
def test_what_would_be_answered_again_is_not_asked_again(jobs, answer):
    ray = FakeRay(answer, None)
    with pytest.raises(UsageError):
        jobs(ray).machines()
    assert ray.answers == [None]

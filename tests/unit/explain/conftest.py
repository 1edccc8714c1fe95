"""Scenes: a pipeline, what its steps did, and what the project holds, told in a few words."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from assay.core.pipeline import ModelSpec, Pipeline, RunAction, Step
from assay.core.ports import FileState
from assay.core.problem import Place
from assay.core.run import StepOutcome, StepResult, Trace, WrittenFile
from assay.explain.failure import Evidence, Since, Surroundings
from assay.explain.failure.changes import Change

NOW_S = 1_700_000_000.0
FOLDER = "/home/ada/churn"


class Scene:
    """Evidence in the making. Steps stand four lines apart in assay.yaml; each began a minute after the one before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.results: list[StepResult] = []
        self.failed: StepResult | None = None
        self.log = ""
        self.files: dict[str, FileState] = {}
        self.never_ran: tuple[str, ...] = ()
        self.model: ModelSpec | None = None
        self.exists: frozenset[str] = frozenset()
        self.around = Surroundings()
        self.since: Since | None = None

    def step(self, name: str, command: str, **fields: Any) -> "Scene":
        """Declare a step; ``outputs=["x"]`` and its like."""
        plain = {key: tuple(value) if isinstance(value, list) else value for key, value in fields.items()}
        self.steps.append(Step(name, RunAction(command), **plain))
        return self

    def file(self, path: str, size_bytes: int = 3_100_000, age_s: float = 12.0) -> "Scene":
        """Put a file into the project."""
        changed_ns = int((NOW_S - age_s) * 1e9)
        self.files[path] = FileState(size_bytes, changed_ns, changed_ns, len(self.files))
        return self

    def ended(
        self,
        name: str,
        wrote: Sequence[str] = (),
        outcome: StepOutcome = "ok",
        missing: Sequence[str] = (),
        removed: Sequence[str] = (),
        exit_code: int | None = 0,
        traced: bool = True,
        reason: str = "always runs",
    ) -> "Scene":
        """A step of this run has ended; ``wrote`` names files of the project, ``removed`` what it wrote and is gone."""
        written = tuple(
            WrittenFile(path, self.files[path].size_bytes, self.files[path].modified_ns / 1e9) for path in wrote
        )
        writes = (*wrote, *removed) if traced else ()
        trace = Trace(traced, (), writes, tuple(missing))
        self.results.append(
            StepResult(name, outcome, reason, exit_code, trace=trace, written=written, started_s=self._began())
        )
        return self

    def fails(
        self,
        name: str,
        log: str = "",
        exit_code: int | None = 1,
        missing: Sequence[str] = (),
        wrote: Sequence[str] = (),
        writes: Sequence[str] = (),
    ) -> "Scene":
        """The step that failed, what it printed, and what it asked for."""
        self.ended(name, wrote, "failed", missing, writes, exit_code, traced=bool(missing or wrote or writes))
        self.failed = self.results.pop()
        self.log = log
        return self

    def recorded(self, **fields: Any) -> "Scene":
        """What the executor recorded of the failed step: ``oom_kills=1`` and its like."""
        assert self.failed is not None
        self.failed = msgspec.structs.replace(self.failed, **fields)
        return self

    def sees(self, **facts: Any) -> "Scene":
        """What the machine looks like now."""
        self.around = msgspec.structs.replace(self.around, **facts)
        return self

    def changed(self, *changes: Change, **fields: Any) -> "Scene":
        """What is different from run 12, which was green."""
        self.since = Since(12, changes, **fields)
        return self

    def evidence(self) -> Evidence:
        """All of it."""
        assert self.failed is not None
        lines = {step.name: 2 + 4 * at for at, step in enumerate(self.steps)}
        places = {f"steps.{name}": Place("assay.yaml", line) for name, line in lines.items()}
        for step in self.steps:
            for below, field in ((2, "inputs"), (3, "outputs")):
                for at, _ in enumerate(getattr(step, field)):
                    places[f"steps.{step.name}.{field}[{at}]"] = Place("assay.yaml", lines[step.name] + below)
        places["model.path"] = Place("assay.yaml", 40)
        return Evidence(
            Pipeline("churn", tuple(self.steps), self.model),
            self.failed,
            tuple(self.results),
            self.never_ran,
            self.log,
            self.files,
            self.exists,
            places,
            NOW_S,
            FOLDER,
            self.since,
            self.around,
        )

    def _began(self) -> float:
        return NOW_S - 600.0 + 60.0 * len(self.results)


@pytest.fixture
def scene() -> Scene:
    """An empty scene."""
    return Scene()


@pytest.fixture
def plain_list(scene: Scene) -> Scene:
    """Train, then deploy; nothing is declared."""
    return (
        scene.file("train.py", 900, 9000)
        .file("deploy.py", 700, 9000)
        .step("Train Model", "python train.py")
        .step("Deploy Model", "python deploy.py")
    )

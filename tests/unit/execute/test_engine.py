"""The loop itself: what is tried again, what is interrupted, and what one step's misfortune does to the others."""

from collections.abc import Callable

import pytest

from assay.adapters.files.local import LocalFiles
from assay.core.capacity import Capacity
from assay.core.pipeline import Pipeline, Resources, Retries, RunAction, Step
from assay.core.ports import Ended, Task
from assay.core.problem import Problem
from assay.core.release import Environment
from assay.core.run import StepResult
from assay.execute import Memory, Standing, Workbench, run_steps
from assay.execute.masks import Mask
from assay.testing.memory import ManualClock, MemoryStore

MEMORY = 16_000_000_000


class Scripted:
    """An executor of commands that are functions: each is called when its task starts, answers with the exit code, and ends so many
    seconds later."""

    def __init__(self, clock: ManualClock, commands: dict[str, Callable[[], int]], lasts_s: dict[str, float]) -> None:
        self._clock = clock
        self._commands = commands
        self._lasts_s = lasts_s
        self.running: dict[str, tuple[float, int]] = {}
        self.most_at_once: set[frozenset[str]] = set()

    def start(self, task: Task) -> None:
        self.running[task.name] = (self._clock.now_s() + self._lasts_s.get(task.name, 0.0), self._commands[task.name]())
        self.most_at_once.add(frozenset(self.running))

    def wait(self, timeout_s: float) -> tuple[Ended, ...]:
        self._clock.sleep(timeout_s)
        over = [name for name, (until_s, _) in self.running.items() if until_s <= self._clock.now_s()]
        return tuple(Ended(name, self.running.pop(name)[1], 1.0, 0.0) for name in over)

    def output(self, name: str, offset: int) -> bytes:
        return b""

    def stop(self, grace_s: float) -> None:
        self.running = dict.fromkeys(self.running, (0.0, -2))


class Past:
    def of_key(self, key):
        return ()

    def last_good(self, step):
        return None

    def whole(self, result):
        return result

    def failed_in(self, step):
        return None

    def run_that_made(self, output):
        return None


class Bench:
    """A project in a folder, and all that running its steps needs."""

    def __init__(self, root, **lasts_s: float) -> None:
        self.root = root
        self.clock = ManualClock()
        self.files = LocalFiles(root, root / ".assay" / "cache")
        self.store = MemoryStore()
        self.commands: dict[str, Callable[[], int]] = {}
        self.executor = Scripted(self.clock, self.commands, lasts_s)
        self.recorded: list[StepResult] = []
        self.params: dict[str, int] = {}

    def step(self, name: str, command: Callable[[], int] = lambda: 0, **fields) -> Step:
        self.commands[name] = command
        return Step(name, RunAction(name), **fields)

    def run(self, *steps: Step, jobs: int = 2, **fields) -> dict[str, StepResult]:
        bench = Workbench(
            executor=self.executor,
            files=self.files,
            store=self.store,
            clock=self.clock,
            environment=Environment("3.12", "linux"),
            past=Past(),
            standing=Standing(Memory(""), "", self.files),
            task=lambda step: Task(step.name, "", str(self.root), {}, "", str(self.root / f"{step.name}.trace"), ""),
            params=lambda step: dict(self.params),
            mask=lambda step: Mask(()),
            unmet=lambda condition: "",
            set_aside=lambda path: path,
            perform=lambda step, earlier: StepResult(step.name, "ok", ""),
            record=self.recorded.append,
            explain=lambda failed, earlier: failed.problem or Problem("step-failed", "it failed"),
            cause=lambda failed: None,
            observe=lambda progress: None,
            machines=(Capacity(8, 0, MEMORY),),
            jobs=jobs,
            **fields,
        )
        none = {step.name: () for step in steps}
        return {result.step: result for result in run_steps(Pipeline("p", steps), steps, none, none, bench)}


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


def failing(times: int) -> Callable[[], int]:
    codes = iter([1] * times)
    return lambda: next(codes, 0)


TWICE = Retries(attempts=2, backoff_s=1.0)


def test_what_is_tried_again_waits_for_room_like_any_other_step(tmp_path):
    bench = Bench(tmp_path, other=5.0)
    large = Resources(memory_bytes=MEMORY - 1)
    flaky = bench.step("flaky", failing(1), resources=large, retries=TWICE)
    other = bench.step("other", resources=large)
    assert {result.outcome for result in bench.run(flaky, other).values()} == {"ok"}
    assert bench.executor.most_at_once == {frozenset(["flaky"]), frozenset(["other"])}


def test_what_is_tried_again_is_one_of_the_jobs(tmp_path):
    bench = Bench(tmp_path, other=5.0)
    steps = bench.step("flaky", failing(1), retries=TWICE), bench.step("other")
    assert {result.outcome for result in bench.run(*steps, jobs=1).values()} == {"ok"}
    assert max(map(len, bench.executor.most_at_once)) == 1


def test_an_attempt_is_made_from_what_is_there_when_it_begins(bench):
    def command() -> int:
        was = bench.params["rate"]
        bench.params["rate"] = 2
        (bench.root / "data.csv").write_text("mended")
        return 1 if was == 1 else 0

    bench.params["rate"] = 1
    (bench.root / "data.csv").write_text("broken")
    result = bench.run(bench.step("train", command, inputs=("data.csv",), retries=TWICE))["train"]
    assert (result.outcome, result.attempts, result.params) == ("ok", 2, {"rate": 2})
    assert [artifact.digest for artifact in result.inputs] == [bench.files.artifact("data.csv").digest]


def test_what_an_attempt_cannot_be_made_from_fails_the_step_and_no_other(bench):
    def command() -> int:
        (bench.root / "data.csv").unlink()
        (bench.root / "data.csv").mkdir()
        (bench.root / "data.csv" / "link").symlink_to("nowhere")
        return 1

    (bench.root / "data.csv").write_text("1")
    results = bench.run(bench.step("train", command, inputs=("data.csv",), retries=TWICE), bench.step("other"))
    assert results["other"].outcome == "ok"
    assert results["train"].problem.code == "not-a-file-or-folder"


def test_what_an_attempt_reported_is_none_of_the_next_ones(bench):
    def command() -> int:
        metrics = bench.root / "train.trace.metrics"
        is_first = not metrics.exists() and not (bench.root / "once").exists()
        (bench.root / "once").touch()
        with metrics.open("a") as file:
            file.write('{"name": "only_first", "value": 1.0}\n' if is_first else '{"name": "accuracy", "value": 0.5}\n')
        (bench.root / "train.trace").write_text(f"r\t{bench.root}/first\n" if is_first else "p\t1\tpython\n")
        return 1 if is_first else 0

    result = bench.run(bench.step("train", command, retries=TWICE))["train"]
    assert [metric.name for metric in result.metrics] == ["accuracy"]
    assert result.trace.reads == ()


def test_an_output_that_cannot_be_kept_fails_its_step_and_no_other(bench):
    def command() -> int:
        (bench.root / "models").mkdir()
        (bench.root / "models" / "latest").symlink_to("m1")
        return 0

    results = bench.run(bench.step("train", command, outputs=("models",)), bench.step("other"))
    assert results["other"].outcome == "ok"
    assert (results["train"].outcome, results["train"].problem.code) == ("failed", "not-a-file-or-folder")


class Interrupted(MemoryStore):
    """Ctrl-C while an output is kept."""

    def add(self, path, name, *, durable=True):
        raise KeyboardInterrupt


def test_a_step_whose_output_was_being_kept_is_recorded_as_interrupted(bench):
    def command() -> int:
        (bench.root / "big.bin").write_text("big")
        return 0

    bench.store = Interrupted()
    with pytest.raises(KeyboardInterrupt):
        bench.run(bench.step("train", command, outputs=("big.bin",)))
    assert [(result.step, result.outcome) for result in bench.recorded] == [("train", "interrupted")]


def test_a_step_that_was_to_be_tried_again_is_recorded_as_interrupted(bench, monkeypatch):
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    bench.clock.sleep = interrupt
    monkeypatch.setattr(bench.executor, "wait", lambda timeout_s: (Ended("train", 3, 1.0, 0.0),))
    with pytest.raises(KeyboardInterrupt):
        bench.run(bench.step("train", failing(1), retries=TWICE))
    assert [(result.step, result.outcome, result.exit_code) for result in bench.recorded] == [
        ("train", "interrupted", 3)
    ]


def test_each_running_step_is_recorded_once_when_the_run_is_interrupted(bench, monkeypatch):
    real = bench.executor.wait
    answers = iter([(), KeyboardInterrupt()])

    def wait(timeout_s: float) -> tuple[Ended, ...]:
        answer = next(answers, None)
        if isinstance(answer, KeyboardInterrupt):
            raise answer
        return real(timeout_s) if answer is None else answer

    monkeypatch.setattr(bench.executor, "wait", wait)
    with pytest.raises(KeyboardInterrupt):
        bench.run(bench.step("one"), bench.step("other"))
    assert sorted((result.step, result.outcome) for result in bench.recorded) == [
        ("one", "interrupted"),
        ("other", "interrupted"),
    ]

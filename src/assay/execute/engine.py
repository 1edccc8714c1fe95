"""The loop that runs a pipeline's steps: start what is ready, follow what runs, conclude what has ended.

Decisions are made elsewhere (``core.order``, ``key``, ``reuse``, ``gate_data``); this is the thin part with effects. A
failure stops what waits for it, and nothing else. A step's result is recorded before anyone is told of it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.order import waits_for
from assay.core.pipeline import ActionName, Pipeline, RunAction, Step
from assay.core.ports import Clock, Ended, Executor, ProjectFiles, Store, Task
from assay.core.problem import AssayError, Problem
from assay.core.release import Environment
from assay.core.run import StepResult
from assay.execute.begun import Begun, Beside
from assay.execute.conclude import conclude, interrupted
from assay.execute.gate_data import gate_data_problem, is_upstream_of_model
from assay.execute.logs import LogTail, shown
from assay.execute.lookup import Past, look_up, missing_input
from assay.execute.progress import Progress, StepBegan, StepDone, StepPrinted
from assay.execute.recorded import recorded
from assay.execute.reuse import Reuse
from assay.execute.traces import read_trace

POLL_S = 0.05
"""How long output may wait to be seen; the end of a step is noticed at once."""
GRACE_S = 10.0
"""From Ctrl-C to SIGKILL."""


class Perform(Protocol):
    """Does the work of a step that is no command: a check, a gate, a release, a deployment."""

    def __call__(self, step: Step, earlier: tuple[StepResult, ...]) -> StepResult: ...


class Workbench(msgspec.Struct, frozen=True):
    """All that running steps needs."""

    executor: Executor
    files: ProjectFiles
    store: Store
    clock: Clock
    environment: Environment
    past: Past
    task: Callable[[Step], Task]
    """How a step is put to the executor: folder, environment, log and trace files."""
    perform: Mapping[ActionName, Perform]
    record: Callable[[StepResult], None]
    explain: Callable[[StepResult, tuple[StepResult, ...]], Problem]
    """The true cause of a failed step, from its result and those before it."""
    observe: Callable[[Progress], None]
    params: Callable[[Step], dict[str, Any]] = lambda step: {}
    """The values of the parameters that a step selects."""
    jobs: int = 1
    force: bool = False


def run_steps(pipeline: Pipeline, steps: tuple[Step, ...], bench: Workbench) -> tuple[StepResult, ...]:
    """Run ``steps`` of ``pipeline`` (those not named count as done) and return a result for each, in the order they ended.

    When it is interrupted, everything that runs is stopped and recorded as interrupted, and the exception goes on.
    """
    execution = _Execution(pipeline, steps, bench)
    try:
        while execution.is_unfinished:
            execution.start_ready()
            execution.follow()
    except BaseException:
        execution.stop()
        raise
    return tuple(execution.results.values())


class _Running(msgspec.Struct, frozen=True):
    begun: Begun
    tail: LogTail


class _Execution:
    """The state of one call of ``run_steps``."""

    def __init__(self, pipeline: Pipeline, steps: tuple[Step, ...], bench: Workbench) -> None:
        self.pipeline = pipeline
        self.bench = bench
        self.waits = waits_for(pipeline)
        self.waiting = {step.name: step for step in steps}
        self.running: dict[str, _Running] = {}
        self.results: dict[str, StepResult] = {}
        self.ended: list[Ended] = []
        """Reported by the executor, and not concluded yet: nothing that goes wrong in between may lose one."""

    @property
    def is_unfinished(self) -> bool:
        return bool(self.waiting or self.running)

    def start_ready(self) -> None:
        """Start what may start, in file order; hold what waits for something that did not end well."""
        for step in tuple(self.waiting.values()):
            bad = self._bad_before(step)
            if bad is not None:
                del self.waiting[step.name]
                why = bad.reason if bad.outcome == "held" else f"needs {bad.step}, which {_FATES[bad.outcome]}"
                self._finish(StepResult(step.name, "held", why))
            elif not self._is_pending_before(step) and len(self.running) < self.bench.jobs:
                del self.waiting[step.name]
                self._begin(step)

    def follow(self) -> None:
        """Wait a moment: show new output, conclude what has ended."""
        if not self.running:
            return
        self.ended += self.bench.executor.wait(POLL_S)
        for name, running in self.running.items():
            self._show(name, running.tail.read())
        while self.ended:
            self._conclude(self.ended.pop(0))

    def stop(self) -> None:
        """End everything that runs, and record it as interrupted."""
        if self.running:
            self.bench.executor.stop(GRACE_S)
        while self.running:
            self.ended += self.bench.executor.wait(POLL_S)
            while self.ended:
                end = self.ended.pop(0)
                if end.name in self.running:
                    self._finish(interrupted(self.running.pop(end.name).begun, end))

    def _bad_before(self, step: Step) -> StepResult | None:
        ended = (self.results[name] for name in self.waits[step.name] if name in self.results)
        return next((result for result in ended if not result.is_good), None)

    def _is_pending_before(self, step: Step) -> bool:
        return any(name in self.waiting or name in self.running for name in self.waits[step.name])

    def _begin(self, step: Step) -> None:
        if not isinstance(step.action, RunAction):
            self.bench.observe(StepBegan(step.name, ""))
            self._finish(self._performed(step))
            return
        if step.runs == "never":
            self._finish(StepResult(step.name, "reused", "it never runs: it counts as done"))
            return
        files = self.bench.files
        lost = missing_input(step, files.artifact, files.expand)
        if lost is not None:
            reason = f"its input {lost} is missing"
            self._finish(self._explained(StepResult(step.name, "failed", reason, started_s=self.bench.clock.now_s())))
            return
        try:
            params = self.bench.params(step)
        except AssayError as error:
            self._finish(StepResult(step.name, "failed", error.problem.what, problem=error.problem))
            return
        bench = self.bench
        found = look_up(step, files.artifact, bench.store, bench.past, bench.environment, files.expand, params)
        if isinstance(found.decision, Reuse) and not self.bench.force:
            self._reuse(step, found.decision)
        else:
            reason = "forced" if self.bench.force else found.decision.reason
            self._start(step, found.key, found.inputs, reason)

    def _reuse(self, step: Step, reuse: Reuse) -> None:
        # The key holds no name: the earlier result may be that of a step under another one.
        earlier = msgspec.structs.replace(
            reuse.result, step=step.name, outcome="reused", reason=reuse.reason, seconds=0.0
        )
        result = self._held_to_gate_rule(step, earlier)
        if result.is_good:
            for artifact in reuse.restore:
                self.bench.store.restore(artifact, self.bench.files.locate(artifact.path))
        self._finish(result)

    def _start(self, step: Step, key: Digest | None, inputs: tuple[Artifact, ...], reason: str) -> None:
        self.bench.observe(StepBegan(step.name, reason))
        before = None if step.promised else self.bench.files.scan()
        for path in step.clears:
            self.bench.files.remove(path)
        task = self.bench.task(step)
        begun = Begun(step, task, key, inputs, reason, before, self.bench.clock.now_s())
        self.bench.executor.start(task)
        tail = LogTail(lambda offset: self.bench.executor.output(task.name, offset))
        self.running[step.name] = _Running(begun, tail)

    def _conclude(self, end: Ended) -> None:
        running = self.running.pop(end.name)
        for line in running.tail.rest():
            self._show(end.name, (line,))
        beside = self._beside(running.begun)
        result = conclude(running.begun, end, beside, self.bench.files, self.bench.store, self.bench.executor)
        self._finish(self._explained(self._held_to_gate_rule(running.begun.step, result)))

    def _held_to_gate_rule(self, step: Step, result: StepResult) -> StepResult:
        """Failed, or warned, where the step read the rows of the gate."""
        problem = gate_data_problem(self.pipeline, step, result, self._contents) if result.is_good else None
        if problem is None:
            return result
        if is_upstream_of_model(self.pipeline, step, (*self.results.values(), result)):
            return msgspec.structs.replace(result, outcome="failed", problem=problem)
        others = (warning for warning in result.warnings if warning.code != problem.code)
        return msgspec.structs.replace(result, warnings=(*others, problem))

    def _contents(self, path: str) -> frozenset[Digest]:
        files = self.bench.files
        artifacts = (files.artifact(found) for found in files.expand(path))
        return frozenset(artifact.digest for artifact in artifacts if artifact is not None)

    def _beside(self, begun: Begun) -> Beside:
        """The steps that run now that this one has ended, and those that ended after it began."""
        running = [other.begun for other in self.running.values()]
        commands = (result for result in self.results.values() if result.exit_code is not None)
        ended = [result for result in commands if result.ran_until_s >= begun.started_s]
        taken = {path for result in ended for path in result.trace.writes}
        taken |= {path for other in running for path in self._written_so_far(other.task)}
        steps = [other.step for other in running] + [self.pipeline.step(result.step) for result in ended]
        taken |= {path for step in steps for path in step.promised}
        return Beside(not steps, frozenset(taken))

    def _written_so_far(self, task: Task) -> tuple[str, ...]:
        return read_trace(self.bench.files.read(task.trace) or b"", task.project or task.folder).writes

    def _explained(self, result: StepResult) -> StepResult:
        if result.outcome != "failed" or result.problem is not None:
            return result
        problem = self.bench.explain(result, tuple(self.results.values()))
        return msgspec.structs.replace(result, problem=problem)

    def _performed(self, step: Step) -> StepResult:
        began_s = self.bench.clock.now_s()
        try:
            result = self.bench.perform[step.kind](step, tuple(self.results.values()))
        except AssayError as error:
            problem = msgspec.structs.replace(error.problem, step=step.name)
            result = StepResult(step.name, "failed", problem.what, problem=problem)
        result = self._explained(result)
        return msgspec.structs.replace(result, seconds=self.bench.clock.now_s() - began_s, started_s=began_s)

    def _show(self, name: str, lines: tuple[bytes, ...]) -> None:
        if lines:
            self.bench.observe(StepPrinted(name, tuple(shown(line) for line in lines)))

    def _finish(self, result: StepResult) -> None:
        self.results[result.step] = result
        self.bench.record(recorded(result))
        self.bench.observe(StepDone(result))


_FATES = {"failed": "failed", "interrupted": "was interrupted"}

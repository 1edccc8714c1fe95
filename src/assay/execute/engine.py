"""The loop that runs a pipeline's steps: start what is ready, follow what runs, conclude what has ended.

Decisions are made elsewhere (``ready``, ``admission``, ``attempts``, ``key``, ``reuse``, ``gate_data``); this is the thin part with
effects. A failure stops what waits for it, and nothing else. A step's result is recorded before anyone is told of it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from signal import SIGKILL
from typing import Any, Protocol, TypeAlias

import msgspec

from assay.core.artifact import Artifact
from assay.core.capacity import Capacity, impossible, together
from assay.core.condition import Condition
from assay.core.digest import Digest
from assay.core.pipeline import Pipeline, RetryCause, RunAction, Step, TraceMode
from assay.core.ports import Clock, Ended, Executor, ProjectFiles, Store, Task
from assay.core.problem import AssayError, Problem, StateError
from assay.core.release import Environment
from assay.core.run import RAN, StepResult
from assay.execute.admission import Room
from assay.execute.attempts import Again, decide_retry
from assay.execute.begun import Begun, Beside
from assay.execute.gate_data import gate_data_problem, gates_with_data, is_upstream_of_model
from assay.execute.logs import Gained, LogTail, shown
from assay.execute.lookup import LookedUp, Past, look_up, missing_input
from assay.execute.masks import Mask
from assay.execute.progress import Progress, StepBegan, StepDone, StepPrinted, StepRetried, Stopping
from assay.execute.ready import ReadyQueue
from assay.execute.recorded import recorded
from assay.execute.reuse import FROZEN, Reuse
from assay.execute.rows import count_rows
from assay.execute.standing import Standing

POLL_S = 0.05
"""How long output may wait to be seen; the end of a step is noticed at once."""
GRACE_S = 10.0
"""From Ctrl-C to SIGTERM."""
MOST_SILENT_WAITS = 100
"""After a stop everything has ended: what is not reported then will not be."""


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
    standing: Standing
    """What is known to be as it was when it was last looked at."""
    task: Callable[[Step], Task]
    """How a step is put to the executor. ``AssayError`` where it cannot be: a secret that is not there."""
    params: Callable[[Step], dict[str, Any]]
    """The values of the parameters that a step selects."""
    mask: Callable[[Step], Mask]
    """What of a step's output nobody may see."""
    unmet: Callable[[Condition], str]
    """Why a step's ``when`` does not hold in this run; empty where it does."""
    perform: Perform
    set_aside: Callable[[str], str]
    """Moves what stands at a path, and is kept nowhere, out of the way: where it is then, as people name it."""
    record: Callable[[StepResult], None]
    explain: Callable[[StepResult, tuple[StepResult, ...]], Problem]
    """The true cause of a failed step, from its result and those before it; what its result says of that already, with what has changed."""
    cause: Callable[[StepResult], RetryCause | None]
    """Whether a failed step failed by what may pass."""
    observe: Callable[[Progress], None]
    machines: tuple[Capacity, ...]
    """Those that steps may go to."""
    jobs: int = 1
    forced: frozenset[str] = frozenset()
    """Steps that run whatever was there before."""
    trace: TraceMode | None = None
    """Instead of what the steps declare."""
    lines_a_second: int | None = None
    """So many lines of a step's output are told of, the others counted; None: all."""


Edges: TypeAlias = Mapping[str, tuple[str, ...]]


def run_steps(
    pipeline: Pipeline, steps: tuple[Step, ...], waits: Edges, held_by: Edges, bench: Workbench
) -> tuple[StepResult, ...]:
    """Run ``steps`` of ``pipeline`` (those not named count as done) and return a result for each, in the order they ended.

    ``waits`` says what each waits for, ``held_by`` whose failure holds it. When it is interrupted, everything that runs is stopped
    and recorded as interrupted, and the exception goes on.
    """
    execution = _Execution(pipeline, steps, ReadyQueue((step.name for step in steps), waits, held_by), bench)
    try:
        while execution.is_unfinished:
            execution.start_ready()
            execution.follow()
    except BaseException:
        execution.stop()
        raise
    return execution.earlier()


class _Running(msgspec.Struct, frozen=True):
    begun: Begun
    tail: LogTail
    mask: Mask


class _Waiting(msgspec.Struct, frozen=True):
    """A step that is tried again when it is time, and how it failed."""

    due_s: float
    begun: Begun
    again: Again
    failed: StepResult


class _Execution:
    """The state of one call of ``run_steps``."""

    def __init__(self, pipeline: Pipeline, steps: tuple[Step, ...], queue: ReadyQueue, bench: Workbench) -> None:
        self.pipeline = pipeline
        self.bench = bench
        self.steps = {step.name: step for step in steps}
        self.queue = queue
        self.room = Room(together(bench.machines, "all machines"))
        self.gates = gates_with_data(pipeline)
        self.running: dict[str, _Running] = {}
        self.waiting: list[_Waiting] = []
        self.results: dict[str, StepResult] = {}
        self.commands: list[StepResult] = []
        """Those that ran as commands, in the order in which they ended."""
        self.ended: list[Ended] = []
        """Reported by the executor, and not concluded yet: nothing that goes wrong in between may lose one."""

    @property
    def is_unfinished(self) -> bool:
        return bool(self.running or self.waiting or not self.queue.is_empty)

    def earlier(self) -> tuple[StepResult, ...]:
        """The results so far, each with all that is known of it."""
        return tuple(map(self.bench.past.whole, self.results.values()))

    def start_ready(self) -> None:
        """Start what may start, in file order."""
        now_s = self.bench.clock.now_s() if self.waiting else 0.0
        for waiting in [waiting for waiting in self.waiting if waiting.due_s <= now_s]:
            if len(self.running) < self.bench.jobs and self.room.fits(waiting.begun.step.resources):
                self._try_again(waiting)
        while len(self.running) < self.bench.jobs:
            name = self.queue.take_first(self._fits)
            if name is None:
                return
            self._begin(self.steps[name])

    def follow(self) -> None:
        """Wait a moment: show new output, conclude what has ended."""
        if self.running:
            self.ended += self.bench.executor.wait(POLL_S)
        elif self.waiting:
            self.bench.clock.sleep(max(0.0, min(POLL_S, self.waiting[0].due_s - self.bench.clock.now_s())))
        now_s = self.bench.clock.now_s()
        for running in self.running.values():
            for gained in running.tail.read(now_s):
                self._show(running, gained)
        while self.ended:
            self._conclude(self.ended[0])
            del self.ended[0]

    def stop(self) -> None:
        """End everything that runs, and record it as interrupted; so is what has ended and was not concluded, and what was to be
        tried again."""
        if self.running:
            with suppress(OSError):  # whoever is told may be what is gone: a terminal that was closed
                self.bench.observe(Stopping(tuple(self.running)))
            self.bench.executor.stop(GRACE_S)
        silent = 0
        self._finish_interrupted()
        while self.running and silent < MOST_SILENT_WAITS:
            self.ended += self.bench.executor.wait(POLL_S)
            silent = 0 if self.ended else silent + 1
            self._finish_interrupted()
        # Of those left, the end was reported in the moment of the interrupt, and lost.
        self.ended += [Ended(name, -int(SIGKILL), 0.0, 0.0) for name in self.running]
        self._finish_interrupted()
        for waiting in self.waiting:
            if waiting.begun.step.name not in self.results:
                self._finish(msgspec.structs.replace(waiting.failed, outcome="interrupted"))

    def _finish_interrupted(self) -> None:
        for end in self.ended:
            running = self.running.get(end.name)
            if running is not None and end.name not in self.results:
                self._finish(_interrupted(running.begun, end))
            self.running.pop(end.name, None)
        self.ended.clear()

    def _fits(self, name: str) -> bool:
        """It may start now: to run, or to fail because there will never be room for it."""
        wanted = self.steps[name].resources
        return self.room.fits(wanted) or impossible(name, wanted, self.bench.machines) is not None

    def _begin(self, step: Step) -> None:
        unmet = self.bench.unmet(step.when) if step.when is not None else ""
        if unmet:
            self._finish(StepResult(step.name, "skipped", unmet))
        elif not isinstance(step.action, RunAction):
            self.bench.observe(StepBegan(step.name, ""))
            self._finish(self._performed(step))
        else:
            try:
                self._begin_command(step)
            except AssayError as error:
                self._finish(_could_not_begin(step, error))

    def _begin_command(self, step: Step) -> None:
        is_forced = step.name in self.bench.forced
        known = None if is_forced else self.bench.standing.result(step, self.bench.trace)
        if known is not None:
            self._finish(known)
            return
        if step.runs == "never":
            self._finish(StepResult(step.name, "reused", FROZEN))
            return
        files = self.bench.files
        lost = missing_input(step, files.artifact, files.expand)
        if lost is not None:
            reason = f"its input {lost} is missing"
            self._finish(self._explained(StepResult(step.name, "failed", reason, started_s=self.bench.clock.now_s())))
            return
        looked_s = self.bench.clock.now_s()
        params = self.bench.params(step)
        found = self._look_up(step, params)
        if isinstance(found.decision, Reuse) and not is_forced:
            self._reuse(step, found.decision)
        else:
            reason = "forced" if is_forced else found.decision.reason
            self._start(step, found, params, reason, looked_s)

    def _look_up(self, step: Step, params: dict[str, Any]) -> LookedUp:
        bench, files = self.bench, self.bench.files
        return look_up(
            step,
            params,
            files.artifact,
            bench.store,
            bench.past,
            bench.environment,
            files.expand,
            lambda artifact: count_rows(artifact, files),
            is_strict=(bench.trace or step.trace) == "strict",
        )

    def _reuse(self, step: Step, reuse: Reuse) -> None:
        # The key holds no name: the earlier result may be that of a step under another one.
        earlier = msgspec.structs.replace(
            reuse.result, step=step.name, outcome="reused", reason=reuse.reason, seconds=0.0
        )
        result = self._held_to_gate_rule(step, earlier)
        if result.is_good and reuse.restore:
            aside = "".join(map(self._put_back, reuse.restore))
            result = msgspec.structs.replace(result, reason=result.reason + aside)
            self.bench.standing.forget_looks()
        self._finish(result)

    def _put_back(self, artifact: Artifact) -> str:
        """Restore it; what stands in its place and is kept nowhere, as what a person put there, is set aside. What to say of that."""
        path = artifact.path
        aside = "" if self._is_kept(path) else self.bench.set_aside(path)
        try:
            self.bench.store.restore(artifact, self.bench.files.locate(path))
        except AssayError:
            if aside:
                self.bench.files.move(aside, path)
            raise
        return f"; what stood at {path} is now {aside}" if aside else ""

    def _is_kept(self, path: str) -> bool:
        """Nothing is lost where what stands at the path is replaced."""
        try:
            stands = self.bench.files.artifact(path)
        except StateError:  # it cannot be kept: a link in a folder, a pipe
            return False
        return stands is None or self.bench.store.has(stands)

    def _start(self, step: Step, found: LookedUp, params: dict[str, Any], reason: str, looked_s: float) -> None:
        problem = impossible(step.name, step.resources, self.bench.machines)
        if problem is not None:
            raise AssayError(problem)
        trace = self.bench.trace or step.trace
        before = None if step.promised or trace == "off" else self.bench.files.scan()
        task = self.bench.task(step)
        begun = Begun(
            step,
            task,
            found.key,
            found.inputs,
            reason,
            before,
            self.bench.clock.now_s(),
            looked_s,
            params,
            trace=trace,
            earlier=found.earlier,
        )
        self._launch(msgspec.structs.replace(begun, tried_s=begun.started_s), reason)

    def _try_again(self, waiting: _Waiting) -> None:
        try:
            self._launch(self._begun_anew(waiting), waiting.again.why)
        except AssayError as error:
            self._finish(_could_not_begin(waiting.begun.step, error))
        self.waiting.remove(waiting)

    def _begun_anew(self, waiting: _Waiting) -> Begun:
        """The step as it is now: what it is made from may have been mended. What the attempt before reported is none of this one's."""
        begun, files, clock = waiting.begun, self.bench.files, self.bench.clock
        for reported in (begun.task.trace, f"{begun.task.trace}.metrics"):
            files.remove(reported)
        looked_s = clock.now_s()
        params = self.bench.params(begun.step)
        found = self._look_up(begun.step, params)
        started_s = clock.now_s()
        return msgspec.structs.replace(
            begun,
            key=found.key,
            inputs=found.inputs,
            started_s=started_s,
            tried_s=begun.tried_s if found.key == begun.key else started_s,
            looked_s=looked_s,
            params=params,
            attempt=waiting.again.attempt,
            earlier=found.earlier,
        )

    def _launch(self, begun: Begun, why: str) -> None:
        step = begun.step
        self.bench.observe(StepBegan(step.name, why, _in_project(begun.task)))
        for path in step.clears:
            self.bench.files.remove(path)
        name = begun.task.name
        tail = LogTail(lambda offset: self.bench.executor.output(name, offset), self.bench.lines_a_second)
        running = _Running(begun, tail, self.bench.mask(step))
        self.bench.executor.start(begun.task)
        self.running[step.name] = running
        self.bench.standing.forget_looks()
        self.room.take(step.name, step.resources)

    def _conclude(self, end: Ended) -> None:
        from assay.execute.conclude import conclude  # where nothing has run, nothing of this is needed

        running = self.running[end.name]
        begun = running.begun
        self.room.give_back(end.name)
        self.bench.standing.forget_looks()
        for gained in running.tail.rest():
            self._show(running, gained)
        bench = self.bench
        result = conclude(
            begun,
            end,
            lambda: self._beside(begun),
            bench.files,
            bench.store,
            bench.executor,
            bench.environment,
            bench.past,
            running.mask,
            has_output=running.tail.offset > 0,
        )
        result = running.mask.result(self._held_to_gate_rule(begun.step, result))
        if result.outcome == "failed" and self._is_tried_again(begun, result):
            del self.running[end.name]
            return
        self._finish(self._explained(result))

    def _is_tried_again(self, begun: Begun, result: StepResult) -> bool:
        retries = begun.step.retries
        if begun.attempt >= retries.attempts:
            return False
        again = decide_retry(retries, begun.attempt, self.bench.cause(result))
        if again is None:
            return False
        self.waiting.append(_Waiting(self.bench.clock.now_s() + again.wait_s, begun, again, result))
        self.waiting.sort(key=lambda waiting: waiting.due_s)
        self.bench.observe(StepRetried(begun.step.name, again.why, again.wait_s))
        return True

    def _held_to_gate_rule(self, step: Step, result: StepResult) -> StepResult:
        """Failed, or warned, where the step read the rows of the gate; failed also where these cannot be read."""
        if not self.gates or not result.is_good or (self.bench.trace or step.trace) == "off":
            return result
        try:
            problem = gate_data_problem(self.gates, step, result, self._contents)
        except AssayError as error:
            return msgspec.structs.replace(result, outcome="failed", problem=error.problem)
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
        running = [other.begun for other in self.running.values() if other.begun is not begun]
        ended = []
        for result in reversed(self.commands):
            if result.ran_until_s < begun.started_s:
                break
            ended.append(result)
        taken = {path for result in ended for path in result.trace.writes}
        taken |= {path for other in running for path in self._written_so_far(other.task)}
        steps = [other.step for other in running] + [self.steps[result.step] for result in ended]
        taken |= {path for step in steps for path in step.promised}
        return Beside(not steps, frozenset(taken))

    def _written_so_far(self, task: Task) -> tuple[str, ...]:
        from assay.execute.traces import read_noted

        lines = self.bench.files.lines(task.trace)
        return read_noted(lines, task.project or task.folder, task.tracing).trace.writes

    def _explained(self, result: StepResult) -> StepResult:
        if result.outcome != "failed":
            return result
        problem = self.bench.explain(result, self.earlier())
        return msgspec.structs.replace(result, problem=problem)

    def _performed(self, step: Step) -> StepResult:
        began_s = self.bench.clock.now_s()
        try:
            result = self.bench.perform(step, self.earlier())
        except AssayError as error:
            problem = msgspec.structs.replace(error.problem, step=step.name)
            result = StepResult(step.name, "failed", problem.what, problem=problem)
        result = self._explained(result)
        return msgspec.structs.replace(result, seconds=self.bench.clock.now_s() - began_s, started_s=began_s)

    def _show(self, running: _Running, gained: Gained) -> None:
        if gained.lines or gained.more or gained.current:
            lines = tuple(running.mask.text(shown(line)) for line in gained.lines)
            current = running.mask.text(shown(gained.current))
            self.bench.observe(StepPrinted(running.begun.step.name, lines, gained.more, current))

    def _finish(self, result: StepResult) -> None:
        """Record it, and only then forget that it ran: an interrupt may come between any two lines."""
        self.bench.record(recorded(result))
        self.results[result.step] = result
        self.running.pop(result.step, None)
        if result.exit_code is not None and result.outcome in RAN:
            self.commands.append(result)
        self.bench.observe(StepDone(result))
        if result.is_good:
            self.queue.ended_well(result.step)
            return
        for name in self.queue.ended_badly(result.step):
            self._hold(name, f"needs {result.step}, which {_FATES[result.outcome]}")

    def _hold(self, name: str, reason: str) -> None:
        held = StepResult(name, "held", reason)
        self.results[name] = held
        self.bench.record(held)
        self.bench.observe(StepDone(held))


def _in_project(task: Task) -> str:
    """The task's log, as seen from the project."""
    return task.log.removeprefix(f"{task.project or task.folder}/")


def _could_not_begin(step: Step, error: AssayError) -> StepResult:
    problem = msgspec.structs.replace(error.problem, step=step.name)
    return StepResult(step.name, "failed", problem.what, problem=problem)


def _interrupted(begun: Begun, ended: Ended) -> StepResult:
    return StepResult(
        begun.step.name,
        "interrupted",
        begun.reason,
        exit_code=ended.exit_code,
        seconds=ended.seconds,
        key=begun.key,
        started_s=begun.started_s,
    )


_FATES = {"failed": "failed", "interrupted": "was interrupted"}

"""``assay diff``: what differs between two runs, of all that they recorded.

A step that a run reused counts with the result that it stood on. What nobody wrote down, such as a service on the network, is not
among it.
"""

from collections.abc import Iterable, Mapping

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.events import RunEnded, RunStarted, StepEnded
from assay.core.run import StepResult
from assay.explain.failure import Change, find_changes
from assay.flows.diagnosis.since import circumstances
from assay.flows.log import RunLine, find_run
from assay.workspace import Workspace


class MetricPair(msgspec.Struct, frozen=True):
    """A metric in both runs; None where a run does not have it."""

    step: str
    name: str
    before: float | None
    after: float | None

    @property
    def change(self) -> float | None:
        """By how much it grew."""
        return None if self.before is None or self.after is None else self.after - self.before


class OutputPair(msgspec.Struct, frozen=True):
    """An output that differs; None where a run does not have it."""

    step: str
    path: str
    before: Digest | None
    after: Digest | None


class OutcomePair(msgspec.Struct, frozen=True):
    """A step that ended otherwise; None where it was no part of a run."""

    step: str
    before: str | None
    after: str | None


class RunDiff(msgspec.Struct, frozen=True):
    """Two runs side by side."""

    before: RunLine
    after: RunLine
    changes: tuple[Change, ...]
    """Of data, code, commands, parameters, packages, environment and machine."""
    metrics: tuple[MetricPair, ...]
    """All of them, also those that are the same."""
    outputs: tuple[OutputPair, ...]
    steps: tuple[OutcomePair, ...]

    @property
    def is_empty(self) -> bool:
        """Nothing that is recorded differs."""
        same = all(metric.before == metric.after for metric in self.metrics)
        is_same_code = self.before.code_version == self.after.code_version
        return same and is_same_code and not (self.changes or self.outputs or self.steps)


class _Side(msgspec.Struct, frozen=True):
    line: RunLine
    started: RunStarted
    results: Mapping[str, StepResult]

    @property
    def metrics(self) -> dict[tuple[str, str], float]:
        return {(step, m.name): m.value for step, result in self.results.items() for m in result.metrics}

    @property
    def outputs(self) -> dict[tuple[str, str], Artifact]:
        return {(step, output.path): output for step, result in self.results.items() for output in result.outputs}


def diff(workspace: Workspace, before: int, after: int) -> RunDiff:
    """What is different in run ``after``. ``NotFound`` where there is no such run."""
    one, other = _side(workspace, before), _side(workspace, after)
    made = {path for side in (one, other) for _, path in side.outputs}
    then, now = (
        circumstances(workspace, side.started, [_without(result, made) for result in side.results.values()])
        for side in (one, other)
    )
    return RunDiff(
        one.line, other.line, find_changes(then, now), _metrics(one, other), _outputs(one, other), _steps(one, other)
    )


def _side(workspace: Workspace, run: int) -> _Side:
    log = find_run(workspace, run)
    events = [(s.event, e.event if e else None) for s, e in workspace.history().runs if isinstance(s.event, RunStarted)]
    started, ended = next(pair for pair in events if isinstance(pair[0], RunStarted) and pair[0].run == run)
    assert isinstance(started, RunStarted)
    results = {result.step: result for result in log.steps}
    if isinstance(ended, RunEnded) and ended.reused:
        results = {
            **_stood_on(
                workspace, started, frozenset(entry for first, last in ended.stood for entry in range(first, last + 1))
            ),
            **results,
        }
    return _Side(log.run, started, results)


def _stood_on(workspace: Workspace, started: RunStarted, stood: frozenset[int]) -> dict[str, StepResult]:
    """The results that a run stands on which lists nothing of what it reused: those in the entries ``stood``; in runs from before
    these were recorded, the last good one of each step until that run."""
    planned = {step.step for step in started.plan.steps} or {step.name for step in workspace.pipeline.steps}
    entries = workspace.ledger.entries(workspace.pipeline.name, StepEnded)
    found = (entry for entry in entries if not stood or entry.seq in stood)
    ended = (entry.event for entry in found if isinstance(entry.event, StepEnded))
    return {
        event.result.step: msgspec.structs.replace(event.result, outcome="reused")
        for event in ended
        if event.run <= started.run and event.result.is_good and event.result.step in planned
    }


def _without(result: StepResult, made: Iterable[str]) -> StepResult:
    """The result without what steps made for one another: that is compared as outputs."""
    made = frozenset(made)
    inputs = tuple(artifact for artifact in result.inputs if artifact.path not in made)
    discovered = tuple(artifact for artifact in result.discovered if artifact.path not in made)
    return msgspec.structs.replace(result, inputs=inputs, discovered=discovered)


def _metrics(one: _Side, other: _Side) -> tuple[MetricPair, ...]:
    then, now = one.metrics, other.metrics
    return tuple(MetricPair(*name, then.get(name), now.get(name)) for name in {**then, **now})


def _outputs(one: _Side, other: _Side) -> tuple[OutputPair, ...]:
    then = {name: artifact.digest for name, artifact in one.outputs.items()}
    now = {name: artifact.digest for name, artifact in other.outputs.items()}
    names = (name for name in {**then, **now} if then.get(name) != now.get(name))
    return tuple(OutputPair(*name, then.get(name), now.get(name)) for name in names)


def _steps(one: _Side, other: _Side) -> tuple[OutcomePair, ...]:
    then, now = ({step: _fate(result) for step, result in side.results.items()} for side in (one, other))
    names = (name for name in {**then, **now} if then.get(name) != now.get(name))
    return tuple(OutcomePair(name, then.get(name), now.get(name)) for name in names)


def _fate(result: StepResult) -> str:
    """Its outcome; that a good one was reused is no difference."""
    return "ok" if result.outcome == "reused" else result.outcome

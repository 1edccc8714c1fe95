"""Who should have written a file, and what did they write instead?

A step that did write it, though it has gone; else one that declares the file; else one that was told on its command line to write it; else one that wrote something near
it; else one that only names it; else a step that wrote nothing at all where this was its one purpose.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Literal

import msgspec

from assay.core.pipeline import Step
from assay.core.run import StepResult
from assay.explain import command
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.wanted import gone
from assay.explain.paths import NEAR, is_model, is_probe, nearness

How = Literal["wrote it", "declared", "told", "wrote near", "named", "wrote alike", "wrote nothing"]
Fate = Literal["ended well", "reused", "failed", "comes later", "did not run"]

STRONG: frozenset[How] = frozenset(["wrote it", "declared", "told", "wrote near"])
"""Evidence enough to call a file missed that nothing else speaks of."""

TICK_S = 0.02
"""Files' clocks tick coarsely: what was changed this shortly outside a step's time may be its work."""


class Written(msgspec.Struct, frozen=True):
    """A file that a step wrote and that is there now."""

    path: str
    size_bytes: int | None = None
    modified_s: float | None = None


class Maker(msgspec.Struct, frozen=True):
    """The step that should have written a file, and why that is thought."""

    step: Step
    how: How
    fate: Fate
    result: StepResult | None
    promise: str
    """The declared path or the words of the command line that say so; the file itself where nothing does."""
    wrote: tuple[Written, ...]
    """What it wrote, the nearest first."""
    near: Written | None
    """What it wrote in its place."""
    had_written: bool
    """It did write the file, which has gone since."""

    @property
    def is_strong(self) -> bool:
        """Enough is known to call the file missed."""
        return self.how in STRONG


def find_maker(path: str, evidence: Evidence, reader: StepResult) -> Maker | None:
    """The step that should have written ``path`` for ``reader``; None where nothing points at any."""
    for how, points in _SIGNS:
        for step, promise in points(path, evidence, reader):
            return describe_maker(step, how, promise, path, evidence)
    return None


def describe_maker(step: Step, how: How, promise: str, path: str, evidence: Evidence) -> Maker:
    """What the step did about ``path``."""
    result = evidence.result(step.name)
    wrote = written_by(result, evidence) if result else ()
    ranked = tuple(sorted(wrote, key=lambda each: -nearness(path, each.path)))
    near = ranked[0] if ranked and nearness(path, ranked[0].path) > 0 else None
    had_written = result is not None and path in _ever_written(result, evidence)
    return Maker(step, how, _fate(step, result, evidence), result, promise, ranked, near, had_written)


def written_by(result: StepResult, evidence: Evidence) -> tuple[Written, ...]:
    """What the step wrote and what is there now: as traced, scanned, declared or printed; else by the time of change.

    What only appeared while it ran is its work where no other step ran at the same time.
    """
    ran_alone = _ran_alone(result, evidence)
    named = [*result.trace.writes, *(artifact.path for artifact in result.outputs)]
    named += [result.model.path] if result.model else []
    sure = tuple(map(evidence.path, named))
    scanned = (file for file in result.written if ran_alone or file.path in sure)
    told = {file.path: Written(file.path, file.size_bytes, file.modified_s) for file in scanned}
    found = told | {path: Written(path) for path in sure if path not in told}
    was_scanned = result.outcome == "failed" or result.written or not evidence.pipeline.step(result.step).promised
    if ran_alone and not was_scanned and result.outcome != "reused":
        found |= {path: Written(path) for path in _changed_meanwhile(result, evidence) if path not in found}
    return tuple(
        _as_it_is(written, evidence)
        for path, written in found.items()
        if evidence.is_there(path) and not is_probe(path)
    )


def is_idle(result: StepResult, evidence: Evidence) -> bool:
    """It ended well and wrote nothing at all, as far as a scan of the project shows."""
    traced = any(not is_probe(path) for path in result.trace.writes)
    return result.outcome == "ok" and not traced and not written_by(result, evidence)


_Points = Callable[[str, Evidence, StepResult], Iterator[tuple[Step, str]]]


def _having_written(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    for result in reversed(_before(reader, evidence)):
        if path in _ever_written(result, evidence):
            yield evidence.pipeline.step(result.step), path


def _declaring(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    for step in evidence.pipeline.steps:
        for promise in step.promised if step.name != reader.step else ():
            if _covers(promise, path, evidence):
                yield step, promise


def _told(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    for step in evidence.pipeline.steps:
        for target in command.targets(step) if step.name != reader.step else ():
            if _covers(target, path, evidence) or target == path.rsplit("/", 1)[-1]:
                yield step, target


def _writing_near(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    yield from _by_nearness(path, evidence, reader, NEAR)


def _naming(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    """Earlier steps with the file on their command line, but for those that looked for it themselves."""
    for result in _before(reader, evidence):
        step = evidence.pipeline.step(result.step)
        asked = {evidence.path(each) for each in (*result.trace.missing, *result.trace.reads, *step.inputs)}
        if path not in asked and any(evidence.path(each) == path for each in command.paths(step)):
            yield step, path


def _writing_alike(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    yield from _by_nearness(path, evidence, reader, 0.01)


def _writing_nothing(path: str, evidence: Evidence, reader: StepResult) -> Iterator[tuple[Step, str]]:
    """A step that trains, where a model is missing; else the only step before."""
    commands = [
        (result, step)
        for result in _before(reader, evidence)
        if (step := evidence.pipeline.step(result.step)).kind == "run"
    ]
    for result, step in reversed(commands):
        trains = is_model(path) and re.search(r"train|fit\b|learn", f"{step.name} {command.text(step)}", re.IGNORECASE)
        if is_idle(result, evidence) and (trains or len(commands) == 1):
            yield step, path


_SIGNS: tuple[tuple[How, _Points], ...] = (
    ("wrote it", _having_written),
    ("declared", _declaring),
    ("told", _told),
    ("wrote near", _writing_near),
    ("named", _naming),
    ("wrote alike", _writing_alike),
    ("wrote nothing", _writing_nothing),
)


def _by_nearness(path: str, evidence: Evidence, reader: StepResult, least: float) -> Iterator[tuple[Step, str]]:
    """Steps before the reader, and the reader itself, that wrote something near; the nearest first, then the latest."""
    ranked = [
        (nearness(path, written.path), at, result.step)
        for at, result in enumerate((reader, *_before(reader, evidence)))
        for written in written_by(result, evidence)
    ]
    for near, _, name in sorted(ranked, reverse=True):
        if near >= least:
            yield evidence.pipeline.step(name), path


def _covers(promise: str, path: str, evidence: Evidence) -> bool:
    """It is the path, or a folder above it."""
    plain = evidence.path(promise)
    return plain == path or path.startswith(plain + "/")


def _before(reader: StepResult, evidence: Evidence) -> tuple[StepResult, ...]:
    """Results from before the reader's, but for steps that did not run."""
    names = [result.step for result in evidence.earlier]
    until = names.index(reader.step) if reader.step in names else len(names)
    return tuple(result for result in evidence.earlier[:until] if result.outcome in ("ok", "reused"))


def _fate(step: Step, result: StepResult | None, evidence: Evidence) -> Fate:
    if step.name == evidence.failed.step:
        return "ended well"  # what it did before it failed is as good as that of others
    if result is not None and result.outcome == "reused":
        return "reused"
    if result is not None and result.outcome in {"failed", "interrupted"} and result.exit_code != 0:
        return "failed"
    if result is not None and result.outcome != "held":
        return "ended well"
    if step.name in evidence.never_ran or not evidence.comes_later(step.name):
        return "did not run"
    return "comes later"


def _ever_written(result: StepResult, evidence: Evidence) -> frozenset[str]:
    """What it opened to write or kept as an output, there now or not."""
    return frozenset(map(evidence.path, (*result.trace.writes, *(artifact.path for artifact in result.outputs))))


def _ran_alone(result: StepResult, evidence: Evidence) -> bool:
    """No other step's command is known to have run at the same time, if only for a moment."""
    others = (each for each in (*evidence.earlier, evidence.failed) if each.step != result.step)
    commands = (each for each in others if each.exit_code is not None and each.outcome != "reused")
    return not any(each.started_s <= result.ran_until_s and result.started_s <= each.ran_until_s for each in commands)


def _changed_meanwhile(result: StepResult, evidence: Evidence) -> tuple[str, ...]:
    """Files that changed while the step ran, unless another step promises them or is known to have written them."""
    others = (each for each in (*evidence.earlier, evidence.failed) if each.step != result.step)
    taken = {
        path
        for each in others
        for path in (*map(evidence.path, each.trace.writes), *(file.path for file in each.written))
    }
    taken |= {path for step in evidence.pipeline.steps if step.name != result.step for path in step.promised}
    begin, end = result.started_s - TICK_S, result.started_s + result.seconds + TICK_S
    changed = (path for path, state in evidence.files.items() if begin <= state.changed_ns / 1e9 <= end)
    return tuple(path for path in changed if not taken & {path, *map(str, PurePosixPath(path).parents)})


def _as_it_is(written: Written, evidence: Evidence) -> Written:
    """With the size and time that the last scan saw."""
    state = evidence.files.get(written.path)
    return Written(written.path, state.size_bytes, state.modified_ns / 1e9) if state else written


def missed_before(maker: Maker, path: str, evidence: Evidence) -> str | None:
    """A file that the maker itself had wanted, did not find, and that a step before it should have written."""
    if maker.result is None or maker.near is not None:
        return None
    for missed in gone(maker.result, evidence):
        source = find_maker(missed, evidence, maker.result) if missed != path else None
        if source is not None and source.is_strong and _stands_before(source.step, maker.step, evidence):
            return missed
    return None


def _stands_before(step: Step, other: Step, evidence: Evidence) -> bool:
    names = [each.name for each in evidence.pipeline.steps]
    return names.index(step.name) < names.index(other.name)

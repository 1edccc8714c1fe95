"""What stands: steps whose result was found good, and the files on which that rests, as they were seen then.

A run that follows another has mostly the same answers to give. While every file that decided about a step is as it was seen, its
result stands, and neither key nor ledger need be asked. This is a memory and never the truth: it is taken for what it says
only where the pipeline, the parameters and the environment are the same (``basis``), and it may be lost at any time.
"""

from collections.abc import Iterable, Mapping

import msgspec

from assay.core.digest import Digest
from assay.core.pipeline import RunAction, Step, TraceMode
from assay.core.ports import ProjectFiles, Seen
from assay.core.run import StepResult
from assay.execute.reuse import FROZEN, UNCHANGED, looked_for, why_not_strict


class StandingStep(msgspec.Struct, frozen=True, array_like=True):
    """A result, and the places in the lists of ``Memory`` of what it rests on."""

    key: Digest
    seen: tuple[int, ...]
    absent: tuple[int, ...]
    entry: int
    """Of the ledger, where the result is found: others may have the same key."""
    is_strict: bool
    """It stands also where reads are held to strictly."""


class Memory(msgspec.Struct, frozen=True, array_like=True):
    """As it is kept: each path once."""

    basis: Digest
    seen: tuple[Seen, ...] = ()
    absent: tuple[str, ...] = ()
    """Paths at which nothing stood."""
    steps: dict[str, StandingStep] = {}


class _Given(msgspec.Struct, frozen=True):
    """A step that was found to stand, and its files as they were found."""

    known: StandingStep
    seen: tuple[Seen, ...]


class Standing:
    """A memory, held against the files as they are now.

    Each file is looked at once, when a step first rests on it, and again after ``forget_looks``: whoever lets a step run, or puts
    files back, must say so before asking about another.
    """

    def __init__(self, memory: Memory, basis: Digest, files: ProjectFiles) -> None:
        self._memory = memory if memory.basis == basis else Memory(basis)
        self._files = files
        self._now: dict[int, Seen | None] = {}
        """Of the files that were looked at: as they are now, None where they hold other bytes."""
        self._is_absent: dict[int, bool] = {}
        self._given: dict[str, _Given] = {}
        self._is_fresh = True
        """Nothing that was looked at had been touched."""

    def result(self, step: Step, trace: TraceMode | None = None) -> StepResult | None:
        """The step's result in short, where it stands: for the rest of it see ``Past.whole``. One that never runs stands always.
        ``trace`` is how closely it would be watched, where that is not what it declares."""
        if step.runs == "never":
            return StepResult(step.name, "reused", FROZEN)
        known = self._memory.steps.get(step.name)
        is_strict = (trace or step.trace) == "strict"
        if known is None or (is_strict and not known.is_strict) or not self._holds(known):
            self._given.pop(step.name, None)
            return None
        self._given[step.name] = _Given(known, tuple(now for at in known.seen if (now := self._now[at]) is not None))
        return StepResult(step.name, "reused", UNCHANGED, key=known.key, entry=known.entry)

    def holds(self, step: Step) -> bool:
        """The step has a result that stands, whether it is asked for or not."""
        known = self._memory.steps.get(step.name)
        return step.runs == "never" or (known is not None and self._holds(known))

    def forget_looks(self) -> None:
        """Files may have changed since they were looked at."""
        self._now, self._is_absent = {}, {}

    def next_memory(self, results: Iterable[StepResult], steps: Mapping[str, Step]) -> Memory | None:
        """What to remember when these are the results; None where that is what is remembered already."""
        results = tuple(results)
        if self._is_fresh and len(self._given) == len(results) == len(self._memory.steps):
            return None
        building = _Building(self._memory, self._files)
        for result in results:
            if result.step in self._given and result.outcome == "reused":
                building.carry_over(result.step, self._given[result.step])
            elif result.is_good and result.key is not None and isinstance(steps[result.step].action, RunAction):
                building.add(result, steps[result.step])
        return building.memory()

    def _holds(self, known: StandingStep) -> bool:
        return all(map(self._seen_holds, known.seen)) and all(map(self._absent_holds, known.absent))

    def _seen_holds(self, at: int) -> bool:
        if at not in self._now:
            before = self._memory.seen[at]
            now = self._now[at] = self._files.look_again(before)
            self._is_fresh = self._is_fresh and now is before
        return self._now[at] is not None

    def _absent_holds(self, at: int) -> bool:
        if at not in self._is_absent:
            self._is_absent[at] = not self._files.is_there(self._memory.absent[at])
        return self._is_absent[at]


class _Building:
    """The memory to come."""

    def __init__(self, before: Memory, files: ProjectFiles) -> None:
        self._before = before
        self._files = files
        self._seen: dict[str, Seen | None] = {}
        self._at: dict[str, int] = {}
        self._absent: dict[str, int] = {}
        self._steps: dict[str, StandingStep] = {}

    def carry_over(self, step: str, given: _Given) -> None:
        """A step that stood."""
        for seen in given.seen:
            self._seen[seen.path] = seen
        absent = [self._before.absent[at] for at in given.known.absent]
        self._keep(step, given.known, [seen.path for seen in given.seen], absent)

    def add(self, result: StepResult, step: Step) -> None:
        """A result that has just been found good; not where something that it rests on cannot be told by a glance."""
        assert result.key is not None
        artifacts = {artifact.path: artifact for artifact in (*result.inputs, *result.discovered, *result.outputs)}
        paths = [*artifacts, *(selection.path for selection in step.params)]
        if any(name not in artifacts for name in step.inputs):
            return  # a glob, or another spelling: what it names next time is not known from this
        for path in paths:
            if path not in self._seen:
                self._seen[path] = self._files.seen(path)
            seen = self._seen[path]
            if seen is None or (path in artifacts and seen.digest != artifacts[path].digest):
                return
        known = StandingStep(result.key, (), (), result.entry, is_strict=not why_not_strict(result))
        self._keep(step.name, known, paths, looked_for(result))

    def memory(self) -> Memory:
        seen = tuple(seen for path in self._at if (seen := self._seen[path]) is not None)
        assert len(seen) == len(self._at)
        return Memory(self._before.basis, seen, tuple(self._absent), self._steps)

    def _keep(self, step: str, known: StandingStep, paths: Iterable[str], absent: Iterable[str]) -> None:
        self._steps[step] = msgspec.structs.replace(
            known,
            seen=tuple(self._at.setdefault(path, len(self._at)) for path in dict.fromkeys(paths)),
            absent=tuple(self._absent.setdefault(path, len(self._absent)) for path in absent),
        )

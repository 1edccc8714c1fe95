"""Earlier results, and the choice of steps."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import structs

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.events import Entry, StepEnded
from assay.core.near import near_miss
from assay.core.order import waits_for
from assay.core.pipeline import Pipeline, Step
from assay.core.ports import Ledger
from assay.core.problem import NotFound, Problem
from assay.core.run import StepResult

if TYPE_CHECKING:
    from assay.execute import StandingStep


class LedgerPast:
    """Earlier results of a pipeline's steps, from the ledger."""

    def __init__(self, ledger: Ledger, pipeline: str, last: "Mapping[str, StandingStep] | None" = None) -> None:
        """``last``: of some steps which result stood last, as far as that is remembered."""
        self._ledger = ledger
        self._pipeline = pipeline
        self._last = last or {}

    def of_key(self, key: Digest) -> Iterator[StepResult]:
        """Results under a key, newest first."""
        entries = list(self._ledger.entries(self._pipeline, StepEnded, subject=key))
        return map(_result, reversed(entries))

    def last_good(self, step: str) -> StepResult | None:
        """The step's last good result. Where it is not remembered, all that ever ran is read, once."""
        last = self._last.get(step)
        return (last and self._of_entry(last.key, last.entry)) or self._ever[0].get(step)

    def whole(self, result: StepResult) -> StepResult:
        """The result with all that is known of it, where it was told in short because the step was reused."""
        if result.outcome != "reused" or result.key is None or result.inputs or result.outputs:
            return result
        good = self.made(result)
        if good is None:
            return result
        return structs.replace(good, step=result.step, outcome="reused", reason=result.reason, seconds=result.seconds)

    def failed_in(self, step: str) -> int | None:
        """The last run in which it failed; all that ever ran is read, once."""
        return self._ever[1].get(step)

    def run_that_made(self, output: Artifact) -> int | None:
        """The last run in which a step is recorded to have left these bytes at that path. All that ever ran is read."""
        ended = (entry.event for entry in self._ledger.entries(self._pipeline, StepEnded))
        made = (output.path, output.digest)
        found = None
        for event in ended:
            if isinstance(event, StepEnded) and any((each.path, each.digest) == made for each in event.result.outputs):
                found = event.run
        return found

    def made(self, result: StepResult) -> StepResult | None:
        """What a result rests on, as it was recorded when it was made; None where the ledger has it no more."""
        if result.outcome != "reused" or result.key is None:
            return result
        return self._of_entry(result.key, result.entry)

    def _of_entry(self, key: Digest, entry: int) -> StepResult | None:
        """The good result in that entry; where the entry is not known, as before it was recorded, the newest under the key."""
        if not entry:
            return next((result for result in self.of_key(key) if result.is_good), None)
        found = next(self._ledger.entries(self._pipeline, StepEnded, after=entry - 1, subject=key), None)
        return _result(found) if found is not None and found.seq == entry else None

    @cached_property
    def _ever(self) -> tuple[dict[str, StepResult], dict[str, int]]:
        """Of each step the last good result, and the last run in which it failed."""
        good: dict[str, StepResult] = {}
        failed: dict[str, int] = {}
        for entry in self._ledger.entries(self._pipeline, StepEnded):
            assert isinstance(entry.event, StepEnded)
            result = entry.event.result
            if result.is_good:
                good[result.step] = _result(entry)
            elif result.outcome == "failed":
                failed[result.step] = entry.event.run
        return good, failed


def _result(entry: Entry) -> StepResult:
    """The result that an entry holds, and where it was found."""
    assert isinstance(entry.event, StepEnded)
    return structs.replace(entry.event.result, entry=entry.seq)


def select_steps(pipeline: Pipeline, names: tuple[str, ...], since: str | None = None) -> tuple[Step, ...]:
    """The named steps and everything that they wait for, in file order; all steps where none is named. With ``since``, of these
    only that step and what waits for it: the others count as done. ``NotFound`` where that leaves none.

    A name may be that of a declared step which stands for several by ``matrix`` or ``foreach``.
    """
    if not names and since is None:
        return pipeline.steps
    waits = waits_for(pipeline)
    wanted = set(waits)
    if names:
        wanted = _reached((step.name for name in names for step in find_steps(pipeline, name)), waits)
    if since is not None:
        followers: dict[str, list[str]] = {}
        for name, before in waits.items():
            for other in before:
                followers.setdefault(other, []).append(name)
        wanted &= _reached((step.name for step in find_steps(pipeline, since)), followers)
        if not wanted:
            raise _nothing_follows(names, since)
    return tuple(step for step in pipeline.steps if step.name in wanted)


def _nothing_follows(names: tuple[str, ...], since: str) -> NotFound:
    named = " and ".join(names)
    because = f"neither {named} nor what it waits for is {since}, or waits for {since}"
    fix = f"name the steps to be reached from {since}, or leave them out: assay plan --from {since!r}"
    return NotFound(Problem("no-steps-selected", f"no step is left between {since} and {named}", (because,), fix))


def _reached(names: Iterable[str], edges: Mapping[str, Sequence[str]]) -> set[str]:
    pending, reached = list(names), set[str]()
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(edges.get(name, ()))
    return reached


def find_steps(pipeline: Pipeline, name: str) -> tuple[Step, ...]:
    """The steps that a name names: one, or all of a declared step that stands for several. ``NotFound`` with the near miss."""
    if any(step.name == name for step in pipeline.steps):
        return (find_step(pipeline, name),)
    exact = tuple(step for step in pipeline.steps if step.cell_of == name)
    cells = exact or tuple(step for step in pipeline.steps if (step.cell_of or "").lower() == name.lower())
    return cells or (find_step(pipeline, name),)


def find_step(pipeline: Pipeline, name: str) -> Step:
    """The step of that very name, else the first that differs from it by case alone; ``NotFound`` with the near miss."""
    alike = [step for step in pipeline.steps if step.name.lower() == name.lower()]
    if alike:
        return next((step for step in alike if step.name == name), alike[0])
    known = [step.name for step in pipeline.steps]
    near = near_miss(name, [*known, *dict.fromkeys(step.cell_of for step in pipeline.steps if step.cell_of)])
    because = f"the steps are {', '.join(known)}"
    fix = f"did you mean {near!r}?" if near else "assay plan"
    raise NotFound(Problem("no-such-step", f"no step is called {name!r}", (because,), fix))

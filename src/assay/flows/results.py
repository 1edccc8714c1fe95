"""Earlier results, and the choice of steps."""

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property

from assay.core.digest import Digest
from assay.core.events import StepEnded
from assay.core.order import waits_for
from assay.core.pipeline import Pipeline, Step
from assay.core.ports import Ledger
from assay.core.problem import NotFound, Problem
from assay.core.run import StepResult


class LedgerPast:
    """Earlier results of a pipeline's steps, from the ledger."""

    def __init__(self, ledger: Ledger, pipeline: str) -> None:
        self._ledger = ledger
        self._pipeline = pipeline

    def of_key(self, key: Digest) -> Iterator[StepResult]:
        """Results under a key, newest first."""
        entries = list(self._ledger.entries(self._pipeline, StepEnded, subject=key))
        return (entry.event.result for entry in reversed(entries) if isinstance(entry.event, StepEnded))

    def last_good(self, step: str) -> StepResult | None:
        """The step's last good result."""
        return self._last_good.get(step)

    @cached_property
    def _last_good(self) -> dict[str, StepResult]:
        entries = self._ledger.entries(self._pipeline, StepEnded)
        results = (entry.event.result for entry in entries if isinstance(entry.event, StepEnded))
        return {result.step: result for result in results if result.is_good}


def select_steps(pipeline: Pipeline, names: tuple[str, ...]) -> tuple[Step, ...]:
    """The named steps and everything that they wait for, in file order; all steps where none is named."""
    if not names:
        return pipeline.steps
    waits = waits_for(pipeline)
    pending = [find_step(pipeline, name).name for name in names]
    wanted: set[str] = set()
    while pending:
        name = pending.pop()
        if name not in wanted:
            wanted.add(name)
            pending.extend(waits[name])
    return tuple(step for step in pipeline.steps if step.name in wanted)


def find_step(pipeline: Pipeline, name: str) -> Step:
    """The step of that name, whatever its case; ``NotFound`` with the near miss."""
    for step in pipeline.steps:
        if step.name.lower() == name.lower():
            return step
    known = [step.name for step in pipeline.steps]
    near = get_close_matches(name.lower(), [other.lower() for other in known], n=1)
    because = f"the steps are {', '.join(known)}"
    fix = f"did you mean {next(other for other in known if other.lower() == near[0])!r}?" if near else "assay plan"
    raise NotFound(Problem("no-such-step", f"no step is called {name!r}", (because,), fix))

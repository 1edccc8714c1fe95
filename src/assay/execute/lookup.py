"""May a step be reused as things stand: the inputs of ``reuse.decide``, fetched through the ports."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.order import is_glob
from assay.core.pipeline import Step
from assay.core.ports import Store
from assay.core.release import Environment
from assay.core.run import StepResult
from assay.execute.key import declared_key
from assay.execute.reuse import NEW, CountRows, Now, Rerun, Reuse, StandsAt, decide, reads_the_same

Expand: TypeAlias = Callable[[str], tuple[str, ...]]
"""The files that a glob names now, sorted."""


class Past(Protocol):
    """Earlier results, from the ledger."""

    def of_key(self, key: Digest) -> Iterable[StepResult]:
        """Those under a key, newest first."""

    def last_good(self, step: str) -> StepResult | None:
        """The step's last good one, under any key."""

    def whole(self, result: StepResult) -> StepResult:
        """The result with all that is known of it, where it was told in short because the step was reused."""

    def failed_in(self, step: str) -> int | None:
        """The last run in which it failed; None where it never did. Asked only of a step without a good result."""

    def run_that_made(self, output: Artifact) -> int | None:
        """The last run in which a step is recorded to have left these bytes at that path. All that ever ran may be read."""


def always_reason(step: Step) -> str:
    """Why a step without a key runs."""
    return "it says that it always runs" if step.runs == "always" else "it declares no inputs, so it always runs"


class LookedUp(msgspec.Struct, frozen=True):
    """The answer, and what it was found from."""

    decision: Reuse | Rerun
    key: Digest | None
    inputs: tuple[Artifact, ...]
    earlier: StepResult | None = None
    """The newest good result that was made from the very same, whether it may stand or not."""


def missing_input(step: Step, standing: StandsAt, expand: Expand = lambda pattern: ()) -> str | None:
    """The first declared input that is not there: a path where nothing stands, a glob that names nothing."""
    return next((path for path in step.inputs if not _found(path, standing, expand)), None)


def look_up(
    step: Step,
    params: Mapping[str, Any],
    standing: StandsAt,
    store: Store,
    past: Past,
    environment: Environment,
    expand: Expand = lambda pattern: (),
    rows: CountRows = lambda artifact: None,
    *,
    is_strict: bool = False,
) -> LookedUp:
    """Whether a ``run`` step may be reused while ``standing`` is what stands. Every declared input must be there; of a glob
    each file that it names is one. With ``is_strict`` only a result that read nothing undeclared."""
    found = {artifact.path: artifact for path in step.inputs for artifact in _found(path, standing, expand)}
    inputs = tuple(found.values())
    key = declared_key(step, inputs, params, environment)
    if key is None:
        return LookedUp(Rerun(always_reason(step)), None, inputs)
    now = Now(step, inputs, params, environment, rows, is_strict)
    same_key = tuple(result for result in past.of_key(key) if result.is_good)
    decision = decide(now, same_key, lambda: past.last_good(step.name), standing, store.has)
    if decision == Rerun(NEW) and (run := past.failed_in(step.name)) is not None:
        decision = Rerun(f"it failed in run {run}")
    return LookedUp(decision, key, inputs, next((old for old in same_key if reads_the_same(old, standing)), None))


def _found(path: str, standing: StandsAt, expand: Expand) -> tuple[Artifact, ...]:
    """What a declared input names. A path that stands under its very letters is no glob."""
    literal = standing(path)
    if literal is not None:
        return (literal,)
    names = expand(path) if is_glob(path) else ()
    return tuple(artifact for name in names if (artifact := standing(name)) is not None)

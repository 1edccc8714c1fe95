"""May a step be reused as things stand: the inputs of ``reuse.decide``, fetched through the ports."""

from collections.abc import Iterable
from typing import Protocol

import msgspec

from assay.core.artifact import Artifact
from assay.core.digest import Digest
from assay.core.pipeline import Step
from assay.core.ports import Store
from assay.core.release import Environment
from assay.core.run import StepResult
from assay.execute.key import declared_key
from assay.execute.reuse import Rerun, Reuse, Standing, decide


class Past(Protocol):
    """Earlier results, from the ledger."""

    def of_key(self, key: Digest) -> Iterable[StepResult]:
        """Those under a key, newest first."""

    def last_good(self, step: str) -> StepResult | None:
        """The step's last good one, under any key."""


class LookedUp(msgspec.Struct, frozen=True):
    """The answer, and what it was found from."""

    decision: Reuse | Rerun
    key: Digest | None
    inputs: tuple[Artifact, ...]


def missing_input(step: Step, standing: Standing) -> str | None:
    """The first declared input that is not there."""
    return next((path for path in step.inputs if standing(path) is None), None)


def look_up(step: Step, standing: Standing, store: Store, past: Past, environment: Environment) -> LookedUp:
    """Whether a ``run`` step may be reused while ``standing`` is what stands. Every declared input must be there."""
    inputs = tuple(artifact for path in step.inputs if (artifact := standing(path)) is not None)
    key = declared_key(step, inputs, environment)
    if key is None:
        return LookedUp(Rerun("it declares no inputs, so it always runs"), None, inputs)
    decision = decide(inputs, past.of_key(key), past.last_good(step.name), standing, store.has)
    return LookedUp(decision, key, inputs)

"""Which steps may run beside each other, by what they take of the machine."""

import msgspec

from assay.core.pipeline import Resources
from assay.core.problem import Problem


class Capacity(msgspec.Struct, frozen=True):
    """What there is: of one machine, or of a cluster's largest."""

    cpus: float
    gpus: int = 0
    memory_bytes: int | None = None
    """None: it is not known, and not counted."""
    whose: str = "this machine"


class Room:
    """What is left of a capacity while steps run. A step that declares nothing takes nothing."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._taken: dict[str, Resources] = {}

    def fits(self, wanted: Resources) -> bool:
        """It may start now. More CPUs than there are is no reason to wait for ever: such a step takes all of them."""
        has = self._capacity
        cpus = sum(min(taken.cpus, has.cpus) for taken in self._taken.values())
        gpus = sum(taken.gpus for taken in self._taken.values())
        memory = sum(taken.memory_bytes or 0 for taken in self._taken.values())
        return (
            cpus + min(wanted.cpus, has.cpus) <= has.cpus
            and gpus + wanted.gpus <= has.gpus
            and (has.memory_bytes is None or memory + (wanted.memory_bytes or 0) <= has.memory_bytes)
        )

    def take(self, step: str, wanted: Resources) -> None:
        """The step has started."""
        if wanted != NOTHING:
            self._taken[step] = wanted

    def give_back(self, step: str) -> None:
        """The step has ended; nothing where it took nothing."""
        self._taken.pop(step, None)


NOTHING = Resources()


def impossible(step: str, wanted: Resources, capacity: Capacity) -> Problem | None:
    """What can never be had here, however long one waits."""
    lacks = []
    if wanted.gpus > capacity.gpus:
        lacks.append((f"gpus: {wanted.gpus}", f"{capacity.whose} has {capacity.gpus}"))
    if capacity.memory_bytes is not None and (wanted.memory_bytes or 0) > capacity.memory_bytes:
        lacks.append((f"memory: {_gb(wanted.memory_bytes or 0)}", f"{capacity.whose} has {_gb(capacity.memory_bytes)}"))
    if not lacks:
        return None
    return Problem(
        "resources-not-there",
        f"it asks for more than there is: {', '.join(need for need, _ in lacks)}",
        tuple(there for _, there in lacks),
        f"ask for less in `resources:` of {step}, or run it where there is more",
        step=step,
    )


def _gb(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.3g} GB"

"""Which steps may run beside each other, by what they take of the machines."""

from assay.core.capacity import Capacity
from assay.core.pipeline import Resources


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

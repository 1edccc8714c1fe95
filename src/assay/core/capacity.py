"""What a machine has for steps, and what can never be had of it."""

from collections.abc import Sequence

import msgspec

from assay.core.pipeline import Resources
from assay.core.problem import Problem


class Capacity(msgspec.Struct, frozen=True):
    """What there is: of one machine, or of several together."""

    cpus: float
    gpus: int = 0
    memory_bytes: int | None = None
    """None: it is not known, and not counted."""
    whose: str = "this machine"


def together(machines: Sequence[Capacity], whose: str) -> Capacity:
    """What several machines have in all."""
    known = [machine.memory_bytes for machine in machines if machine.memory_bytes is not None]
    memory_bytes = sum(known) if len(known) == len(machines) else None
    return Capacity(
        sum(machine.cpus for machine in machines), sum(machine.gpus for machine in machines), memory_bytes, whose
    )


def fits_on(wanted: Resources, machine: Capacity) -> bool:
    """That machine could run it, were it idle."""
    return not _lacks(wanted, machine)


def impossible(step: str, wanted: Resources, machines: Sequence[Capacity]) -> Problem | None:
    """What can never be had on any of these machines, however long one waits. It is told of the one that comes nearest; where
    there are none, nothing is known and nothing is impossible."""
    lacks = min((_lacks(wanted, machine) for machine in machines), key=len, default=())
    if not lacks:
        return None
    return Problem(
        "resources-not-there",
        f"it asks for more than there is: {', '.join(need for need, _ in lacks)}",
        tuple(there for _, there in lacks),
        f"ask for less in `resources:` of {step}, or run it where there is more",
        step=step,
    )


def _lacks(wanted: Resources, machine: Capacity) -> tuple[tuple[str, str], ...]:
    """What is wanted, and what there is instead. CPUs may be fewer: such a step takes all of them."""
    lacks = []
    if wanted.gpus > machine.gpus:
        lacks.append((f"gpus: {wanted.gpus}", f"{machine.whose} has {machine.gpus}"))
    if machine.memory_bytes is not None and (wanted.memory_bytes or 0) > machine.memory_bytes:
        lacks.append((f"memory: {_gb(wanted.memory_bytes or 0)}", f"{machine.whose} has {_gb(machine.memory_bytes)}"))
    return tuple(lacks)


def _gb(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.3g} GB"

"""Find and end the processes that carry a token, wherever they have gone.

A process that leaves its group with setsid keeps the environment it was started with. On Linux /proc shows it; elsewhere
``ps`` does, as well as it can. A process that was started with an emptied environment is not found: the guard ends those.
"""

import signal
import time
from collections.abc import Callable, Iterator
from os import getpid, getppid
from pathlib import Path
from typing import NamedTuple

from assay.adapters.executors.guard import carriers as carrying
from assay.adapters.executors.guard import tree

VARIABLE = tree.VARIABLE

_LOOK_AGAIN_S = 0.01


class Carrier(NamedTuple):
    """A living process of this user that carries a token."""

    pid: int
    token: str
    command: str

    def __str__(self) -> str:
        return f"{self.command} (pid {self.pid})"


def carriers() -> tuple[Carrier, ...]:
    """All of them, but for this process and those that it runs under: Assay may itself be a step of Assay."""
    above = set(_this_and_above())
    return tuple(Carrier(*found) for found in carrying.carriers() if found[0] not in above)


def end(is_chosen: Callable[[Carrier], bool], how: signal.Signals, patience_s: float) -> None:
    """Send the signal until no chosen process is left, or patience is at its end. They may fork between look and signal."""
    until = time.monotonic() + patience_s
    told: set[int] = set()
    while chosen := [carrier for carrier in carriers() if is_chosen(carrier)]:
        for carrier in chosen:
            if carrier.pid not in told:
                told.add(carrier.pid)
                tree.send(carrier.pid, how)
        if time.monotonic() >= until:
            return
        time.sleep(_LOOK_AGAIN_S)


def _this_and_above() -> Iterator[int]:
    pid = getpid()
    while pid > 1:
        yield pid
        try:
            status = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            yield getppid()
            return
        pid = int(status.rpartition(")")[2].split()[1])

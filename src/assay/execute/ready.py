"""Which steps may start: those for which nothing is waited any more, in file order.

What a step costs here depends on its own edges, never on how many steps there are.
"""

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush


class ReadyQueue:
    """Steps that wait for others, and those that wait for nothing any more. Steps that it was not given count as done."""

    def __init__(
        self, steps: Iterable[str], waits: Mapping[str, tuple[str, ...]], held_by: Mapping[str, tuple[str, ...]]
    ) -> None:
        """``held_by``: of those that a step waits for the ones whose failure holds it."""
        self._held_by = held_by
        self._position = {step: at for at, step in enumerate(steps)}
        self._steps = tuple(self._position)
        self._pending: dict[str, int] = {}
        self._followers: dict[str, list[str]] = {}
        self._ready: list[int] = []
        for step in self._steps:
            before = [name for name in waits[step] if name in self._position]
            self._pending[step] = len(before)
            for name in before:
                self._followers.setdefault(name, []).append(step)
            if not before:
                heappush(self._ready, self._position[step])

    @property
    def is_empty(self) -> bool:
        """Every step was taken or held."""
        return not self._pending

    def take_first(self, fits: Callable[[str], bool]) -> str | None:
        """The first in the file of the steps that may start and fit; it is then no more here. None where there is none."""
        passed_over = []
        found = None
        while self._ready and found is None:
            at = heappop(self._ready)
            step = self._steps[at]
            if step in self._pending:
                if fits(step):
                    found = step
                    del self._pending[step]
                else:
                    passed_over.append(at)
        for at in passed_over:
            heappush(self._ready, at)
        return found

    def ended_well(self, step: str) -> None:
        """What waited only for it is ready now."""
        for follower in self._followers.get(step, ()):
            if follower in self._pending:
                self._count_down(follower)

    def ended_badly(self, step: str) -> tuple[str, ...]:
        """What its failure holds, directly or not, in file order; it is then no more here."""
        held: set[str] = set()
        pending = [step]
        while pending:
            failed = pending.pop()
            for follower in self._followers.get(failed, ()):
                if follower not in self._pending:
                    continue
                if failed in self._held_by[follower]:
                    del self._pending[follower]
                    held.add(follower)
                    pending.append(follower)
                else:
                    self._count_down(follower)
        return tuple(sorted(held, key=self._position.__getitem__))

    def _count_down(self, follower: str) -> None:
        self._pending[follower] -= 1
        if not self._pending[follower]:
            heappush(self._ready, self._position[follower])

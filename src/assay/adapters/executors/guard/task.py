"""One command that the guard has started, and the steps by which it is brought to an end."""

import time

from .tree import KILL, is_empty, send

INTERRUPT, TERMINATE = 2, 15
KILL_PATIENCE_S = 5.0
"""So long a killed task is waited for: a process that hangs in the kernel is reported as ended all the same."""


class RunningTask:
    """``pid`` is that of its shell, of its process group and, where the guard gives it one, of its session."""

    def __init__(
        self, name: str, token: str, pid: int, started_s: float, timeout_s: float | None, grace_s: float
    ) -> None:
        self.name = name
        self.token = token
        self.pid = pid
        self.grace_s = grace_s
        self.started_s = started_s
        self.deadline_s = None if timeout_s is None else self.started_s + timeout_s
        self.watched: tuple[str, ...] = ()
        self.opened: set[str] = set()
        self.is_shared = False
        """A watched file was opened while other tasks ran too."""
        self.end: tuple[int, float, float, int] | None = None
        """Exit code, seconds, processor time and peak memory, once the shell has ended."""
        self.timed_out = False
        self.is_killed = False
        self._ladder: list[tuple[float, int]] = []

    @property
    def is_ending(self) -> bool:
        """It was told to end, or is being killed."""
        return bool(self._ladder)

    def ask_to_end(self, grace_s: float) -> None:
        """SIGINT now, SIGTERM after the grace, SIGKILL after half of it again; without a grace SIGKILL at once."""
        now = time.monotonic()
        if grace_s <= 0:
            self.kill()
        elif not self._ladder:
            send(-self.pid, INTERRUPT)
            self._ladder = [(now + grace_s, TERMINATE), (now + 1.5 * grace_s, KILL)]

    def kill(self) -> None:
        """SIGKILL to its group, at once."""
        if not self.is_killed:
            self.is_killed = True
            self._ladder = [(time.monotonic() + KILL_PATIENCE_S, KILL)]
            send(-self.pid, KILL)

    def climb(self) -> None:
        """Do what is due by now: the time is over, the grace is."""
        now = time.monotonic()
        if self.deadline_s is not None and now >= self.deadline_s and not self._ladder and self.end is None:
            self.timed_out = True
            self.ask_to_end(self.grace_s)
        if self._ladder and not self.is_killed:
            if is_empty(self.pid) and self.end is not None:
                self.kill()
            elif now >= self._ladder[0][0]:
                _, how = self._ladder.pop(0)
                if how == KILL:
                    self.kill()
                else:
                    send(-self.pid, how)

    @property
    def is_given_up(self) -> bool:
        """It was killed, and has not gone all the same."""
        return self.is_killed and time.monotonic() >= self._ladder[0][0]

    @property
    def due_s(self) -> float | None:
        """When to look at it again; None: not before a process ends."""
        if self._ladder:
            return self._ladder[0][0]
        return self.deadline_s if self.end is None else None

    def shell_ended(self, code: int, cpu_s: float, peak_bytes: int) -> None:
        """Its shell has ended: so it did."""
        self.end = (code, time.monotonic() - self.started_s, cpu_s, peak_bytes)

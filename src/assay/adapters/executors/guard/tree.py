"""Find processes by their parents and end them.

Reads /proc, which Linux has. All of it is a glance: processes come and go meanwhile.
"""

import os
import time

VARIABLE = "ASSAY_TOKEN"
"""A process that leaves its group and loses its parent keeps the environment it was started with."""

KILL = 9

_LOOK_AGAIN_S = 0.002
_PIECE_BYTES = 1 << 16
_EXEC_PATIENCE_S = 1.0


class Family:
    """Who descends from whom, and in which session, as of now. Processes that have ended but were not waited for are left out."""

    def __init__(self) -> None:
        self.children: dict[int, list[int]] = {}
        self.sessions: dict[int, int] = {}
        for pid, parent, session in _living():
            self.children.setdefault(parent, []).append(pid)
            self.sessions[pid] = session

    def below(self, root: int, *, but: set[int] | None = None) -> list[int]:
        """All that descend from ``root``, without it and without those in ``but`` and below them."""
        found: list[int] = []
        level = self.children.get(root, [])
        while level:
            level = [pid for pid in level if but is None or pid not in but]
            found += level
            level = [child for pid in level for child in self.children.get(pid, [])]
        return found


def end_all_below(root: int, *, but: set[int], patience_s: float) -> None:
    """Kill all that descend from ``root``, this process, until nothing is left; they may fork between look and signal."""
    until = time.monotonic() + patience_s
    while (left := Family().below(root, but=but)) and time.monotonic() < until:
        for pid in left:
            send(pid, KILL)
        bury()
        time.sleep(_LOOK_AGAIN_S)
    bury()


def bury() -> None:
    """Wait for those children that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def send(pid: int, how: int) -> None:
    """Send a signal to a process, or to a group where ``pid`` is negative; nothing where there is none any more."""
    try:
        os.kill(pid, how)
    except (ProcessLookupError, PermissionError):
        pass


def is_empty(group: int) -> bool:
    """No process is left in this group, not even one that was not waited for."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def token_of(pid: int) -> str:
    """The token that the process was started with; empty where it has none, has ended, or is another user's."""
    _, found, after = (b"\0" + _environment(pid)).partition(_PREFIX)
    return after.partition(b"\0")[0].decode(errors="replace") if found else ""


def _environment(pid: int) -> bytes:
    """What it was started with. For some microseconds of an ``exec`` a process has none to show: then look again."""
    until = time.monotonic() + _EXEC_PATIENCE_S
    while (shown := read(f"/proc/{pid}/environ")) == b"" and not _has_none(pid) and time.monotonic() < until:
        os.sched_yield()
    return shown or b""


def _has_none(pid: int) -> bool:
    """It was started without any environment, has ended, or is a thread of the kernel's. proc(5) gives the fields."""
    fields = (read(f"/proc/{pid}/stat") or b"").rpartition(b")")[2].split()
    return not fields or fields[_VSIZE] == b"0" or fields[_ENV_START] == fields[_ENV_END] != b"0"


_PREFIX = f"\0{VARIABLE}=".encode()
_VSIZE, _ENV_START, _ENV_END = 20, 47, 48


def _living() -> list[tuple[int, int, int]]:
    """(pid, parent, session) of each."""
    found = []
    for pid in pids():
        fields = (read(f"/proc/{pid}/stat") or b"").rpartition(b")")[2].split()
        if fields and fields[0] not in (b"Z", b"X"):
            found.append((pid, int(fields[1]), int(fields[3])))
    return found


def pids() -> list[int]:
    """Those of all processes."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208 -- pathlib alone would cost more than the rest of the guard


def read(path: str) -> bytes | None:
    """The bytes of a file of /proc; None where the process has ended, or is another user's."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        data = os.read(descriptor, _PIECE_BYTES)
        while len(data) % 4096 == 0 and (more := os.read(descriptor, _PIECE_BYTES)):
            data += more
        return data
    except OSError:
        return None
    finally:
        os.close(descriptor)

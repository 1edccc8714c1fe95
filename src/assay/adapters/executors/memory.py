"""Hold a task to its memory: in a control group where this user may make one, else by a limit on each process.

A control group counts all processes of a task together, and the kernel ends one of them when they want more; how often, and the
most they ever had, is read from it. Version 1 and 2 of control groups are known; a group is made beside or below the one that
this process is in, in the first place on the way up where memory can be limited.

Without one, each process is held by itself (RLIMIT_DATA): what it may write to, its stacks and files aside. Allocating more
fails there, which Python raises as ``MemoryError``; nobody is killed, so no kill is counted.
"""

import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

_MOUNTS, _OWN = Path("/proc/self/mountinfo"), Path("/proc/self/cgroup")
_LIMITS = ("memory.max", "memory.limit_in_bytes")
_UNLIMITED = 1 << 60
"""Version 1 tells no limit as the greatest number of pages; version 2 as a word."""
_PREFIX = "assay-"
_YOUNG_S = 60.0
_numbers = itertools.count()
_JOIN = 'echo $$ > "$0" && exec "$@"'
_LIMIT = 'ulimit -d "$0" && exec "$@"'


class Group:
    """A control group of one task. ``words`` stand before the command and put it in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.words = ("/bin/sh", "-c", _JOIN, str(folder / "cgroup.procs"))

    def peak_bytes(self) -> int:
        """The most memory that its processes had together; 0 where the kernel does not tell."""
        return max(_number(self._folder / name) for name in ("memory.peak", "memory.max_usage_in_bytes"))

    def oom_kills(self) -> int:
        """How many of its processes the kernel ended for want of memory."""
        told = [_text(self._folder / name) for name in ("memory.events", "memory.oom_control")]
        counts = [line.split() for text in told for line in text.splitlines()]
        return sum(int(count[1]) for count in counts if count[0] == "oom_kill")

    def remove(self) -> bool:
        """Undo it; whether that could be done. What has just been killed, or a service that the task left, keeps it."""
        try:
            self._folder.rmdir()
        except OSError:
            return not self._folder.exists()
        return True


def limited_group(limit_bytes: int) -> Group | None:
    """A new control group with this limit, swap included; None where this user may not make one."""
    place = _place()
    return None if place is None else _made(place / f"{_PREFIX}{os.getpid()}-{next(_numbers)}", limit_bytes)


def limited_process(limit_bytes: int) -> tuple[str, ...]:
    """Words before a command that hold each of its processes by itself."""
    return ("/bin/sh", "-c", _LIMIT, str(max(1, limit_bytes // 1024)))


def holds_together() -> bool:
    """Tasks can be held to their memory with all their processes together."""
    return _place() is not None


@cache
def _place() -> Path | None:
    """Where groups can be made, found by making one and putting a process in; those that killed processes left there are removed."""
    place = next((place for place in _candidates() if _works(place)), None)
    if place is not None:
        _remove_left(place)
    return place


def _remove_left(place: Path) -> None:
    """Remove the groups of processes that are gone. One that still holds a process stays: the kernel sees to that. So does a young
    one, for its process may live where we do not see it (another PID namespace) and be about to put a task in."""
    for folder in place.glob(f"{_PREFIX}*-*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > _YOUNG_S:
                    folder.rmdir()


def _candidates() -> Iterator[Path]:
    """The groups that this process is in and those above them, nearest first; none above one that has a limit itself."""
    for line in _text(_OWN).splitlines():
        _, controllers, own = line.split(":", 2)
        mount = _mount(controllers) if controllers == "" or "memory" in controllers.split(",") else None
        if mount is not None:
            inside = mount / own.strip("/")
            for place in (inside, *inside.parents):
                if not place.is_relative_to(mount):
                    break
                yield place
                if _is_limited(place):
                    break


def _is_limited(place: Path) -> bool:
    return any(0 < _number(place / name) < _UNLIMITED for name in _LIMITS)


def _mount(controllers: str) -> Path | None:
    """Where this hierarchy is mounted."""
    for line in _text(_MOUNTS).splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        is_version_2 = kind == "cgroup2"
        if is_version_2 == (controllers == "") and (is_version_2 or "memory" in options.split(",")):
            return Path(left.split(" ")[4])
    return None


def _works(place: Path) -> bool:
    group = _made(place / f"{_PREFIX}{os.getpid()}-{next(_numbers)}", 1 << 30)
    if group is None:
        return False
    try:
        return subprocess.run([*group.words, "true"], check=False, capture_output=True).returncode == 0
    finally:
        group.remove()


def _made(folder: Path, limit_bytes: int) -> Group | None:
    try:
        folder.mkdir()
    except OSError:
        return None
    if not any(_write(folder / name, limit_bytes) for name in _LIMITS):
        folder.rmdir()
        return None
    _write(folder / "memory.swap.max", 0)
    _write(folder / "memory.memsw.limit_in_bytes", limit_bytes)
    return Group(folder)


def _write(path: Path, number: int) -> bool:
    """Whether there is such a file, and it took the number."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        os.write(descriptor, str(number).encode())
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _number(path: Path) -> int:
    text = _text(path).strip()
    return int(text) if text.isdigit() else 0

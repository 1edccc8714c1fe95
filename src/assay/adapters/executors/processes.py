"""Find and end the processes that carry a token, wherever they have gone.

A process that leaves its group with setsid keeps the environment it was started with. On Linux /proc shows it; elsewhere
``ps`` does, as well as it can. A process that was started with an emptied environment is not found.
"""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

VARIABLE = "ASSAY_TOKEN"

_PROC = Path("/proc")
_IN_PS = re.compile(rf"\s*(?P<pid>\d+)\s+(?P<command>.*?)(?:\s[A-Za-z_]\w*=.*?)?\s{VARIABLE}=(?P<token>\S+)")
_LOOK_AGAIN_S = 0.01
_COMMAND_CHARACTERS = 200


class Carrier(NamedTuple):
    """A living process of this user that carries a token."""

    pid: int
    token: str
    command: str

    @property
    def group(self) -> int:
        """Its process group; 0 where it has ended meanwhile."""
        try:
            return os.getpgid(self.pid)
        except (ProcessLookupError, PermissionError):
            return 0

    def __str__(self) -> str:
        return f"{self.command} (pid {self.pid})"


def carriers() -> tuple[Carrier, ...]:
    """All of them, but for this process and those that it runs under: Assay may itself be a step of Assay."""
    found = _in_proc() if (_PROC / "self/environ").exists() else _in_ps(_ps())
    above = set(_this_and_above())
    return tuple(carrier for carrier in found if carrier.pid not in above)


def end(is_chosen: Callable[[Carrier], bool], how: signal.Signals, patience_s: float) -> None:
    """Send the signal until no chosen process is left, or patience is at its end. They may fork between look and signal."""
    until = time.monotonic() + patience_s
    told: set[int] = set()
    while chosen := [carrier for carrier in carriers() if is_chosen(carrier)]:
        for carrier in chosen:
            if carrier.pid not in told:
                told.add(carrier.pid)
                send(carrier.pid, how)
        if time.monotonic() >= until:
            return
        time.sleep(_LOOK_AGAIN_S)


def send(pid: int, how: signal.Signals) -> None:
    """Send a signal to a process, or to a group where ``pid`` is negative; nothing where there is none any more."""
    try:
        os.kill(pid, how)
    except (ProcessLookupError, PermissionError):
        pass


def _in_proc() -> Iterator[Carrier]:
    prefix = f"{VARIABLE}=".encode()
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        try:
            environment = (folder / "environ").read_bytes()
            if prefix not in environment:
                continue
            command = (folder / "cmdline").read_bytes()
        except OSError:  # it has ended, or is another user's
            continue
        token = next((entry for entry in environment.split(b"\0") if entry.startswith(prefix)), b"")
        if token:
            words = command.rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
            yield Carrier(int(folder.name), token[len(prefix) :].decode(errors="replace"), words[:_COMMAND_CHARACTERS])


def _ps() -> str:
    try:
        return subprocess.run(
            ["ps", "axeww", "-o", "pid=,command="], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return ""


def _in_ps(text: str) -> Iterator[Carrier]:
    for line in text.splitlines():
        match = _IN_PS.match(line)
        if match:
            yield Carrier(int(match["pid"]), match["token"], match["command"][:_COMMAND_CHARACTERS])


def _this_and_above() -> Iterator[int]:
    pid = os.getpid()
    while pid > 1:
        yield pid
        try:
            status = (_PROC / str(pid) / "stat").read_text()
        except OSError:
            yield os.getppid()
            return
        pid = int(status.rpartition(")")[2].split()[1])

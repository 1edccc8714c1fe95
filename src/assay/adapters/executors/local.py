"""Run commands on this machine.

The output goes from the command straight into its log file: nothing of Assay stands between, so that a killed engine loses
none of it and a hundred megabytes cost nothing. Python processes are traced (``tracer/sitecustomize.py``).
"""

import errno
import math
import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import NamedTuple

from assay.adapters.disk import disk_errors
from assay.adapters.executors import processes
from assay.core.ports import Ended, Task

NOT_FOUND = 127
NOT_EXECUTABLE = 126

OUTPUT_BYTES = 1_000_000
SWEEP_GRACE_S = 2.0

_TRACER = str(Path(__file__).parent / "tracer")
_KILL_PATIENCE_S = 5.0
_LONGEST_POLL_S = 3600.0
_LOOK_AGAIN_S = 0.01


class _Running(NamedTuple):
    task: Task
    process: "subprocess.Popen[bytes]"
    pidfd: int | None
    started_s: float


class LocalExecutor:
    """Runs each task's command in bash with ``-eo pipefail`` where there is a bash, else in ``sh -e``.

    A task is over when its main process is. What is left in its process group is then ended if the task failed or was
    stopped. After a success it is left alone: a step that starts a service in the background means it to live on.
    A command that cannot be started ends with 127 or 126 and a line in its log that says why.
    """

    def __init__(self) -> None:
        bash = shutil.which("bash")
        self._shell = (bash, "--noprofile", "--norc", "-eo", "pipefail", "-c") if bash else ("/bin/sh", "-ec")
        self._running: dict[str, _Running] = {}
        self._ended: list[Ended] = []
        self._logs: dict[str, tuple[Path, int]] = {}

    def start(self, task: Task) -> None:
        """Begin; returns at once. ``StateError`` where the log cannot be written."""
        if task.name in self._running:
            raise ValueError(f"a task named {task.name!r} is running already")
        log_path = Path(task.log)
        started_s = time.monotonic()
        with disk_errors(f"cannot write the log of {task.name}", log_path), log_path.open("ab", buffering=0) as log:
            self._logs[task.name] = (log_path, log.tell())
            try:
                process = subprocess.Popen(
                    (*(task.shell or self._shell), task.command),
                    cwd=task.folder,
                    env=_environment(task),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    process_group=0,
                )
            except (OSError, ValueError) as error:
                log.write(f"assay: the command could not be started: {error}\n".encode(errors="backslashreplace"))
                self._ended.append(Ended(task.name, _code_of(error), 0.0, 0.0))
                return
        self._running[task.name] = _Running(task, process, _pidfd(process.pid), started_s)

    def wait(self, timeout_s: float) -> tuple[Ended, ...]:
        """The tasks that ended since the last call; returns at once when one does, or when none is running."""
        for pid, end in self._collect(0.0 if self._ended else timeout_s):
            if end.exit_code != 0:
                processes.send(-pid, signal.SIGKILL)
        ended, self._ended = tuple(self._ended), []
        return ended

    def output(self, name: str, offset: int) -> bytes:
        """What the task printed from that byte on, a megabyte at most; nothing of what the log held before it."""
        if name not in self._logs:
            return b""
        path, begin = self._logs[name]
        with disk_errors(f"cannot read the log of {name}", path), path.open("rb") as log:
            log.seek(begin + offset)
            return log.read(OUTPUT_BYTES)

    def stop(self, grace_s: float) -> None:
        """End every running task with all that it started; ``wait`` then reports them. What has left its group is found
        by its token, and is not asked but killed."""
        groups = {running.process.pid for running in self._running.values()}
        tokens = {running.task.token for running in self._running.values()}
        if not groups:
            return
        for group in groups:
            processes.send(-group, signal.SIGINT)
        try:
            self._give_time(grace_s, groups)
        finally:  # a second Ctrl-C cuts the grace short
            for group in groups:
                processes.send(-group, signal.SIGKILL)
            processes.end(lambda carrier: carrier.token in tokens, signal.SIGKILL, _KILL_PATIENCE_S)
            self._give_time(_KILL_PATIENCE_S, set())

    def sweep(self, token_prefix: str) -> tuple[str, ...]:
        """End every process whose token begins so: SIGTERM, after two seconds SIGKILL. ``python train.py (pid 4711)`` for
        each. A service that a step started on purpose carries the token too."""
        if not token_prefix:
            raise ValueError("an empty prefix would end the steps of every project")
        left = tuple(carrier for carrier in processes.carriers() if carrier.token.startswith(token_prefix))
        if left:
            for how in (signal.SIGTERM, signal.SIGKILL):
                processes.end(lambda carrier: carrier.token.startswith(token_prefix), how, SWEEP_GRACE_S)
        return tuple(str(carrier) for carrier in left)

    def _give_time(self, patience_s: float, groups: Collection[int]) -> None:
        """Wait until all tasks have ended and their groups are empty: a shell may die before the program that it runs."""
        until = time.monotonic() + patience_s
        while (left_s := until - time.monotonic()) > 0:
            if self._running:
                self._collect(left_s)
            elif any(carrier.group in groups for carrier in processes.carriers()):
                time.sleep(_LOOK_AGAIN_S)
            else:
                return

    def _collect(self, timeout_s: float) -> tuple[tuple[int, Ended], ...]:
        """The tasks that have ended, by their process; waits for the first of them if none has."""
        if all(running.pidfd is not None for running in self._running.values()):
            if self._running:
                _poll([running.pidfd for running in self._running.values() if running.pidfd is not None], timeout_s)
            return self._reap()
        until = time.monotonic() + timeout_s
        while not (ended := self._reap()) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN_S)
        return ended

    def _reap(self) -> tuple[tuple[int, Ended], ...]:
        ended = []
        for running in tuple(self._running.values()):
            end = _end_of(running)
            if end is not None:
                del self._running[end.name]
                self._ended.append(end)
                ended.append((running.process.pid, end))
        return tuple(ended)


def _environment(task: Task) -> dict[str, str]:
    trace = str(Path(task.trace).absolute())
    others = [path for path in task.environment.get("PYTHONPATH", "").split(os.pathsep) if path not in ("", _TRACER)]
    return {
        "PYTHONUNBUFFERED": "1",  # a person watches the log
        **task.environment,
        "PYTHONPATH": os.pathsep.join([_TRACER, *others]),
        processes.VARIABLE: task.token,
        "ASSAY_TRACE": trace,
        "ASSAY_METRICS": trace + ".metrics",
        "ASSAY_ROOT": task.project or task.folder,
    }


def _code_of(error: OSError | ValueError) -> int:
    is_absent = isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ENOTDIR)
    return NOT_FOUND if is_absent else NOT_EXECUTABLE


def _pidfd(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):  # not Linux, or a kernel or sandbox without it
        return None


def _poll(pidfds: Iterable[int], timeout_s: float) -> None:
    poll = select.poll()
    for pidfd in pidfds:
        poll.register(pidfd, select.POLLIN)
    poll.poll(math.ceil(min(timeout_s, _LONGEST_POLL_S) * 1000))


def _end_of(running: _Running) -> Ended | None:
    pid, status, usage = os.wait4(running.process.pid, os.WNOHANG)
    if pid == 0:
        return None
    code = os.waitstatus_to_exitcode(status)
    running.process.returncode = code  # Popen must not wait for it again
    if running.pidfd is not None:
        os.close(running.pidfd)
    seconds = time.monotonic() - running.started_s
    return Ended(running.task.name, code, seconds, usage.ru_utime + usage.ru_stime)

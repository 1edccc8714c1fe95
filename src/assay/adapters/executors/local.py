"""Run commands on this machine.

The output goes from the command straight into its log file: nothing of Assay stands between, so that a killed engine loses
none of it and a hundred megabytes cost nothing. A guard process (``guard``) starts the commands and ends them when this process
is killed. Python processes are traced (``tracer/sitecustomize.py``), all of them where strace is asked for.
"""

import os
import shutil
import signal
import sys
import time
import weakref
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from assay.adapters.executors import memory, processes, strace
from assay.adapters.executors.exec_words import program_at, words_of
from assay.adapters.executors.link import Link
from assay.adapters.executors.log_files import begin_log, read_log
from assay.adapters.executors.masker import Stream
from assay.adapters.executors.own_reads import own_reads
from assay.adapters.executors.trace_lines import append_lines, mask_lines, trace_line
from assay.core.ports import Ended, ExecutorProperties, Task

SWEEP_GRACE_S = 2.0

KILLED = -int(signal.SIGKILL)

_TRACER = str(Path(__file__).parent / "tracer")
_MASKER = str(Path(__file__).parent / "masker.py")
_STOP_PATIENCE_S = 10.0
"""How much longer than its grace a stop may take before it is given up."""
_LONGEST_WAIT_S = 3600.0


class _Running(NamedTuple):
    task: Task
    group: memory.Group | None


class LocalExecutor:
    """Runs each task's command in bash with ``-eo pipefail`` where there is a bash, else in ``sh -e``.

    A task is over when its shell is. What else it started is then ended if the task failed or was stopped. After a success it
    is left alone: a step that starts a service in the background means it to live on, until this process is killed.
    A command that cannot be started ends with 127 or 126 and a line in its log that says why.

    ``has_orphans``: the system gives a process the orphans below it. Only Linux does; without it, processes that left their
    group and emptied their environment escape.
    """

    def __init__(self, *, has_orphans: bool = sys.platform == "linux") -> None:
        bash = shutil.which("bash")
        self._shell = (bash, "--noprofile", "--norc", "-eo", "pipefail", "-c") if bash else ("/bin/sh", "-ec")
        self._has_orphans = has_orphans
        self._link: Link | None = None
        self._leave: weakref.finalize[..., LocalExecutor] | None = None
        self._environment: Mapping[str, str] | None = None
        self._running: dict[str, _Running] = {}
        self._ended: dict[str, Ended] = {}
        self._logs: dict[str, tuple[str, int]] = {}
        self._groups: list[memory.Group] = []

    @property
    def properties(self) -> ExecutorProperties:
        """What this machine can do."""
        return ExecutorProperties(
            keeps_services=True,
            ends_escaped=self._has_orphans,
            limits_memory="together" if memory.holds_together() else "each" if sys.platform == "linux" else "no",
            has_strace=strace.is_here(),
            sees_native_opens=sys.platform == "linux",
        )

    def start(self, task: Task) -> None:
        """Begin; returns at once. ``StateError`` where the log cannot be written, ``UsageError`` where the task is to be traced
        by strace and there is none."""
        if task.name in self._running or task.name in self._ended:
            raise ValueError(f"a task named {task.name!r} is running already")
        before = strace.words(task) if task.tracing == "strace" else ()
        log, folder = _absolute(task.log), _absolute(task.folder)
        self._logs[task.name] = (log, begin_log(task, log))
        group = None
        if task.memory_bytes is not None:
            group = memory.limited_group(task.memory_bytes)
            before = (*(group.words if group else memory.limited_process(task.memory_bytes)), *before)
        own_reads().watch(_watched(task))
        request = (
            "start",
            task.name,
            task.token,
            [*before, *_masking(task), *self._words(task)],
            folder,
            _environment(task, folder),
            log,
            task.timeout_s,
            task.grace_s,
            _watched(task),
        )
        link = self._linked(task)
        self._running[task.name] = _Running(task, group)
        if not link.send(*request):  # somebody has killed the guard since
            del self._running[task.name]
            self._lose_guard()
            link = self._linked(task)
            self._running[task.name] = _Running(task, group)
            link.send(*request)

    def wait(self, timeout_s: float) -> tuple[Ended, ...]:
        """The tasks that ended since the last call; returns at once when one does, or when none is running."""
        if self._running:
            self._hear(0.0 if self._ended else min(timeout_s, _LONGEST_WAIT_S))
        ended = tuple(self._ended.values())
        self._ended = {}
        return ended

    def output(self, name: str, offset: int) -> bytes:
        """What the task printed from that byte on, a megabyte at most; nothing of what the log held before it."""
        if name not in self._logs:
            return b""
        log, begin = self._logs[name]
        return read_log(name, log, begin + offset)

    def stop(self, grace_s: float, names: Collection[str] | None = None) -> None:
        """End these running tasks, or all, with all that they started; ``wait`` then reports them. What has left its group is
        not asked but killed. A second Ctrl-C cuts the grace short."""
        chosen = [name for name in self._running if names is None or name in names]
        if not chosen or self._link is None:
            return
        try:
            self.ask_to_end(grace_s, chosen)
            self._hear_of(chosen, 1.5 * grace_s + _STOP_PATIENCE_S)
        finally:
            left = [name for name in chosen if name in self._running]
            if left:
                self.ask_to_end(0.0, left)
                self._hear_of(left, _STOP_PATIENCE_S)

    def ask_to_end(self, grace_s: float, names: Collection[str]) -> None:
        """Begin what ``stop`` does and do not wait for it. Asked again without a grace it is a SIGKILL at once."""
        if self._link is not None:
            self._link.send("stop", list(names), grace_s)

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

    def close(self) -> None:
        """End the guard in good order: what runs is ended, what tasks that went well left behind lives. Happens by itself when
        Python ends."""
        if self._leave is not None:
            self._leave()
        self._forget_guard()

    def end_everything(self) -> None:
        """As ``close``, but what tasks that went well left behind is ended too."""
        if self._leave is not None and self._leave.detach() and self._link is not None:
            self._link.desert()
        self._forget_guard()

    def _forget_guard(self) -> None:
        self._link = self._leave = None
        self._groups = [group for group in self._groups if not group.remove()]

    def _linked(self, task: Task) -> Link:
        if self._link is None:
            self._link = Link(adopts=self._has_orphans)
            self._leave = weakref.finalize(self, self._link.leave)
            self._environment = None
        if self._environment is not task.environment and self._environment != task.environment:
            self._link.send("environment", dict(task.environment))
        self._environment = task.environment
        return self._link

    def _hear_of(self, names: Collection[str], patience_s: float) -> None:
        """Until all of these have ended."""
        until = time.monotonic() + patience_s
        while any(name in self._running for name in names) and (left_s := until - time.monotonic()) > 0:
            self._hear(left_s)

    def _hear(self, timeout_s: float) -> None:
        assert self._link is not None
        for kind, *fields in self._link.frames(timeout_s):
            match kind:
                case "ended":
                    self._conclude(*fields)
                case "broken":
                    raise RuntimeError(f"the guard of the steps is broken:\n{fields[0]}")
                case "gone":
                    self._lose_guard()
                    return

    def _conclude(
        self,
        name: str,
        exit_code: int,
        seconds: float,
        cpu_s: float,
        peak_bytes: int,
        timed_out: bool,
        opened: list[str],
        is_shared: bool,
        started_s: float,
    ) -> None:
        running = self._running.get(name)
        if running is None:
            return
        task, group = running
        oom_kills = 0
        if group is not None:
            peak_bytes, oom_kills = max(peak_bytes, group.peak_bytes()), group.oom_kills()
            self._groups = [old for old in (*self._groups, group) if not old.remove()]
        if task.tracing == "strace":
            strace.translate(task)
        if _watched(task):
            self._note_opened(task, opened, is_shared=is_shared, started_s=started_s)
        if task.masked:
            _mask_traces(task)
        self._ended[name] = Ended(name, exit_code, seconds, cpu_s, peak_bytes, timed_out, oom_kills)
        self._running.pop(name, None)

    def _note_opened(self, task: Task, opened: list[str], *, is_shared: bool, started_s: float) -> None:
        """Add to the trace what was opened of the watched files, and that it could not be told where it could not."""
        own = [path for path in opened if own_reads().since(path, started_s)]
        own_reads().forget(task.watched)
        lines = [trace_line("n", path) for path in opened if path not in own]
        if sys.platform != "linux":
            lines.append(trace_line("u", "unavailable"))
        elif is_shared or own:
            lines.append(trace_line("u", "shared"))
        append_lines(Path(task.trace), lines)

    def _lose_guard(self) -> None:
        """The guard was killed, and has ended the tasks with it; who killed both of its processes at once left that to us."""
        tokens = {running.task.token for running in self._running.values()}
        processes.end(lambda carrier: carrier.token in tokens, signal.SIGKILL, SWEEP_GRACE_S)
        for name in tuple(self._running):
            with Path(self._logs[name][0]).open("ab", buffering=0) as log:
                log.write(b"assay: the process that guards the steps was killed, and the step was ended with it\n")
            self._conclude(name, KILLED, 0.0, 0.0, 0, False, [], True, 0.0)
        if self._link is not None:
            self._link.close()
        if self._leave is not None:
            self._leave.detach()
        self._link = self._leave = None

    def _words(self, task: Task) -> tuple[str, ...]:
        if not task.shell:
            return words_of(task.command, self._shell, task.environment)
        name = task.shell[0]
        found = None if "/" in name else program_at(name, task.environment.get("PATH"))
        return (found[0] if found else name, *task.shell[1:], task.command)


def _masking(task: Task) -> tuple[str, ...]:
    """The words before a command whose output must not be seen as it is."""
    return (sys.executable, "-I", "-S", "-E", _MASKER, ",".join(task.masked)) if task.masked else ()


def _mask_traces(task: Task) -> None:
    """Processes note the names of files as they are; what stays on the disk has stars."""
    secrets = Stream([os.fsencode(task.environment.get(name, "")) for name in task.masked])
    for file in (task.trace, f"{task.trace}.metrics"):
        mask_lines(Path(file), task.project or task.folder, secrets.whole)


def _environment(task: Task, folder: str) -> dict[str, str]:
    """What a task has besides its own environment. PWD says the folder that it works in, as a shell would have it."""
    trace = _absolute(task.trace)
    more = {
        processes.VARIABLE: task.token,
        "ASSAY_METRICS": trace + ".metrics",
        "ASSAY_ROOT": task.project or task.folder,
        "PWD": folder,
    }
    if "PYTHONUNBUFFERED" not in task.environment:  # a person watches the log
        more["PYTHONUNBUFFERED"] = "1"
    given = task.environment.get("PYTHONPATH", "")
    paths = [path for path in given.split(os.pathsep) if path not in ("", _TRACER)]
    if task.tracing == "python":
        more |= {"ASSAY_TRACE": trace, "PYTHONPATH": os.pathsep.join([_TRACER, *paths])}
    elif given:
        more |= {"ASSAY_TRACE": "", "PYTHONPATH": os.pathsep.join(paths)}
    return more


def _absolute(path: str) -> str:
    return os.path.abspath(path)  # noqa: PTH100 -- for every step, and a Path costs ten times as much


def _watched(task: Task) -> tuple[str, ...]:
    return () if task.tracing == "off" else task.watched

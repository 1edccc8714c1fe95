"""Start the engine's commands, report their ends, and end what the engine may no longer see to.

Frames in both directions are four bytes of length and a marshalled tuple whose first item is the kind. From the engine:

    environment  what the commands that follow have in common
    start        name, token, words, folder, more environment, log, seconds it may take or None, grace, watched files
    stop         names, grace in seconds: SIGINT, then SIGTERM, then SIGKILL
    leave        the engine ends: end what still runs, and let live what tasks that went well left behind

To the engine:

    ended        name, exit code, seconds, processor seconds, peak memory, timed out, opened, shared, monotonic time of its start

When the engine's end of the pipe closes without ``leave`` it was killed, and everything is ended.
"""

import _signal  # type: ignore[import-not-found] # ``signal`` would import enum, which takes longer than all the rest
import errno
import marshal
import os
import select
import sys
import time

from . import tree
from .carriers import carriers
from .opens import Opens
from .task import RunningTask

NOT_FOUND, NOT_EXECUTABLE = 127, 126
LOOK_AGAIN_S = 0.005
"""How often a process is looked at that was told to end, and is nobody's child who would be told of its end."""
END_PATIENCE_S = 10.0

_PEAK_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
_PIECE_BYTES = 1 << 20
_OWN_SESSION = {"setsid": True} if sys.platform == "linux" else {"setpgroup": 0}
_RESET = [number for number in (getattr(_signal, name, 0) for name in ("SIGINT", "SIGPIPE", "SIGXFSZ")) if number]
"""Signals that are as usual for commands, whatever they are for this process: Python ignores the last two, and a shell that puts
something into the background the first, by which commands are asked to end."""


class Keeper:
    """The state of one guard. ``adopts``: orphans of its tasks become its children, wherever they went."""

    def __init__(self, requests: int, answers: int, others: list[int], *, adopts: bool) -> None:
        self.adopts = adopts
        self.tasks: dict[str, RunningTask] = {}
        self.by_pid: dict[int, RunningTask] = {}
        """Those whose shell has not ended."""
        self.left_alone: set[int] = set()
        """Orphans that tasks which went well left behind: they are meant to live."""
        self.pressing: dict[str, RunningTask] = {}
        """Those with a time limit, and those that were told to end: all that need to be looked at while nothing happens."""
        self.environment: dict[str, str] = {}
        self.is_left = False
        self.is_abandoned = False
        self._requests = requests
        self._answers = answers
        self._bell = _bell()
        self._has_children = False
        self._look_s = 0.0
        self._received = b""
        self._unsent = b""
        self._opens: Opens | None = None
        self._poll = select.poll()
        self._readers = {requests: self._read_requests, self._bell: self._reap, answers: self._send}
        for descriptor in self._readers:
            self._poll.register(descriptor, select.POLLIN if descriptor != answers else 0)
        for descriptor in others:
            self._readers[descriptor] = self._abandon
            self._poll.register(descriptor, select.POLLIN)

    def keep(self) -> bool:
        """Serve the engine until it leaves or is gone; whether it left in good order."""
        while not (self.is_left or self.is_abandoned):
            for descriptor, _ in self._poll.poll(self._patience_ms()):
                self._readers[descriptor]()
            if self.pressing:
                self._advance(self._due())
        for task in self.tasks.values():
            task.kill()
        if self.adopts:
            tree.end_all_below(os.getpid(), but=self.left_alone if self.is_left else set(), patience_s=END_PATIENCE_S)
        else:
            for members in self._members().values():
                for pid in members:
                    tree.send(pid, tree.KILL)
        return self.is_left

    def _abandon(self) -> None:
        self.is_abandoned = True

    def _read_requests(self) -> None:
        piece = os.read(self._requests, _PIECE_BYTES)
        if not piece:
            self.is_abandoned = True
        self._received += piece
        while len(self._received) >= 4:
            end = 4 + int.from_bytes(self._received[:4], "little")
            if len(self._received) < end:
                return
            kind, *fields = marshal.loads(self._received[4:end])  # noqa: S302 -- from the engine that started this process
            self._received = self._received[end:]
            getattr(self, f"_on_{kind}")(*fields)

    def _on_environment(self, environment: dict[str, str]) -> None:
        self.environment = environment

    def _on_leave(self) -> None:
        self.is_left = True

    def _on_stop(self, names: list[str], grace_s: float) -> None:
        chosen = [self.tasks[name] for name in names if name in self.tasks]
        for task in chosen:
            task.ask_to_end(grace_s)
        self._advance(chosen)

    def _on_start(
        self,
        name: str,
        token: str,
        words: list[str],
        folder: str,
        more: dict[str, str],
        log: str,
        timeout_s: float | None,
        grace_s: float,
        watched: tuple[str, ...],
    ) -> None:
        self._note_opened()
        started_s = time.monotonic()
        seen, is_unseen = self._watch(watched)
        try:
            _enter(folder)
            pid = self._spawn(words, {**self.environment, **more}, log)
        except (_NotEntered, OSError, ValueError) as error:
            self._forget(seen)
            _say(
                log,
                f"assay: {error if isinstance(error, _NotEntered) else f'the command could not be started: {error}'}\n",
            )
            self._tell("ended", name, _code_of(error), 0.0, 0.0, 0, False, [], is_unseen, started_s)
            return
        finally:
            os.chdir("/")
        task = RunningTask(name, token, pid, started_s, timeout_s, grace_s)
        task.watched = seen
        task.is_shared = is_unseen
        self.tasks[name] = self.by_pid[pid] = task
        if timeout_s is not None:
            self.pressing[name] = task

    def _spawn(self, words: list[str], environment: dict[str, str], log: str) -> int:
        """In the folder where this process is."""
        return os.posix_spawn(
            words[0],
            words,
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsigmask=[],
            setsigdef=_RESET,
            **_OWN_SESSION,
        )

    def _reap(self) -> None:
        os.read(self._bell, _PIECE_BYTES)
        self._advance(self._ended())

    def _ended(self) -> list[RunningTask]:
        """Wait for the children that have ended: shells, and orphans that nobody else waits for."""
        found: list[RunningTask] = []
        self._has_children = True
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                self._has_children = False
                return found
            if not pid:
                return found
            self.left_alone.discard(pid)
            task = self.by_pid.pop(pid, None)
            if task is not None:
                self._note_opened()
                cpu_s, peak_bytes = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _PEAK_UNIT_BYTES
                task.shell_ended(os.waitstatus_to_exitcode(status), cpu_s, peak_bytes)
                found.append(task)

    def _due(self) -> list[RunningTask]:
        now = time.monotonic()
        pressing = self.pressing.values()
        return [task for task in pressing if task.is_ending or (task.due_s is not None and now >= task.due_s)]

    def _patience_ms(self) -> float | None:
        if not self.pressing:
            return None
        if any(task.is_ending and task.end is not None for task in self.pressing.values()):
            return LOOK_AGAIN_S * 1000
        due = [task.due_s for task in self.pressing.values() if task.due_s is not None]
        return max(0.0, min(due) - time.monotonic()) * 1000 + 1 if due else None

    def _advance(self, tasks: list[RunningTask]) -> None:
        """Do what is due with these tasks, and report the end of those of which nothing is left that should not be."""
        for task in tasks:
            task.climb()
            if task.end is not None and task.end[0] != 0 and not task.is_ending:
                task.kill()
            if task.is_ending:
                self.pressing[task.name] = task
        self._see_to_killed([task for task in tasks if task.is_killed])
        for task in tasks:
            if task.end is not None and not task.is_ending:
                self._leave_alone()
                self._report(task)

    def _see_to_killed(self, tasks: list[RunningTask]) -> None:
        """Kill what is left of them, and report those of which nothing is. One look serves all, and looking costs: not at every
        end of a process."""
        begun_s = time.monotonic()
        if not tasks or begun_s < self._look_s:
            return
        members = self._members()
        for task in tasks:
            left = members.get(task.name, [])
            for pid in left:
                tree.send(pid, tree.KILL)
            if (task.end is not None and not left) or task.is_given_up:
                self._report(task)
        now = time.monotonic()
        self._look_s = now + 4 * (now - begun_s) if self.pressing else 0.0

    def _report(self, task: RunningTask) -> None:
        del self.tasks[task.name]
        self.pressing.pop(task.name, None)
        self.by_pid.pop(task.pid, None)
        self._forget(task.watched)
        code, seconds, cpu_s, peak = task.end or (-tree.KILL, time.monotonic() - task.started_s, 0.0, 0)
        opened = sorted(task.opened)
        self._tell(
            "ended", task.name, code, seconds, cpu_s, peak, task.timed_out, opened, task.is_shared, task.started_s
        )

    def _members(self) -> dict[str, list[int]]:
        """The living processes of each task, by its name."""
        by_token = {task.token: task for task in self.tasks.values()}
        found: dict[str, list[int]] = {}
        if not self.adopts:
            for pid, token, _ in carriers():
                if token in by_token:
                    found.setdefault(by_token[token].name, []).append(pid)
            return found
        family = tree.Family()
        by_session = {task.pid: task for task in self.tasks.values()}
        heir = next(iter(self.tasks.values())) if all(task.is_ending for task in self.tasks.values()) else None
        for root in family.children.get(os.getpid(), []):
            if root not in self.left_alone:
                # One that left its session and its environment is nobody's, unless all are to end: then it is one of theirs.
                owner = by_session.get(family.sessions[root]) or by_token.get(tree.token_of(root)) or heir
                if owner is not None:
                    found.setdefault(owner.name, []).extend([root, *family.below(root)])
        return found

    def _leave_alone(self) -> None:
        """A task went well: what it left behind is meant to live. What another task's environment or session tells is its."""
        if self.adopts and self._has_children:
            orphans = [pid for pid in _children() if pid not in self.by_pid and pid not in self.left_alone]
            if orphans:
                sessions = {task.pid for task in self.by_pid.values()}
                tokens = {task.token for task in self.by_pid.values()}
                self.left_alone |= {
                    pid for pid in orphans if _session(pid) not in sessions and tree.token_of(pid) not in tokens
                }

    def _watch(self, paths: tuple[str, ...]) -> tuple[tuple[str, ...], bool]:
        """Those that are watched now, and whether one could not be that should."""
        seen: list[str] = []
        try:
            if paths and self._opens is None:
                self._opens = Opens()
                self._readers[self._opens.descriptor] = self._note_opened
                self._poll.register(self._opens.descriptor, select.POLLIN)
            seen.extend(path for path in paths if self._opens is not None and self._opens.watch(path))
        except (OSError, AttributeError):
            self._forget(tuple(seen))
            return (), True
        return tuple(seen), False

    def _forget(self, paths: tuple[str, ...]) -> None:
        for path in paths:
            if self._opens is not None:
                self._opens.forget(path)

    def _note_opened(self) -> None:
        """Whoever runs alone has opened what was opened; where several run, nobody can tell."""
        opened = self._opens.opened() if self._opens is not None else ()
        for path in opened:
            for task in self.tasks.values():
                if len(self.tasks) == 1:
                    task.opened.add(path)
                elif path.startswith(task.watched):
                    task.is_shared = True

    def _tell(self, *fields: str | float | list[str]) -> None:
        frame = marshal.dumps(fields)
        self._unsent += len(frame).to_bytes(4, "little") + frame
        self._send()

    def _send(self) -> None:
        """Write what can be written. Called with nothing to write, it was the engine's end that has closed."""
        if not self._unsent:
            self.is_abandoned = True
            return
        try:
            self._unsent = self._unsent[os.write(self._answers, self._unsent) :]
        except BlockingIOError:
            pass
        except BrokenPipeError:
            self.is_abandoned = True
        self._poll.modify(self._answers, select.POLLOUT if self._unsent else 0)

    def tell_broken(self, why: str) -> None:
        """Say that this program is at its end by its own fault."""
        self._tell("broken", why)


def _bell() -> int:
    """A descriptor that can be read when a child has ended."""
    rung, ring = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else os.pipe()
    os.set_blocking(rung, False)
    os.set_blocking(ring, False)
    _signal.set_wakeup_fd(ring)
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    return rung


def _children() -> list[int]:
    own = os.getpid()
    told = tree.read(f"/proc/{own}/task/{own}/children")
    if told is None:  # a kernel without it
        return tree.Family().children.get(own, [])
    return [int(pid) for pid in told.split()]


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return 0


class _NotEntered(Exception):
    """``__cause__`` is what the system said."""


def _enter(folder: str) -> None:
    try:
        os.chdir(folder)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise _NotEntered(f"the folder to work in cannot be entered: {why}: {folder}") from error


def _code_of(error: BaseException) -> int:
    error = error.__cause__ or error
    is_absent = isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ENOTDIR)
    return NOT_FOUND if is_absent else NOT_EXECUTABLE


def _say(log: str, text: str) -> None:
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        os.write(descriptor, text.encode(errors="backslashreplace"))
    finally:
        os.close(descriptor)

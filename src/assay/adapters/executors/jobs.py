"""Run commands on other machines, by a scheduler that takes jobs.

Each task becomes a folder with its spec; ``assay exec-step`` runs it somewhere and leaves a record there (``runner``). Where the
machines see the project, tasks work in it and print into their log as local ones do. Where they do not, a job works in a copy that
it lays out from the store, and what it changed comes back by the store, which they must see. No file goes through the scheduler.
"""

import shutil
import time
from collections.abc import Collection
from pathlib import Path

import msgspec

from assay import __version__
from assay.adapters.disk import disk_errors
from assay.adapters.executors import job_folder, strace
from assay.adapters.executors.local import KILLED, LocalExecutor
from assay.adapters.executors.log_files import begin_log, read_log
from assay.adapters.executors.project_copy import bring_back, copy_for
from assay.core.capacity import fits_on, impossible
from assay.core.job import SPEC, Job, JobRecord
from assay.core.ports import Ended, ExecutorProperties, Jobs, ProjectFiles, Store, Task
from assay.core.problem import Problem, UsageError

NOT_STARTED = 126
LOOK_S = 0.05
"""How often it is looked for records of jobs that have ended."""
LOOK_AT_MACHINES_S = 2.0
RECORD_PATIENCE_S = 3.0
"""So long after the scheduler says that a job is over its record may take to be seen: network disks are slow to tell."""
STOP_PATIENCE_S = 10.0
SWEEP_PATIENCE_S = 2.0


class _Running:
    """A job that has no end yet."""

    def __init__(self, task: Task, folder: Path, *, is_copy: bool) -> None:
        self.task = task
        self.folder = folder
        self.is_copy = is_copy
        self.handle = ""
        self.copied_bytes = 0
        self.over: tuple[float, str] | None = None
        """Since when, and how, in the scheduler's words."""
        self.is_given_up = False
        """The scheduler says that it is over, and it had left no record then."""
        self.is_stopped = False


class JobExecutor:
    """An ``Executor`` over ``jobs``. ``folder``, in the project, takes the jobs' folders where the machines see it; else they lie beside
    ``store_folder``, where ``store`` is. ``files`` is the project.

    A task is over when its shell is, with all that it started. What a machine can do is taken from this one: they are alike.
    """

    def __init__(self, jobs: Jobs, folder: Path, store_folder: Path, store: Store, files: ProjectFiles) -> None:
        self._jobs = jobs
        self._folder = folder
        self._store_folder = store_folder
        self._beside_store = store_folder.with_name(f"{store_folder.name}-jobs")
        self._store = store
        self._files = files
        self._here = LocalExecutor()
        self._seen: dict[Path, bool] = {}
        self._running: dict[str, _Running] = {}
        self._ended: dict[str, Ended] = {}
        self._logs: dict[str, tuple[str, int]] = {}
        self._machines_s = 0.0

    @property
    def properties(self) -> ExecutorProperties:
        """What this machine can do, on those of the cluster."""
        return msgspec.structs.replace(
            self._here.properties, keeps_services=False, sees_native_opens=False, machines=self._jobs.machines()
        )

    def start(self, task: Task) -> None:
        """Submit; what no machine can take has ended when this returns. ``UsageError`` where the machines see neither the project
        nor the store."""
        if task.name in self._running or task.name in self._ended:
            raise ValueError(f"a task named {task.name!r} is running already")
        if task.tracing == "strace":
            strace.words(task)
        self._logs[task.name] = (task.log, begin_log(task, task.log))
        problem = impossible(task.name, task.resources, self._jobs.machines())
        if problem is not None:
            self._ended[task.name] = Ended(task.name, NOT_STARTED, 0.0, 0.0, problem=problem)
            return
        is_copy = not self._is_seen(self._folder)
        folder = self._shared_folder() if is_copy else self._folder
        copy = copy_for(task, self._files, self._store, self._store_folder) if is_copy else None
        running = _Running(task, job_folder.make(Job(__version__, task, copy), folder), is_copy=is_copy)
        try:
            running.handle = self._jobs.submit(running.folder, task)
        except (
            BaseException
        ):  # a Ctrl-C, or a scheduler that refuses; who has taken it all the same ends without its folder
            shutil.rmtree(running.folder, ignore_errors=True)
            raise
        self._running[task.name] = running

    def wait(self, timeout_s: float) -> tuple[Ended, ...]:
        """The tasks that ended since the last call; returns at once when one does, or when none is running."""
        until = time.monotonic() + timeout_s
        while True:
            left_s = max(0.0, until - time.monotonic())
            if self._running:
                self._hear(0.0 if self._ended else left_s)
            if self._ended or not self._running or left_s == 0.0:
                break
        ended = tuple(self._ended.values())
        self._ended = {}
        return ended

    def output(self, name: str, offset: int) -> bytes:
        """What the task printed from that byte on, a megabyte at most."""
        if name not in self._logs:
            return b""
        log, begin = self._logs[name]
        return read_log(name, log, begin + offset)

    def stop(self, grace_s: float, names: Collection[str] | None = None) -> None:
        """Ask the jobs to end, and kill them by the scheduler where they do not answer. A second Ctrl-C cuts the grace short."""
        chosen = [name for name in self._running if names is None or name in names]
        if not chosen:
            return
        try:
            self._ask_to_end(chosen, grace_s)
            self._hear_of(chosen, 1.5 * grace_s + STOP_PATIENCE_S)
        finally:
            self._ask_to_end(chosen, 0.0)
            self._hear_of(chosen, STOP_PATIENCE_S)
            for running in self._still(chosen):
                self._jobs.cancel(running.handle)
            for running in self._still(chosen):  # whatever the scheduler says of it: we ended it
                self._conclude(running, _killed(running.task))

    def sweep(self, token_prefix: str) -> tuple[str, ...]:
        """End what is left on this machine, and have jobs that still wait or run elsewhere end as soon as they look."""
        swept = self._here.sweep(token_prefix)
        own = {running.folder for running in self._running.values()}
        bases = (self._folder, self._beside_store)
        left = [folder for base in bases for folder in job_folder.of_token(token_prefix, base) if folder not in own]
        withdrawn = [folder for folder in left if job_folder.withdraw(folder)]
        for folder in left:
            job_folder.tell_to_stop(folder, 0.0)
        until = time.monotonic() + SWEEP_PATIENCE_S
        asked = [folder for folder in left if folder not in withdrawn and not job_folder.record_in(folder)]
        silent = asked
        while silent and time.monotonic() < until:
            time.sleep(LOOK_S)
            silent = [folder for folder in silent if not job_folder.record_in(folder)]
        ended = [*withdrawn, *(folder for folder in asked if folder not in silent)]
        lines = tuple(f"a job of the cluster ({job_folder.token_of(folder)})" for folder in ended)
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
        return (*swept, *lines)

    def close(self) -> None:
        """End what runs, and let go of the scheduler."""
        self.stop(0.0)
        self._jobs.close()

    def _is_seen(self, folder: Path) -> bool:
        if folder not in self._seen:
            with disk_errors("cannot make the folder of jobs", folder):
                folder.mkdir(parents=True, exist_ok=True)
            self._seen[folder] = self._jobs.sees(folder)
        return self._seen[folder]

    def _shared_folder(self) -> Path:
        """Where jobs lie that do not see the project."""
        if not self._is_seen(self._beside_store):
            raise UsageError(
                Problem(
                    "store-not-shared",
                    "the machines of the cluster see neither the project nor its store",
                    (
                        f"the store lies in {self._store_folder}",
                        "steps get their files from it, and leave theirs there",
                    ),
                    "put the project, or the store alone (`store:` in assay.yaml), on a disk that all machines have at one path",
                )
            )
        return self._beside_store

    def _still(self, names: Collection[str]) -> list[_Running]:
        return [self._running[name] for name in names if name in self._running]

    def _ask_to_end(self, names: Collection[str], grace_s: float) -> None:
        for running in self._still(names):
            running.is_stopped = True
            if job_folder.withdraw(running.folder):
                self._jobs.cancel(running.handle)
                self._conclude(running, _killed(running.task))
            else:
                job_folder.tell_to_stop(running.folder, grace_s)

    def _hear_of(self, names: Collection[str], patience_s: float) -> None:
        until = time.monotonic() + patience_s
        while self._still(names) and (left_s := until - time.monotonic()) > 0:
            self._hear(left_s)

    def _hear(self, timeout_s: float) -> None:
        """Look at every job once; wait a moment for the scheduler to say something."""
        handles = [running.handle for running in self._running.values() if running.over is None]
        over = self._jobs.poll(handles, min(timeout_s, LOOK_S))
        now_s = time.monotonic()
        for running in tuple(self._running.values()):
            if running.handle in over:
                running.over = (now_s, over[running.handle])
                running.is_given_up = job_folder.record_in(running.folder) is None
            if running.is_given_up:  # it may live on, lost to the scheduler alone
                job_folder.tell_to_stop(running.folder, 0.0)
            if running.is_copy:
                self._bring_log(running)
            record = job_folder.record_in(running.folder)
            if record is not None and not (running.is_given_up and record.ended.exit_code == KILLED):
                self._end_by(running, record)
            elif running.over is not None and (running.is_stopped or now_s - running.over[0] > RECORD_PATIENCE_S):
                self._end_lost(running, running.over[1])
        if now_s - self._machines_s > LOOK_AT_MACHINES_S:
            self._machines_s = now_s
            self._give_up_impossible()

    def _give_up_impossible(self) -> None:
        """Machines may go while jobs wait for them."""
        machines = self._jobs.machines()
        for running in tuple(self._running.values()):
            wanted = running.task.resources
            if (
                machines
                and not any(fits_on(wanted, machine) for machine in machines)
                and job_folder.withdraw(running.folder)
            ):
                self._jobs.cancel(running.handle)
                problem = impossible(running.task.name, wanted, machines)
                self._conclude(running, Ended(running.task.name, NOT_STARTED, 0.0, 0.0, problem=problem))

    def _end_by(self, running: _Running, record: JobRecord) -> None:
        if running.is_copy:
            while self._bring_log(running):
                pass
            self._bring_back(running, record)
        self._conclude(running, record.ended)

    def _end_lost(self, running: _Running, words: str) -> None:
        """It has left no record: its machine was lost, or somebody killed it."""
        task = running.task
        if running.is_stopped:
            self._conclude(running, _killed(task))
            return
        facts = (words, *self._jobs.logs(running.handle).splitlines()[-5:])
        has_begun = "it had begun" if not (running.folder / SPEC).exists() else "it had not begun"
        with Path(task.log).open("ab") as log:
            log.write(f"assay: the step was lost: {words}\n".encode())
        problem = Problem(
            "job-lost",
            "the step was lost: the machine that had it, or the process that ran it, is gone",
            (*facts, f"{has_begun}; what it wrote until then was not recorded"),
            "run again: what had been finished is not done twice; `retries:` tries a lost step again by itself",
            step=task.name,
        )
        self._conclude(running, Ended(task.name, KILLED, 0.0, 0.0, problem=problem))

    def _conclude(self, running: _Running, ended: Ended) -> None:
        self._ended[running.task.name] = ended
        self._running.pop(running.task.name, None)
        shutil.rmtree(running.folder, ignore_errors=True)

    def _bring_log(self, running: _Running) -> bool:
        """Add to the task's log what its job has printed since; whether that was anything."""
        piece = read_log(running.task.name, str(running.folder / "log"), running.copied_bytes)
        if piece:
            running.copied_bytes += len(piece)
            with disk_errors("cannot write the log", Path(running.task.log)), Path(running.task.log).open("ab") as log:
                log.write(piece)
        return bool(piece)

    def _bring_back(self, running: _Running, record: JobRecord) -> None:
        task = running.task
        for name, home in (("trace", task.trace), ("trace.metrics", f"{task.trace}.metrics")):
            if (running.folder / name).exists():
                shutil.copyfile(running.folder / name, home)
        bring_back(record, self._files, self._store)


def _killed(task: Task) -> Ended:
    return Ended(task.name, KILLED, 0.0, 0.0)

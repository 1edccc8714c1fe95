"""A project's folder, and the ports that it opens when they are asked for."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import cast

from assay.core.digest import digest_of
from assay.core.history import SUMMARY_EVENTS, History
from assay.core.machine import Machine
from assay.core.pipeline import Declaration, Pipeline
from assay.core.ports import (
    Cache,
    Clock,
    Courier,
    Engine,
    Executor,
    Interpreter,
    Ledger,
    Lock,
    Md5Store,
    Outbox,
    PredictionLog,
    Predictors,
    ProjectFiles,
    Repository,
    Store,
    Tables,
)
from assay.core.problem import Place, Problem, StateError
from assay.core.release import LOCK_FILES, Environment
from assay.plugins import adapter
from assay.workspace.declared import Declared
from assay.workspace.roots import DVC_STATE, FILE, STATE, find_root

HERE = "local"
"""Where steps run unless told otherwise: on this machine."""


class Workspace:
    """A project's folder, and the ports that its assay.yaml names; or a DVC project as it is. ``on``: where its steps run, as
    ``assay run --on`` says it."""

    def __init__(self, root: Path, environ: Mapping[str, str], on: str | None = None) -> None:
        self.root = root
        self.environ = environ
        self.on = on or environ.get("ASSAY_ON") or HERE
        self.state = root / STATE
        self._history = History()

    @classmethod
    def find(cls, start: Path, environ: Mapping[str, str], on: str | None = None) -> "Workspace":
        """The project that ``start`` lies in: the nearest folder upwards with an assay.yaml, else the DVC project there."""
        return cls(find_root(start), environ, on)

    @cached_property
    def is_dvc(self) -> bool:
        """There is no assay.yaml: what runs is what dvc.yaml declares."""
        return not (self.root / FILE).is_file()

    @cached_property
    def has_dvc(self) -> bool:
        """DVC has something to say here: of its stages, or of data."""
        return self.is_dvc or (self.root / DVC_STATE).is_dir()

    @cached_property
    def declaration(self) -> Declaration:
        """What assay.yaml declares, or dvc.yaml, but for ``places``; every mistake in it at once."""
        return self._declared.declaration()

    @property
    def places(self) -> Mapping[str, Place]:
        """Where in the file things stand, as ``Declaration.places`` has them. Only messages need them: they are kept apart."""
        return self._declared.places()

    @property
    def pipeline(self) -> Pipeline:
        """The pipeline that assay.yaml declares."""
        return self.declaration.pipeline

    @property
    def owner(self) -> str:
        """This checkout, as it signs its runs: ``host:folder``."""
        return f"{os.uname().nodename}:{self.root}"

    def make_state(self) -> None:
        """Make .assay, which version control is to pass over; a folder that is there stays as it is."""
        ignore = self.state / ".gitignore"
        try:
            self.state.mkdir(exist_ok=True)
            if not ignore.exists():
                ignore.write_text("# State of this checkout: never in version control.\n*\n")
        except OSError as error:
            raise StateError(
                Problem(
                    "state-not-writable",
                    f"cannot write {self.state}",
                    (str(error.strerror),),
                    f"make {self.root} writable for you, or free space on its disk",
                )
            ) from error

    @cached_property
    def cache(self) -> Cache:
        return cast("Cache", adapter("caches", "sqlite")(self.state / "cache.sqlite"))

    @cached_property
    def clock(self) -> Clock:
        return cast("Clock", adapter("clocks", "system")())

    @cached_property
    def ledger(self) -> Ledger:
        return cast("Ledger", adapter("ledgers", "sqlite")(self.root / self.pipeline.ledger, self.clock, self._actor))

    @cached_property
    def store(self) -> Store:
        store = cast("Store", adapter("stores", "local")(self.root / self.pipeline.store))
        return cast("Store", adapter("stores", "dvc-backed")(store, lambda: self.dvc_cache)) if self.has_dvc else store

    @cached_property
    def dvc_cache(self) -> Md5Store:
        """What DVC keeps; empty where there is no DVC."""
        from assay.declare.dvc import read_config

        folder = self.root / read_config(self.files.read).cache
        return cast("Md5Store", adapter("stores", "dvc")(folder, self.cache))

    def step_variables(self, step: str) -> dict[str, str]:
        """The environment variables that DVC gives to a stage's commands; none where there is no DVC."""
        if not self.has_dvc:
            return {}
        return {"DVC_ROOT": self.environ.get("DVC_ROOT", str(self.root)), "DVC_STAGE": step}

    @cached_property
    def files(self) -> ProjectFiles:
        return cast("ProjectFiles", adapter("files", "local")(self.root, self.state / "cache.sqlite"))

    @cached_property
    def tables(self) -> Tables:
        return open_tables()

    def engine(self, name: str) -> Engine:
        """The engine of that name, for checks."""
        return open_engine(name)

    @cached_property
    def executor(self) -> Executor:
        """On this machine, or by the jobs of the cluster that ``on`` names: ``ray``, ``ray://host:port``."""
        if self.on == HERE:
            return cast("Executor", adapter("executors", "local")())
        name, _, address = self.on.partition("://")
        jobs = adapter("jobs", name)(address)
        store_folder = self.root / self.pipeline.store
        return cast(
            "Executor", adapter("executors", "jobs")(jobs, self.state / "jobs", store_folder, self.store, self.files)
        )

    @cached_property
    def repository(self) -> Repository:
        return cast("Repository", adapter("repositories", "git")(self.root))

    @cached_property
    def predictors(self) -> Predictors:
        return cast("Predictors", adapter("predictors", "process")(self.interpreter.python, self.interpreter.environ))

    @cached_property
    def outbox(self) -> Outbox:
        return cast("Outbox", adapter("outboxes", "folder")(self.state / "outbox"))

    @cached_property
    def courier(self) -> Courier:
        return cast("Courier", adapter("couriers", "local")())

    @property
    def run_lock(self) -> Lock:
        """Held by whoever runs steps in this project."""
        return self.lock("run")

    def lock(self, name: str) -> Lock:
        """A lock of the project, by name."""
        return cast("Lock", adapter("locks", "flock")(self.state / f"{name}.lock"))

    def open_predictions(self) -> PredictionLog:
        """The log of served predictions, opened for writing."""
        return cast("PredictionLog", adapter("predictions", "segments")(self.state / "predictions"))

    def history(self) -> History:
        """The pipeline's history as the ledger has it now; only what is new is read."""
        known = self._history
        fresh = self.ledger.entries(self.pipeline.name, *SUMMARY_EVENTS, after=known.head)
        self._history = found = History.fold(fresh, known)
        return found

    @cached_property
    def interpreter(self) -> Interpreter:
        """The Python that steps and models run with."""
        return cast("Interpreter", adapter("interpreters", "path")(self.environ, self.cache))

    @cached_property
    def environment(self) -> Environment:
        """What of this machine decides about results."""
        lock = next((self.files.artifact(name) for name in LOCK_FILES if (self.root / name).is_file()), None)
        platform = f"{sys.platform}-{os.uname().machine}"
        if lock is not None:
            return Environment(self.interpreter.version(), platform, lock.digest)
        packages = digest_of("\n".join(self.interpreter.packages()).encode())
        return Environment(self.interpreter.version(), platform, packages=packages)

    @property
    def machine(self) -> Machine:
        """The machine that this runs on."""
        told = os.uname()
        memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return Machine(told.nodename, cpus, memory_bytes, f"{told.sysname} {told.release} {told.machine}")

    @cached_property
    def _declared(self) -> Declared:
        return Declared(self.root, self.cache, lambda: self.files, lambda: self.interpreter, is_dvc=self.is_dvc)

    @property
    def _actor(self) -> str:
        return f"{self.environ.get('USER') or self.environ.get('LOGNAME') or os.getuid()}@{os.uname().nodename}"


def open_tables() -> Tables:
    """What reads tables in files, also outside a project."""
    return cast("Tables", adapter("tables", "duckdb")())


def open_files(folder: Path) -> ProjectFiles:
    """The files below a folder that need be no project; what is learned of them is not kept."""
    return cast("ProjectFiles", adapter("files", "local")(folder, None))


def open_engine(name: str) -> Engine:
    """The engine of that name, for checks, also outside a project."""
    return cast("Engine", adapter("engines", name)())


def open_runner() -> Callable[[Path], bytes]:
    """What runs a job by its folder, and returns its record; also outside a project."""
    return cast("Callable[[Path], bytes]", adapter("runners", "local"))

"""Open the ports that a project's settings name: the only place where parts are joined.

A ``Workspace`` opens nothing until it is asked; what a command does not use is not even imported.
"""

import os
import sys
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import cast

import msgspec

from assay.core.digest import Digest, digest_of
from assay.core.history import SUMMARY_EVENTS, History
from assay.core.machine import Machine
from assay.core.pipeline import Declaration, Pipeline
from assay.core.ports import (
    Cache,
    Clock,
    Engine,
    Executor,
    Interpreter,
    Ledger,
    Lock,
    PredictionLog,
    Predictors,
    ProjectFiles,
    Repository,
    Store,
)
from assay.core.problem import Place, Problem, StateError, UsageError
from assay.core.release import Environment
from assay.plugins import adapter

FILE = "assay.yaml"
STATE = ".assay"
HERE = "local"
"""Where steps run unless told otherwise: on this machine."""
LOCK_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "requirements.lock", "requirements.txt")


class Workspace:
    """A project's folder, and the ports that its assay.yaml names. ``on``: where its steps run, as ``assay run --on`` says it."""

    def __init__(self, root: Path, environ: Mapping[str, str], on: str | None = None) -> None:
        self.root = root
        self.environ = environ
        self.on = on or environ.get("ASSAY_ON") or HERE
        self.state = root / STATE
        self._history = History()

    @classmethod
    def find(cls, start: Path, environ: Mapping[str, str], on: str | None = None) -> "Workspace":
        """The project that ``start`` lies in: the nearest folder upwards with an assay.yaml."""
        for folder in (start, *start.parents):
            if (folder / FILE).is_file():
                return cls(folder, environ, on)
        raise UsageError(
            Problem(
                "no-assay-yaml",
                f"no {FILE} in {start} or above it",
                ("a project is a folder with an assay.yaml",),
                f"write {FILE} (the plain list is enough, see the README), or try `assay demo`",
            )
        )

    @cached_property
    def declaration(self) -> Declaration:
        """What assay.yaml declares, but for ``places``; every mistake in it at once. Read from the cache where it has not changed,
        nor a file that it rests on."""
        declaration = self._kept_declaration(self._declaration_key) or self._read_declaration()
        return msgspec.structs.replace(declaration, places={})

    @property
    def places(self) -> Mapping[str, Place]:
        """Where in assay.yaml things stand, as ``Declaration.places`` has them. Only messages need them: they are kept apart."""
        kept = self.cache.recall(f"{self._declaration_key}/places")
        if kept is not None and self._kept_declaration(self._declaration_key) is not None:
            try:
                return msgspec.msgpack.decode(kept, type=dict[str, Place])
            except (msgspec.DecodeError, ValueError):
                pass  # a cache may hold anything
        return self._read_declaration().places

    @cached_property
    def _file(self) -> bytes:
        try:
            return (self.root / FILE).read_bytes()
        except OSError as error:
            problem = Problem("no-assay-yaml", f"cannot read {FILE}", (str(error),), f"make {FILE} readable")
            raise UsageError(problem) from error

    @cached_property
    def _declaration_key(self) -> str:
        from assay import __version__

        return f"declaration/{__version__}/{self._default_name}/{digest_of(self._file)}"

    def _read_declaration(self) -> Declaration:
        from assay.declare import read_declaration

        declaration = read_declaration(self._file, FILE, self._default_name, read=self._read, record=self._record)
        without_places = msgspec.structs.replace(declaration, places={})
        self.cache.remember(f"{self._declaration_key}/places", msgspec.msgpack.encode(declaration.places))
        self.cache.remember(self._declaration_key, msgspec.msgpack.encode(without_places))
        return declaration

    def _kept_declaration(self, key: str) -> Declaration | None:
        """The declaration that was kept, if it still means the same."""
        kept = self.cache.recall(key)
        if kept is None:
            return None
        try:
            declaration = msgspec.msgpack.decode(kept, type=Declaration)
        except (msgspec.DecodeError, ValueError):
            return None  # a cache may hold anything
        is_so = all(self._digest_of(basis.path) == basis.digest for basis in declaration.rests_on)
        return declaration if is_so else None

    def _read(self, path: str) -> bytes:
        return (self.root / path).read_bytes()

    def _record(self, path: str) -> bytes:
        from assay.declare import RECORDER

        return self.interpreter.answer((str(RECORDER), path), self.root)

    def _digest_of(self, path: str) -> Digest | None:
        try:
            return digest_of(self._read(path))
        except OSError:
            return None

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
        return cast("Store", adapter("stores", "local")(self.root / self.pipeline.store))

    @cached_property
    def files(self) -> ProjectFiles:
        return cast("ProjectFiles", adapter("files", "local")(self.root, self.state / "cache.sqlite"))

    @cached_property
    def engine(self) -> Engine:
        return open_engine()

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
        return Environment(self.interpreter.version(), platform, None if lock is None else lock.digest)

    @property
    def machine(self) -> Machine:
        """The machine that this runs on."""
        told = os.uname()
        memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return Machine(told.nodename, cpus, memory_bytes, f"{told.sysname} {told.release} {told.machine}")

    @cached_property
    def _default_name(self) -> str:
        """The repository's name, else the folder's."""
        top = next((folder for folder in (self.root, *self.root.parents) if (folder / ".git").exists()), self.root)
        return top.name or "pipeline"

    @property
    def _actor(self) -> str:
        return f"{self.environ.get('USER') or self.environ.get('LOGNAME') or os.getuid()}@{os.uname().nodename}"


def open_engine() -> Engine:
    """The engine that reads tables, also outside a project."""
    return cast("Engine", adapter("engines", "duckdb")())


def open_runner() -> Callable[[Path], bytes]:
    """What runs a job by its folder, and returns its record; also outside a project."""
    return cast("Callable[[Path], bytes]", adapter("runners", "local"))

"""What rooms need from the world, as contracts. Adapters keep them; ``assay.testing`` holds a suite for each.

Unless a method says otherwise it is called from one thread, may be retried, and raises ``StateError`` where the disk or the
network fails and ``IntegrityError`` where bytes are not what their digest says.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from assay.core.artifact import Artifact
from assay.core.capacity import Capacity
from assay.core.dataset import DataColumn, Dialect, Source
from assay.core.digest import Digest
from assay.core.events import Entry, Event
from assay.core.notice import Letter
from assay.core.pipeline import Resources
from assay.core.problem import Problem
from assay.core.release import CodeVersion
from assay.core.table import Schema, Table
from assay.core.tree import TreeEntry

if TYPE_CHECKING:
    import numpy as np


class Store(Protocol):
    """The content-addressed home of artifacts. What it has shown to have is whole: bytes are checked before they count."""

    def add(self, path: Path, name: str, *, durable: bool = True) -> Artifact:
        """Keep the bytes of a file or folder; ``name`` becomes the artifact's path. Symbolic links are followed for files
        and refused in folders. A file that changes while it is read is read again, then refused.

        ``durable`` waits for the disk. Without it the bytes survive the death of the process but perhaps not a power cut, after
        which they are missing or found damaged, never wrong; adding them again durably makes them last."""

    def add_bytes(self, data: bytes, *, durable: bool = True) -> Digest:
        """Keep these bytes as a file's; ``durable`` as in ``add``."""

    def has(self, artifact: Artifact) -> bool:
        """Every byte of it is there, as far as names tell; cheap, reads no content."""

    def read(self, digest: Digest) -> bytes:
        """The bytes of a file, checked against the digest. ``NotFound`` where they are not here."""

    def entries(self, digest: Digest) -> tuple[TreeEntry, ...]:
        """What a folder holds, checked against its digest. ``NotFound`` where the folder is not here."""

    def restore(self, artifact: Artifact, to: Path) -> None:
        """Put the artifact at ``to``, checked, all or nothing; what stands there is replaced."""

    def verify(self, artifact: Artifact) -> tuple[str, ...]:
        """Read every byte of it again: what is missing or damaged, one line each; empty where it is whole."""


class Md5Store(Protocol):
    """Bytes that another tool keeps under their MD5, such as DVC's cache; read and never written. Names are ``md5:22a1...``, those
    of folders ``md5:153a....dir``."""

    def agrees(self, place: Path, name: str) -> bool:
        """What stands at ``place`` has that name. All of it is read."""

    def link(self, digest: Digest, name: str) -> None:
        """Remember that both name the same bytes; it may be forgotten."""

    def find(self, digest: Digest) -> str | None:
        """The name linked to a digest, where every byte of it is here as far as names tell; else None."""

    def has(self, name: str) -> bool:
        """Every byte of it is here, as far as names tell; cheap, reads no file's content."""

    def kept(self, name: str, path: str) -> Artifact | None:
        """The artifact that would stand at ``path`` after ``restore``, linked to the name. All of it is read and held
        against the name; None where it is not here, or damaged."""

    def within(self, name: str, below: str) -> str | None:
        """The name of the file at ``below`` in a folder; None where there is none."""

    def restore(self, name: str, to: Path) -> None:
        """Put it at ``to``, checked, all or nothing; what stands there is replaced."""


class Ledger(Protocol):
    """The append-only, hash-chained list of events, of any number of pipelines and processes."""

    def append(
        self, pipeline: str, *events: Event, after: int | None = None, durable: bool = True
    ) -> tuple[Entry, ...]:
        """Append all of ``events`` or none, each admitted by ``door.admit`` in the same transaction.

        With ``after``, only if the ledger's last sequence number is still that; else ``Conflict``. ``durable`` waits for
        the disk; without it the events survive the death of the process but perhaps not a power cut.
        """

    def entries(
        self, pipeline: str | None, *kinds: type[Event], after: int = 0, subject: str | None = None
    ) -> Iterator[Entry]:
        """Entries of a pipeline (None: of all) in order, of these kinds (all where none is named), with a greater sequence number.
        ``subject`` selects by ``subject_of``: a step's key, a run's number."""

    def head(self) -> tuple[int, Digest]:
        """Sequence number and digest of the last entry; (0, ``chain.GENESIS``) for an empty ledger. Cheap: it is polled."""

    def verify(self) -> str | None:
        """Read the whole chain: what is wrong with it, in words, or None."""


class FileState(msgspec.Struct, frozen=True, array_like=True):
    """A file as a scan saw it."""

    size_bytes: int
    modified_ns: int
    changed_ns: int
    inode: int


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A file by content, and by what tells at a glance that it has not been touched since."""

    path: str
    digest: Digest
    state: FileState
    is_executable: bool = False


class ProjectFiles(Protocol):
    """The project's folder: digests through a cache of stats, and quick scans."""

    def artifact(self, path: str) -> Artifact | None:
        """The artifact that stands at ``path`` now (relative to the project or absolute); None where nothing does.
        Unchanged files are not read again."""

    def state(self, path: str) -> FileState | None:
        """The file that stands at ``path``, without reading it; None for a folder or nothing."""

    def seen(self, path: str) -> Seen | None:
        """The file at ``path`` as it is; None for a folder or nothing, and for a file that changed so lately that a further
        change might not show."""

    def look_again(self, seen: Seen) -> Seen | None:
        """The same where the file holds the same bytes still, as it is seen now; else None. Cheap where nobody touched it."""

    def is_there(self, path: str) -> bool:
        """Something stands there, whatever it is. Cheap."""

    def remove(self, path: str) -> None:
        """Remove the file or folder at ``path``, which lies in the project; nothing where there is none."""

    def move(self, path: str, to: str) -> None:
        """Move the file or folder at ``path`` to the path ``to``, where nothing stands; folders above it are made."""

    def scan(self) -> Mapping[str, FileState]:
        """Every file below the project by its relative path, but for .git, .assay, virtual environments and caches."""

    def locate(self, path: str) -> Path:
        """Where an artifact's path stands on this machine."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a small file (a metrics file, say); None where it is not there."""

    def lines(self, path: str) -> Iterator[bytes]:
        """The lines of a file of any size, each with its end, read as they are asked for; none where it is not there. One of more than a
        megabyte comes in pieces."""

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The files that a path or glob names, sorted; empty where there is none."""


Tracing = Literal["python", "strace", "off"]
"""How a task's files are seen: by a hook in its Python processes, by strace in all of its processes, or not."""


class Task(msgspec.Struct, frozen=True):
    """A command to run: all that an executor needs to know."""

    name: str
    command: str
    folder: str
    environment: dict[str, str]
    log: str
    """The file that takes its output, byte for byte."""
    trace: str
    """The file to which traced Python processes report."""
    token: str
    """Set as ASSAY_TOKEN in the environment: whoever carries it belongs to this task, even after setsid."""
    project: str = ""
    """The project's folder, absolute: what is traced below it is the project's. Empty: ``folder``."""
    shell: tuple[str, ...] = ()
    """The words before the command; empty: the executor's own shell."""
    timeout_s: float | None = None
    grace_s: float = 10.0
    """From being asked to end, when its time is over, to SIGTERM; SIGKILL comes after half of it again."""
    memory_bytes: int | None = None
    """The most it may take (``ExecutorProperties.limits_memory``); the kernel ends what wants more, or refuses it."""
    tracing: Tracing = "python"
    masked: tuple[str, ...] = ()
    """Names of variables in ``environment`` whose values the log must not hold."""
    watched: tuple[str, ...] = ()
    """Absolute paths of files whose opening is noted too where the machine can tell it, whatever language opens them."""
    resources: Resources = Resources()
    """What it claims; an executor of many machines chooses one by it."""
    inputs: tuple[str, ...] = ()
    """What it is known to read, relative to the project."""
    foreign: tuple[str, ...] = ()
    """What only other tasks read or write, relative to the project: a copy of the project for this task goes without it."""


class Ended(msgspec.Struct, frozen=True):
    """How a task ended. ``exit_code`` is the shell's: 127 not found, 126 not executable, negative: killed by that signal."""

    name: str
    exit_code: int
    seconds: float
    cpu_s: float
    peak_memory_bytes: int = 0
    """Of its largest process, or of all together where that is known; 0: not known."""
    timed_out: bool = False
    """It was ended because its time was over."""
    oom_kills: int = 0
    """So many of its processes the kernel ended for want of memory; 0 also where that cannot be known."""
    problem: Problem | None = None
    """Why it ended, where that is no matter of the command: its machine was lost, or could not take it."""


class ExecutorProperties(msgspec.Struct, frozen=True):
    """What executors, or the machines they run on, differ in."""

    keeps_services: bool
    """What a task that went well left in the background lives on, also after ``close``."""
    ends_escaped: bool
    """A stop, and the death of this process, end also what left its process group with an emptied environment."""
    limits_memory: Literal["together", "each", "no"]
    """A task's processes are held to its ``memory_bytes`` together, and kills are counted; each by itself, and allocating
    more fails there; or not at all."""
    has_strace: bool
    """Tasks may ask for strace."""
    sees_native_opens: bool
    """The opening of watched files is noted, whatever opens them."""
    machines: tuple[Capacity, ...] = ()
    """Those that tasks may go to now; empty: this one alone, or not known."""


class Executor(Protocol):
    """Runs commands, several at once; each in a process group of its own, its output straight into its log file.

    When this process is killed, all that its tasks started is ended (``ends_escaped``), services included.
    """

    @property
    def properties(self) -> ExecutorProperties:
        """What it can do here. May try it once, in some milliseconds."""

    def start(self, task: Task) -> None:
        """Begin; returns at once. The name must not be running. ``UsageError`` for strace where there is none. What keeps the
        command from starting is told by the task's end: 127 where the folder or the shell is not there, else 126."""

    def wait(self, timeout_s: float) -> tuple[Ended, ...]:
        """The tasks that ended since the last call; returns as soon as one does. Empty after the time-out."""

    def output(self, name: str, offset: int) -> bytes:
        """What a task has printed from that byte on, a megabyte at most; empty where there is nothing more yet. Also after
        the task has ended."""

    def stop(self, grace_s: float, names: Collection[str] | None = None) -> None:
        """End these running tasks, or all, with all that they started: SIGINT, after ``grace_s`` SIGTERM, after half of it
        again SIGKILL. An interrupt meanwhile is a SIGKILL at once. They are then reported by ``wait``."""

    def sweep(self, token_prefix: str) -> tuple[str, ...]:
        """End what was left behind by an engine that was killed: every process whose token begins so. What was ended, one
        line each."""

    def close(self) -> None:
        """End in good order: what runs is ended. It may be used again."""


class Jobs(Protocol):
    """Gets ``assay exec-step FOLDER`` run on some machine: all that differs between Ray, Slurm and Kubernetes. ``JobExecutor``
    makes an executor of it.

    Handles are the scheduler's own names of jobs. A job that a scheduler starts twice runs once: the second finds its spec taken.
    """

    def machines(self) -> tuple[Capacity, ...]:
        """Those that live now, each with a name that a person knows it by. Empty: not known, and nothing is checked."""

    def sees(self, folder: Path) -> bool:
        """Every machine that a job may go to has this folder at this path, with what this process writes there."""

    def submit(self, folder: Path, task: Task) -> str:
        """Have ``assay exec-step FOLDER`` run once, with what ``task.resources`` claims; its handle. Returns at once."""

    def poll(self, handles: Collection[str], timeout_s: float) -> Mapping[str, str]:
        """Those that will do no more, each with how it ended in the scheduler's words. Waits so long for one, or shorter."""

    def cancel(self, handle: str) -> None:
        """Kill it, or take it out of the queue, and all that it started with it. Nothing where it is over."""

    def logs(self, handle: str) -> str:
        """What the scheduler kept of the output of ``exec-step`` itself, for a job that left no record; may be empty."""

    def close(self) -> None:
        """Let go of the scheduler. It may be used again."""


class Overlap(msgspec.Struct, frozen=True):
    """How many rows of one dataset stand in another too."""

    rows: int
    """Rows that were asked about; those that take no part are not counted, here and below."""
    others: int
    """Rows that they were held against."""
    shared: int
    """Of ``rows``: those that stand among the others."""
    repeated: int
    """Rows of either side that are equal to an earlier one of theirs; counted only where ``shared`` is not 0, else 0."""
    sample: tuple[dict[str, Any], ...]
    """The first of these: the compared columns, values as JSON can hold them."""


class Tables(Protocol):
    """Reads tables in files: Parquet, CSV, JSON Lines, and several of them as one."""

    def schema(self, paths: Sequence[Path]) -> tuple[tuple[str, str], ...]:
        """(column, its type in the reader's words) in order. ``EvidenceError`` with cause and fix for what is no table."""

    def read(self, paths: Sequence[Path], columns: Sequence[str] | None = None) -> tuple[Table, Schema]:
        """The rows of all files as one table, in the order of files and rows, and the type of each column."""

    def overlap(
        self, rows: Sequence[Path], others: Sequence[Path], columns: Sequence[str], filled: Sequence[str], limit: int
    ) -> Overlap:
        """How many of ``rows`` stand among ``others`` too, both of which may be of any format: rows that are equal in
        ``columns``, 7 and 7.0 and 007 being one number and NULL equal to NULL. Rows of either side with NULL in one of
        ``filled`` take no part. A sample of at most ``limit``, in the order of the data."""


class Opened(Protocol):
    """Datasets that can be queried, each under the name that it was opened with; its columns are c0, c1, ..."""

    columns: Mapping[str, tuple[DataColumn, ...]]
    """Of each dataset, in order."""
    has_order: bool
    """Rows come in the order of the data, also after WHERE and LIMIT."""
    places: Mapping[str, tuple[str, ...]]
    """Of each dataset whose rows an engine finds again by where they stand: the columns, beside its own, that say it, in the order of
    the data. A join by them reads hardly more than these rows."""
    file: Mapping[str, str]
    """Of each dataset of several files: the column, beside its own, that says in which of them a row stands, as the path that was opened."""

    def settle(self, name: str) -> None:
        """Many queries over this dataset will follow: what each of them would do again is done once, where there is such."""

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query answers, in the engine's SQL: numbers, texts, booleans and None. It may read nothing else and change nothing.
        ``EvidenceError`` where the data cannot be read, or what is asked cannot be computed (code ``query-failed``)."""

    def arrays(self, query: str) -> "tuple[np.ndarray, ...]":
        """The same column by column, for answers of very many numbers. A list of numbers is an array within an array of objects; NULL
        is masked where numpy knows of it, or None."""

    def named_rows(self, query: str) -> list[dict[str, Any]]:
        """The same, each row with the names of what it holds; values may be of any type that the engine knows."""


class Engine(Protocol):
    """Answers queries over datasets."""

    dialect: Dialect
    """Whose SQL it reads."""

    def open(self, datasets: Mapping[str, Source]) -> AbstractContextManager[Opened]:
        """The datasets, by the names that queries call them. ``EvidenceError`` with cause and fix for what is no dataset, or
        none that this engine reads."""


class Predictions(msgspec.Struct, frozen=True):
    """What a model said: one prediction a row."""

    prediction: "np.ndarray"
    score: "np.ndarray | None" = None


class Predictor(Protocol):
    """One loaded model in a process of its own. One call at a time."""

    reads: frozenset[str] | None
    """The columns that it took of the last rows, where its flavour tells which; None: perhaps all of them."""

    def predict(self, columns: Table) -> Predictions:
        """One prediction a row. ``EvidenceError`` where the model raises, returns another number of rows, hangs or dies;
        after that the predictor is closed."""

    def close(self) -> None:
        """End the process. May be called twice."""


class Predictors(Protocol):
    """Starts predictors."""

    def recognise(self, model: Path) -> str:
        """What stands for ``predict`` where assay.yaml names none: ``flavour:NAME``, by the file's name and first bytes.
        ``EvidenceError`` where the model is of no known flavour, or of another than its name says."""

    def load(self, code: Path, predict: str, model: Path, *, limit_s: float | None = None) -> Predictor:
        """Load the model at ``model`` with the function that ``predict`` (``file.py:function``) names below ``code``, or as what
        ``recognise`` gave. Each of its answers may take ``limit_s``; without, as long as a server waits. ``EvidenceError`` with the
        cause where it does not load."""


class Interpreter(Protocol):
    """The Python that steps and models run with."""

    python: str
    """Its path."""
    environ: dict[str, str]
    """The environment in which it, and every step, is started."""

    def version(self) -> str:
        """Its version, as ``3.11``."""

    def answer(self, words: Sequence[str], folder: Path) -> bytes:
        """What it prints when it is given these words in a folder; what it says besides is dropped, and so is how it ends."""

    def packages(self) -> tuple[str, ...]:
        """What is installed where it looks, as ``numpy==2.3.1``, sorted; names in lower case with ``-``. Cheap: it is asked
        in every run."""


class Repository(Protocol):
    """The version control around the project; git, or none."""

    def code_version(self, data: Sequence[str]) -> CodeVersion:
        """The code's version, over everything but assay.lock and the ``data`` paths."""

    def branch_and_tag(self) -> tuple[str | None, str | None]:
        """The branch that is checked out, and the last of the tags of its commit; None for what there is none of."""

    def tracked(self) -> frozenset[str] | None:
        """Relative paths under version control; None where there is none."""


class PredictionLog(Protocol):
    """Every prediction that was served; append-only, written before it is answered."""

    def append(self, records: Sequence[dict[str, Any]]) -> None:
        """Keep the records, in order: when this returns they survive the death of the process; a power cut may cost what
        came in the last 200 ms. Called from any thread."""

    def records(self) -> Iterator[dict[str, Any]]:
        """Everything that was kept, oldest first; a torn last line is passed over."""

    def close(self) -> None:
        """Wait for the disk."""


class Outbox(Protocol):
    """Letters that wait to be delivered, and how far the ledger was read for them. Durable; one writer at a time."""

    def read_up_to(self) -> int | None:
        """The last entry of the ledger whose letters are here or were delivered; None before the first."""

    def keep(self, letters: tuple[Letter, ...], read_up_to: int) -> None:
        """Keep new letters, then how far the ledger was read."""

    def letters(self) -> tuple[Letter, ...]:
        """Every letter, the oldest first."""

    def put(self, letter: Letter) -> None:
        """Keep a letter in place of the one of its name."""

    def remove(self, letter: Letter) -> None:
        """Forget a letter; nothing where it is gone already."""


class Courier(Protocol):
    """Brings notices to people. A delivery that fails is an answer, in words without the address; nothing is tried twice."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str], timeout_s: float) -> str:
        """Post it: empty where it was taken, else why not."""

    def run(self, command: str, body: bytes, environ: Mapping[str, str], folder: Path, timeout_s: float) -> str:
        """Run a command with the notice on standard input: empty where it ended well, else why not."""

    def start(self, words: Sequence[str], environ: Mapping[str, str], folder: Path, wait_s: float) -> None:
        """Start a program that outlives this one, and wait for its end that long at most."""


class Lock(Protocol):
    """At most one process at a time; free at once when its holder dies, however it dies."""

    def held(self, purpose: str) -> AbstractContextManager[None]:
        """Hold it for a block; ``StateError`` at once, naming the holder, where another process has it."""

    def holder(self) -> str | None:
        """``PID PURPOSE`` of whoever holds it now; None where nobody does."""


class Cache(Protocol):
    """Bytes by key that may be forgotten at any time; never raises."""

    def recall(self, key: str) -> bytes | None:
        """What was remembered under the key, or None."""

    def remember(self, key: str, value: bytes) -> None:
        """Keep ``value``; what was there under the same key goes."""


class Clock(Protocol):
    """Time, as an argument."""

    def now_s(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""

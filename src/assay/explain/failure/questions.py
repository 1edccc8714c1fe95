"""What a failure gives reason to look at on the machine: paths, ports, libraries, disks. Pure; the flow goes and looks."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from assay.core.order import reads
from assay.core.pipeline import Step
from assay.core.run import StepResult
from assay.explain import command
from assay.explain.failure.log import read_log
from assay.explain.paths import is_data, is_model

MOST_PATHS = 60
MOST_PORTS = 8
MOST_LIBRARIES = 4

_PATH = re.compile(r"['\"\u2018 (=:]((?:/|\./|\.\./|~/)?[\w.+@~-]+(?:/[\w.+@~-]+)*)")
_TAKEN = re.compile(
    r"address already in use|EADDRINUSE|Errno 98|Errno 48|port \d+ is (already )?(in use|allocated)", re.IGNORECASE
)
_FULL = re.compile(r"No space left|ENOSPC|Errno 28|quota exceeded|disk is full", re.IGNORECASE)
_DENIED = re.compile(r"denied|permitted|Errno 13|Read-only|Errno 30", re.IGNORECASE)
_SO = re.compile(r"(/[\w./+-]+\.so[\w.]*)")
_TABLES = re.compile(
    r"KeyError|ColumnNotFound|columns? |Frame' object has no attribute|samples?\b|n_samples|empty|NaN\b|features|convert string|least populated|Binder",
    re.IGNORECASE,
)


class Questions(msgspec.Struct, frozen=True):
    """What to look at."""

    paths: tuple[str, ...] = ()
    """As written: relative to the project, or absolute."""
    ports: tuple[int, ...] = ()
    libraries: tuple[str, ...] = ()
    """Files of compiled modules whose libraries may be missing."""
    sizes: bool = False
    """What fills the project's folder."""
    no_room_for: tuple[str, ...] = ()
    """What it may have been writing when a disk was full, the likeliest first."""
    tables: bool = False
    """Rows and columns of the tables that the step and those before it read or wrote."""


def ask(step: Step, failed: StepResult, log_tail: str, read_before: tuple[str, ...] = ()) -> Questions:
    """The questions that the end of the log, the command and the trace raise; ``read_before`` is what the steps read that it rests on."""
    lines = read_log(log_tail).lines[-60:]
    text = "\n".join(lines)
    own = tuple(dict.fromkeys(_paths(step, failed, lines)))[:MOST_PATHS]
    before = tuple(path for path in dict.fromkeys(read_before) if path not in own and (is_data(path) or is_model(path)))
    return Questions(
        paths=(*own, *before[: MOST_PATHS - len(own)]),
        ports=_ports(step, lines) if _TAKEN.search(text) else (),
        libraries=tuple(dict.fromkeys(_SO.findall(text)))[:MOST_LIBRARIES] if "shared object" in text else (),
        sizes=bool(_FULL.search(text)),
        no_room_for=tuple(dict.fromkeys(_written(step, failed, lines))) if _FULL.search(text) else (),
        tables=bool(_TABLES.search(text)),
    )


def _paths(step: Step, failed: StepResult, lines: tuple[str, ...]) -> Iterator[str]:
    """Those of the last lines, with their folders where a right is missing; then those that the step names or read."""
    yield from (*command.paths(step), *reads(step))
    yield from (word for word in command.words(step)[:2] if "/" in word)
    for line in reversed(lines[-15:]):
        for path in _PATH.findall(line):
            if "/" in path or "." in path:
                yield path
                if _DENIED.search(line):
                    yield str(PurePosixPath(path).parent)
    yield from failed.trace.missing[-10:]
    touched = reversed(failed.trace.reads)
    yield from (path for path in touched if is_data(path) or is_model(path))
    yield from (word for word in command.words(step) if word.endswith((".sh", ".py", ".bash")))


def _written(step: Step, failed: StepResult, lines: tuple[str, ...]) -> Iterator[str]:
    """The paths that the message names, else what it was seen to write, the last first, else what it is to write."""
    for line in reversed(lines):
        if _FULL.search(line):
            yield from (path for path in _PATH.findall(line) if "/" in path or "." in path)
    yield from reversed(failed.trace.writes)
    yield from (*command.targets(step), *step.promised)


def _ports(step: Step, lines: tuple[str, ...]) -> tuple[int, ...]:
    """Numbers near the message and on the command line that can be ports, the nearest first."""
    near = " ".join((*reversed(lines[-30:]), command.text(step)))
    found = (int(number) for number in re.findall(r"(?<![\d.])(?<!line )(\d{2,5})(?![\d.])", near))
    return tuple(dict.fromkeys(port for port in found if 80 <= port <= 65_535 and port not in {98, 111}))[:MOST_PORTS]

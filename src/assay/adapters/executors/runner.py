"""The far side of a job: take its spec, run its task with the local executor, leave a record.

A job is taken once: its spec is renamed and removed, so that a scheduler that starts it again finds nothing to start, and the
values of secrets in it do not stay on the disk. Nothing that the task started outlives it: this process may go at any time,
and who kills it kills everything, as the guard sees to.
"""

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from assay import __version__
from assay.adapters.executors.local import LocalExecutor
from assay.adapters.executors.project_copy import changed, lay_out
from assay.adapters.executors.trace_lines import append_lines, escaped, trace_line
from assay.adapters.files.local import LocalFiles
from assay.adapters.stores.local import LocalStore
from assay.core.job import RECORD, SPEC, STOP, Job, JobRecord, ProjectCopy
from assay.core.ports import Ended, Task
from assay.core.problem import AssayError, NotFound, Problem

LOOK_S = 0.1
"""How often it is looked whether the job is to stop."""
GRACE_S = 10.0
NOT_STARTED = 126

OF_THE_PLACE = ("CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ZE_AFFINITY_MASK")
"""What the scheduler says of the devices that a job may use stands above what the asking machine has."""


def run_job(folder: Path, environ: Mapping[str, str] = os.environ) -> bytes:
    """Run the job whose folder this is, and return the record that is then in it. ``NotFound`` where there is no job, or not any
    more."""
    data = _take(folder)
    try:
        record = _run(_read(data), folder, environ)
    except AssayError as error:
        name = msgspec.json.decode(data, type=_Named).task.name
        ended = Ended(name, NOT_STARTED, 0.0, 0.0, problem=error.problem)
        record = JobRecord(ended, os.uname().nodename)
    encoded = msgspec.json.encode(record)
    beside = folder / f"{RECORD}.new"
    beside.write_bytes(encoded)
    beside.replace(folder / RECORD)
    return encoded


class _Task(msgspec.Struct):
    name: str


class _Named(msgspec.Struct):
    """What of a job any version can read."""

    task: _Task
    assay_version: str


def _take(folder: Path) -> bytes:
    taken = folder / f"{SPEC}.taken"
    try:
        (folder / SPEC).rename(taken)
    except FileNotFoundError as error:
        raise NotFound(
            Problem(
                "job-not-there",
                f"no job waits in {folder} on {os.uname().nodename}",
                ("a job is taken once: its spec.json goes when it is", "or this machine does not see that folder"),
                "start no job twice; let every machine see the folder at the same path",
            )
        ) from error
    data = taken.read_bytes()
    taken.unlink()
    return data


def _read(data: bytes) -> Job:
    version = msgspec.json.decode(data, type=_Named).assay_version
    if version != __version__:
        raise AssayError(
            Problem(
                "other-assay-version",
                f"the machine that asks has Assay {version}, {os.uname().nodename} has {__version__}",
                ("a step must run the same wherever it runs",),
                f"install one version everywhere: pip install assay=={version}",
            )
        )
    return msgspec.json.decode(data, type=Job)


def _run(job: Job, folder: Path, environ: Mapping[str, str]) -> JobRecord:
    places = {name: environ[name] for name in OF_THE_PLACE if name in environ}
    task = msgspec.structs.replace(job.task, environment={**job.task.environment, **places}, watched=())
    if job.copy is None:
        record = JobRecord(_run_task(task, folder), os.uname().nodename)
    else:
        with tempfile.TemporaryDirectory(prefix="assay-step-", ignore_cleanup_errors=True) as place:
            record = _run_in_copy(task, job.copy, Path(place), folder, environ)
    if job.task.watched and job.task.tracing != "off":
        trace = task.trace if job.copy is None else folder / "trace"
        append_lines(Path(trace), [trace_line("u", "unavailable")])
    return record


def _run_task(task: Task, folder: Path) -> Ended:
    executor = LocalExecutor()
    asked: float | None = None
    try:
        executor.start(task)
        while not (ended := executor.wait(LOOK_S)):
            grace_s = _asked_to_stop(folder)
            if grace_s is not None and grace_s != asked:
                asked = grace_s
                executor.ask_to_end(grace_s, [task.name])
    except KeyboardInterrupt:  # the scheduler asks for the end
        executor.stop(GRACE_S)
        raise
    finally:
        executor.end_everything()
    return ended[0]


def _asked_to_stop(folder: Path) -> float | None:
    """The grace that it is given; None where it is to go on. A folder that is gone was removed by who waits for nothing more."""
    try:
        text = (folder / STOP).read_text()
    except OSError as error:
        return 0.0 if error.errno in (errno.ENOENT, errno.ESTALE) else None
    return float(text.split()[-1]) if text.strip() else None


def _run_in_copy(task: Task, copy: ProjectCopy, place: Path, folder: Path, environ: Mapping[str, str]) -> JobRecord:
    project = place / "project"
    store = LocalStore(Path(copy.store))
    lay_out(copy, store, project)
    work = project / os.path.relpath(task.folder, copy.home)
    if copy.has_folder:
        work.mkdir(parents=True, exist_ok=True)
    files = LocalFiles(project, place / "cache.sqlite")
    before = files.scan()
    moved = msgspec.structs.replace(
        task,
        environment={**task.environment, "PATH": _path(task.environment, environ)},
        folder=str(work),
        project=str(project),
        log=str(folder / "log"),
        trace=str(folder / "trace"),
    )
    ended = _run_task(moved, folder)
    _tell_of_home(folder / "trace", str(project), copy.home)
    return JobRecord(ended, os.uname().nodename, *changed(before, files, store))


def _path(asked: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """That of the asking machine, then what only this one has."""
    folders = [*asked.get("PATH", "").split(os.pathsep), *environ.get("PATH", "").split(os.pathsep)]
    return os.pathsep.join(dict.fromkeys(filter(None, folders)))


def _tell_of_home(trace: Path, project: str, home: str) -> None:
    """Name the files of the copy as those that they are copies of."""
    if trace.exists():
        here, there = (f"\t{escaped(folder)}".encode("utf-8", "surrogateescape") for folder in (project, home))
        trace.write_bytes(trace.read_bytes().replace(here, there))

"""A job as its folder: what is written before it is submitted, and what either side says to the other in it."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from assay.adapters.disk import disk_errors
from assay.core.job import RECORD, SPEC, STOP, Job, JobRecord

TOKEN = "token"  # noqa: S105 -- the name of a file


def make(job: Job, base: Path) -> Path:
    """The job's folder, with all that stands in it before it is submitted. Only its user may look: it holds secrets."""
    with disk_errors("cannot write the job", base):
        base.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="job-", dir=base))
        (folder / TOKEN).write_text(job.task.token)
        for name in (RECORD, STOP, "log"):
            (folder / name).touch()
        (folder / SPEC).write_bytes(msgspec.json.encode(job))
    return folder


def withdraw(folder: Path) -> bool:
    """Whether nobody had taken the job, and nobody can any more."""
    try:
        (folder / SPEC).rename(folder / f"{SPEC}.withdrawn")
    except OSError:
        return False
    return True


def tell_to_stop(folder: Path, grace_s: float) -> None:
    """Whoever runs the job sees it when it looks."""
    try:
        (folder / STOP).write_text(f"{grace_s}\n")
    except FileNotFoundError:
        pass  # somebody has swept it, which tells the job too


def record_in(folder: Path) -> JobRecord | None:
    """What the job left when it ended; None where it has not."""
    try:
        data = (folder / RECORD).read_bytes()
    except OSError:
        return None
    return msgspec.json.decode(data, type=JobRecord) if data else None


def of_token(token_prefix: str, base: Path) -> Iterator[Path]:
    """The folders in ``base`` of the jobs whose token begins so."""
    for token in base.glob(f"*/{TOKEN}"):
        if token.read_text().startswith(token_prefix):
            yield token.parent


def token_of(folder: Path) -> str:
    """The token of its task."""
    return (folder / TOKEN).read_text()

"""A task's log, which may hold the output of earlier tasks before its own."""

import os
from pathlib import Path

from assay.adapters.disk import disk_errors, state_error
from assay.core.ports import Task

PIECE_BYTES = 1_000_000


def begin_log(task: Task, log: str) -> int:
    """How long the log is before the task; it is there after this. ``StateError`` where it cannot be written."""
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise state_error(f"cannot write the log of {task.name}", Path(log), error) from error
    try:
        return os.lseek(descriptor, 0, os.SEEK_END)
    finally:
        os.close(descriptor)


def read_log(name: str, log: str, offset: int) -> bytes:
    """What stands in it from that byte on, a megabyte at most."""
    path = Path(log)
    with disk_errors(f"cannot read the log of {name}", path), path.open("rb") as file:
        file.seek(offset)
        return file.read(PIECE_BYTES)

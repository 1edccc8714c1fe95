"""A task's log, which may hold the output of earlier tasks before its own."""

import os
from pathlib import Path

from assay.adapters.disk import state_error
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
    try:
        if os.stat(log).st_size <= offset:  # noqa: PTH116 -- asked all the time, and mostly there is nothing
            return b""
        with open(log, "rb") as file:  # noqa: PTH123 -- as above
            file.seek(offset)
            return file.read(PIECE_BYTES)
    except OSError as error:
        raise state_error(f"cannot read the log of {name}", Path(log), error) from error

"""The end of a step's log, which says why it failed."""

import os
from pathlib import Path

TAIL_BYTES = 32 * 1024


def read_tail(path: Path) -> str:
    """The last bytes as text, what is no UTF-8 as ``\\xNN``; empty where there is no log."""
    try:
        with path.open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - TAIL_BYTES))
            return log.read().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return ""

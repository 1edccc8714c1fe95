"""What this process itself opens: it must not be taken for what a task opened at the same time."""

import os
import sys
import time
from functools import cache
from typing import Any


@cache
def own_reads() -> "OwnReads":
    """Those of this process: what listens to it can never be taken out again."""
    return OwnReads()


class OwnReads:
    """Notes when Python opens one of ``watched`` in this process. DuckDB's files are opened by Python first, to know them."""

    def __init__(self) -> None:
        self._watched: dict[str, int] = {}
        self._last_s: dict[str, float] = {}
        sys.addaudithook(self._hear)

    def watch(self, paths: tuple[str, ...]) -> None:
        """Note when they are opened, until ``forget``."""
        for path in paths:
            self._watched[path] = self._watched.get(path, 0) + 1

    def forget(self, paths: tuple[str, ...]) -> None:
        """Once for each time that they were watched."""
        for path in paths:
            if self._watched.get(path, 0) > 1:
                self._watched[path] -= 1
            else:
                self._watched.pop(path, None)
                self._last_s.pop(path, None)

    def since(self, path: str, moment_s: float) -> bool:
        """Whether this process has opened it since that moment of the monotonic clock."""
        return self._last_s.get(path, -1.0) >= moment_s

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if event == "open" and self._watched and isinstance(args[0], str | bytes | os.PathLike):
            path = os.path.abspath(os.fsdecode(args[0]))  # noqa: PTH100 -- called for every file that Assay opens
            if path in self._watched:
                self._last_s[path] = time.monotonic()

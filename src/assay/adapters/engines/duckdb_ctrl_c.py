"""Ctrl-C while DuckDB works. It asks Python for signals, but then waits for its threads, which go on to the end of their data
unless they are told; and what it raises is an error of its own."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import duckdb


@contextmanager
def ctrl_c_heeded(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A KeyboardInterrupt comes out of whatever the connection works at, and at once. Other threads than the first hear of none."""
    before: dict[int, Any] = {}

    def heard(number: int, frame: FrameType | None) -> None:
        try:
            before[number](number, frame)
        except BaseException:
            connection.interrupt()
            raise

    if threading.current_thread() is threading.main_thread():  # which alone is interrupted
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if callable(signal.getsignal(number)):
                before[number] = signal.getsignal(number)
                signal.signal(number, heard)
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise
    finally:
        for kept, handler in before.items():
            signal.signal(kept, handler)

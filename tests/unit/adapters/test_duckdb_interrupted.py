"""Ctrl-C while DuckDB works, whatever it works at."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.adapters.engines.duckdb_session import opened_database

WORKING = """
import signal
from assay.adapters.engines.duckdb_session import opened_database

def work(connection, _=None):
    print("working", flush=True)
    connection.execute("SELECT max(hash(x)) FROM range(1000000000000) t(x)").fetchall()

signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    with opened_database((), "500MB", load=work if {in_load} else None) as connection:
        work(connection)
except KeyboardInterrupt:
    print("heard")
"""


def worked(pid: int) -> int:
    """Hundredths of a second of its processors' time."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11])


@pytest.mark.parametrize("in_load", [False, True])
def test_it_is_an_interruption(in_load):
    words = [sys.executable, "-c", WORKING.format(in_load=in_load)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        begun = worked(process.pid)
        while process.poll() is None and worked(process.pid) < begun + 20:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=120) == ("heard\n", "")


def test_another_error_is_told_as_it_is():
    with pytest.raises(RuntimeError, match="our own"), opened_database((), "500MB"):
        raise RuntimeError("our own: interrupted")

"""What a command costs: CPU seconds of its process tree, wall time, the memory of its largest process."""

import datetime as dt
import os
import platform
import resource
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import msgspec


class Spent(msgspec.Struct, frozen=True):
    """What a command cost, its children included, and what it said."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    said: str = ""


def least(command: list[str], folder: Path, rounds: int, code: int = 0) -> Spent:
    """The run with the least CPU of so many, each of which ends with ``code``."""
    return min((_spend(command, folder, code) for _ in range(rounds)), key=lambda spent: spent.cpu_s)


def _spend(command: list[str], folder: Path, code: int) -> Spent:
    """In a process of its own, so that its memory is nobody else's."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        begun_s = time.monotonic()
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        wall_s = time.monotonic() - begun_s
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode != code:
            sys.stderr.buffer.write(done.stdout[-1000:] + done.stderr[-2000:])
        spent = Spent(used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1024, done.stdout.decode())
        with os.fdopen(write, "wb") as answer:
            answer.write(msgspec.json.encode((done.returncode, spent)))
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        ended, spent = msgspec.json.decode(told.read(), type=tuple[int, Spent])
    os.waitpid(pid, 0)
    if ended != code:
        raise SystemExit(f"{' '.join(command)} in {folder} ended with {ended}, not {code}")
    return spent


def conditions() -> str:
    """The machine, in a line."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    cpu = next((line.partition(": ")[2].strip() for line in lines if line.startswith("model name")), "")
    return (
        f"{dt.datetime.now(tz=dt.UTC):%Y-%m-%d}, {os.cpu_count()} cores {cpu}, load {os.getloadavg()[0]:.1f}, "
        f"Python {platform.python_version()}, {platform.system()} {platform.release()}, DuckDB {duckdb.__version__}"
    )

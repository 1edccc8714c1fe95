"""``assay doctor``: is this machine, and this project, all right?"""

import os
import shutil
import sqlite3
import subprocess
import sys
from importlib.util import find_spec
from typing import Literal

import msgspec

from assay.core.history import History
from assay.core.problem import AssayError
from assay.flows.releases import read_bill
from assay.flows.run import own_open_runs
from assay.workspace import Workspace

State = Literal["ok", "warn", "failed"]
LOW_BYTES = 1_000_000_000


class Examination(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    subject: str
    state: State
    seen: str
    fix: str = ""


def examine_machine(environ: dict[str, str]) -> tuple[Examination, ...]:
    """What every project needs."""
    return (
        Examination("python", "ok", f"{sys.version.split()[0]} at {sys.executable}"),
        _git(),
        Examination("sqlite", "ok", sqlite3.sqlite_version),
        *(_package(name) for name in ("duckdb", "numpy", "uvicorn")),
        _bytecode(environ),
    )


def examine_project(workspace: Workspace) -> tuple[Examination, ...]:
    """What this project's state is like. Reads the whole ledger."""
    file = _file(workspace)
    always = (file, Examination("steps' python", "ok", workspace.interpreter.python), _disk(workspace))
    return (
        always
        if file.state == "failed"
        else (*always, _chain(workspace), *_releases(workspace), _left_behind(workspace))
    )


def _git() -> Examination:
    path = shutil.which("git")
    if path is None:
        return Examination("git", "warn", "not found: code has no version", "install git")
    answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
    return Examination("git", "ok", answer.stdout.strip())


def _package(name: str) -> Examination:
    if find_spec(name) is None:
        return Examination(name, "failed", "not installed", "install assay again, in a fresh environment")
    return Examination(name, "ok", "installed")


def _bytecode(environ: dict[str, str]) -> Examination:
    if environ.get("PYTHONDONTWRITEBYTECODE"):
        seen = "PYTHONDONTWRITEBYTECODE is set: where Assay is not compiled yet, every command compiles it again"
        return Examination("bytecode", "warn", seen, "unset PYTHONDONTWRITEBYTECODE, or python -m compileall once")
    return Examination("bytecode", "ok", "is kept")


def _file(workspace: Workspace) -> Examination:
    try:
        steps = len(workspace.pipeline.steps)
    except AssayError as error:
        return Examination("assay.yaml", "failed", error.problem.what, "assay plan shows every mistake")
    return Examination("assay.yaml", "ok", f"{workspace.pipeline.name}: {steps} steps")


def _disk(workspace: Workspace) -> Examination:
    free = shutil.disk_usage(workspace.state if workspace.state.exists() else workspace.root).free
    if not os.access(workspace.root, os.W_OK):
        return Examination("disk", "failed", f"{workspace.root} is not writable", "make it writable for you")
    seen = f"{free / 1e9:.1f} GB free"
    return Examination(
        "disk", "warn" if free < LOW_BYTES else "ok", seen, "free some space" if free < LOW_BYTES else ""
    )


def _chain(workspace: Workspace) -> Examination:
    try:
        fault, (seq, _) = workspace.ledger.verify(), workspace.ledger.head()
    except AssayError as error:
        return Examination("ledger", "failed", error.problem.what, error.problem.fix)
    if fault:
        return Examination("ledger", "failed", fault, "restore the ledger from a backup")
    return Examination("ledger", "ok", f"{seq} events, chain whole")


def _releases(workspace: Workspace) -> tuple[Examination, ...]:
    """Whether what is live and what is champion is in the store, as far as names tell."""
    try:
        history = workspace.history()
        roles = [("champion", history.champion), ("live", history.live)]
        names = dict.fromkeys(name for _, name in roles if name is not None)
        return tuple(
            _release(workspace, history, name, [role for role, each in roles if each == name]) for name in names
        )
    except AssayError as error:
        return (Examination("release", "failed", error.problem.what, error.problem.fix),)


def _release(workspace: Workspace, history: History, name: str, roles: list[str]) -> Examination:
    release = history.release(name)
    assert release is not None
    said, fix = (
        f"{name} ({', '.join(roles)})",
        f"bring the store back from a backup; assay release verify {name} reads all",
    )
    try:
        bill = read_bill(workspace, release)
    except AssayError as error:
        return Examination("release", "failed", f"the bill of {said} is not in the store: {error.problem.what}", fix)
    parts = [("model", bill.model), ("code", bill.code), *(("data", each) for each in bill.data)]
    lost = [f"{role} {part.label}" for role, part in parts if not workspace.store.has(part)]
    if lost:
        return Examination("release", "failed", f"the store has lost of {said}: {', '.join(lost)}", fix)
    return Examination("release", "ok", f"{said} is in the store")


def _left_behind(workspace: Workspace) -> Examination:
    try:
        open_runs = own_open_runs(workspace)
    except AssayError as error:
        return Examination("runs", "failed", error.problem.what, error.problem.fix)
    if open_runs and workspace.run_lock.holder() is None:
        seen = f"run {open_runs[-1]} was killed before it ended"
        return Examination("runs", "warn", seen, "assay run ends what it left and records it")
    return Examination("runs", "ok", "none left behind")

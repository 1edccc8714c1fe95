"""Trace every process of a task with strace, whatever it is written in, and note what it touched as the Python tracer does.

The tracer runs beside the task (``-D``): the shell stays the executor's own child, with its exit code and signals. Only calls
that name files are stopped at (``--seccomp-bpf``). What is noted follows the rules of ``tracer/sitecustomize.py``; the probing of
loaders and shells in the system's folders is left out.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from assay.adapters.executors.strace_calls import Call, plain, read_calls
from assay.adapters.executors.trace_lines import append_lines, trace_line
from assay.core.ports import Task
from assay.core.problem import Problem, UsageError

LINES_A_MODE = 50_000

_CALLS = "%file,chdir,fchdir,getdents64,clone,clone3,fork,vfork"
_AT = r"(?:AT_FDCWD|-?\d+)(?:<(?P<at{0}>(?:[^>\\]|\\.)*)>)?(?:\(deleted\))?, "
_NAME = r'"(?P<name{0}>(?:[^"\\]|\\.)*)"'
_ONE = re.compile(rf"(?:{_AT.format(1)})?{_NAME.format(1)}")
_TWO = re.compile(rf"(?:{_AT.format(1)})?{_NAME.format(1)}, (?:{_AT.format(2)})?{_NAME.format(2)}")
_LISTED = re.compile(r"\d+<(?P<path>(?:[^>\\]|\\.)*)>")

_SYSTEM = tuple(
    f"/{name}/"
    for name in "proc dev sys run usr lib lib32 lib64 bin sbin etc var/lib var/cache".split()  # noqa: SIM905 -- reads better
)
_SYSTEM_FOLDERS = tuple(folder.rstrip("/") for folder in _SYSTEM)


def is_here() -> bool:
    """There is a strace on this machine."""
    return _program() is not None


def words(task: Task) -> tuple[str, ...]:
    """Words before a command that trace it. ``UsageError`` where there is no strace."""
    program = _program()
    if program is None:
        raise UsageError(
            Problem(
                "no-strace",
                "steps cannot be traced with strace: it is not installed",
                ("no program named strace is on PATH",),
                "install it (apt-get install strace, dnf install strace), or trace with Python's own hook: trace: warn",
            )
        )
    report = _report(task)
    report.unlink(missing_ok=True)
    shown = ("-y", "-s", "4096", "-e", "signal=none", "-e", f"trace={_CALLS}", "-o", str(report))
    return (program, "-D", "-f", "-qq", "--seccomp-bpf", *shown, "--")


def translate(task: Task) -> None:
    """Turn what strace wrote into lines of the task's trace, and remove it."""
    report = _report(task)
    if report.exists():
        notes = _Notes(task)
        with report.open(encoding="latin-1", newline="\n") as lines:
            append_lines(Path(task.trace), notes.read(lines))
        report.unlink()


@cache
def _program() -> str | None:
    return shutil.which("strace")


def _report(task: Task) -> Path:
    return Path(task.trace).absolute().with_name(Path(task.trace).name + ".strace")


class _Notes:
    """What was noted so far, and where each process is."""

    def __init__(self, task: Task) -> None:
        self._command = task.command
        self._start = task.folder
        self._trace = str(Path(task.trace).absolute())
        self._root = _as_folder(task.project or task.folder)
        self._real_root = _as_folder(os.path.realpath(self._root))
        temporary = (task.environment.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
        self._temporary = tuple(_as_folder(folder) for folder in (*temporary, "/tmp", "/var/tmp") if folder)  # noqa: S108
        libraries = _libraries(task.environment.get("PATH", ""))
        self._skipped = tuple(folder for folder in (*libraries, *_SYSTEM) if not self._root.startswith(folder))
        self._folders: dict[str, str] = {}
        """Where each process is, by its pid as strace prints it."""
        self._noted: set[tuple[str, str]] = set()
        self._left = dict.fromkeys("rwxcdm", LINES_A_MODE)

    def read(self, lines: Iterator[str]) -> Iterator[str]:
        """The lines of the trace."""
        for number, call in enumerate(read_calls(lines)):
            if number == 0:
                yield trace_line("p", call.pid, " ".join(self._command.split()))
            for mode, path in self._touched(call):
                yield from self._note(mode, path)

    def _touched(self, call: Call) -> Iterable[tuple[str, str]]:
        if call.name in _FORKS:
            self._folders.setdefault(str(call.value), self._folder(call.pid))
        elif call.name in _LOOKS:
            return self._looked_for(call)
        elif call.name in _OPENS:
            return self._opened(call)
        elif not call.error:
            return self._changed(call)
        return ()

    def _looked_for(self, call: Call) -> Iterable[tuple[str, str]]:
        match = _ONE.match(call.arguments)
        return (("m", self._path(call, match, 1)),) if match and call.is_missing else ()

    def _opened(self, call: Call) -> Iterator[tuple[str, str]]:
        match = _ONE.match(call.arguments)
        if match is None:
            return
        path, flags = self._path(call, match, 1), call.arguments[match.end() :]
        makes = call.name == "creat" or "O_CREAT" in flags
        writes = makes or "O_WRONLY" in flags or "O_RDWR" in flags or "O_TRUNC" in flags
        updates = "O_RDWR" in flags and not (makes and self._is_new(path, flags)) and "O_TRUNC" not in flags
        if call.is_missing:
            yield "m", str(Path(path).parent) if makes else path
        elif not call.error:
            if (updates or not writes) and not Path(path).is_dir():
                yield "r", _source(path)
            if writes:
                yield "w", path

    def _is_new(self, path: str, flags: str) -> bool:
        """It was seen that nothing was there when it was opened. What nobody had looked for may have been there."""
        full = self._full(path)
        return "O_EXCL" in flags or ("m", full) in self._noted or ("x", full) in self._noted

    def _changed(self, call: Call) -> Iterable[tuple[str, str]]:
        if call.name in _OF_TWO:
            return self._moved(call)
        if call.name == "getdents64":
            match = _LISTED.match(call.arguments)
            return (("d", plain(match["path"])),) if match else ()
        match = _ONE.match(call.arguments)
        if match is None:
            return ()
        path = self._path(call, match, 1)
        if call.name == "chdir":
            self._folders[call.pid] = path
        is_folder = call.name == "rmdir" or "AT_REMOVEDIR" in call.arguments
        return ((mode, path + "/" if is_folder else path) for mode in _MODES.get(call.name, ""))

    def _moved(self, call: Call) -> Iterator[tuple[str, str]]:
        match = _TWO.match(call.arguments)
        if match:
            old, new = self._path(call, match, 1), self._path(call, match, 2)
            if call.name.startswith("rename"):
                yield "x", old + "/" if Path(new).is_dir() else old
            yield "w", new

    def _path(self, call: Call, match: re.Match[str], number: int) -> str:
        at, name = match[f"at{number}"], plain(match[f"name{number}"])
        folder = self._folder(call.pid) if at is None else plain(at)
        if at is not None and "AT_FDCWD" in match[0]:
            self._folders[call.pid] = folder
        return os.path.normpath(os.path.join(folder, name))  # noqa: PTH118 -- resolves no links

    def _folder(self, pid: str) -> str:
        return self._folders.get(pid, self._start)

    def _note(self, mode: str, path: str) -> Iterator[str]:
        full = self._full(path)
        if not self._is_of_interest(mode, full):
            return
        bare = full.rstrip("/")
        if mode == "w":
            self._noted.discard(("x", bare))
        elif mode == "x":
            self._noted.discard(("w", bare))
        if (mode, bare) not in self._noted and self._left[mode]:
            self._noted.add((mode, bare))
            self._left[mode] -= 1
            yield trace_line(mode, full)
            if not self._left[mode]:
                yield trace_line("o", mode)

    def _full(self, path: str) -> str:
        return self._root + path[len(self._real_root) :] if path.startswith(self._real_root) else path

    def _is_of_interest(self, mode: str, full: str) -> bool:
        inside = (full + "/").startswith(self._root)
        if full.startswith((*self._skipped, self._trace)) or full in _SYSTEM_FOLDERS or full == "/":
            return False
        if "__pycache__" in full or full.endswith(".pyc") or re.search(r"/(site|dist)-packages(/|$)", full):
            return False
        if inside or mode == "m":
            return True
        is_temporary = full.startswith(self._temporary)
        return mode in ("w", "x", "c") and (not is_temporary or ("m", full.rstrip("/")) in self._noted)


def _source(path: str) -> str:
    """A module read from its cache counts as its source."""
    folder, cache_name, name = path.rpartition("/__pycache__/")
    return f"{folder}/{name.split('.')[0]}.py" if cache_name and name.endswith(".pyc") else path


def _libraries(path: str) -> Iterator[str]:
    """Where the programs and interpreters on PATH and their libraries lie."""
    for folder in filter(None, path.split(os.pathsep)):
        yield _as_folder(folder)
        python = Path(folder, "python3")
        if python.exists():
            prefix = Path(folder).parent
            if (prefix / "pyvenv.cfg").exists():
                yield _as_folder(str(prefix))
            yield _as_folder(str(python.resolve().parent.parent / "lib"))


def _as_folder(path: str) -> str:
    return os.path.abspath(path).rstrip("/") + "/"  # noqa: PTH100 -- resolves no links


_FORKS = frozenset(("clone", "clone3", "fork", "vfork"))
_OPENS = frozenset(("open", "openat", "openat2", "creat"))
_LOOKS = frozenset(("stat", "lstat", "newfstatat", "fstatat64", "statx", "access", "faccessat", "faccessat2"))
_OF_TWO = frozenset(("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"))
_MODES = {
    **dict.fromkeys(("execve", "execveat"), "r"),
    **dict.fromkeys(("mkdir", "mkdirat"), "c"),
    **dict.fromkeys(("rmdir", "unlink", "unlinkat"), "x"),
    "truncate": "w",
}

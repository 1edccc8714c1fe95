"""Rules on how a command ended: not found, not executable, killed."""

import difflib
import re
import signal
from pathlib import PurePosixPath

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import at
from assay.explain.failure.log import read_log

_NOT_FOUND = re.compile(
    r"^(?:[\w./-]*sh: )?(?:line \d+: |\d+: )?(?:env: )?['‘]?([^\s:'’]+)['’]?: "  # noqa: RUF001 - coreutils quote so
    r"(?:command not found|not found|No such file or directory|bad interpreter)"
)
_NOT_EXECUTABLE = re.compile(
    r"^(?:[\w./-]*sh: )?(?:line \d+: |\d+: )?([^\s:]+): "
    r"(Permission denied|cannot execute[^\n]*|Is a directory|[^\n]*Exec format error)"
)

_NOT_ENTERED = re.compile(r"assay: the folder to work in cannot be entered: ([^:]+): .*")


def signal_of(exit_code: int | None) -> int | None:
    """The signal that ended the command: -9 for the shell itself, 137 where the shell reports it; None where none did."""
    if exit_code is None:
        return None
    number = -exit_code if exit_code < 0 else exit_code - 128
    return number if number in _SIGNALS else None


def workdir_missing(evidence: Evidence) -> Problem | None:
    """Nothing was started, for the folder to start it in cannot be entered."""
    match = next((match for line in reversed(_lines(evidence)) if (match := _NOT_ENTERED.match(line))), None)
    if match is None or evidence.failed.exit_code not in (126, 127):
        return None
    workdir, reason = evidence.step.workdir, match[1]
    place = at(evidence.place(f"steps.{evidence.failed.step}.workdir", f"steps.{evidence.failed.step}"))
    folders = sorted({str(above) for file in evidence.files for above in PurePosixPath(file).parents} - {"."})
    near = next(iter(difflib.get_close_matches(workdir, folders, n=1, cutoff=0.7)), None)
    if reason != "No such file or directory":
        what, fix = f"cannot work in {workdir}: {reason[:1].lower()}{reason[1:]}", f"see what it is: ls -ld {workdir}"
    else:
        what = f"the folder to work in is not there: {workdir}"
        fix = f"write {near}{place}" if near else f"correct `workdir:`{place}, or make it: mkdir -p {workdir}"
    because = (f"the step says `workdir: {workdir}`, and nothing was started", f"the log says: {match[0]}")
    return Problem("workdir-missing", what, because, fix, step=evidence.failed.step)


def command_not_found(evidence: Evidence) -> Problem | None:
    """Exit code 127, or Python told that a program to start is not there."""
    by_python = _started_by_python(evidence)
    if evidence.failed.exit_code != 127 and by_python is None:
        return None
    line, name = by_python or _last_match(_NOT_FOUND, evidence) or ("", command.program(evidence.step))
    because = tuple(
        fact
        for fact in (
            f"the shell ended with exit code 127: it found no such command{at(evidence.place_of_step(evidence.step))}"
            if by_python is None
            else "",
            f"the log says: {line}" if line else "",
        )
        if fact
    )
    return Problem(
        "command-not-found",
        f"command not found: {name}",
        because,
        _fix_not_found(name, evidence),
        step=evidence.failed.step,
    )


def not_executable(evidence: Evidence) -> Problem | None:
    """Exit code 126: the command is there and cannot be executed."""
    if evidence.failed.exit_code != 126:
        return None
    match = next((match for line in _lines(evidence) if (match := _NOT_EXECUTABLE.match(line))), None)
    name, reason = (match[1], match[2]) if match else (command.program(evidence.step), "")
    said = (f"the log says: {match[0]}",) if match else ()
    because = ("the shell ended with exit code 126: the command is there, but could not be executed", *said)
    fix = f"chmod +x {name}" if reason.startswith("Permission") else f"see what {name} is: file {name}"
    return Problem("not-executable", f"command not executable: {name}", because, fix, step=evidence.failed.step)


def killed(evidence: Evidence) -> Problem | None:
    """A signal ended it."""
    number = signal_of(evidence.failed.exit_code)
    if number is None:
        return None
    name = signal.Signals(number).name
    code = evidence.failed.exit_code
    how = (
        f"signal {number} ({name}) ended the shell"
        if code == -number
        else f"exit code {code}, by which the shell reports signal {number} ({name})"
    )
    because: tuple[str, ...] = (how,)
    meaning, fix = _MEANINGS.get(number, ("", "run it by hand and see: " + command.shown(evidence.step)))
    because += (meaning,) if meaning else ()
    return Problem("killed-by-signal", f"killed by {name}", because, fix, step=evidence.failed.step)


def nearest_file(name: str, evidence: Evidence) -> str | None:
    """The file of the project that ``name`` may have meant: the same name in another folder, else a like one."""
    base = PurePosixPath(name).name
    same = [path for path in evidence.files if PurePosixPath(path).name == base]
    if same:
        return min(same, key=lambda path: (path.count("/"), path))
    suffix = PurePosixPath(name).suffix
    names = {PurePosixPath(path).name: path for path in sorted(evidence.files, reverse=True) if path.endswith(suffix)}
    close = difflib.get_close_matches(base, names, n=1, cutoff=0.7)
    return names[close[0]] if close else None


_SIGNALS = frozenset(int(each) for each in signal.Signals)
_MEANINGS: dict[int, tuple[str, str]] = {
    signal.SIGKILL: (
        "nothing can catch this signal; the kernel sends it when memory runs out, but here that is not proven",
        "look for the kernel's word on it (dmesg | grep -i 'out of memory'), and give it more memory or less data",
    ),
    signal.SIGTERM: (
        "somebody asked it to end: a person, a time limit or the machine going down",
        "run it again: assay run",
    ),
    signal.SIGINT: ("it was interrupted, as by Ctrl-C", "run it again: assay run"),
    signal.SIGSEGV: (
        "native code touched memory that is not its own: a bug in a compiled library, or two that do not fit together",
        "run it with python -X faulthandler, and compare the versions of its compiled libraries",
    ),
    signal.SIGABRT: (
        "the program gave up by itself (abort): what it printed last says why",
        "see the last lines of its log",
    ),
}


def _started_by_python(evidence: Evidence) -> tuple[str, str] | None:
    """(line, program) where Python's subprocess found no such program."""
    last = read_log(evidence.log_tail).last
    if last is None or last.kind != "FileNotFoundError" or not last.frames[-1].file.endswith("subprocess.py"):
        return None
    match = re.search(r"No such file or directory: '([^']+)'", last.message)
    return (last.text, match[1]) if match else None


def _fix_not_found(name: str, evidence: Evidence) -> str:
    near = nearest_file(name, evidence)
    if near is not None:
        return f"correct the command: the project has {near}" + ("" if "/" in name else f" (type it as ./{near})")
    if name == "python":
        return "write python3, or activate the environment that has python on its PATH"
    return f"install {name}, or correct the command{at(evidence.place_of_step(evidence.step))}"


def _last_match(pattern: re.Pattern[str], evidence: Evidence) -> tuple[str, str] | None:
    for line in reversed(_lines(evidence)):
        match = pattern.match(line)
        if match:
            return line, match[1]
    return None


def _lines(evidence: Evidence) -> tuple[str, ...]:
    return read_log(evidence.log_tail).lines

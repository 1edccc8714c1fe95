"""Rules on Python itself: a script that is not there, a module that is not there, a file that does not parse."""

import difflib
import re
import sys
from pathlib import PurePosixPath

from assay.core.problem import Problem
from assay.explain import command
from assay.explain.failure.ending import nearest_file
from assay.explain.failure.evidence import Evidence
from assay.explain.failure.figures import at
from assay.explain.failure.log import Raised, read_log
from assay.explain.paths import NEAR

_NO_SCRIPT = re.compile(r"can't open file '([^']+)'")
_NO_MODULE = re.compile(r"No module named '?([\w.]+)'?")

DISTRIBUTIONS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "git": "GitPython",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "PyYAML",
}
"""Modules whose distribution has another name."""


def script_not_found(evidence: Evidence) -> Problem | None:
    """``python trian.py``: Python was started on a script that is not there."""
    for line in reversed(read_log(evidence.log_tail).lines):
        match = _NO_SCRIPT.search(line)
        if match and evidence.failed.exit_code == 2:
            return _no_script(evidence.path(match[1]), line, evidence)
    return None


def module_not_found(evidence: Evidence) -> Problem | None:
    """An import that failed because there is no such module."""
    told = _told_module(evidence)
    if told is None:
        return None
    module, line, raised = told
    top = module.split(".")[0]
    what = f"Python module not found: {module}"
    importer = _importer(raised, evidence)
    because: tuple[str, ...] = (f"the log says: {line}", *importer)
    own = _own_module(top, evidence)
    if own is not None:
        return _own_module_missing(module, own, what, because, evidence)
    lost = _lost_module(top, evidence)
    if lost is not None:
        return _module_gone(module, lost, what, because, evidence)
    if top in sys.stdlib_module_names:
        because += (f"{top} belongs to Python itself, but not to every version of it",)
        return Problem(
            "module-not-found", what, because, "run the step with another Python version", step=evidence.failed.step
        )
    return _not_installed(module, what, because, evidence)


def syntax_error(evidence: Evidence) -> Problem | None:
    """A file that is not valid Python."""
    last = read_log(evidence.log_tail).last
    if last is None or last.kind not in {"SyntaxError", "IndentationError", "TabError"}:
        return None
    frame = last.frames[-1]
    path = evidence.path(frame.file)
    because = (last.text, *((f"line {frame.line}: {frame.source}",) if frame.source else ()))
    fix = f"correct {path}:{frame.line}"
    if path not in evidence.files:
        fix = f"{path} is not the project's: install a version of it that fits this Python"
    return Problem("syntax-error", f"not valid Python: {path}:{frame.line}", because, fix, step=evidence.failed.step)


def _no_script(path: str, line: str, evidence: Evidence) -> Problem:
    near = nearest_file(path, evidence)
    place = at(evidence.place_of_step(evidence.step))
    because: tuple[str, ...] = (f"the log says: {line}", f"its command is: {command.shown(evidence.step)}{place}")
    fix = f"correct the command{place}, or add {path}"
    if near is not None:
        because += (f"the project has {near}",)
        fix = f"write {near} in the command{place}"
    return Problem("script-not-found", f"script not found: {path}", because, fix, step=evidence.failed.step)


def _told_module(evidence: Evidence) -> tuple[str, str, Raised | None] | None:
    """(module, line, exception) from the exception that ended it, or from ``python -m``."""
    log = read_log(evidence.log_tail)
    for raised in reversed(log.chain):
        match = _NO_MODULE.search(raised.message)
        if raised.kind == "ModuleNotFoundError" and match:
            return match[1], raised.text, raised
    last = log.lines[-1] if log.lines else ""
    match = re.match(r"^\S*python[\d.]*: No module named ([\w.]+)$", last)
    return (match[1], last, None) if match else None


def _importer(raised: Raised | None, evidence: Evidence) -> tuple[str, ...]:
    """Where the project imports it."""
    frames = raised.frames if raised else ()
    for frame in reversed(frames):
        if evidence.path(frame.file) in evidence.files:
            return (f"imported at {evidence.path(frame.file)}:{frame.line}",)
    return ()


def _not_installed(module: str, what: str, because: tuple[str, ...], evidence: Evidence) -> Problem:
    """The environment has no such module; a dotted name says that it has the first part, without the rest."""
    top = module.split(".", maxsplit=1)[0]
    program = command.program(evidence.step)
    python = program if PurePosixPath(program).name.startswith("python") else "python"
    package = DISTRIBUTIONS.get(top, top)
    if "." in module:
        because += (f"{top} is installed, but this version of it has no {module}",)
        fix = f"install a version of {package} that has it: {python} -m pip install --upgrade {package}"
        return Problem("module-not-found", what, because, fix, step=evidence.failed.step)
    named = next((name for name in ("pyproject.toml", "requirements.txt") if name in evidence.files), None)
    because += (f"the project has no {top}.py and no folder {top}/: it must come from the environment of `{python}`",)
    fix = f"{python} -m pip install {package}" + (f", and add it to {named}" if named else "")
    return Problem("module-not-found", what, because, fix, step=evidence.failed.step)


def _own_module(top: str, evidence: Evidence) -> str | None:
    """The file or folder of the project that has the module's name, nearest to the project's folder."""
    files = [path for path in evidence.files if path == f"{top}.py" or path.endswith(f"/{top}.py")]
    parts = [PurePosixPath(path).parts for path in evidence.files if path.endswith(".py")]
    folders = {"/".join(each[: each.index(top) + 1]) + "/" for each in parts if top in each[:-1]}
    return min([*files, *folders], key=lambda path: (path.count("/"), path), default=None)


def _lost_module(top: str, evidence: Evidence) -> tuple[str, str] | None:
    """(file, how it is known) of the project's own module of that name that is not there any more."""
    names = (f"{top}.py", f"{top}/__init__.py")
    since, tracked = evidence.since, evidence.around.tracked or frozenset()
    known = [(path, f"run {since.run}, which was green, read {path}") for path in since.before.files] if since else []
    known += [(path, f"git has {path}") for path in sorted(tracked)]
    was_own = (each for each in known if each[0] in names or each[0].endswith(tuple(f"/{name}" for name in names)))
    return next((each for each in was_own if each[0] not in evidence.files), None)


def _module_gone(
    module: str, lost: tuple[str, str], what: str, because: tuple[str, ...], evidence: Evidence
) -> Problem:
    """It was a file of the project and is gone: renamed, where a new file of nearly that name is there."""
    path, known = lost
    pure = PurePosixPath(path)
    stem = pure.parent.name if pure.name == "__init__.py" else pure.stem
    before = evidence.since.before.files if evidence.since else {}
    codes = [each for each in evidence.files if each.endswith(".py") and each not in before]
    by_name = {
        PurePosixPath(each).stem: each for each in sorted(codes, key=lambda each: (each.count("/"), each), reverse=True)
    }
    near = next(iter(difflib.get_close_matches(stem, by_name, n=1, cutoff=NEAR)), None)
    back = _how_back(path, evidence)
    because += (f"{known}, and it is gone",)
    if near is None:
        return Problem("module-not-found", what, because, f"{back}; or take the import out", step=evidence.failed.step)
    unread = ", which that run did not read" if before else ""
    because += (f"the project has {by_name[near]}{unread}",)
    place = because[1].removeprefix("imported at ") if because[1].startswith("imported at ") else ""
    fix = f"import {near}{f' at {place}' if place else ''}, or bring it back: {back}"
    return Problem("module-not-found", what, because, fix, step=evidence.failed.step)


def _how_back(path: str, evidence: Evidence) -> str:
    """How to have a file again that was the project's."""
    tracked = evidence.around.tracked
    if tracked is None:
        return f"put {path} back"
    return f"git restore {path}" if path in tracked else f"put {path} back (git log -- {path} tells where it went)"


def _own_module_missing(module: str, own: str, what: str, because: tuple[str, ...], evidence: Evidence) -> Problem:
    """The project has something of that name. A dotted name says that Python found the first part of it."""
    step = evidence.failed.step
    if "." in module and not own.endswith("/"):
        because += (f"the project's own {own} hides the package of that name",)
        return Problem("module-not-found", what, because, f"give {own} another name", step=step)
    if "." in module:
        path = str(PurePosixPath(own).parent / module.replace(".", "/")) + ".py"
        because += (f"the project has {own}, but no {path}",)
        return Problem("module-not-found", what, because, f"correct the import, or add {path}", step=step)
    because += (f"the project has {own}, but Python looks only in the script's folder and on PYTHONPATH",)
    fix = f"put its folder on the path: PYTHONPATH={PurePosixPath(own).parent} {command.shown(evidence.step)}"
    return Problem("module-not-found", what, because, fix, step=step)

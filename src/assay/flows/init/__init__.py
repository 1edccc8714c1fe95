"""``assay init``: an assay.yaml from what a project has already, and a workflow that runs it.

Nothing that stands is ever overwritten, and nothing is written that does not read.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from assay.core.problem import Problem, StateError, UsageError
from assay.flows.init.draft import Ready

FILE = "assay.yaml"
SOURCES: dict[str, tuple[str, str]] = {
    "dvc": ("assay.flows.init.dvc:has_dvc", "assay.flows.init.dvc:from_dvc"),
    "scripts": ("assay.flows.init.scripts:has_scripts", "assay.flows.init.scripts:from_scripts"),
    "github": ("assay.flows.init.github:has_workflows", "assay.flows.init.github:from_github"),
}
"""What can be started from, in the order in which it is looked for: (is it there, the file from it), both functions of the
project's folder, the second of which gives a ``Ready``; with ``--file`` it gets the path too."""


class Written(msgspec.Struct, frozen=True):
    """A file that was written."""

    path: str
    origin: str
    """What it was made from."""
    steps: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def pipeline_from(root: Path, source: str | None, file: str | None) -> Ready:
    """The assay.yaml from ``source``, or from the first that is there; it reads."""
    refuse_to_overwrite(root / FILE)
    found = _ready(root, source, file)
    if not found.steps:
        raise _nothing(f"nothing in {found.origin} can be a step", found.left_out[:5] or ("it holds no command",))
    from assay.declare import read_pipeline

    read_pipeline(found.text.encode())
    return found


def write_pipeline(root: Path, found: Ready) -> Written:
    """Write it as assay.yaml."""
    write_new(root / FILE, found.text)
    return Written(FILE, found.origin, found.steps, found.left_out)


def refuse_to_overwrite(place: Path) -> None:
    """``UsageError`` where something stands there."""
    if place.exists():
        fix = f"edit it, or move it away first: mv {place.name} {place.name}.old"
        raise UsageError(Problem("already-there", f"{place.name} is there already", (f"it is {place}",), fix))


def write_new(place: Path, text: str) -> None:
    """Write a file that is not there yet."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        fix = f"make {place.parent} writable for you"
        raise StateError(Problem("state-not-writable", f"cannot write {place}", (str(error.strerror),), fix)) from error


def _ready(root: Path, source: str | None, file: str | None) -> Ready:
    if source is None:
        source = next((name for name, (is_there, _) in SOURCES.items() if _function(is_there)(root)), None)
    if source is None:
        seen = (f"looked for {', '.join(SOURCES)} in {root}",)
        raise _nothing("there is nothing here to start from", seen)
    read = _function(SOURCES[source][1])
    found: Ready = read(root, file) if file else read(root)
    return found


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found


def _nothing(what: str, because: tuple[str, ...]) -> UsageError:
    fix = "write assay.yaml: `steps:`, then `- name: Train` with `run: python train.py` below it for each command"
    return UsageError(Problem("nothing-to-start-from", what, because, fix))

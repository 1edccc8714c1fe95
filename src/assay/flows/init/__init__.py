"""``assay init``: an assay.yaml from what a project has already, and a workflow that runs it.

Nothing that stands is ever overwritten, and nothing is written that does not read.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from assay.core.problem import Problem, StateError, UsageError
from assay.flows.init.draft import Draft, as_yaml

FILE = "assay.yaml"
SOURCES: dict[str, tuple[str, str]] = {
    "scripts": ("assay.flows.init.scripts:has_scripts", "assay.flows.init.scripts:from_scripts"),
    "github": ("assay.flows.init.github:has_workflows", "assay.flows.init.github:from_github"),
}
"""What can be started from, in the order in which it is looked for: (is it there, the draft of it), each a function of the
project's folder; with ``--file`` the second also gets the file."""


class Written(msgspec.Struct, frozen=True):
    """A file that was written."""

    path: str
    origin: str
    """What it was made from."""
    steps: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def write_pipeline(root: Path, source: str | None, file: str | None) -> Written:
    """Write assay.yaml from ``source``, or from the first that is there."""
    refuse_to_overwrite(root / FILE)
    draft = _draft(root, source, file)
    if not draft.steps:
        reasons = draft.left_out[:5] or ("it holds no command",)
        raise _nothing(f"nothing in {draft.origin} can be a step", reasons)
    text = as_yaml(draft)
    from assay.declare import read_pipeline

    read_pipeline(text.encode())
    write_new(root / FILE, text)
    return Written(FILE, draft.origin, tuple(step.name for step in draft.steps), draft.left_out)


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


def _draft(root: Path, source: str | None, file: str | None) -> Draft:
    if source is None:
        source = next((name for name, (is_there, _) in SOURCES.items() if _function(is_there)(root)), None)
    if source is None:
        seen = (f"looked for {', '.join(SOURCES)} in {root}",)
        raise _nothing("there is nothing here to start from", seen)
    draft = _function(SOURCES[source][1])
    found: Draft = draft(root, file) if file else draft(root)
    return found


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), attribute)
    return found


def _nothing(what: str, because: tuple[str, ...]) -> UsageError:
    fix = "write assay.yaml: `steps:`, then `- name: Train` with `run: python train.py` below it for each command"
    return UsageError(Problem("nothing-to-start-from", what, because, fix))

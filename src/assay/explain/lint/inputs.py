"""Inputs that are not there, and that no step makes."""

from collections.abc import Iterator
from difflib import get_close_matches
from posixpath import normpath

from assay.core.order import is_glob, touches
from assay.core.pipeline import Declaration, Step
from assay.core.problem import Problem
from assay.explain.lint.sources import Sources, place_of
from assay.explain.paths import suffix_of


def inputs_that_nobody_makes(declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    """Of each step the inputs that would be missing whatever ran before."""
    steps = declaration.pipeline.steps
    made = _Made(steps)
    for step in steps:
        for at, path in enumerate(step.inputs):
            if not made.has(path) and not is_glob(path) and not _stands(path, sources):
                near = get_close_matches(
                    path, [each for each in made.paths if suffix_of(each) == suffix_of(path)], 1, 0.75
                )
                hint = (f"nearest: {near[0]}, which a step writes",) if near else ()
                yield Problem(
                    "input-not-made",
                    f'step "{step.name}" reads "{path}", which is not there and which no step writes',
                    hint,
                    f"write {near[0]}"
                    if near
                    else "correct the path, put the file there, or let a step declare it in `outputs:`",
                    place_of(declaration, step, "inputs", at),
                    step.name,
                )


def _stands(path: str, sources: Sources) -> bool:
    """It is there, or it is data that is fetched: DVC's file of it, or of a folder above it, stands beside."""
    plain = normpath(path)
    return sources.is_there(path) or any(sources.is_there(f"{each}.dvc") for each in (plain, *_parents(plain)))


class _Made:
    """What the steps promise to write: found by the path itself, by what lies above or below it."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.paths = [normpath(path) for step in steps for path in step.promised]
        self._at = set(self.paths)
        self._above = {above for path in self.paths for above in _parents(path)}
        self._globs = [path for path in self.paths if is_glob(path)]

    def has(self, path: str) -> bool:
        plain = normpath(path)
        if plain in self._at or plain in self._above or any(above in self._at for above in _parents(plain)):
            return True
        return any(touches(pattern, plain) for pattern in self._globs)


def _parents(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path or "/"

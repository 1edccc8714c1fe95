"""Slips in a pipeline that reads well: what is declared, held against the project's files before anything runs.

``lint`` is pure but for the looks at files that ``Sources`` is given. It names only what it can show: where a name comes from
arguments, settings or a framework, nothing is said. Mistakes that can never be meant (two writers of one path, an input that is
an output, keys of other tools) are refused when assay.yaml is read, and not told again here.
"""

from collections.abc import Iterator

from assay.core.pipeline import Declaration
from assay.core.problem import Problem
from assay.explain.lint.barriers import accidental_barriers
from assay.explain.lint.inputs import inputs_that_nobody_makes
from assay.explain.lint.outputs import outputs_never_named
from assay.explain.lint.params import params_never_read
from assay.explain.lint.scripts import other_scripts, scripts_not_declared, scripts_not_there
from assay.explain.lint.sources import Sources

__all__ = ["Sources", "lint"]


def lint(declaration: Declaration, sources: Sources) -> tuple[Problem, ...]:
    """What should be looked at, in the order of the file."""
    found = {problem.place: problem for problem in _found(declaration, sources)}
    return tuple(sorted(found.values(), key=_file_order))


def _found(declaration: Declaration, sources: Sources) -> Iterator[Problem]:
    yield from inputs_that_nobody_makes(declaration, sources)
    yield from accidental_barriers(declaration)
    for step in declaration.pipeline.steps:
        if step.kind == "run":
            for rule in (
                params_never_read,
                outputs_never_named,
                other_scripts,
                scripts_not_declared,
                scripts_not_there,
            ):
                yield from rule(step, declaration, sources)


def _file_order(problem: Problem) -> tuple[str, int, int]:
    place = problem.place
    return ("", 0, 0) if place is None else (place.file, place.line, place.column)

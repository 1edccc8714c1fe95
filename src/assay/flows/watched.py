"""Which files are watched while a step runs, whatever language opens them.

Readers in C and Rust (polars, pyarrow, DuckDB) raise no audit event, and other languages none at all. So the rows of gates and the
declared inputs of steps are watched by the kernel's means: a step that opens what it does not declare is seen to.
"""

from collections.abc import Iterator

from assay.core.order import is_glob, touches
from assay.core.pipeline import GateAction, Step
from assay.workspace import Workspace

MOST_STEPS = 64
"""In a pipeline of more steps only the rows of gates are watched: many steps run side by side, and then nobody can tell whose an
opening was."""


class Watched:
    """The files of a project that are worth watching."""

    def __init__(self, workspace: Workspace) -> None:
        self._files = workspace.files
        steps = workspace.pipeline.steps
        self._gates = tuple(
            step.action.data for step in steps if isinstance(step.action, GateAction) and step.action.data
        )
        inputs = dict.fromkeys(path for step in steps for path in step.inputs if not is_glob(path))
        self._inputs = tuple(inputs) if len(steps) <= MOST_STEPS else ()

    def by(self, step: Step) -> tuple[str, ...]:
        """Absolute paths of files that are there now, but for those that the step itself writes."""
        if not (self._gates or self._inputs):
            return ()
        return tuple(dict.fromkeys(str(self._files.locate(path)) for path in self._paths(step)))

    def _paths(self, step: Step) -> Iterator[str]:
        for pattern in self._gates:
            if not any(touches(pattern, path) for path in step.promised):
                yield from self._files.expand(pattern)
        for path in self._inputs:
            if path not in step.promised and self._files.state(path) is not None:
                yield path

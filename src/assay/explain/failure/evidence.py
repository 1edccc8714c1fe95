"""What is known of a run when a step of it has failed, and questions that this can answer by itself.

Everything is recorded before the diagnosis begins; nothing here looks at the disk, so the same evidence gives the same
answer for ever.
"""

import posixpath
from collections.abc import Mapping

import msgspec

from assay.core.pipeline import Pipeline, Step
from assay.core.ports import FileState
from assay.core.problem import Place
from assay.core.run import StepResult
from assay.explain.failure.changes import Since
from assay.explain.failure.surroundings import Surroundings


class Evidence(msgspec.Struct, frozen=True):
    """One failed step, the run up to it, and the project as it stands now."""

    pipeline: Pipeline
    failed: StepResult
    earlier: tuple[StepResult, ...] = ()
    """Results of this run's other steps that ended, were reused or were held before, in order."""
    never_ran: tuple[str, ...] = ()
    """Steps before the failed one that were not part of this run."""
    log_tail: str = ""
    """The last lines of the failed step's log."""
    files: Mapping[str, FileState] = {}
    """Every file of the project by its relative path, as a scan finds it now."""
    exists: frozenset[str] = frozenset()
    """Paths that are known to exist though the scan does not list them: absolute ones, empty folders."""
    places: Mapping[str, Place] = {}
    """Where things are declared: ``steps.Train``, ``steps.Train.run``, ``steps.Train.outputs[0]``, ``model.path``."""
    now_s: float = 0.0
    folder: str = ""
    """The project's folder, absolute: with it, absolute paths in logs are known again."""
    since: Since | None = None
    """The last green run that the step was part of; None where there was none."""
    around: Surroundings = Surroundings()
    """What the machine looks like after the failure."""

    @property
    def step(self) -> Step:
        """The failed step as it is declared."""
        return self.pipeline.step(self.failed.step)

    def result(self, step: str) -> StepResult | None:
        """How that step ended in this run; None where it did not come to it."""
        if step == self.failed.step:
            return self.failed
        return next((result for result in self.earlier if result.step == step), None)

    def comes_later(self, step: str) -> bool:
        """It stands after the failed step in the file."""
        names = [each.name for each in self.pipeline.steps]
        return names.index(step) > names.index(self.failed.step)

    def path(self, text: str) -> str:
        """A path as the project names it: relative to its folder where it lies below, else absolute."""
        plain = posixpath.normpath(text)
        root = self.folder.rstrip("/")
        if not root:
            return plain
        full = posixpath.normpath(posixpath.join(root, plain))
        return full[len(root) + 1 :] if full.startswith(root + "/") else full

    def is_there(self, path: str) -> bool:
        """The file or folder exists now, as far as is recorded. Empty folders only where ``exists`` names them."""
        below = path.rstrip("/") + "/"
        return path in self.files or path in self.exists or any(file.startswith(below) for file in self.files)

    def place(self, *keys: str) -> Place | None:
        """The place of the first of these keys that has one."""
        return next((self.places[key] for key in keys if key in self.places), None)

    def place_of_step(self, step: Step) -> Place | None:
        """Where its command stands, else where it begins."""
        return self.place(f"steps.{step.name}.run", f"steps.{step.name}")

    def place_of_promise(self, step: Step, path: str) -> Place | None:
        """Where the step declares that it writes ``path``, else where it begins."""
        for field, paths in (("outputs", step.outputs), ("metrics", step.metrics)):
            if path in paths:
                key = f"steps.{step.name}.{field}[{paths.index(path)}]"
                return self.place(key, f"steps.{step.name}.{field}", f"steps.{step.name}")
        return self.place_of_step(step)

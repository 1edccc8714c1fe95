"""A step that declares nothing among steps that do: it holds all after it, perhaps without being meant to."""

from collections.abc import Iterator

from assay.core.pipeline import Declaration, Step
from assay.core.problem import Problem
from assay.explain.lint.sources import place_of


def accidental_barriers(declaration: Declaration) -> Iterator[Problem]:
    """Every such step that stands between two commands that say what they read or write."""
    steps = [step for step in declaration.pipeline.steps if step.kind == "run"]
    for before, step, after in zip(steps, steps[1:], steps[2:], strict=False):
        if _says(before) and _says(after) and not _says(step) and not step.is_free and step.name not in after.needs:
            yield Problem(
                "accidental-barrier",
                f'step "{step.name}" declares nothing, so it waits for all before it and holds all after it',
                (f'"{before.name}" before it and "{after.name}" after it say what they read and write',),
                f'declare its `inputs:` and `outputs:`, or write `needs: ["{before.name}"]`, or `needs: []` where it needs nothing',
                place_of(declaration, step, "name"),
                step.name,
            )


def _says(step: Step) -> bool:
    return bool(step.inputs or step.promised or step.needs)

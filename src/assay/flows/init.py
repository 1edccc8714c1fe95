"""``assay init``: write an assay.yaml, never over one that is there."""

from pathlib import Path

from assay.core.problem import Problem, UsageError
from assay.workspace import FILE


def write_new(root: Path, text: str) -> Path:
    """Write assay.yaml into a folder; ``UsageError`` where there is one."""
    place = root / FILE
    try:
        with place.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise already_there(root) from error
    return place


def already_there(root: Path) -> UsageError:
    """The refusal to write over a file."""
    problem = Problem(
        "assay-yaml-exists", f"there is an {FILE} in {root}", ("it is never overwritten",), f"mv {FILE} {FILE}.old"
    )
    return UsageError(problem)

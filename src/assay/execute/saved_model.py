"""The model that a step said it saved (``Model saved to PATH``), kept though nobody declared it.

Nobody promised it, so whatever is wrong with it is a warning: the step itself has done what it was to do.
"""

import os
from pathlib import Path, PurePath

from assay.core.artifact import Artifact
from assay.core.ports import ProjectFiles, Store
from assay.core.problem import AssayError, Problem
from assay.execute.written import changes_ns, since_ns

MOST_FILES = 20_000
MOST_BYTES = 5_000_000_000


def keep_saved_model(
    path: str, root: str, files: ProjectFiles, store: Store
) -> tuple[Artifact | None, tuple[Problem, ...]]:
    """The model in the store; None with a warning where it is not there or is nothing to keep. ``root`` is the project's."""
    place = files.locate(path)
    why = _not_a_model(place, root) or _too_large(place)
    if why:
        return None, (_not_kept(path, why),)
    try:
        if files.artifact(path) is None:
            return None, (_missing(path),)
        return store.add(place, path), ()
    except AssayError as error:
        return None, (_not_kept(path, error.problem.what, *error.problem.because),)


def is_of_this_run(path: str, started_s: float, files: ProjectFiles) -> bool:
    """The file, or one in the folder, was changed since the step began; true also where nothing is there. A link that was
    set anew counts."""
    changed = list(changes_ns(files.locate(path)))
    return not changed or max(changed) >= since_ns(started_s)


def of_another_run(path: str, written: tuple[str, ...]) -> Problem:
    """The warning about a file that is from before; ``written`` is what the step wrote."""
    what = f'the step printed "Model saved to {path}", but did not write it: it is from before, and was not kept'
    return Problem("saved-model-stale", what, written, "print the path that the model is really saved to")


def _not_a_model(place: Path, root: str) -> str:
    real, project = PurePath(os.path.realpath(place)), PurePath(os.path.realpath(root))
    if project.is_relative_to(real):
        return "it is the project's own folder" if real == project else "the project itself lies below it"
    return "it lies in .assay, where Assay keeps its own state" if real.is_relative_to(project / ".assay") else ""


def _too_large(place: Path) -> str:
    """Counted before anything is read, and no further than to the bound."""
    files = size_bytes = 0
    for folder, _, names in os.walk(place):
        for name in names:
            files += 1
            size_bytes += _size(Path(folder, name))
            if files > MOST_FILES or size_bytes > MOST_BYTES:
                return f"it is a folder of more than {MOST_FILES:,} files or {MOST_BYTES / 1e9:.0f} GB"
    return ""


def _size(place: Path) -> int:
    try:
        return place.lstat().st_size
    except OSError:
        return 0


def _missing(path: str) -> Problem:
    what = f'the step printed "Model saved to {path}", but there is no such file'
    return Problem("saved-model-missing", what, (), "print the path that the model is really saved to")


def _not_kept(path: str, *because: str) -> Problem:
    what = f'the step printed "Model saved to {path}", and this was not kept'
    return Problem(
        "saved-model-not-kept", what, because, "print the path of the model's file, or declare it in `outputs:`"
    )

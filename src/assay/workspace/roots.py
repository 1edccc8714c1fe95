"""Where a project lies, and which files say so."""

from pathlib import Path, PurePosixPath

from assay.core.ports import ProjectFiles
from assay.core.problem import Problem, UsageError

FILE = "assay.yaml"
STATE = ".assay"
DVC_FILE, DVC_STATE = "dvc.yaml", ".dvc"


def find_root(start: Path) -> Path:
    """The nearest folder upwards from ``start`` with an assay.yaml, else the DVC project there. ``UsageError`` where there is neither."""
    above = (start, *start.parents)
    root = next((folder for folder in above if (folder / FILE).is_file()), None) or _dvc_root(above)
    if root is not None:
        return root
    raise UsageError(
        Problem(
            "no-assay-yaml",
            f"no {FILE} in {start} or above it",
            ("a project is a folder with an assay.yaml",),
            f"write {FILE} (the plain list is enough, see the README), or try `assay demo`",
        )
    )


def default_name(root: Path) -> str:
    """The repository's name, else the folder's."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return top.name or "pipeline"


def dvc_files(files: ProjectFiles) -> tuple[str, ...]:
    """Every dvc.yaml of the project: not those of packages, and not those of another DVC project within it."""
    found = (PurePosixPath(path) for path in files.expand(f"**/{DVC_FILE}"))
    return tuple(str(path) for path in found if not any(_is_apart(files, folder) for folder in path.parents[:-1]))


def _dvc_root(above: tuple[Path, ...]) -> Path | None:
    """The folder of the DVC project that the first of these folders lies in; of one that ``dvc init`` never saw, that of dvc.yaml."""
    top = next((at for at, folder in enumerate(above) if (folder / DVC_STATE / "config").is_file()), None)
    within = above if top is None else above[: top + 1]
    nearest = next((folder for folder in within if (folder / DVC_FILE).is_file()), None)
    if top is None or nearest is not None:
        return nearest if top is None else above[top]
    return above[top] if next(above[top].glob(f"*/**/{DVC_FILE}"), None) is not None else None


def _is_apart(files: ProjectFiles, folder: PurePosixPath) -> bool:
    marks = ("pyvenv.cfg", f"{DVC_STATE}/config")
    return folder.name == "node_modules" or any(files.state(str(folder / mark)) is not None for mark in marks)

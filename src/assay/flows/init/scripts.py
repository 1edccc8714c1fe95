"""From scripts whose names say what they do to the list of steps: ``validate_data.py``, ``train.py``, ``test_model.py``, ``deploy.py``."""

import ast
import re
from pathlib import Path

from assay.flows.init.draft import Draft, DraftStep, Note, Ready, ready

FOLDERS = (".", "src", "scripts", "pipeline", "steps")
STAGES = (
    ("download", "fetch", "get", "ingest", "collect", "load"),
    ("validate", "validation", "check"),
    ("prepare", "preprocess", "preprocessing", "process", "clean", "cleaning"),
    ("featurize", "featurise", "features", "feature", "build"),
    ("split",),
    ("train", "training", "fit", "finetune"),
    ("evaluate", "evaluation", "eval", "test", "score"),
    ("export", "package", "convert", "register"),
    ("deploy", "publish", "upload"),
)
"""Words in the names of scripts, in the order in which their steps run."""
_TRAINED = len(STAGES) - 3
_HEAD = (
    "Written by `assay init` from the scripts of this project, in the order that their names say. Try it: assay run",
    "A step that declares `inputs:` and `outputs:` runs only when something that it reads has changed.",
)


def has_scripts(root: Path) -> bool:
    """There is a script whose name says a step."""
    return any(_stage(path) is not None for path in _scripts(root))


def from_scripts(root: Path) -> Ready:
    """A step for each script that does something and whose name says what; the others are left out by name."""
    known: list[tuple[tuple[int, int, str], DraftStep]] = []
    notes: list[Note] = []
    for path in _scripts(root):
        place = path.relative_to(root).as_posix()
        number, stage = _number(path), _stage(path)
        why = _no_step(path)
        if why or (stage is None and number is None):
            notes.append(Note(f"{place} ({why or 'its name says no step'})"))
            continue
        order = (number if number is not None else 1_000_000, len(STAGES) if stage is None else stage, place)
        program = "bash" if path.suffix == ".sh" else "python"
        known.append((order, DraftStep(_title(path), f"{program} {place}")))
    steps = [step for _, step in sorted(known, key=lambda each: each[0])]
    return ready(Draft("the scripts of this folder", (*_distinct(steps), *notes), _HEAD))


def _scripts(root: Path) -> list[Path]:
    folders = (root / folder for folder in FOLDERS)
    return sorted(
        path for folder in folders for suffix in ("py", "sh") for path in folder.glob(f"*.{suffix}") if path.is_file()
    )


def _words(path: Path) -> list[str]:
    return [word for word in re.split(r"[_\W]+", path.stem.lower()) if word and not word.isdigit()]


def _number(path: Path) -> int | None:
    found = re.match(r"\d+", path.stem)
    return int(found[0]) if found else None


def _stage(path: Path) -> int | None:
    """Where in the order it runs; the first word of its name that says so decides, and what is said of a model comes after training."""
    words = _words(path)
    found = next((at for word in words for at, stage in enumerate(STAGES) if word in stage), None)
    return _TRAINED if found == 1 and "model" in words else found


def _title(path: Path) -> str:
    return " ".join(_words(path)).capitalize() or path.stem


def _no_step(path: Path) -> str:
    """Why it is none; empty where it may be one."""
    if path.suffix == ".sh":
        return ""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.name in ("setup.py", "conftest.py", "__init__.py", "__main__.py", "noxfile.py"):
        return "it belongs to the project, not to the pipeline"
    if re.search(r"^\s*def test_|^\s*(?:import|from) (?:pytest|unittest)\b", text, re.MULTILINE):
        return "it holds tests of code"
    return "" if _does_something(text) else "it only defines things"


def _does_something(text: str) -> bool:
    """It has statements beyond definitions, imports and constants."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return True
    quiet = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom, ast.AnnAssign)
    return any(
        not isinstance(node, quiet)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        and not (isinstance(node, ast.Assign) and not any(isinstance(each, ast.Call) for each in ast.walk(node)))
        for node in body
    )


def _distinct(steps: list[DraftStep]) -> list[DraftStep]:
    titles = [step.name for step in steps]
    return [
        DraftStep(step.name if titles.count(step.name) == 1 else step.run.split(" ", 1)[1], step.run) for step in steps
    ]

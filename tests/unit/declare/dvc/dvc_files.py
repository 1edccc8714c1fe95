"""Reading a project from texts."""

from assay.core.pipeline import Step
from assay.declare.dvc import Sources, read_project


def read(dvc_yaml: str = "", **others: str):
    """The declaration of a project. ``__`` in a name stands for a dot, ``___`` for a slash."""
    texts = {name.replace("___", "/").replace("__", "."): text for name, text in others.items()}
    files = {path: text.encode() for path, text in ({"dvc.yaml": dvc_yaml} | texts).items()}
    return read_project([path for path in files if path.endswith("dvc.yaml")], Sources(files.get))


def steps(dvc_yaml: str, **others: str) -> dict[str, Step]:
    return {step.name: step for step in read(dvc_yaml, **others).pipeline.steps}


def command(cmd: str, **others: str) -> str:
    """What becomes of a command."""
    return steps(f"stages:\n  s:\n    cmd: {cmd}\n", **others)["s"].action.command

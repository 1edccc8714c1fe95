"""The values of the parameters that steps select."""

from typing import Any

from assay.core.pipeline import Step
from assay.core.problem import Problem, UsageError
from assay.workspace import Workspace


class Params:
    """The files of parameters of a project, each read once."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._files: dict[str, dict[str, Any]] = {}

    def selected(self, step: Step) -> dict[str, Any]:
        """``params.yaml:train.rate`` -> value for each selected key; of a file without keys all of it, under its path."""
        found: dict[str, Any] = {}
        for selection in step.params:
            values = self._read(selection.path, step.name)
            if not selection.keys:
                found[selection.path] = values
            for key in selection.keys:
                found[f"{selection.path}:{key}"] = _at(values, key, selection.path, step.name)
        return found

    def _read(self, path: str, step: str) -> dict[str, Any]:
        if path not in self._files:
            from assay.declare import parse_params  # a parser of YAML: only where a file must be looked into

            data = self._workspace.files.read(path)
            if data is None:
                raise UsageError(
                    Problem(
                        "no-params",
                        f"{step} reads parameters from {path}, which is not there",
                        (),
                        f"write {path}, or name another file in `params:` of {step}",
                        step=step,
                    )
                )
            values, problems = parse_params(data, path)
            if problems:
                raise UsageError(problems[0])
            self._files[path] = values
        return self._files[path]


def _at(values: dict[str, Any], key: str, path: str, step: str) -> Any:
    found: Any = values
    for part in key.split("."):
        if isinstance(found, dict) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdecimal() and int(part) < len(found):
            found = found[int(part)]
        else:
            raise UsageError(
                Problem(
                    "no-such-param",
                    f"{path} has no {key}",
                    (f"{step} selects it in `params:`",),
                    f"add it to {path}, or correct the key",
                    step=step,
                )
            )
    return found

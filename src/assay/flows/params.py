"""The values of the parameters that steps select."""

from typing import Any

from assay.core.pipeline import Step
from assay.core.ports import Seen
from assay.core.problem import Problem, UsageError
from assay.core.reference import ReferenceMistake, find_below, is_recordable, parse_reference
from assay.workspace import Workspace


class Params:
    """The files of parameters of a project. Each is read when it is first asked for, and again where it is not as it was then: a run
    may take days."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._files: dict[str, tuple[Seen, dict[str, Any]]] = {}

    def selected(self, step: Step) -> dict[str, Any]:
        """``params.yaml:train.rate`` -> value for each selected key; of a file without keys all of it, under its path."""
        found: dict[str, Any] = {}
        for selection in step.params:
            values = self._read(selection.path, step.name)
            if not selection.keys:
                found[selection.path] = values
            for key in selection.keys:
                found[f"{selection.path}:{key}"] = _at(values, key, selection.path, step.name)
        odd = next((name for name, value in found.items() if not is_recordable(value)), None)
        if odd is not None:
            raise _not_recordable(odd, step.name)
        return found

    def _read(self, path: str, step: str) -> dict[str, Any]:
        known = self._files.get(path)
        if known is not None and self._workspace.files.look_again(known[0]) is not None:
            return known[1]
        seen = self._workspace.files.seen(path)  # before it is read: what changes in between is seen the next time
        values = self._parsed(path, step)
        if seen is not None:
            self._files[path] = (seen, values)
        return values

    def _parsed(self, path: str, step: str) -> dict[str, Any]:
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
        return values


def _at(values: dict[str, Any], key: str, path: str, step: str) -> Any:
    """What stands at ``train.layers[0]``; DVC writes ``train.layers.0`` as well, and a name may have dots itself."""
    if key in values:
        return values[key]
    found: Any = values
    reference = parse_reference(key)
    for part in (reference.root, *reference.path) if reference else key.split("."):
        at = int(part) if isinstance(found, list) and str(part).isdecimal() else part
        try:
            found = find_below(found, (at,), "")
        except ReferenceMistake as mistake:
            raise _no_such(key, path, step) from mistake
    return found


def _no_such(key: str, path: str, step: str) -> UsageError:
    because = f"{step} selects it in `params:`"
    fix = f"add it to {path}, or correct the key"
    return UsageError(Problem("unknown-param", f"{path} has no {key}", (because,), fix, step=step))


def _not_recordable(name: str, step: str) -> UsageError:
    what = f"{name} holds NaN, an infinity, or a whole number of more than 64 bits"
    return UsageError(Problem("unknown-param", what, ("a key is made of its value",), "write it as text", step=step))

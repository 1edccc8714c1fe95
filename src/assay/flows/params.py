"""The values of the parameters that a step selects, as the files have them now."""

from typing import Any

from assay.core.pipeline import ParamSelection, Step
from assay.core.problem import Problem, UsageError
from assay.workspace import Workspace


def selected_params(workspace: Workspace, step: Step) -> dict[str, Any]:
    """``params.yaml:train.rate`` -> value; ``UsageError`` where a file or a key is not there."""
    found: dict[str, Any] = {}
    for selection in step.params:
        values = _values(workspace, selection, step)
        for key in selection.keys or tuple(values):
            found[f"{selection.path}:{key}"] = _at(values, key, selection, step)
    return found


def _values(workspace: Workspace, selection: ParamSelection, step: Step) -> dict[str, Any]:
    from assay.declare.dvc.parameter_file import NotReadable, read_parameters  # with the parser of YAML

    data = workspace.files.read(selection.path)
    if data is None:
        raise _missing(f"there is no {selection.path}", step)
    try:
        return read_parameters(selection.path, data)
    except NotReadable as error:
        raise _missing(f"{selection.path} does not read", step, str(error)) from error


def _at(values: dict[str, Any], key: str, selection: ParamSelection, step: Step) -> Any:
    if key in values:
        return values[key]
    value: Any = values
    for part in key.split("."):
        if isinstance(value, dict) and part in value:
            value = value[part]
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            raise _missing(f'{selection.path} has no "{key}"', step)
    return value


def _missing(what: str, step: Step, *because: str) -> UsageError:
    facts = (f'step "{step.name}" selects it in `params:`', *because)
    return UsageError(Problem("param-missing", what, facts, "add it to the file, or select another", step=step.name))

"""Files of parameters: YAML, JSON, TOML, and the assignments of a Python file, none of which is ever executed."""

import ast
import json
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from assay.declare.dvc.plain import plain, unmerged
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse


class NotReadable(ValueError):
    """The file is not what its name says; the text says where and why."""


def read_parameters(name: str, data: bytes) -> dict[str, Any]:
    """The values in a file of that name; ``NotReadable`` where it is no mapping of names to values."""
    try:
        values = _READERS.get(PurePosixPath(name).suffix.lower(), _from_yaml)(data)
    except SyntaxMistake as error:
        raise NotReadable(f"{name}:{error.line}:{error.column}: {error.what}") from error
    except (ValueError, SyntaxError, RecursionError) as error:
        raise NotReadable(f"{name}: {error}") from error
    if not isinstance(values, dict):
        raise NotReadable(f"{name}: expected names with values")
    return values


def _from_yaml(data: bytes) -> Any:
    node = parse(decode(data))
    value = None if node is None else plain(unmerged(node))
    return {} if value is None else value


def _from_json(data: bytes) -> Any:
    return json.loads(data.decode("utf-8-sig"))


def _from_toml(data: bytes) -> Any:
    return tomllib.loads(data.decode("utf-8"))


def _from_python(data: bytes) -> Any:
    return dict(_assigned(ast.parse(data).body, of_self=False))


def _assigned(body: list[ast.stmt], *, of_self: bool) -> Iterator[tuple[str, Any]]:
    """Constants that are assigned to names, in classes to their names, and in ``__init__`` to ``self``."""
    for each in body:
        match each:
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
                name = _name(target, of_self=of_self)
                if name is not None and value is not None:
                    yield from _constant(name, value)
            case ast.ClassDef():
                yield each.name, dict(_assigned(each.body, of_self=False))
            case ast.FunctionDef(name="__init__"):
                yield from _assigned(each.body, of_self=True)


def _name(target: ast.expr, *, of_self: bool) -> str | None:
    match target:
        case ast.Name() if not of_self:
            return target.id
        case ast.Attribute(value=ast.Name(id="self")) if of_self:
            return target.attr
        case _:
            return None


def _constant(name: str, value: ast.expr) -> Iterator[tuple[str, Any]]:
    try:
        found = ast.literal_eval(value)
    except ValueError:
        return
    yield name, list(found) if isinstance(found, tuple | set) else found


_READERS = {".json": _from_json, ".toml": _from_toml, ".py": _from_python}

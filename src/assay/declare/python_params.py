"""Parameters in a Python file: the constants that it assigns. It is read and never executed."""

import ast
from collections.abc import Iterator
from typing import Any


def python_params(data: bytes) -> dict[str, Any]:
    """The values by name, those of a class below its name; ``SyntaxError`` or ``ValueError`` where the file is no Python."""
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

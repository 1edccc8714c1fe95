"""Says in JSON what a schema of pandera in a Python file asks: ``python pandera_schema.py schemas.py [NAME]``.

The user's own Python runs it, which has pandera and may have no Assay: only the standard library is needed besides. It knows what
``to_yaml`` drops in silence: checks that pandera has not registered, each by its name. The answer is one object:

    {"schema": {...}}             as ``to_json`` of 0.23 has it, with options.is_own for checks of one's own
    {"names": ["a", "b"]}         no NAME was given, or another: the schemas that there are
    {"error": "...", "line": 7}   the file could not be run, or pandera is not there
"""

import os
import sys

if __name__ == "__main__":
    # what stands in our folder must not hide the standard library from anyone, nor pandera
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != os.path.dirname(os.path.abspath(__file__))]

import importlib
import json
import runpy
from typing import Any

RUN_NAME = "assay_schema"
"""``__name__`` of the file: what stands below ``if __name__ == "__main__"`` is left alone."""


def told(path: str, name: str) -> "dict[str, Any]":
    """The answer. Whatever the file raises is told."""
    sys.argv = [path]
    sys.path[:0] = [os.path.dirname(os.path.abspath(path)), os.getcwd()]
    try:
        found = runpy.run_path(path, run_name=RUN_NAME)
        schemas = {each: _schema(value) for each, value in found.items() if _is_schema(value)}
        chosen = name or (next(iter(schemas)) if len(schemas) == 1 else "")
        if chosen not in schemas:
            return {"names": sorted(schemas)}
        return {"schema": _table(schemas[chosen], chosen)}
    except BaseException as error:  # SystemExit too
        return {"error": f"{type(error).__name__}: {error}", "line": _line_of(error, path)}


def _is_schema(value: Any) -> bool:
    """A schema of a table, or a model of one that the file wrote itself: pandera's own are imported."""
    if isinstance(value, type):
        is_own = value.__module__ == RUN_NAME or not value.__module__.startswith("pandera")
        return is_own and callable(getattr(value, "to_schema", None))
    return all(hasattr(value, each) for each in ("columns", "checks", "strict", "validate"))


def _schema(value: Any) -> Any:
    return value.to_schema() if isinstance(value, type) else value  # type: ignore[attr-defined]


def _table(schema: Any, name: str) -> "dict[str, Any]":
    return {
        "schema_type": "dataframe",
        "told_by": "assay",
        "version": _version(),
        "name": _plain(getattr(schema, "name", None)) or name,
        "columns": [{**_component(column), "name": str(key)} for key, column in schema.columns.items()],
        "checks": [_check(check) for check in schema.checks or []],
        "index": [_component(each) for each in _levels(getattr(schema, "index", None))],
        "dtype": _type(getattr(schema, "dtype", None)),
        "coerce": getattr(schema, "coerce", False) is True,
        "strict": _plain(getattr(schema, "strict", False)),
        "ordered": getattr(schema, "ordered", False) is True,
        "unique": _plain(getattr(schema, "unique", None)),
        "unique_column_names": getattr(schema, "unique_column_names", False) is True,
        "add_missing_columns": getattr(schema, "add_missing_columns", False) is True,
        "drop_invalid_rows": getattr(schema, "drop_invalid_rows", False) is True,
        "parsers": [_named(parser) for parser in getattr(schema, "parsers", None) or []],
    }


def _component(column: Any) -> "dict[str, Any]":
    return {
        "name": _plain(getattr(column, "name", None)),
        "dtype": _type(column.dtype),
        "nullable": column.nullable is True,
        "unique": getattr(column, "unique", False) is True,
        "coerce": getattr(column, "coerce", False) is True,
        "required": getattr(column, "required", True) is not False,
        "regex": getattr(column, "regex", False) is True,
        "default": _plain(getattr(column, "default", None)),
        "drop_invalid_rows": getattr(column, "drop_invalid_rows", False) is True,
        "checks": [_check(check) for check in column.checks or []],
        "parsers": [_named(parser) for parser in getattr(column, "parsers", None) or []],
    }


def _levels(index: Any) -> "list[Any]":
    return [] if index is None else list(getattr(index, "indexes", None) or [index])


def _check(check: Any) -> "dict[str, Any]":
    """A check; one of pandera's own by its name, with what it was given."""
    name, statistics = _named(check), dict(getattr(check, "statistics", None) or {})
    is_own = not statistics or not _is_registered(name)
    options = {
        "check_name": name,
        "is_own": is_own,
        "ignore_na": getattr(check, "ignore_na", True) is not False,
        "raise_warning": getattr(check, "raise_warning", False) is True,
        "groupby": None if getattr(check, "groupby", None) is None else str(check.groupby),
    }
    return {**{str(key): _plain(value) for key, value in statistics.items()}, "options": options}


def _named(check: Any) -> str:
    function = getattr(check, "_check_fn", None) or getattr(check, "_parser_fn", None)
    return str(getattr(check, "name", None) or getattr(function, "__name__", None) or type(check).__name__)


def _is_registered(name: str) -> bool:
    return callable(getattr(importlib.import_module("pandera").Check, name, None))


def _version() -> str:
    return str(getattr(importlib.import_module("pandera"), "__version__", ""))


def _type(dtype: Any) -> "str | None":
    return None if dtype is None else str(dtype)


def _plain(value: Any) -> Any:
    """What JSON can hold; days and times as ISO 8601 has them, sets in order, all else as text, infinity too."""
    if isinstance(value, float) and value - value != 0:
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(each) for each in value), key=str)
    if isinstance(value, (list, tuple, range)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if hasattr(value, "isoformat"):
        return value.isoformat(sep=" ") if hasattr(value, "hour") else value.isoformat()
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return str(getattr(value, "pattern", value))


def _line_of(error: BaseException, path: str) -> int:
    """The last line of the file on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return error.lineno or 1
    line, frame = 1, error.__traceback__
    while frame is not None:
        line = frame.tb_lineno if frame.tb_frame.f_code.co_filename == path else line
        frame = frame.tb_next
    return line


def _main(path: str, name: str = "") -> None:
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the file prints is talk
    answer.write(json.dumps(told(path, name)))
    answer.close()


if __name__ == "__main__":
    _main(*sys.argv[1:])

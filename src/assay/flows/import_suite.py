"""``assay data import``: a suite of Great Expectations or a schema of pandera becomes rules, and what does not is named.

A suite in JSON or YAML is read with parsers that are bounded in depth. A schema in Python (``schemas.py`` or ``schemas.py:flights``)
is run by the user's own Python, as a model or a pipeline is.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from assay.check.suites import PANDERA_PROGRAM, Imported, NotASuite, read_suite
from assay.core.near import near_miss
from assay.core.ports import Interpreter
from assay.core.problem import Place, Problem, UsageError
from assay.declare.plain import plain
from assay.declare.yaml_syntax import SyntaxMistake, decode, parse
from assay.flows.suite_text import as_yaml
from assay.flows.whole_file import write_whole

MOST_BYTES = 20_000_000
_DEEPEST = 100
_ARGUMENTS = "assay data import suite.json, or schemas.py:NAME"


class ImportedSuite(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it."""

    source: str
    found: Imported
    text: str
    """The rules as YAML."""
    written: str | None = None
    """The file that holds them now."""


class _Told(msgspec.Struct, frozen=True):
    """What the program says of a Python file."""

    schema: dict[str, Any] | None = None
    names: list[str] = []
    error: str = ""
    line: int = 1


def import_suite(
    root: Path, source: str, interpreter: Callable[[], Interpreter], *, out: str | None = None, force: bool = False
) -> ImportedSuite:
    """The rules of ``source``, a path from ``root``; written to ``out`` where that is given, which is overwritten only by ``force``.

    ``UsageError`` where there is no such suite, or where the file to write is there.
    """
    path, name = _split(source)
    if out is not None:
        _refuse_to_overwrite(root / out, out, force=force)
    said = _from_python(root, path, name, interpreter) if path.endswith(".py") else _from_file(root / path, path)
    try:
        found = read_suite(said)
    except NotASuite as mistake:
        _unknown(path, mistake.because)
    result = ImportedSuite(source=source, found=found, text=as_yaml(found, source))
    if found.is_empty or out is None:
        return result
    _write(root / out, result.text, out)
    return msgspec.structs.replace(result, written=out)


def _split(source: str) -> tuple[str, str]:
    path, mark, name = source.rpartition(":")
    return (path, name) if mark and path.endswith(".py") else (source, "")


def _bytes(place: Path, path: str) -> bytes:
    try:
        size = place.stat().st_size
        if size > MOST_BYTES:
            _unknown(path, f"it has {size:,} bytes; at most {MOST_BYTES:,} are read")
        return place.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: NUL in the path
        because = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            Problem("unknown-suite", f"the suite cannot be read: {path}", (because,), _ARGUMENTS)
        ) from error


def _from_file(place: Path, path: str) -> Any:
    said = _parsed(_bytes(place, path), path)
    if _depth(said) > _DEEPEST:
        _unknown(path, f"its lists and keys stand in one another, deeper than {_DEEPEST}")
    try:
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        _unknown(path, "it holds half of a character (\\ud800 to \\udfff)")
    return said


def _parsed(data: bytes, path: str) -> Any:
    """The values of a file in JSON or YAML."""
    if data.lstrip(b" \t\r\n\xef\xbb\xbf").startswith((b"{", b"[")):
        try:
            return json.loads(data.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            if path.endswith(".json"):
                _unknown(path, f"it is no JSON: {error}")
    try:
        root = parse(decode(data))
    except SyntaxMistake as mistake:
        place_in_file = Place(path, mistake.line, mistake.column)
        because = tuple(line for line in (mistake.what, mistake.because) if line)
        problem = Problem(
            "unknown-suite", "the suite does not read as YAML or JSON", because, mistake.fix, place_in_file
        )
        raise UsageError(problem) from mistake
    return None if root is None else plain(root)


def _depth(said: Any) -> int:
    """How deep its lists and mappings stand in one another, found without recursion."""
    depth, level = 0, [said]
    while level:
        depth += 1
        level = [
            each
            for value in level
            if isinstance(value, dict | list)
            for each in (value.values() if isinstance(value, dict) else value)
        ]
    return depth


def _from_python(root: Path, path: str, name: str, interpreter: Callable[[], Interpreter]) -> Any:
    _bytes(root / path, path)
    answer = interpreter().answer((os.fspath(PANDERA_PROGRAM), path, name), root)
    try:
        told = msgspec.json.decode(answer, type=_Told)
    except msgspec.DecodeError as error:
        problem = Problem(
            "unknown-suite", f"{path} could not be run", ("Python ended before it was through",), f"try `python {path}`"
        )
        raise UsageError(problem) from error
    if told.error:
        is_missing = told.error.startswith("ModuleNotFoundError")
        fix = (
            "install it for the `python` of this project, or put another one first on PATH"
            if is_missing
            else "correct the line"
        )
        problem = Problem("unknown-suite", f"{path} could not be run", (told.error,), fix, Place(path, told.line))
        raise UsageError(problem)
    if told.schema is None:
        _unnamed(path, name, told.names)
    return told.schema


def _unnamed(path: str, name: str, names: list[str]) -> NoReturn:
    """Which of several schemas is meant, or none."""
    if not names:
        _unknown(path, "no pandera schema stands in it: no DataFrameSchema and no DataFrameModel")
    near = near_miss(name, names) if name else None
    what = f"{path} has no schema {name}" if name else f"{path} has several schemas"
    raise UsageError(
        Problem("unknown-suite", what, (f"there are {', '.join(names)}",), f"name one: {path}:{near or names[0]}")
    )


def _unknown(path: str, because: str) -> NoReturn:
    fix = "give a suite of Great Expectations (JSON), or a schema of pandera (YAML, JSON, or a Python file)"
    raise UsageError(Problem("unknown-suite", f"no suite that is known: {path}", (because,), fix))


def _refuse_to_overwrite(place: Path, out: str, *, force: bool) -> None:
    if place.exists() and (not force or place.is_dir()):
        fix = "name another file, or say --force" if not place.is_dir() else "name a file in it"
        raise UsageError(Problem("rules-already-there", f"{out} is there already", (), fix))


def _write(place: Path, text: str, out: str) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, text)
    except OSError as error:
        problem = Problem(
            "rules-not-written", f"{out} cannot be written", (error.strerror or str(error),), "name another file"
        )
        raise UsageError(problem) from error

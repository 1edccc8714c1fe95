"""Read a metrics file: JSON, YAML or CSV, told apart by its name.

Nested names are joined with dots (``test.accuracy``). A list of numbers is a series, whose last value stands; of a list of
other things each item counts by its place (``folds.0.accuracy``). In a CSV file the columns are series, in the order of the
rows. Text, booleans and nulls are passed over. NaN and infinities are no numbers, and what ends as one has no value.
"""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from assay.core.problem import AssayError, Place, Problem
from assay.core.text import recordable_text
from assay.execute.output.series import Reported, SeriesCollector


def read_metrics_file(name: str, data: bytes) -> Reported:
    """The metrics in a file of that name, in its order; ``source`` is the name.

    ``AssayError`` with the code ``metrics-not-readable`` where the file is not what its name says, or names something twice: what was expected, where,
    and what is there instead.
    """
    collected = SeriesCollector()
    for metric, value in _values(name, data):
        collected.add(metric, value)
    return collected.reported(name)


def read_numbers(name: str, data: bytes) -> dict[str, float]:
    """The last value of each name in such a file, NaN and infinities too: where a model is judged by it, no older value
    stands in for one that is no number. ``AssayError`` as ``read_metrics_file``."""
    return dict(_values(name, data))


def read_no_numbers(name: str, data: bytes) -> dict[str, str]:
    """What stands in such a file in the place of a number, in words by its name: ``the text '0.9'``, ``true``, ``null``. Of CSV, whose
    cells are text, and of lists nothing is told."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in _PARSERS:
        return {}
    return dict(_other(_PARSERS[suffix](name, data.decode("utf-8-sig"))))


def _values(name: str, data: bytes) -> Iterator[tuple[str, float]]:
    readers = {".json": _from_json, ".yaml": _from_yaml, ".yml": _from_yaml, ".csv": _from_csv}
    reader = readers.get(PurePosixPath(name).suffix.lower())
    if reader is None:
        raise _not_readable(name, "its name ends in none of .json, .yaml, .yml and .csv", "give it a name that does")
    try:
        for metric, value in reader(name, data.decode("utf-8-sig")):
            yield recordable_text(metric), value
    except UnicodeDecodeError as error:
        seen = f"expected UTF-8 text; byte {error.start + 1} is 0x{data[error.start]:02x}"
        raise _not_readable(name, seen, "write it as text in UTF-8") from error
    except RecursionError as error:
        raise _not_readable(name, "it is nested too deeply, or holds itself", "write it flat") from error


def _from_json(name: str, text: str) -> Iterator[tuple[str, float]]:
    return _flat(_parsed_json(name, text))


def _parsed_json(name: str, text: str) -> dict[Any, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        return _each_once(name, pairs)

    try:
        value = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        raise _stops_being(name, "JSON", text, error.lineno, error.colno, _WRITE_JSON) from error
    return _mapping(name, value, "a JSON object", _WRITE_JSON)


def _each_once(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            seen = f"it names {key!r} twice, as {found[key]!r:.40} and as {value!r:.40}"
            raise _not_readable(name, seen, f"write {key!r} once")
        found[key] = value
    return found


def _from_yaml(name: str, text: str) -> Iterator[tuple[str, float]]:
    return _flat(_parsed_yaml(name, text))


def _parsed_yaml(name: str, text: str) -> dict[Any, Any]:
    import yaml

    from assay.execute.output.yaml_numbers import NamedTwice, NumbersLoader

    try:
        value = yaml.load(text, NumbersLoader)  # noqa: S506 - a safe loader
    except NamedTwice as twice:
        seen = f"it names {twice.name!r} twice, the second time in line {twice.line}"
        raise _not_readable(name, seen, f"write {twice.name!r} once") from twice
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise _stops_being(name, "YAML with plain values", text, line, column, _WRITE_YAML) from error
    except yaml.YAMLError as error:
        raise _not_readable(name, f"expected YAML: {error}", _WRITE_YAML) from error
    return _mapping(name, value, "a YAML mapping", _WRITE_YAML)


def _from_csv(name: str, text: str) -> Iterator[tuple[str, float]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = next(reader, [])
        if not any(cell.strip() for cell in header) or any(_number(cell) is not None for cell in header):
            seen = ",".join(header) or "nothing"
            raise _not_readable(
                name, f"expected the names of the columns in the first line, found {seen!r}", _WRITE_CSV
            )
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise _not_readable(name, f"expected CSV; line {reader.line_num}: {error}", _WRITE_CSV) from error
    for row in rows:
        if len(row) > len(header):
            seen = f"expected {len(header)} values a row, found {len(row)}: {','.join(row)!r}"
            raise _not_readable(name, seen, _WRITE_CSV)
    columns = [column.strip() for column in header]
    numbers = ((column, _number(cell)) for row in rows for column, cell in zip(columns, row, strict=False) if column)
    return ((column, number) for column, number in numbers if number is not None)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """The numbers below a value, each under its joined name, in order."""
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        yield name, _as_float(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list):
        is_series = all(isinstance(item, int | float) for item in value)
        for place, item in enumerate(value):
            yield from _flat(item, name if is_series else f"{name}.{place}")


def _other(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """What is no number below a value, in words, each under its joined name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _other(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, str):
        yield name, f"the text {value!r:.60}"
    elif value is None or isinstance(value, bool):
        yield name, {None: "null", True: "true", False: "false"}[value]


def _as_float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of 400 digits
        return float("inf")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


_PARSERS = {".json": _parsed_json, ".yaml": _parsed_yaml, ".yml": _parsed_yaml}
_WRITE_JSON = 'write one object, such as {"accuracy": 0.92}: json.dump({"accuracy": float(accuracy)}, file)'
_WRITE_YAML = "write plain numbers, one a line, such as accuracy: 0.92; of numpy's numbers take float(value)"
_WRITE_CSV = "write the columns' names in the first line and one row of numbers an epoch below it"


def _mapping(name: str, value: Any, expected: str, fix: str) -> dict[Any, Any]:
    if isinstance(value, dict):
        return value
    kinds = {list: "a list", str: "a text", bool: "a boolean", type(None): "nothing"}
    raise _not_readable(
        name, f"expected {expected} of names and numbers, found {kinds.get(type(value), 'a number')}", fix
    )


def _stops_being(name: str, language: str, text: str, line: int, column: int, fix: str) -> AssayError:
    lines = text.splitlines()
    rest = lines[line - 1][column - 1 :] if line <= len(lines) else ""
    there = repr(rest[:40]) if rest else "the end of the file" if line >= len(lines) else "the end of the line"
    seen = f"expected {language}; it stops being that at {name}:{line}:{column}, where {there} stands"
    return _not_readable(name, seen, fix, Place(name, line, column))


def _not_readable(name: str, seen: str, fix: str, place: Place | None = None) -> AssayError:
    return AssayError(Problem("metrics-not-readable", f"the metrics file {name} cannot be read", (seen,), fix, place))

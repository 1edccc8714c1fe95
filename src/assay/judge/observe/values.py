"""Values in columns: what they are, whether they are there, and how they are written.

Columns are one-dimensional arrays of numbers, booleans, text, or objects of these. None and NaN are no value. Quick to read are
numeric and boolean arrays and numpy text (``U``); an object array costs about 30 ns a value each time that it is looked at, which
``quickened`` saves a caller who looks often.
"""

from datetime import datetime, time
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from assay.core.problem import EvidenceError, Problem

Bools: TypeAlias = npt.NDArray[np.bool_]
Floats: TypeAlias = npt.NDArray[np.float64]
Kind = Literal["numbers", "text", "nothing", "mixed"]


def has_value(values: np.ndarray) -> Bools:
    """For each row, whether there is a value: neither None nor NaN."""
    if values.dtype.kind == "f":
        return np.asarray(~np.isnan(values), bool)
    if values.dtype.kind != "O" or _types(values) <= _NEVER_MISSING:
        return np.ones(len(values), bool)
    return np.fromiter((_is_value(value) for value in values.tolist()), bool, len(values))


def kind_of(values: np.ndarray) -> Kind:
    """What the values are, apart from None and NaN; booleans are numbers."""
    if values.dtype.kind == "f" and np.isnan(values).all():
        return "nothing"
    if values.dtype.kind in "biuf":
        return "numbers"
    if values.dtype.kind == "U":
        return "text"
    if values.dtype.kind != "O":
        return "mixed"
    types = _types(values)
    if not types <= _NEVER_MISSING:
        types = {type(value) for value in values.tolist() if _is_value(value)}
    if all(issubclass(kind, str) for kind in types):
        return "text" if types else "nothing"
    return "numbers" if all(issubclass(kind, int | float | np.number | np.bool_) for kind in types) else "mixed"


def quickened(values: np.ndarray) -> np.ndarray:
    """The same values in the dtype that is quickest to read, for a caller who observes many slices of them.

    Objects become float64 (None as NaN) or numpy text. They stay objects where that would lose something: text beside None,
    whole numbers over 2^53, text of more than 64 letters, types side by side.
    """
    if values.dtype.kind != "O":
        return values
    kind = kind_of(values)
    if kind == "numbers":
        floats = values.astype(np.float64)
        return values if np.any(np.abs(floats) > _LAST_WHOLE) else floats
    if kind == "text" and _types(values) == {str} and max(map(len, values.tolist())) <= _SHORT:
        return values.astype(np.str_)
    return values


def numbers_of(values: np.ndarray, metric: str, what: str) -> Floats:
    """The values, in one column or several, as floats, None as NaN. ``EvidenceError`` where they are not numbers; ``what`` names them."""
    if values.dtype.kind not in "biuf" and kind_of(values.ravel()) not in ("numbers", "nothing"):
        raise EvidenceError(
            Problem(
                "labels-of-another-type",
                f"{metric} needs numbers, and the {what} are not",
                (_first_no_number(values),),
                "require accuracy or error_rate, or give the column as numbers",
            )
        )
    return np.asarray(values, np.float64)


def first_of(values: np.ndarray) -> str:
    """The first value that is there, as Python writes it; for messages."""
    return repr(values[has_value(values)][:1].tolist()[0])


def classes_of(labels: np.ndarray) -> np.ndarray:
    """The distinct labels in sorted order. Every label must be a value."""
    if labels.dtype.kind != "O":
        return np.unique(labels)
    distinct = set(labels.tolist())
    if kind_of(labels) == "mixed":
        return np.array(sorted(distinct, key=spelled), object)
    return np.array(sorted(distinct), None if kind_of(labels) == "numbers" else object)


def written_as(values: np.ndarray, name: Any) -> Bools:
    """For each row, whether its value is written like ``name``: 1, 1.0 and "1" are one value, and so are True and "true"."""
    kind = kind_of(values)
    if kind == "numbers":
        number = _number(name)
        return np.zeros(len(values), bool) if number is None else np.asarray(values == number, bool)
    found = np.zeros(len(values), bool)
    for spelling in _spellings(name) if kind != "nothing" else ():
        found |= np.asarray(values == spelling, bool)
    return found


def spelled(value: Any) -> str:
    """A value as people write it: ``1`` for 1.0, ``true`` for True, ``2013-01-02`` for a moment at midnight without a zone."""
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.tzinfo is None and value.time() == time():
        return str(value.date())
    return str(value)


def _first_no_number(values: np.ndarray) -> str:
    """The cell that keeps a column from being numbers; where all could be read as such they are text all the same."""
    of_row = values.size // len(values)
    cells = [(at // of_row + 1, cell) for at, cell in enumerate(values.ravel().tolist()) if _is_value(cell)]
    row, cell = next(((row, cell) for row, cell in cells if not _reads_as_number(cell)), cells[0])
    what = "they are text, such as" if _reads_as_number(cell) else "the first that is none:"
    return f"{what} {cell!r} in labelled row {row:,}"


def _reads_as_number(cell: Any) -> bool:
    try:
        float(cell)
    except (TypeError, ValueError):
        return False
    return True


_NEVER_MISSING: set[type] = {str, int, bool}
_LAST_WHOLE = 2.0**53
_SHORT = 64


def _types(values: np.ndarray) -> set[type]:
    return set(map(type, values.tolist()))


def _is_value(value: Any) -> bool:
    return value is not None and value == value  # noqa: PLR0124


def _number(name: Any) -> float | None:
    text = spelled(name)
    if text.lower() in _TRUTHS:
        return float(text.lower() == "true")
    try:
        return float(text)
    except ValueError:
        return None


_TRUTHS = ("true", "false")


def _spellings(name: Any) -> set[str]:
    text = name if isinstance(name, str) else spelled(name)
    if text.lower() in _TRUTHS:
        return {text, text.lower(), text.capitalize(), text.upper()}
    number = _number(text)
    return {text} if number is None else {text, spelled(number), repr(number)}
